import sys; sys.path.insert(0,'/work/main')
import os
from tests.admin.people.test_looks import *
from tests.admin.conftest import *
from tests.admin.people.conftest import *
def test_shots(browser, nord, client_as):
    desk = client_as(Role.OPERATOR)
    for n in ("person","ended","later"):
        desk.post(nord.pages[n].replace("/change","")+"/reason",{"reason":"question"})
    only=os.environ.get("ONLY","").split(",") if os.environ.get("ONLY") else None
    for name,size in SIZES.items():
        for dark in (False,True):
            with sitting(browser,nord,desk,size,dark=dark) as page:
                for n,path in nord.pages.items():
                    if only and n not in only: continue
                    page.goto(path)
                    page.screenshot(path=f"/tmp/shots/{n}_{name}_{'dark' if dark else 'light'}.png",full_page=True)
                    if not dark or True:
                        print(n,name,dark,page.url, found_by_axe(page), clipped(page), page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"), targets_under(page,24), text_under(page,14))
