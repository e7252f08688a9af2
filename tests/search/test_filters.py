"""What users ask of documents: understood, or refused with a code and what to do; never an accident."""

import os
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.config import Config, LabelDescription
from pipeline.datatypes import EVERYTHING, Filters, Query
from pipeline.errors import UsageError
from pipeline.outcomes import State
from pipeline.search.filters import MAX_PATHS, FilterOptions, checked


def filters(config: Config, **options: object) -> Filters:
    return checked(config, options)  # type: ignore[arg-type]


def test_nothing_asked_is_everything(config: Config) -> None:
    assert checked(config, {}) == EVERYTHING
    nothing = dict.fromkeys(FilterOptions.__annotations__)
    assert filters(config, **nothing) == filters(config, label=(), path=[]) == EVERYTHING


def test_one_word_or_several_may_be_given(config: Config) -> None:
    found = filters(config, label="contract", language=["DE", "en"], state=("partial", State.INDEXED), format="pdf")
    assert (found.labels, found.languages) == (("contract",), ("de", "en"))
    assert (found.states, found.formats) == ((State.PARTIAL, State.INDEXED), ("pdf",))


def test_a_label_is_a_kind_or_of_a_set_that_is_named(config: Config) -> None:
    departments = tuple(LabelDescription(name=name, description=name) for name in ("sales", "legal"))
    config = replace(config, labels=replace(config.labels, more={"department": departments}))
    found = filters(config, label=["invoice", "kind=contract", "department=legal", "department=needs_review"])
    assert found.labels == ("invoice", "contract")
    assert found.further_labels == (("department", "legal"), ("department", "needs_review"))
    for wrong, told in (("legal", "contract"), ("department=invoice", "sales"), ("team=sales", "kind, department")):
        with pytest.raises(UsageError) as caught:
            filters(config, label=wrong)
        assert (caught.value.code, told in caught.value.advice) == ("label_unknown", True)


@pytest.mark.parametrize(
    ("given_as", "name"),
    [("pdf", "pdf"), (".PDF", "pdf"), ("jpg", "jpeg"), (".tif", "tiff"), ("txt", "text")],
)
def test_a_format_may_be_given_as_a_suffix(config: Config, given_as: str, name: str) -> None:
    assert filters(config, format=[given_as, given_as.upper()]).formats == (name,)


@pytest.mark.parametrize(
    ("given_as", "first", "last"),
    [
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-2", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        (" 2024-3-1 ", date(2024, 3, 1), date(2024, 3, 1)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
        (date(2024, 3, 1), date(2024, 3, 1), date(2024, 3, 1)),
        (datetime(2024, 3, 1, 23, 59), date(2024, 3, 1), date(2024, 3, 1)),  # noqa: DTZ001 - as a caller may have it
    ],
)
def test_a_month_or_a_year_means_all_of_it(config: Config, given_as: str | date, first: date, last: date) -> None:
    found = filters(config, after=given_as, before=given_as, indexed_after=given_as, indexed_before=given_as)
    assert (found.after, found.before, found.indexed_after, found.indexed_before) == (first, last, first, last)


@pytest.mark.parametrize(
    "given_as",
    [
        "", " ", "2024-13", "2024-02-30", "2024-00", "2024-03-00", "0000", "-2024", "24", "99999", "2024/03/01",
        "01.03.2024", "yesterday", "2024-03-01T10:00", "２０２４", "\ud800", "2024\x00", "1" * 5000, "2024-03-01; DROP",
    ],
)  # fmt: skip
@pytest.mark.parametrize("option", ["after", "before", "indexed_after", "indexed_before"])
def test_what_is_no_date_is_refused(config: Config, option: str, given_as: str) -> None:
    with pytest.raises(UsageError) as refused:
        filters(config, **{option: given_as})
    assert refused.value.code == "date_invalid"
    assert "2024-03-01" in refused.value.advice


def test_dates_of_which_no_day_is_are_refused(config: Config) -> None:
    for pair in ({"after": "2024-02", "before": "2024-01"}, {"indexed_after": "2024", "indexed_before": "2023"}):
        with pytest.raises(UsageError, match="dates_crossed"):
            filters(config, **pair)
    assert filters(config, after="2024-01-31", before="2024-01").before == date(2024, 1, 31)


@pytest.mark.parametrize("option", ["label", "language", "format", "state"])
@pytest.mark.parametrize(
    "word", ["", "-1", "no such", "\ud800", "%", "a" * 100_000, [str(number) for number in range(5000)], ["pdf", ""]]
)
def test_an_unknown_word_is_refused_and_the_known_ones_are_told(config: Config, option: str, word: str) -> None:
    with pytest.raises(UsageError) as refused:
        filters(config, **{option: word})
    assert refused.value.code == f"{option}_unknown"
    assert refused.value.exit_status == 2
    assert len(str(refused.value)) < 2000


def test_the_same_word_many_times_is_one(config: Config) -> None:
    assert filters(config, format=["pdf"] * 5000, path=["a"] * 5000) == filters(config, format="pdf", path="a")


def test_a_word_that_is_no_filter_is_a_fault_of_the_caller(config: Config) -> None:
    with pytest.raises(TypeError, match="lable"):
        filters(config, lable="contract")


def test_a_path_is_a_name_or_below_the_inbox_or_here_or_absolute(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "he[r]e").mkdir()
    monkeypatch.chdir(tmp_path / "he[r]e")
    monkeypatch.setenv("HOME", "/home/ada")
    inbox, here = os.fsencode(tmp_path / "inbox"), os.fsencode(tmp_path / "he[[]r]e")
    for given_as, those in {
        "lease.pdf": [b"/**/lease.pdf"],
        "letters/": [b"/**/letters"],
        "letters/*.pdf": [inbox + b"/letters/*.pdf", here + b"/letters/*.pdf"],
        "./*.pdf": [inbox + b"/*.pdf", here + b"/*.pdf"],
        "../inbox/a": [os.fsencode(tmp_path / "inbox/a"), inbox + b"/a"],
        "**/a/../b": [inbox + b"/**/b", here + b"/**/b"],
        "/in//a/": [b"/in/a"],
        "/": [b"/"],
        "~/a": [b"/home/ada/a"],
        "\udcff/*": [inbox + b"/\xff/*", here + b"/\xff/*"],
    }.items():
        assert filters(config, path=given_as).paths == tuple(dict.fromkeys(those)), given_as


def test_a_current_folder_that_is_gone_is_no_fault(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert filters(config, path="a/b").paths == (os.fsencode(tmp_path / "inbox/a/b"),)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("", "path_pattern"),
        (" ", "path_pattern"),
        ("\ud800", "path_pattern"),
        ("a" * 5000, "path_pattern"),
        ([f"{number}.pdf" for number in range(MAX_PATHS + 1)], "paths_too_many"),
    ],
)
def test_what_is_no_pattern_is_refused(config: Config, word: str, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        filters(config, path=word)
    assert refused.value.code == code


@settings(
    deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(sorted(FilterOptions.__annotations__)), st.text(max_size=30))
def test_any_text_is_understood_or_refused(config: Config, option: str, word: str) -> None:
    try:
        found = filters(config, **{option: word})
    except UsageError as refused:
        assert refused.advice
    else:
        assert found != EVERYTHING


def test_a_query_with_filters_survives_a_line_between_processes(config: Config) -> None:
    query = Query("rent", filters=filters(
        config, label="contract", state="partial", path="/in/\udcff*", after="2024", format=["pdf", "eml"]
    ))  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(query), type=Query) == query
