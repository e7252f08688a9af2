"""Lines that page after page repeats are left out of the bodies; whatever is a page's own stays in."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datatypes import PageText
from pipeline.outcomes import Code
from pipeline.parsing.running_heads import marked
from tests.parsing.support import CAREFUL

WORDS = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "gorse", "hazel", "ivy", "juniper"]
ROMAN = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]


def own(number: int) -> str:
    """Three lines that no other page has."""
    chance = random.Random(number)
    return "\n".join(" ".join(chance.choices(WORDS, k=9)) for _ in range(3))


def written(number: int, template: str) -> str:
    """A page as the template has it: {n} is its number, {text} its own lines."""
    return template.format(
        n=number,
        text=own(number),
        roman=ROMAN[number % 13],
        high=number + 1430,
        far=number * 17,
        odd=number % 2 * "odd",
    )


def pages(count: int, template: str) -> list[PageText]:
    return [PageText(number, written(number, template)) for number in range(1, count + 1)]


def bodies(read: list[PageText]) -> list[str]:
    return [page.text if page.body is None else page.text[slice(*page.body)] for page in marked(read)]


@pytest.mark.parametrize(
    "template",
    [
        "Rules of the allotment society\n{text}",
        "RULES OF THE SOCIETY  page {n} of 12\n\n{text}",
        "  {n}\n{text}",
        "- {n} -\n{text}",
        "Seite {n} von 12\n{text}",
        "{high} The moss of old roofs\n{text}",
        "The moss of old roofs {n}\n{text}",
        "Moss and roofs {n} / 12\n{text}",
        "p. {roman}\n{text}",
        "第 {n} 页 共 12 页\n{text}",
        "{n}. oldal\n{text}",
        "12.5.2024 {n}\n{text}",
        "{roman}\n{text}",
        "Society of Roofs\n12 Moss Lane, Rooftown\n-----------\nPage {n}\n\n{text}",
        "Clause 4.2 of 2024\n{text}",
    ],
)
def test_heads_stay_on_the_first_page_only(template: str) -> None:
    found = bodies(pages(12, template))
    assert [body.lstrip("\n") for body in found[1:]] == [own(number) for number in range(2, 13)]
    assert found[0] == written(1, template)


@pytest.mark.parametrize(
    "template",
    [
        "{text}\n{n}",
        "{text}\n\nDraft of the society's rules | {n}\n",
        "{text}\nConfidential. For members only.\nPage {n} of 12\n \n",
        "{text}\nhttps://example.org/rules {n}/12",
    ],
)
def test_so_do_feet(template: str) -> None:
    found = bodies(pages(12, template))
    assert [body.rstrip("\n") for body in found[1:]] == [own(number) for number in range(2, 13)]
    assert found[0] == written(1, template)


def test_left_and_right_pages_may_differ() -> None:
    found = bodies(pages(12, "Book of bees, {odd} pages\n{n}\n{text}"))
    assert found[2:] == [own(number) for number in range(3, 13)]
    assert [body.split("\n")[0] for body in found[:2]] == ["Book of bees, odd pages", "Book of bees,  pages"]


def test_heads_of_chapters_stay_where_each_chapter_begins() -> None:
    chapters = {1: "Chapter One: Bees", 8: "Chapter Two: Wasps", 15: "Chapter Three: Ants"}
    read = [
        PageText(number, f"{chapters[max(first for first in chapters if first <= number)]}\n{own(number)}")
        for number in range(1, 21)
    ]
    assert [number for number, body in enumerate(bodies(read), 1) if body.startswith("Chapter")] == [1, 8, 15]


def test_pages_without_the_head_do_not_end_it() -> None:
    read = [
        PageText(number, f"{number} The Guide to Bees\n{own(number)}" if number % 4 == 1 else own(number))
        for number in range(1, 12)
    ]
    assert bodies(read)[1:] == [own(number) for number in range(2, 12)]


def test_readers_that_lose_spaces_do_not_hide_it() -> None:
    read = pages(12, "The Guide to Bees\n{text}")
    glued = [PageText(page.number, page.text.replace("The Guide to", "TheGuideto")) for page in read[6:]]
    assert bodies([*read[:6], *glued])[1:] == [own(number) for number in range(2, 13)]


@pytest.mark.parametrize(
    "template",
    [
        "Article {n}\n{text}",
        "第 {n} 条\n{text}",
        "5 7 {n} 12 3\n{text}",
        "Ann Moss invoice No. {n}\n{text}",
        "Ann Moss invoice 2024-{n}\n{text}",
        "Ann Moss invoice {high}\n{text}",
        "Ann Moss invoice 00{n}\n{text}",
        "{text}\nTotal of the year {far}",
        "{text}\n{far}",
        "}}\n{text}\n)",
        "5\t12\n{text}",
        "{text}\n{text}\n{text}\nRepeated in the middle\n{text}\n{text}\n{text}",
    ],
)
def test_what_is_a_pages_own_stays(template: str) -> None:
    read = pages(12, template)
    assert marked(read) == tuple(read)


def test_a_repeated_line_behind_one_of_the_pages_own_stays() -> None:
    read = pages(12, "The shop of Ann Moss\nInvoice {far}\nDear customer,\n{text}")
    assert bodies(read)[1:] == [page.text.removeprefix("The shop of Ann Moss\n") for page in read[1:]]


def test_a_line_on_few_pages_of_many_stays() -> None:
    read = [
        PageText(number, f"The Guide to Bees\n{own(number)}" if number in (3, 4, 5, 6, 9, 12) else own(number))
        for number in range(1, 13)
    ]
    assert marked(read) == tuple(read)


def test_a_long_line_is_no_head() -> None:
    read = pages(12, "x" * 300 + "\n{text}")
    assert marked(read) == tuple(read)


def test_two_pages_are_no_evidence() -> None:
    read = pages(2, "The Guide to Bees {n}\n{text}")
    assert marked(read) == tuple(read)


@pytest.mark.parametrize(
    ("count", "with_head", "cut"), [(3, 3, 2), (4, 3, 2), (5, 3, 0), (5, 4, 3), (7, 5, 4), (9, 4, 0), (9, 5, 4)]
)
def test_short_documents_need_it_on_most_pages(count: int, with_head: int, cut: int) -> None:
    read = [
        PageText(number, f"The Guide\n{own(number)}" if number > count - with_head else own(number))
        for number in range(1, count + 1)
    ]
    assert sum(page.body is not None for page in marked(read)) == cut


def test_of_pages_that_are_all_the_same_the_first_stays_whole() -> None:
    read = [PageText(number, own(1)) for number in range(1, 10)]
    assert bodies(read) == [own(1)] + [""] * 8


def test_all_else_of_a_page_stays() -> None:
    read = [
        PageText(number, f"Page {number}\n{own(number)}", Code.READER_LIMIT, "ocr", 60.5, 300) for number in (1, 2, 3)
    ]
    text = read[2].text
    assert marked(read)[2] == PageText(3, text, Code.READER_LIMIT, "ocr", 60.5, 300, body=(7, len(text)))


LINES = st.sampled_from(
    [
        "Head of all",
        "Page #",
        "#",
        "Other head #",
        "",
        " ",
        "----",
        "}",
        "Article #",
        "own ∅",
        "12",
        "iv",
        "x" * 300,
        "É#",
    ]
)
WRITTEN = st.lists(st.lists(LINES, max_size=9).map("\n".join), max_size=14)


@CAREFUL
@given(WRITTEN)
def test_a_body_is_whole_lines_and_what_is_left_out_stands_in_the_body_of_a_page_before(written: list[str]) -> None:
    read = [
        PageText(number, text.replace("#", str(number)).replace("∅", "∅" * number))
        for number, text in enumerate(written, 1)
    ]
    seen: set[str] = set()
    for page, before in zip(marked(read), read, strict=True):
        assert page.text == before.text
        start, end = page.body or (0, len(page.text))
        assert 0 <= start <= end <= len(page.text)
        assert start in (0, len(page.text)) or page.text[start - 1] == "\n"
        assert end in (start, len(page.text)) or page.text[end - 1] == "\n"
        for line in (page.text[:start] + "\n" + page.text[end:]).split("\n"):
            assert "own" not in line
            assert not line.strip() or line.strip("0123456789 ") in seen
        seen.update(line.strip("0123456789 ") for line in page.text[start:end].split("\n"))


@CAREFUL
@given(st.lists(st.text(), max_size=8))
def test_any_pages_have_bodies_within_them(texts: list[str]) -> None:
    for page in marked([PageText(number, text) for number, text in enumerate(texts, 1)]):
        start, end = page.body or (0, len(page.text))
        assert 0 <= start <= end <= len(page.text)
