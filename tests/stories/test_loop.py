"""The door's loop over real sockets: a peer that is replaced in the very turn in which it speaks ends nothing."""

from pathlib import Path

from device.beat import Beat
from device.contract import screen
from device.contract.screen import Button
from device.contract.wire import Wire, connect
from device.door.loop import Loop


def test_a_front_replaced_in_the_turn_in_which_it_speaks_does_not_end_the_door(tmp_path: Path) -> None:
    """Killing front never takes the door along: what was closed a moment ago says nothing any more."""
    loop = Loop(tmp_path, Beat(None))
    fronts: list[Wire] = [connect(tmp_path / "screen.sock", screen.TO_FRONT)]
    turns = 0

    def tick() -> float:
        nonlocal turns
        turns += 1
        if turns == 1:
            fronts[0].send(screen.Press(scene=1, button=Button.PIN))
            fronts.append(connect(tmp_path / "screen.sock", screen.TO_FRONT))
        elif turns == 3:
            loop.end()
        return 0.0

    loop.on_tick = tick
    loop.run()
    assert turns == 3
    assert loop.front.wire is not None
    loop.front.wire.close()
    for front in fronts:
        front.close()
