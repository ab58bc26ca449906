"""What waits for the console: on the disk, by number, bounded; nothing twice, nothing lost before its time."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from device.contract.console import RECORDS, Alarm, Bundle, BundlePart, EndedHere, Hourly, Record
from device.contract.words import Blob, decode, encode
from device.door import outbox as module
from device.door.outbox import Alarms, Outbox
from device.door.store import Store
from device.errors import VaultError
from tests.door.linked.made import Paired

HOUR = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _hour(number: int) -> Hourly:
    return Hourly(number=number, hour=HOUR, openings=7)


def _part(number: int) -> BundlePart:
    return BundlePart(number=number, bundle=Bundle.JOURNAL, day=HOUR, part=0, of=1, sealed=Blob(b"x"))


def _ended(number: int) -> EndedHere:
    return EndedHere(number=number, person=uuid4())


def _numbers(records: list[Record]) -> list[int]:
    return [record.number for record in records]  # type: ignore[attr-defined]  # every record has one


def test_a_record_goes_with_the_transaction_it_belongs_to(paired: Paired) -> None:
    store, outbox = paired.door.store, paired.door.outbox
    before = outbox.last

    def fail() -> None:
        with store.transaction():
            outbox.put(_hour)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert outbox.last == before
    outbox.put(_hour)
    assert _numbers(outbox.waiting(before, 10)) == [before + 1]


def test_no_number_comes_twice_though_everything_was_stored_and_the_door_started_anew(paired: Paired) -> None:
    paired.door.outbox.put(_hour)
    last = paired.door.outbox.last
    paired.door.outbox.stored(last)
    paired.close()
    paired.open()
    paired.door.outbox.put(_hour)
    assert paired.door.outbox.last == last + 1


def test_what_is_put_in_comes_out_as_it_was(paired: Paired) -> None:
    outbox = paired.door.outbox
    outbox.stored(outbox.last)
    for make in (_hour, _part, _ended):
        outbox.put(make)
    for record in outbox.waiting(0, 10):
        assert decode(encode(record), RECORDS) == record
    assert [type(record) for record in outbox.waiting(0, 10)] == [Hourly, BundlePart, EndedHere]


def test_a_full_outbox_lets_go_of_counts_first_then_of_bundles(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    """ISSUE: bounded; what is worth least goes first, and the newest record is always taken."""
    monkeypatch.setattr(module, "RECORDS_MOST", 4)
    outbox = paired.door.outbox
    outbox.stored(outbox.last)
    for make in (_ended, _part, _hour, _part):
        outbox.put(make)
    left = [[EndedHere, BundlePart, BundlePart, EndedHere], [EndedHere, BundlePart, EndedHere, EndedHere], [EndedHere] * 4]
    for kinds in (*left, [EndedHere] * 4):
        outbox.put(_ended)
        assert [type(record) for record in outbox.waiting(0, 10)] == kinds
    assert _numbers(outbox.waiting(0, 10))[-1] == outbox.last


def test_an_alarm_is_told_when_it_begins_and_when_it_is_over_and_not_in_between(paired: Paired) -> None:
    outbox = paired.door.outbox
    outbox.stored(outbox.last)
    alarms = Alarms(paired.door.store, outbox)
    for on in (False, True, True, False, False):
        alarms.set(Alarm.DISK_LOW, HOUR, on=on)
    assert [record.over for record in outbox.waiting(0, 10)] == [False, True]  # type: ignore[attr-defined]  # alarms


class Outboxes(RuleBasedStateMachine):
    """An outbox against a plain list, through any order of records, answers and restarts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = Store.create(Path(self.folder.name) / "data")
        self.outbox = Outbox(self.store)
        self.waits: list[int] = []
        self.made = 0

    @rule(make=st.sampled_from([_hour, _part, _ended]))
    def put(self, make: object) -> None:
        self.outbox.put(make)  # type: ignore[arg-type]  # one of the three
        self.made += 1
        self.waits.append(self.made)

    @rule(number=st.integers(-1, 40))
    def stored(self, number: int) -> None:
        self.outbox.stored(number)
        self.waits = [one for one in self.waits if one > number]

    @rule()
    def start_anew(self) -> None:
        self.store.close()
        self.store = Store.open(Path(self.folder.name) / "data")
        self.outbox = Outbox(self.store)

    @rule()
    def fail(self) -> None:
        try:
            with self.store.transaction():
                self.outbox.put(_hour)
                raise VaultError("The disk is full.")  # noqa: TRY301  # what the disk would do
        except VaultError:
            return

    @invariant()
    def equal(self) -> None:
        assert _numbers(self.outbox.waiting(0, 1000)) == self.waits
        assert self.outbox.last == self.made
        assert _numbers(self.outbox.waiting(3, 2)) == [one for one in self.waits if one > 3][:2]

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestOutboxes = Outboxes.TestCase
TestOutboxes.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)


def test_a_record_of_another_version_stands_in_nobodys_way(paired: Paired) -> None:
    """An upgrade that went back must not keep the door from ticking."""
    store, outbox = paired.door.store, paired.door.outbox
    outbox.put(_hour)
    foreign = outbox.last
    store.run("UPDATE outbox SET body = ? WHERE number = ?", (b'["Hourly",{"number":1,"newer":true}]', foreign))
    outbox.put(_hour)
    assert _numbers(outbox.waiting(foreign - 1, 10)) == [outbox.last]
    assert store.row("SELECT 1 FROM outbox WHERE number = ?", (foreign,)) is None
