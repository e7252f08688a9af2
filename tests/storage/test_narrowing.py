"""Which documents take part: each filter alone and all together, against every document of a small store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.datatypes import EVERYTHING, Filters
from pipeline.outcomes import Code, State
from pipeline.storage import dating, listing, narrowing
from tests.storage.shelf import Given, Shelf, opened

DAY = 86_400.0
MARCH_2024, MAY_2024 = 1_709_251_200.0, 1_714_521_600.0  # the first of each, at midnight


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def found(shelf: Shelf, filters: Filters) -> list[str]:
    """The ids of the documents that take part."""
    ids = narrowing.documents(shelf.database, filters)
    assert ids is not None
    assert ids.tolist() == sorted(ids.tolist())
    rows = {row["id"]: row["sha256"] for row in shelf.database.rows("SELECT id, sha256 FROM documents")}
    return [rows[one] for one in ids.tolist()]


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """Five documents: a contract as PDF, a letter in a mail, the mail, a spreadsheet and a locked file."""
    shelf.now = MARCH_2024
    shelf.put(Given("pdf", format="pdf", dated="2024-02-29"), "/in/a/lease.pdf", modified_s=MAY_2024)
    letter = shelf.put(Given("letter", label="complaint", language="de"))
    shelf.put(Given("mail", format="eml", dated="2019-12-31", members=(letter,)), "/in/m.eml", modified_s=MAY_2024)
    shelf.now = MAY_2024
    shelf.put(Given("sheet", format="xlsx", label="invoice", language=None), "/in/b/s.xlsx", modified_s=MAY_2024 - 1)
    shelf.put(Given("locked", (), format="pdf", code=Code.PASSWORD_NEEDED), "/in/b/locked.pdf")
    return shelf


def test_of_further_sets_one_label_of_each_is_needed(filled: Shelf) -> None:
    ids = {row["sha256"]: row["id"] for row in filled.database.rows("SELECT id, sha256 FROM documents")}
    with filled.database.atomic():
        for sha256, set_name, name in (("pdf", "team", "a"), ("mail", "team", "b"), ("mail", "year", "old")):
            filled.database.run(
                "INSERT INTO labels (document_id, set_name, name, score, margin, threshold, given_by, decided_at) "
                "VALUES (?, ?, ?, 1, 1, 0, 'person', '')",
                (ids[sha256], set_name, name),
            )
    assert found(filled, Filters(further_labels=(("team", "a"), ("team", "b")))) == ["pdf", "mail"]
    assert found(filled, Filters(further_labels=(("team", "a"), ("team", "b"), ("year", "old")))) == ["mail"]
    assert found(filled, Filters(labels=("contract",), further_labels=(("team", "a"),))) == ["pdf"]
    assert found(filled, Filters(further_labels=(("year", "new"),))) == []


def test_nothing_asked_is_all_without_a_list(filled: Shelf) -> None:
    assert narrowing.documents(filled.database, EVERYTHING) is None


@pytest.mark.parametrize(
    ("filters", "those"),
    [
        (Filters(labels=("complaint",)), ["letter"]),
        (Filters(labels=("complaint", "invoice")), ["letter", "sheet"]),
        (Filters(labels=("nothing",)), []),
        (Filters(languages=("de",)), ["letter"]),
        (Filters(formats=("pdf",)), ["pdf", "locked"]),
        (Filters(formats=("pdf", "eml")), ["pdf", "mail", "locked"]),
        (Filters(states=(State.ENCRYPTED,)), ["locked"]),
        (Filters(states=(State.ENCRYPTED, State.INDEXED)), ["pdf", "letter", "mail", "sheet", "locked"]),
        (Filters(paths=(b"/in/a",)), ["pdf"]),
        (Filters(paths=(b"/in/*.eml",)), ["letter", "mail"]),
        (Filters(paths=(b"/**/*.pdf", b"/in/m.eml")), ["pdf", "letter", "mail", "locked"]),
        (Filters(paths=(b"/elsewhere",)), []),
        (Filters(after=date(2024, 2, 29)), ["pdf", "sheet", "locked"]),
        (Filters(after=date(2024, 3, 1)), ["sheet", "locked"]),
        (Filters(before=date(2024, 2, 29)), ["pdf", "letter", "mail"]),
        (Filters(before=date(2024, 2, 28)), ["letter", "mail"]),
        (Filters(after=date(2024, 4, 30), before=date(2024, 4, 30)), ["sheet"]),
        (Filters(indexed_after=date(2024, 3, 1)), ["pdf", "letter", "mail", "sheet", "locked"]),
        (Filters(indexed_after=date(2024, 3, 2)), ["sheet", "locked"]),
        (Filters(indexed_before=date(2024, 3, 1)), ["pdf", "letter", "mail"]),
        (Filters(formats=("pdf",), states=(State.INDEXED,)), ["pdf"]),
        (Filters(formats=("pdf",), languages=("de",)), []),
        (Filters(labels=("contract",), paths=(b"/in/b",), after=date(2024, 5, 1)), ["locked"]),
        (Filters(after=date.min, before=date.max), ["pdf", "letter", "mail", "sheet", "locked"]),
    ],
)
def test_only_what_is_asked_takes_part(filled: Shelf, filters: Filters, those: list[str]) -> None:
    assert found(filled, filters) == those
    assert {row.document for row in listing.documents(filled.database, filters)} == set(those)


def test_what_lies_at_several_places_is_found_at_each(shelf: Shelf) -> None:
    one = shelf.put(Given("one"), "/in/a.txt", "/out/b.txt")
    shelf.put(Given("zip", format="zip", members=(one,)), "/far/c.zip")
    for pattern in (b"/in", b"/out/*", b"/far"):
        assert "one" in found(shelf, Filters(paths=(pattern,)))


def test_what_lies_deep_within_a_file_is_at_the_place_of_the_file(shelf: Shelf) -> None:
    inner = shelf.put(Given("inner"))
    middle = shelf.put(Given("middle", members=(inner,)))
    shelf.put(Given("outer", members=(middle,)), "/in/outer.zip")
    assert found(shelf, Filters(paths=(b"/in/outer.zip",))) == ["inner", "middle", "outer"]


def test_names_of_any_bytes_are_matched(shelf: Shelf) -> None:
    shelf.put(Given("odd"), "/in/\udcff\udc80.txt")
    shelf.put(Given("composed"), "/in/Bu\u0308cher/a.txt")
    assert found(shelf, Filters(paths=(b"/in/\xff*",))) == ["odd"]
    assert found(shelf, Filters(paths=("/in/Bücher".encode(),))) == ["composed"]


def test_the_day_of_what_states_none_is_that_of_its_newest_file_then_of_its_newest_holder_then_of_reading(
    shelf: Shelf,
) -> None:
    shelf.now = MAY_2024
    copies = shelf.put(Given("copies"), "/in/a", "/in/b", "/in/c", modified_s=MARCH_2024)
    shelf.job("/in/b", Code.COMPLETE, MARCH_2024 + 3 * DAY)
    held = shelf.put(Given("held"))
    inner = shelf.put(Given("inner", members=(held,)))
    shelf.put(Given("old mail", dated="2019-01-01", members=(inner,)), "/in/old.eml", modified_s=MAY_2024)
    shelf.put(Given("new mail", dated="2020-01-01", members=(inner,)), "/in/new.eml", modified_s=MAY_2024)
    zipped = shelf.put(Given("zipped"))
    shelf.put(Given("zip", members=(zipped,)), "/in/z.zip", modified_s=MARCH_2024)
    unknown = shelf.put(Given("unknown"), "/in/pipe")
    days = dating.undated(shelf.database)
    assert {one: days[one] for one in (copies, held, inner, zipped, unknown)} == {
        copies: "2024-03-04", held: "2020-01-01", inner: "2020-01-01", zipped: "2024-03-01", unknown: "2024-05-01",
    }  # fmt: skip


def test_documents_that_hold_one_another_have_a_day(shelf: Shelf) -> None:
    """It cannot come to be, and must not hang if it did."""
    first, second = shelf.put(Given("first")), shelf.put(Given("second"))
    shelf.database.run("INSERT INTO members VALUES (?, 1, 'x', 'complete', ?)", (first, second))
    shelf.database.run("INSERT INTO members VALUES (?, 1, 'x', 'complete', ?)", (second, first))
    assert found(shelf, Filters(after=date(1970, 1, 1), before=date(1970, 1, 1))) == ["first", "second"]
    assert found(shelf, Filters(paths=(b"/**",))) == []


@pytest.mark.parametrize(
    "signature", ["special", "", ":::", "1:x:1:644", "1:9999999999999999999999:1:644", "1:-86400000000000:1:644"]
)
def test_a_file_of_any_signature_has_a_day_or_none(signature: str) -> None:
    assert dating.of_file(signature) in (None, "1969-12-31")


def test_files_that_could_not_be_read_are_listed_by_what_is_known_of_them(filled: Shelf) -> None:
    filled.job("/in/broken/a.pdf", Code.FILE_UNREADABLE, MARCH_2024)
    filled.job("/in/link", Code.SYMBOLIC_LINK)

    def alone(filters: Filters) -> list[str]:
        return [str(row.paths[0]) for row in listing.documents(filled.database, filters) if row.document is None]

    assert alone(EVERYTHING) == ["/in/broken/a.pdf", "/in/link"]
    assert alone(Filters(states=(State.REFUSED,))) == ["/in/link"]
    assert alone(Filters(paths=(b"/in/broken",))) == ["/in/broken/a.pdf"]
    assert alone(Filters(after=date(2024, 3, 1), before=date(2024, 3, 1))) == ["/in/broken/a.pdf"]
    for filters in (
        Filters(labels=("contract",)), Filters(formats=("pdf",)), Filters(languages=("en",)),
        Filters(indexed_before=date(2030, 1, 1)), Filters(after=date(2024, 3, 2)),
    ):  # fmt: skip
        assert alone(filters) == []


FILTERS = st.builds(
    Filters,
    labels=st.sampled_from([(), ("contract",), ("complaint", "invoice")]),
    languages=st.sampled_from([(), ("en",), ("de", "en")]),
    formats=st.sampled_from([(), ("pdf",), ("eml", "xlsx", "text")]),
    states=st.sampled_from([(), (State.INDEXED,), (State.ENCRYPTED,)]),
    paths=st.sampled_from([(), (b"/in/b",), (b"/in/*.eml", b"/**/lease*")]),
    after=st.sampled_from([None, date(2020, 1, 1), date(2024, 3, 1)]),
    before=st.sampled_from([None, date(2024, 4, 1)]),
)


@settings(
    deadline=None, derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FILTERS)
def test_filters_together_leave_what_each_of_them_leaves(filled: Shelf, filters: Filters) -> None:
    if filters == EVERYTHING:
        return
    left = {"pdf", "letter", "mail", "sheet", "locked"}
    for name in filters.__slots__:
        alone = replace(EVERYTHING, **{name: getattr(filters, name)})
        left &= set(found(filled, alone)) if alone != EVERYTHING else left
    assert set(found(filled, filters)) == left
