"""Custodians are pinned with a person before the door, and change only by the word of those before."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from admin.incident import keys, opening
from device.contract import console, sealed
from device.contract.words import Blob
from device.door.custodians import Keys
from device.errors import PolicyRefused, VaultError
from tests.door.days.made import DAY, NIGHT, Paired, ask, at
from tests.door.vault.made import Door


def handed_over(before: keys.Keys) -> tuple[keys.Keys, console.Custodians]:
    after = keys.derive(keys.draw())
    return after, after.public(by=before.statement)


def accepted(paired: Paired) -> list[bytes]:
    return [one.incident for one in paired.records() if isinstance(one, console.CustodiansAccepted)]


def test_a_change_that_those_before_signed_is_taken_and_days_are_sealed_to_the_new_ones(paired: Paired) -> None:
    paired.days.end(DAY, NIGHT)
    after, change = handed_over(paired.private)
    paired.custodians.accept(change, NIGHT)
    next_day, next_night = DAY + timedelta(days=1), NIGHT + timedelta(days=1)
    paired.days.end(next_day, next_night)
    for number, (day, private) in enumerate(((DAY, paired.private), (next_day, after)), start=1):
        asked = ask(at(10, day=day), at(11, day=day), number)
        paired.requests.incident(asked, next_night)
        assert opening.span(paired.exported(asked), private).whole
    assert accepted(paired) == [paired.private.public().incident, change.incident]


@pytest.mark.parametrize("forged", ["nobody", "themselves", "another", "swapped"])
def test_a_change_that_those_before_did_not_sign_changes_nothing(paired: Paired, forged: str) -> None:
    """A hostile console cannot change the incident key."""
    before = paired.custodians.in_force()
    after, change = handed_over(paired.private)
    wrong = {
        "nobody": after.public(),
        "themselves": after.public(by=after.statement),
        "another": keys.derive(keys.draw()).public(by=keys.derive(keys.draw()).statement),
        "swapped": replace(change, incident=keys.derive(keys.draw()).public().incident),
    }
    with pytest.raises(VaultError, match="not signed"):
        paired.custodians.accept(wrong[forged], NIGHT)
    assert paired.custodians.in_force() == before
    assert len(accepted(paired)) == 1


def test_a_change_is_not_undone_by_saying_an_older_one_again(paired: Paired) -> None:
    second, first_change = handed_over(paired.private)
    _, second_change = handed_over(second)
    for change in (first_change, first_change, second_change):
        paired.custodians.accept(change, NIGHT)
    with pytest.raises(VaultError):
        paired.custodians.accept(first_change, NIGHT)
    in_force = paired.custodians.in_force()
    assert in_force is not None
    assert in_force.incident == second_change.incident


def test_a_change_is_told_for_thirty_days_and_the_first_pinning_is_none(paired: Paired) -> None:
    """Design, section 4: on the notice page for 30 days."""
    assert paired.custodians.changed(NIGHT) == ()
    paired.custodians.accept(handed_over(paired.private)[1], NIGHT)
    assert paired.custodians.changed(NIGHT + timedelta(days=29)) == (NIGHT,)
    assert paired.custodians.changed(NIGHT + timedelta(days=30)) == ()


def test_a_door_paired_anew_tells_of_other_custodians(paired: Paired) -> None:
    paired.private = keys.derive(keys.draw())
    paired.pair(NIGHT)
    assert paired.custodians.changed(NIGHT) == (NIGHT,)
    paired.pair(NIGHT)
    assert paired.custodians.changed(NIGHT) == (NIGHT,)
    assert accepted(paired) == [paired.private.public().incident]


def test_a_policy_pins_nobody(tmp_path: Path) -> None:
    alone = Paired(Door.at(tmp_path, new=True))
    with pytest.raises(VaultError):
        alone.custodians.accept(alone.private.public(), NIGHT)
    assert alone.custodians.in_force() is None
    alone.door.store.close()


def test_what_is_no_key_is_not_pinned(paired: Paired) -> None:
    with pytest.raises(VaultError):
        paired.custodians.pin(Keys(Blob(b"short"), bytes(32), bytes(32)), NIGHT)


LOW_ORDER = (bytes(32), b"\1" + bytes(31), (2**255 - 20).to_bytes(32, "little"))
"""Points of Curve25519 to which everybody shares the same secret: nothing can be sealed to them."""


@pytest.mark.parametrize("which", ["incident", "evidence"])
@pytest.mark.parametrize("low", LOW_ORDER)
def test_what_nothing_can_be_sealed_to_is_neither_pinned_nor_taken(paired: Paired, which: str, low: bytes) -> None:
    """INC: otherwise no day could be sealed from then on, night after night."""
    before = paired.custodians.in_force()
    assert before is not None
    with pytest.raises(VaultError, match="sealed to"):
        paired.custodians.pin(replace(before, **{which: low}), NIGHT)
    _, change = handed_over(paired.private)
    bad = replace(change, **{which: Blob(low)})
    told = sealed.change(bad.incident, bad.evidence, bad.statement)
    with pytest.raises(PolicyRefused, match="sealed to"):
        paired.custodians.accept(replace(bad, signature=Blob(paired.private.statement.sign(told))), NIGHT)
    assert paired.custodians.in_force() == before
    paired.days.end(DAY, NIGHT)
    assert paired.bundle(console.Bundle.JOURNAL)


def test_a_statement_key_that_is_none_is_neither_pinned_nor_taken(paired: Paired) -> None:
    before = paired.custodians.in_force()
    assert before is not None
    with pytest.raises(VaultError, match="sealed to"):
        paired.custodians.pin(replace(before, statement=b"short"), NIGHT)
    _, change = handed_over(paired.private)
    bad = replace(change, statement=Blob(b"short"))
    told = sealed.change(bad.incident, bad.evidence, bad.statement)
    with pytest.raises(PolicyRefused, match="sealed to"):
        paired.custodians.accept(replace(bad, signature=Blob(paired.private.statement.sign(told))), NIGHT)
    assert paired.custodians.in_force() == before
