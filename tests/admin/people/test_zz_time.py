import time
from admin import people, groups
from admin.entries import Entry
from device.contract.console import Role
def test_time(console, client_as, a_door):
    ds=[a_door(f"D{i}") for i in range(4)]
    gs=[groups.add(console,f"G{i}",{ds[i%4]:0}) for i in range(10)]
    t=time.time()
    people.add_all(console,{people.fresh():Entry(name=f"Pérson {i}" if i%3==0 else f"Person {i}",groups=frozenset({gs[i%10]})) for i in range(20000)})
    print("add",time.time()-t)
    c=client_as(Role.OPERATOR)
    for u in ("/people/","/people/?words=person+199","/people/?page=300","/people/letters","/people/groups/","/people/new","/people/?group=3&standing=invited"):
        c.get(u); t=time.time(); r=c.get(u); print(u,r.status_code,round((time.time()-t)*1000))
    t=time.time(); c.post("/people/new",{"name":"X","language":"en"}); print("post new",round((time.time()-t)*1000))
    t=time.time(); c.post("/people/letters",{}); print("letters",round((time.time()-t)*1000))
    t=time.time(); groups.change(console,gs[0],"G0",{}); print("group",round((time.time()-t)*1000))
