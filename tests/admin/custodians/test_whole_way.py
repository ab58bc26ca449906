"""The whole way: a door seals its day, the console keeps it, the door releases it, two custodians read the span asked for."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import Result

from admin import custodians, doors, incidents
from admin.console import Console
from admin.errors import ConsoleError, NotThere
from admin.incident import export, keys
from admin.link import inbox
from device.contract.console import EvidenceAsked, IncidentAsked, Reason
from device.contract.words import Message
from device.door.console import Console as Pins
from device.door.console import Pinned
from device.door.custodians import Keys
from tests.admin.conftest import Clockwork
from tests.admin.custodians.conftest import Words
from tests.admin.office.conftest import standing
from tests.door.days.made import DAY, NIGHT, Paired, at
from tests.door.vault.made import Door


class Office:
    """One console and one of its doors, without the network between them."""

    def __init__(self, console: Console, clockwork: Clockwork, folder: Path) -> None:
        self.console = console
        self.clockwork = clockwork
        clockwork.set(at(7))
        self.id = doors.add(console, "Front door", None)
        standing(console, self.id, at(7))
        self.door = Paired(Door.at(folder / "door", new=True), self.id)
        public = custodians.in_force(console)
        assert public is not None
        Pins(self.door.door.store).pin(Pinned(self.id, bytes(32), bytes(32)), at(7))
        self.door.custodians.pin(Keys(public.incident, public.evidence, public.statement), at(7))
        self.ada, self.bob = self._person("Ada Example"), self._person("Bob Example")

    def _person(self, name: str) -> UUID:
        person = self.door.door.admit(at(7)).person
        add = "INSERT INTO people VALUES (?, ?, NULL, 'en', NULL, NULL, 0, NULL)"
        self.console.store.run(add, (person.bytes, name))
        self.console.store.run(
            "INSERT INTO marks VALUES (?, 'person', ?, (SELECT coalesce(max(number), 0) + 1 FROM marks))",
            (self.id.bytes, person.bytes),
        )
        return person

    def night(self) -> None:
        """The day is over: the door seals it and tells the console."""
        self.clockwork.set(NIGHT)
        self.door.days.end(DAY, NIGHT)
        self.deliver()

    def deliver(self) -> None:
        """Everything the door has in its outbox, as the link would bring it."""
        messages: list[Message] = list(self.door.records())
        with self.console.store.transaction():
            stored = inbox.take(self.console, self.id, messages)
        self.door.outbox.stored(stored)

    def ask(self, begins: datetime, ends: datetime) -> int:
        """The console asks, and the door is told and answers."""
        number, _ = incidents.ask(self.console, self.id, Reason.THEFT, begins, ends, self.clockwork.now())
        told = incidents.one(self.console, number)
        self.door.requests.incident(
            IncidentAsked(number=number, reason=told.reason, begins_at=begins, ends_at=ends, asked_at=told.asked_at), NIGHT
        )
        self.deliver()
        return number

    def file(self, number: int, folder: Path) -> Path:
        """The export, on a stick."""
        path = folder / f"request-{number}.json"
        path.write_bytes(export.day(self.console, number))
        return path


@pytest.fixture
def office(console: Console, clockwork: Clockwork, words: Words, tmp_path: Path) -> Iterator[Office]:
    assert words
    made = Office(console, clockwork, tmp_path)
    yield made
    made.door.door.store.close()


def openings(result: Result) -> list[tuple[str | None, str]]:
    assert result.exit_code == 0, result.output
    return [(one["name"], one["at"]) for one in json.loads(result.output)["openings"]]


def test_two_custodians_read_exactly_the_span_and_one_does_not(
    office: Office, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    """Promise 10: two custodians, a stated reason, a span of a day at most."""
    for person, moment in ((office.ada, at(9, 59)), (office.ada, at(10)), (office.bob, at(10, 30)), (office.ada, at(11))):
        office.door.opens(person, moment)
    office.night()
    file = office.file(office.ask(at(10), at(11)), tmp_path)
    expected = [("Ada Example", "2026-03-04T10:00:00+01:00"), ("Bob Example", "2026-03-04T10:30:00+01:00")]
    for pair in ((0, 1), (1, 2), (2, 0)):
        assert openings(byleave("open", file, "--json", lists=(words[pair[0]], words[pair[1]]))) == expected
    in_words = byleave("open", file, lists=words[:2])
    assert in_words.exit_code == 0
    assert in_words.output.splitlines() == [
        "Front door, 2026-03-04 10:00:00 CET to 2026-03-04 11:00:00 CET, because of: theft",
        "2026-03-04 10:00:00 CET  Ada Example",
        "2026-03-04 10:30:00 CET  Bob Example",
    ]
    strangers = keys.split(keys.draw())
    wrong = words[1].split()
    wrong[7], wrong[9] = wrong[9], "academic" if wrong[7] != "academic" else "acid"
    for lists in (words[:1], (words[0], words[0]), words, strangers[:2], (words[0], strangers[0]), (words[0], " ".join(wrong))):
        refused = byleave("open", file, lists=lists)
        assert refused.exit_code == 1
        assert "Example" not in refused.output.replace("Error", "")
        assert "Traceback" not in refused.output
        assert not any(" ".join(one.split()[:4]) in refused.output for one in words)
    # The people of the span read of it at the door.
    assert len(office.door.requests.of(office.ada)) == len(office.door.requests.of(office.bob)) == 1


def test_a_day_that_the_door_has_not_released_opens_for_nobody(
    office: Office, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    """Design, section 4: two custodians with the console's database cannot open the past."""
    office.door.opens(office.ada, at(10))
    office.night()
    number, _ = incidents.ask(office.console, office.id, Reason.THEFT, at(10), at(11), NIGHT)
    with pytest.raises(ConsoleError, match="not released"):
        export.day(office.console, number)
    # A console that makes the release up gets no further, nor does one that takes another day's.
    day = office.console.store.row("SELECT day FROM bundles")[0]
    office.console.store.run("INSERT INTO released_days VALUES (?, ?, ?)", (number, day, bytes(96)))
    refused = byleave("open", office.file(number, tmp_path), lists=words[:2])
    assert refused.exit_code == 1
    assert "Ada" not in refused.output


def test_a_console_that_widens_the_span_in_its_file_shows_nothing(
    office: Office, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    """The span is the one the door told people of."""
    office.door.opens(office.ada, at(18))
    office.night()
    number = office.ask(at(10), at(11))
    assert openings(byleave("open", office.file(number, tmp_path), "--json", lists=words[:2])) == []
    office.console.store.run("UPDATE incidents SET ends_at = ends_at + 36000")
    refused = byleave("open", office.file(number, tmp_path), lists=words[:2])
    assert refused.exit_code == 1
    assert "another request" in refused.output


def test_words_are_asked_for_one_after_the_other_and_again_when_mistyped(
    office: Office, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    office.door.opens(office.ada, at(10))
    office.night()
    file = office.file(office.ask(at(9), at(11)), tmp_path)
    typed = f"{words[0]} and\n{words[0].upper()}\n{words[2]}\n"
    result = byleave("open", file, typed=typed)
    assert result.exit_code == 0
    assert "Word list 1 is not right" in result.output
    assert "Ada Example" in result.output


def test_a_bundle_of_which_a_piece_is_missing_is_not_exported(office: Office) -> None:
    office.night()
    number = office.ask(at(9), at(11))
    office.console.store.run("DELETE FROM bundles WHERE bundle = 'journal' AND part = 1")
    with pytest.raises(ConsoleError):
        export.day(office.console, number)


def test_a_file_names_nobody_whom_the_door_never_had_to_know(office: Office, tmp_path: Path) -> None:
    office.console.store.run("INSERT INTO people VALUES (zeroblob(16), 'Somebody Elsewhere', NULL, 'en', NULL, NULL, 0, NULL)")
    office.night()
    told = office.file(office.ask(at(9), at(11)), tmp_path).read_text(encoding="utf-8")
    assert "Ada Example" in told
    assert "Elsewhere" not in told


def test_somebody_whose_name_is_gone_is_told_by_their_id(
    office: Office, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    office.door.opens(office.ada, at(10))
    office.night()
    office.console.store.run("DELETE FROM people WHERE id = ?", (office.ada.bytes,))
    file = office.file(office.ask(at(9), at(11)), tmp_path)
    assert office.ada.hex in byleave("open", file, lists=words[:2]).output


def test_evidence_of_one_person_is_read_by_two_custodians(
    office: Office, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    """Promise 9, its one exception."""
    office.door.door.enrol(office.ada, at(9))
    office.door.door.enrol(office.bob, at(9))
    office.night()
    number, _ = incidents.ask_evidence(office.console, office.ada, NIGHT)
    with pytest.raises(ConsoleError, match="released"):
        export.evidence(office.console, number)
    office.door.requests.evidence(EvidenceAsked(number=number, person=office.ada, asked_at=NIGHT), NIGHT)
    office.deliver()
    file = tmp_path / "evidence.json"
    file.write_bytes(export.evidence(office.console, number))
    found = json.loads(byleave("open", file, "--json", lists=words[1:]).output)
    assert [(one["door"], one["event"], one["who"]) for one in found["choices"]] == [
        ("Front door", "give", "person"),
        ("Front door", "store", "door"),
    ]
    assert {one["notice_sha256"] for one in found["choices"]} == {office.door.door.notices.current.sha256.hex()}
    assert "give, by the person" in byleave("open", file, lists=words[1:]).output
    assert byleave("open", file, lists=words[:1]).exit_code == 1
    # Whose evidence it is, is in the seal: nobody else's can be had with the same key.
    told = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(told | {"person": office.bob.hex}), encoding="utf-8")
    assert byleave("open", file, lists=words[:2]).exit_code == 1


def test_what_was_sealed_before_a_change_opens_with_the_old_lists_alone(
    office: Office, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    office.door.opens(office.ada, at(10))
    office.night()
    file = office.file(office.ask(at(9), at(11)), tmp_path)
    changed = byleave("rotate", tmp_path / "new.json", lists=words[:2])
    fresh = [line for line in changed.output.splitlines() if len(line.split()) == 33]
    assert byleave("rotate", tmp_path / "new.json", lists=words[:2]).exit_code == 1
    refused = byleave("open", file, lists=(fresh[0], fresh[1]))
    assert refused.exit_code == 1
    assert "before a change of custodians" in refused.output
    assert byleave("open", file, lists=words[:2]).exit_code == 0
    assert byleave("open", tmp_path / "new.json", lists=words[:2]).exit_code == 1


def test_there_is_no_file_of_a_request_that_was_never_made(office: Office) -> None:
    for make in (export.day, export.evidence):
        with pytest.raises(NotThere):
            make(office.console, 99)


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b'{"form": "byleave-day-1", "days": 3}', b"\x00" * 100])
def test_a_damaged_file_is_one_sentence(words: Words, byleave: Callable[..., Result], tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file.json").write_bytes(data)
    result = byleave("open", tmp_path / "file.json", lists=words[:2])
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
