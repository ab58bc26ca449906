"""The newest scene, and waiting for the next."""

import json
from threading import Thread

from device.contract import screen
from device.contract.sight import Hint
from device.front.kiosk.events import STREAMS_MOST, Streams
from device.front.stage import AWAY, Shown, Stage
from tests.front.plays import Kiosk, one


def disc(scene: int) -> screen.Disc:
    return screen.Disc(scene=scene, x=500, y=500, width=300, hint=Hint.FINE, left_s=8)


def test_before_the_door_has_spoken_the_screen_says_so() -> None:
    shown = Stage().now()
    assert isinstance(shown.scene, screen.Fault)
    assert shown.serial == AWAY


def test_a_disc_of_another_scene_is_dropped() -> None:
    stage = Stage()
    stage.show(one(screen.Looking, scene=4))
    stage.show(disc(3))
    assert stage.now().disc is None
    stage.show(disc(4))
    assert stage.now().disc == disc(4)


def test_the_next_scene_starts_without_a_disc_and_keeps_the_camera_dot() -> None:
    stage = Stage()
    stage.show(screen.Camera(on=True))
    stage.show(one(screen.Looking, scene=4))
    stage.show(disc(4))
    stage.show(one(screen.NotKnown, scene=5))
    assert (stage.now().disc, stage.now().camera) == (None, True)


def test_who_waits_is_woken_by_the_change() -> None:
    stage = Stage()
    woken: list[Shown | None] = []
    waiting = Thread(target=lambda: woken.append(stage.wait(0, 30)))
    waiting.start()
    stage.show(one(screen.NotKnown, scene=5))
    waiting.join(10)
    assert [shown.serial for shown in woken if shown] == [5]


def test_who_waits_is_let_go_when_the_stage_closes() -> None:
    stage = Stage()
    woken: list[Shown | None] = []
    waiting = Thread(target=lambda: woken.append(stage.wait(0, 30)))
    waiting.start()
    stage.close()
    waiting.join(10)
    assert woken == [None]


def test_a_stream_tells_scene_camera_and_disc_and_nothing_personal() -> None:
    stage = Stage()
    stage.show(one(screen.Issued, scene=4))
    told = Streams(stage).open()
    assert [next(told) for _ in range(3)] == [
        "retry: 1000\n\n",
        'event: scene\ndata: {"scene":4,"name":"Issued"}\n\n',
        'event: camera\ndata: {"on":false}\n\n',
    ]
    stage.show(one(screen.Looking, scene=5))
    stage.show(disc(5))
    assert next(told) == 'event: scene\ndata: {"scene":5,"name":"Looking"}\n\n'
    name, told_disc = next(told).split("\n")[:2]
    assert name == "event: disc"
    assert json.loads(told_disc[6:]) == {
        "scene": 5,
        "x": 500,
        "y": 500,
        "width": 300,
        "left": 8,
        "hint": "fine",
        "say": "Just right. Stay like this.",
    }


def test_one_stream_too_many_ends_the_oldest() -> None:
    stage = Stage()
    streams = Streams(stage)
    opened = [streams.open() for _ in range(STREAMS_MOST + 1)]
    assert [next(opened[0], None) for _ in range(2)] == ["retry: 1000\n\n", None]
    next(opened[1])
    assert next(opened[1]).startswith("event: scene")


def test_a_new_session_ends_the_streams_of_the_one_before(kiosk: Kiosk) -> None:
    stream = kiosk.browser.get("/events", base_url="http://127.0.0.1:5999").response
    lines = iter(stream)
    next(lines)
    kiosk.start(kiosk.new_browser())
    assert next(lines, None) is None
