"""Three word lists of which any two are the custodians' secret, and one is nothing."""

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.errors import BadInput
from admin.incident import keys


@settings(max_examples=10, deadline=None)
@given(secret=st.binary(min_size=32, max_size=32))
def test_any_two_lists_in_any_order_give_the_secret_back(secret: bytes) -> None:
    for pair in permutations(keys.split(secret), 2):
        assert keys.join(pair) == secret


def test_one_list_is_not_enough_even_twice() -> None:
    one, *_ = keys.split(keys.draw())
    for lists in ((one,), (one, one), (one, one.upper())):
        with pytest.raises(BadInput, match="two different"):
            keys.join(lists)


def test_lists_of_different_custodians_do_not_belong_together() -> None:
    ours, theirs = keys.split(keys.draw()), keys.split(keys.draw())
    for one in ours:
        for other in theirs:
            with pytest.raises(BadInput, match="belong together"):
                keys.join((one, other))


def test_a_mistyped_list_is_told_by_its_number_and_by_nothing_else() -> None:
    """No word of a list is in an error."""
    one, two, _ = keys.split(keys.draw())
    typed = two.split()
    for wrong in (
        [*typed[:-1], "acid" if typed[-1] != "acid" else "acne"],
        [*typed[:4], typed[5], typed[4], *typed[6:]],
        typed[:-1],
        ["byleave"],
    ):
        if wrong == typed:
            continue
        with pytest.raises(BadInput) as refused:
            keys.join((one, " ".join(wrong)))
        assert refused.value.sentence == "Word list 2 is not right: a word is wrong, missing or in another place."


def test_spaces_and_capitals_do_not_matter() -> None:
    secret = keys.draw()
    one, two, _ = keys.split(secret)
    assert keys.join((f"  {one.upper()}\n", two.replace(" ", "\n  "))) == secret


def test_the_three_keys_of_a_secret_are_always_the_same_and_never_one_another() -> None:
    secret = keys.draw()
    public = keys.derive(secret).public()
    assert public == keys.derive(secret).public()
    halves = (public.incident, public.evidence, public.statement, keys.derive(keys.draw()).public().incident)
    assert all(one != other for one, other in combinations(halves, 2))
    assert public.signature == b""
