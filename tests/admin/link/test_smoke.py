from device.contract.console import *


def test_smoke(office, paired, port):
    a = paired()
    assert a.up(Hourly(number=3, hour=office.clock.now(), openings=7)) == 3
    l = a.listen()
    p = l.first(Policy)
    assert p.number == 0
    l.close()
