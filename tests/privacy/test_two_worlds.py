"""
Promise 9, by trying to break it: nobody at the console, or on the line to it, can tell the two worlds apart.

`make test` lives through fewer events than `make test-long`; the acts are the same.
"""

from pathlib import Path

import pytest

from tests.privacy.worlds import EVENTS, World, differences, live

FEW = 25
ONE_BYTE = """
import sys
if "device.door" in getattr(sys, "orig_argv", ()):
    from dataclasses import replace
    from device.door import linked
    honest = linked.Linked._say
    def leaking(self, message):
        # While a template is kept here, `true` instead of `false`: one byte less in a message of every minute.
        if isinstance(message, linked.words.Minute):
            kept = self._parts.policy.store.row("SELECT count(*) FROM templates")[0]
            message = replace(message, testing=bool(kept))
        return honest(self, message)
    linked.Linked._say = leaking
"""


@pytest.fixture(scope="module")
def badge(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world in which nobody uses a face."""
    return live(tmp_path_factory.mktemp("badge"), face=False, events=FEW)


def test_a_face_and_a_badge_look_the_same_to_the_console_and_to_the_line(badge: World, tmp_path: Path) -> None:
    """ALT-08, promises 9 and 10: traffic by direction, size and minute, tables, pages and log are equal but for chance."""
    face = live(tmp_path / "face", face=True, events=FEW)
    assert face.openings == badge.openings == FEW - 1
    assert len({minute for _, minute in face.traffic}) > FEW
    assert "\n".join(differences(badge, face)) == ""


def test_a_build_that_leaks_one_byte_is_told_apart(badge: World, tmp_path: Path) -> None:
    """The test of the test: the front door says one byte less in every minute in which it keeps a template."""
    leaking = live(tmp_path / "leak", face=True, events=FEW, leak=ONE_BYTE)
    found = differences(badge, leaking)
    assert sum("bytes" in each for each in found) > FEW // 2


@pytest.mark.long
def test_two_hundred_events_look_the_same(tmp_path: Path) -> None:
    """The full count."""
    worlds = [live(tmp_path / name, face=name == "face", events=EVENTS) for name in ("badge", "face")]
    assert differences(*worlds) == []
