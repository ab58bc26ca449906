"""Door and eyes need no network: they run unchanged where there is none."""

import os

from device.cli.rehearsal import rehearsal
from device.contract import screen
from device.contract.screen import Button
from tests.whole.doors import Place

ALONE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")


def test_door_and_eyes_run_in_namespaces_without_any_interface(place: Place) -> None:
    """MIN-11, SAF-03: enrolment and an opening by face, each process in an empty network namespace of its own."""
    with rehearsal(place.path, place.settings, place.stage, before=ALONE) as person:
        person.enrol("grace")
        person.press(Button.USE_FACE)
        person.expect(screen.Opened)
        person.home()
