"""From the pages and the end to the one code of a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datatypes import PageText
from pipeline.outcomes import Code, State
from pipeline.parsing import verdict
from tests.parsing.support import CAREFUL

PAGE_CODES = (None, Code.PAGES_FAILED, Code.PAGES_WITHOUT_TEXT, Code.UNDECODABLE_CHARACTERS, Code.READER_LIMIT)
# What a reader may say at its end; all other codes are decided elsewhere (ingest.py, runner.py).
ENDS = (
    None, Code.TIME_LIMIT, Code.TEXT_LIMIT, Code.PAGE_LIMIT, Code.READER_LIMIT, Code.STRUCTURE_REPAIRED,
    Code.EMPTY_FILE, Code.PASSWORD_NEEDED, Code.ENCRYPTION_UNKNOWN, Code.FORMAT_NOT_READ, Code.BINARY_CONTENT,
    Code.STRUCTURE_DAMAGED, Code.PARSER_TIME, Code.PARSER_MEMORY, Code.PARSER_CRASHED, Code.PARSER_ANSWER_REFUSED,
)  # fmt: skip
PAGES = st.lists(st.builds(PageText, st.just(1), st.sampled_from(["", " \n", "text"]), st.sampled_from(PAGE_CODES)))


def pages(*codes: Code | str | None) -> list[PageText]:
    """A page for each: with text and without code, with this text, or without text and with this code."""
    return [
        PageText(number, "", code) if isinstance(code, Code) else PageText(number, "text" if code is None else code)
        for number, code in enumerate(codes, 1)
    ]


@pytest.mark.parametrize(
    ("read", "end", "code"),
    [
        (pages(None, None), None, Code.COMPLETE),
        (pages(None, ""), None, Code.COMPLETE),
        (pages(None, Code.PAGES_FAILED), None, Code.PAGES_FAILED),
        (pages(None, Code.PAGES_WITHOUT_TEXT), None, Code.PAGES_WITHOUT_TEXT),
        (pages(None, Code.PAGES_WITHOUT_TEXT, Code.PAGES_FAILED), None, Code.PAGES_FAILED),
        (pages(None, Code.PAGES_FAILED), Code.TIME_LIMIT, Code.TIME_LIMIT),
        (pages(None), Code.TEXT_LIMIT, Code.TEXT_LIMIT),
        (pages(None), Code.PAGE_LIMIT, Code.PAGE_LIMIT),
        (pages(None), Code.STRUCTURE_REPAIRED, Code.STRUCTURE_REPAIRED),
        (pages(None), Code.PARSER_CRASHED, Code.PAGES_FAILED),
        (pages(None), Code.PASSWORD_NEEDED, Code.PAGES_FAILED),
        ([], Code.EMPTY_FILE, Code.EMPTY_FILE),
        ([], Code.PASSWORD_NEEDED, Code.PASSWORD_NEEDED),
        ([], Code.PARSER_CRASHED, Code.PARSER_CRASHED),
        ([], Code.TIME_LIMIT, Code.PARSER_TIME),
        ([], Code.STRUCTURE_REPAIRED, Code.STRUCTURE_DAMAGED),
        (pages("", " "), None, Code.BLANK),
        (pages(Code.PAGES_WITHOUT_TEXT, ""), None, Code.IMAGES_ONLY),
        (pages(Code.PAGES_FAILED), None, Code.ALL_PAGES_FAILED),
        (pages(None, Code.READER_LIMIT, Code.PAGES_FAILED), Code.STRUCTURE_REPAIRED, Code.READER_LIMIT),
        (pages(None, Code.READER_LIMIT), Code.PAGE_LIMIT, Code.PAGE_LIMIT),
        (pages(None), Code.READER_LIMIT, Code.READER_LIMIT),
        ([], Code.READER_LIMIT, Code.NO_TEXT_WITHIN_READER_LIMITS),
        (pages(Code.READER_LIMIT, Code.PAGES_WITHOUT_TEXT, Code.PAGES_FAILED), None, Code.NO_TEXT_WITHIN_READER_LIMITS),
        (pages(Code.READER_LIMIT), Code.TIME_LIMIT, Code.PARSER_TIME),
    ],
)
def test_the_verdict_on(read: list[PageText], end: Code | None, code: Code) -> None:
    assert verdict.of(read, end) is code


@CAREFUL
@given(PAGES, st.sampled_from([None, *Code]))
def test_a_document_is_searchable_only_if_some_page_has_text(read: list[PageText], end: Code | None) -> None:
    has_text = any(page.text.strip() for page in read)
    assert (verdict.of(read, end).state in (State.INDEXED, State.PARTIAL)) == has_text


@CAREFUL
@given(PAGES, st.sampled_from(ENDS))
def test_a_document_is_complete_only_if_nothing_went_wrong(read: list[PageText], end: Code | None) -> None:
    nothing_wrong = end is None and all(page.code is None for page in read)
    has_text = any(page.text.strip() for page in read)
    assert (verdict.of(read, end) is Code.COMPLETE) == (nothing_wrong and has_text)


@CAREFUL
@given(PAGES, st.sampled_from(ENDS))
def test_a_document_is_blank_only_if_all_of_it_was_read(read: list[PageText], end: Code | None) -> None:
    if verdict.of(read, end) is Code.BLANK:
        assert end is None
        assert all(page.code is None or page.code is Code.UNDECODABLE_CHARACTERS for page in read)
