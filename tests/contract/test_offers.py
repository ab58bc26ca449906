"""What the kiosk offers and what the door hears are the same map, drawn in two rooms that do not know each other."""

from device.contract import screen
from device.contract.screen import SCENES, Button, Scene
from device.door.visit.table import PRESSES
from device.front.kiosk.offers import offered
from device.front.stage import AWAY
from tests.front import plays

Way = tuple[type[Scene], Button]


def drawn() -> set[Way]:
    """Every button of every scene in every variant."""
    return {(type(scene), button) for scene in plays.every_scene() for button in offered(scene)}


def test_every_button_that_is_drawn_leads_somewhere() -> None:
    """CON-07: no press of a person falls into nothing."""
    assert drawn() - PRESSES.keys() == set()


def test_everything_the_door_hears_has_a_button() -> None:
    """A press that no page offers could only come from somebody who is not at the kiosk."""
    assert PRESSES.keys() - drawn() == set()


def test_every_scene_has_a_way_out() -> None:
    """WCAG 2.1.2: nobody is trapped; badge and PIN, shown once, are left by going on, digits to compare by saying no."""
    ways = {screen.Issued: Button.NEXT, screen.Compare: Button.DIFFERENT}
    for scene in plays.every_scene():
        assert ways.get(type(scene), Button.STOP) in offered(scene) or isinstance(scene, screen.Idle)


def test_while_the_door_is_away_nothing_can_be_pressed() -> None:
    for scene in plays.every_scene():
        if isinstance(scene, screen.Fault):
            assert offered(screen.Fault(scene=AWAY, code=scene.code)) == ()


def test_the_map_speaks_of_scenes_of_the_contract_only() -> None:
    assert {kind for kind, _ in PRESSES} == set(SCENES)
