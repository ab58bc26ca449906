"""Long lists: cut into pages that miss nothing, and found by words as people type them."""

import pytest

from admin import pages


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 101])
def test_every_line_stands_on_one_page_and_no_page_is_longer(count: int) -> None:
    of = pages.cut(range(count), "").of
    cut = [pages.cut(range(count), str(number)) for number in range(1, of + 1)]
    assert [line for page in cut for line in page.lines] == list(range(count))
    assert {page.count for page in cut} == {count}
    assert all(1 <= len(page.lines) <= pages.LINES for page in cut) or (count, of) == (0, 1)


@pytest.mark.parametrize(
    ("wanted", "number"), [("2", 2), ("0", 1), ("9", 3), ("", 1), ("-2", 1), ("x", 1), ("²", 1), ("9" * 30, 1)]
)
def test_an_address_leads_to_the_nearest_page_there_is(wanted: str, number: int) -> None:
    assert pages.cut(range(101), wanted).number == number


def test_a_name_is_found_by_any_of_its_words_without_capitals_and_accents() -> None:
    names = ["Garage Süd", "Garage Nord", "Südtor"]
    assert pages.named(names, "sud", str) == ["Garage Süd", "Südtor"]
    assert pages.named(names, "SÜD gar", str) == ["Garage Süd"]
    assert pages.named(names, "  ", str) == names
    assert pages.named(names, "west", str) == []
