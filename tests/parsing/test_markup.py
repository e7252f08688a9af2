"""Markup: the events of sound, damaged and hostile XML; nothing comes from outside, nothing grows without end."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing import markup
from pipeline.parsing.effort import Exhausted
from pipeline.parsing.markup import End, Event, Markup, Start
from tests.parsing.support import CAREFUL


def read(source: bytes, wanted: frozenset[str] | None = None) -> tuple[list[Event], Code | None]:
    """All events, with text in one piece, and the code behind them."""
    parsed = Markup(io.BytesIO(source), {"urn:known": "k"}, wanted)
    joined: list[Event] = []
    for event in parsed:
        if isinstance(event, str) and joined and isinstance(joined[-1], str):
            joined[-1] += event
        else:
            joined.append(event)
    return joined, parsed.code


def text(source: bytes) -> str:
    return "".join(event for event in read(source)[0] if isinstance(event, str))


def test_events_come_in_the_order_of_the_document() -> None:
    events, code = read(b'<a x="1">one &amp; <b>two</b><!-- no --><?no no?><![CDATA[<3>]]></a>')
    assert [event if isinstance(event, str) else event.tag for event in events] == [
        "a", "one & ", "b", "two", "b", "<3>", "a",
    ]  # fmt: skip
    assert isinstance(events[0], Start)
    assert dict(events[0].attributes) == {"x": "1"}
    assert events[-1] == End("a")
    assert code is None


def test_known_name_spaces_are_told_by_their_prefix_and_others_by_their_name() -> None:
    events, _ = read(b'<p:a xmlns:p="urn:known"><b xmlns="urn:other"/><c/></p:a>')
    assert [event.tag for event in events if isinstance(event, Start)] == ["k:a", "{urn:other}b", "c"]


@pytest.mark.parametrize(
    ("attributes", "found"),
    [('id="1"', "1"), ('xmlns:r="urn:r" r:id="2"', "2"), ('xmlns:r="urn:r" r:id="2" id="1"', "1"), ('ident="3"', None)],
)
def test_an_attribute_is_found_by_its_local_name(attributes: str, found: str | None) -> None:
    (start, _), _ = read(f"<a {attributes}/>".encode())
    assert isinstance(start, Start)
    assert start.get("id") == found


def test_an_undeclared_prefix_costs_nothing() -> None:
    events, code = read(b'<k:a><k:b q:c="3">text</k:b></k:a>')
    assert [event if isinstance(event, str) else event.tag for event in events] == ["a", "b", "text", "b", "a"]
    assert code is None


def test_what_is_not_wanted_is_passed_over_with_its_end_but_its_content_is_told() -> None:
    events, _ = read(b"<a><b>one<c/></b><b/></a>", frozenset({"a", "c"}))
    assert [event if isinstance(event, str) else event.tag for event in events] == ["a", "one", "c", "c", "a"]


@pytest.mark.parametrize(
    ("source", "kept", "code"),
    [
        (b"<a>one<b>two", "onetwo", Code.STRUCTURE_REPAIRED),
        (b"<a>one<b>two</c>three</a>", "onetwothree", Code.STRUCTURE_REPAIRED),
        (b"<a>one</a><b>two</b>", "one", Code.STRUCTURE_REPAIRED),
        (b"<a>one &undeclared; two</a>", "one  two", Code.STRUCTURE_REPAIRED),
        (b"<a>1 < 2</a>", "1 ", Code.STRUCTURE_REPAIRED),
        (b"", "", Code.STRUCTURE_REPAIRED),
        (b"no markup", "", Code.STRUCTURE_REPAIRED),
        (b"<a>good \xff bad</a>", "good \ufffd bad", Code.UNDECODABLE_CHARACTERS),
        (b'  <?xml version="1.0"?><a>one</a>', "one", None),
        ('<?xml version="1.0" encoding="UTF-16"?><a>größer</a>'.encode("utf-16"), "größer", None),
        ('<?xml version="1.0" encoding="windows-1251"?><a>Аренда</a>'.encode("cp1251"), "Аренда", None),
    ],
)
def test_what_can_be_read_is_read_and_what_is_wrong_is_told(source: bytes, kept: str, code: Code | None) -> None:
    assert text(source) == kept
    assert read(source)[1] is code


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY e SYSTEM "{secret}">]>',
        '<!DOCTYPE a [<!ENTITY % e SYSTEM "{declared}"> %e;]>',
        '<!DOCTYPE a SYSTEM "{declared}">',
        '<!DOCTYPE a PUBLIC "-//x//y" "{declared}">',
    ],
)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_nothing_is_read_from_outside(tmp_path: Path, declaration: str, scheme: str) -> None:
    secret, declared = tmp_path / "secret.txt", tmp_path / "declared.dtd"
    secret.write_text("secret", encoding="utf-8")
    declared.write_text('<!ENTITY e "secret"><!ATTLIST a q CDATA "secret">', encoding="utf-8")
    head = declaration.format(secret=scheme + str(secret), declared=scheme + str(declared))
    events, _ = read(head.encode() + b"<a>before &e; after</a>")
    assert "".join(event for event in events if isinstance(event, str)) == "before  after"
    assert isinstance(events[0], Start)
    assert dict(events[0].attributes) == {}


def bomb(content: str) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY e0 "laughter">{entities}]><a>before{content}</a>'.encode()


@pytest.mark.parametrize("content", ["&e9;", '<b c="&e9;"/>'])
def test_a_billion_laughs_end_early(content: str) -> None:
    events, code = read(bomb(content))
    said = "".join(event for event in events if isinstance(event, str))
    assert said.startswith("before")
    assert len(said) < 5_000_000
    assert code is Code.READER_LIMIT


def test_a_million_elements_within_each_other_end_early() -> None:
    events, code = read(b"<a>begin" + b"<b>" * 1_000_000)
    assert events[1] == "begin"
    assert len(events) < 100_000
    assert code is Code.READER_LIMIT


def test_elements_and_bytes_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    source = b"<a>" + b"<b/>" * 40_000 + b"</a>"
    monkeypatch.setattr(markup, "MAX_ELEMENTS", 20_000)
    assert read(source)[1] is Code.READER_LIMIT
    monkeypatch.undo()
    monkeypatch.setattr(markup, "MAX_BYTES", 100_000)
    assert read(source)[1] is Code.READER_LIMIT
    monkeypatch.undo()
    assert read(source)[1] is None


@pytest.mark.parametrize(
    "source",
    [
        b"<a><b " + b"n" * 20_000_000 + b"/></a>",
        b'<a><b c="' + b"v" * 20_000_000 + b'"/></a>',
    ],
    ids=["name", "value"],
)
def test_names_and_values_have_an_end(source: bytes) -> None:
    assert read(source)[1] is Code.READER_LIMIT


def test_a_text_of_any_length_is_read() -> None:
    """libxml2 alone would stop at ten million characters."""
    pieces = [event for event in Markup(io.BytesIO(b"<a>" + b"x" * 12_000_000 + b"</a>")) if isinstance(event, str)]
    assert sum(map(len, pieces)) == 12_000_000


def test_a_million_distinct_names_are_not_remembered() -> None:
    parsed = Markup(io.BytesIO(b"<a>" + b"".join(b"<n%d/>" % number for number in range(20_000)) + b"</a>"))
    assert sum(isinstance(event, Start) for event in parsed) == 20_001
    assert len(parsed._recorder._ends) <= 2_000


def test_giving_up_passes_through_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock interrupts wherever Python runs, and lxml calls Python for every element."""

    def exhausted(recorder: object, name: str, attributes: object) -> None:
        raise Exhausted

    monkeypatch.setattr(markup._Recorder, "start", exhausted)
    with pytest.raises(Exhausted):
        read(b"<a/>")


@CAREFUL
@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200))
def test_text_comes_out_as_it_went_in(content: str) -> None:
    allowed = content.replace("\ufffe", "").replace("\uffff", "")
    escaped = allowed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert text(f"<a>{escaped}</a>".encode()) == allowed


@CAREFUL
@given(st.binary(max_size=300))
def test_arbitrary_bytes_give_balanced_events(source: bytes) -> None:
    depth = 0
    for event in read(b"<a>" + source)[0]:
        depth += isinstance(event, Start) - isinstance(event, End)
        assert depth >= 0
