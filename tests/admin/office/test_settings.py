"""Settings: every one has a cap, and the doors' contract has a place for every one."""

from collections.abc import Callable
from dataclasses import fields
from uuid import UUID

import pytest

from admin import settings
from admin.console import Console
from admin.errors import BadInput
from admin.settings import LIMITS, Setting
from device.config import CAPS
from device.contract.console import Limits
from tests.admin.conftest import NOON as NOW
from tests.admin.office.conftest import marked

DOOR_CAPS = {setting.key: f"lock.{setting.key}" if setting.key == "open_s" else f"keeping.{setting.key}" for setting in LIMITS}


def test_what_the_office_may_set_is_what_the_doors_are_told() -> None:
    assert [setting.key for setting in LIMITS] == [field.name for field in fields(Limits)]


@pytest.mark.parametrize("setting", LIMITS, ids=lambda setting: setting.key)
def test_a_cap_is_the_one_the_doors_own_program_has(setting: Setting) -> None:
    """DEL-04: a door refuses a policy beyond its caps as a whole, so the console must not make one."""
    least, most, _ = CAPS[DOOR_CAPS[setting.key]]
    assert (setting.least, setting.most) == (least, most)
    assert setting.least <= setting.usual <= setting.most


@pytest.mark.parametrize("setting", LIMITS, ids=lambda setting: setting.key)
def test_a_cap_comes_from_a_requirement(setting: Setting) -> None:
    assert setting.requirement.split("-")[0] in {"CON", "DEL", "SAF"}


@pytest.mark.parametrize("setting", LIMITS, ids=lambda setting: setting.key)
def test_a_setting_can_be_at_its_caps_and_not_beyond(console: Console, a_door: Callable[..., UUID], setting: Setting) -> None:
    door = a_door()
    for value in (setting.least, setting.most):
        settings.change(console, setting.key, value, NOW)
        assert getattr(settings.limits(console), setting.key) == value
    before = marked(console, "limits")
    assert [where for where, *_ in before] == [door]
    for value in (setting.least - 1, setting.most + 1, 0, -1):
        with pytest.raises(BadInput) as refused:
            settings.change(console, setting.key, value, NOW)
        assert refused.value.field == setting.key
    assert (getattr(settings.limits(console), setting.key), marked(console, "limits")) == (setting.most, before)


def test_there_is_no_other_setting(console: Console) -> None:
    for key in ("never", "", "zone", settings.CHANGED):
        with pytest.raises(BadInput):
            settings.change(console, key, 1, NOW)


def test_the_same_value_again_tells_the_doors_nothing(console: Console, a_door: Callable[..., UUID]) -> None:
    a_door()
    assert settings.change(console, "open_s", 5, NOW) == ()
    assert marked(console, "limits") == []


def test_a_figure_of_the_notice_notes_when_it_changed(console: Console) -> None:
    settings.change(console, "open_s", 6, NOW)
    assert settings.figures_changed_at(console) is None
    settings.change(console, "template_days", 180, NOW)
    assert settings.figures_changed_at(console) == int(NOW.timestamp())
