"""The fleet's benchmark, small: one house of eight doors at a real console process. Its times are read, never asserted."""

import math
from pathlib import Path

import pytest

from device.cli import bench
from device.evaluation import fleet

KEYS = {"doors", "people", "end_p99_s", "idle_bytes_per_min", "console_rss_mb", "page_ms", "delta_bytes"}


def test_a_house_of_doors_is_measured_and_an_idle_minute_costs_what_was_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most 4 kB a door and minute; a change costs one entry, however many people there are."""
    monkeypatch.setattr(fleet, "MINUTE_S", 2.0)
    ticks: list[int] = []
    told = bench._fleet(tmp_path / "console", 8, 120, ticks.append)
    assert set(told) == KEYS == set(bench.FLEET_TARGETS)
    assert (told["doors"], told["people"]) == (8, 120)
    assert all(math.isfinite(value) and value > 0 for value in told.values())
    # Seven cells of the others and one of its own cross in any case.
    assert 8 * 256 < told["idle_bytes_per_min"] <= 4_000
    assert told["delta_bytes"] < 1_000
    assert sum(ticks) == 6
