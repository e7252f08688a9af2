"""JSON: keys and values in lines, in their order; whatever is no JSON is read as the text that it is."""

import json
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Opened, Page
from pipeline.parsing.readers.json_text import lines
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, REQUEST, end, frames, pages, texts

PLAIN = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=5)


class TestJson(ParserContract):
    format = "json"
    suffix = ".json"
    golden: ClassVar[tuple[str, ...]] = (
        "tenant.name: Jürgen Weiß\ntenant.phones: 030 1234, 0171 5678\nrent: 1200.50\nkeys.door: front\n\n"
        "keys.door: back",
    )
    sample = (
        '{"tenant": {"name": "Jürgen Weiß", "phones": ["030 1234", "0171 5678"]}, "rent": 1200.50,\n'
        '"keys": [{"door": "front"}, {"door": "back"}]}'
    ).encode()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{"a":1,"b":{"c":"x","d":[1,2,3],"e":[]},"f":null}', "a: 1\nb.c: x\nb.d: 1, 2, 3\nb.e:\nf: null"),
        ("[1,2,[3,4]]", "1, 2\n3, 4"),
        ('"one string"', "one string"),
        ('1\n2\n{"a":1}\n{"a":2}\n', "1\n2\na: 1\n\na: 2"),
        ('{"a":1}{"a":2}', "a: 1\n\na: 2"),
        ('{"a":"first","a":"second"}', "a: first\na: second"),
        ('{"a":{"b":{"c":{"d":{"e":{"f":1,"g":2}}}}}}', "a.b:\nc.d.e.f: 1\nc.d.e.g: 2"),
        ('{"a":{"b":{"c":{"d":{"e":{}}}}}}', "a:\nb.c.d.e:"),
        ('{"text":"two\\nlines, caf\\u00e9, \\ud83d\\ude00"}', "text: two\nlines, café, 😀"),
        ('{"source":["import os\\n","os.remove()"],"n":1}', "source: import os\nos.remove()\nn: 1"),
        ("[NaN,-Infinity,1e999,-0.10,123456789012345678901234567890]", "NaN, -Infinity, 1e999, -0.10, "
         "123456789012345678901234567890"),
        ('{"":{"":1}}', ".: 1"),
        (' \t{"a" : [ ] } \r\n', "a:"),
    ],
)  # fmt: skip
def test_the_lines_of(source: str, found: str) -> None:
    answer = frames(source.encode(), ".json")
    assert answer[0] == Opened("json", 1)
    assert texts(answer) == [found]


@pytest.mark.parametrize(
    "source",
    [
        "[", "]", '{"a":1,}', "[1 2]", "[1,]", "[,1]", "[1,,2]", '{"a" 1}', '{"a":1 "b":2}', '{"a"}', '{"a":}', "{1:2}",
        "{]", "[}", '{"a":1]', "1,2", '"never closed', "'a'", "tru", "01", "+1", ".5", "1.", "- 1", '{"a":"x" "y"}',
        "// a comment\n{}", "words that are no JSON", '{"a":"\\q"}', '["a":1]', "[1]]", '{"a":1}}',
    ],
)  # fmt: skip
def test_what_is_no_json_is_read_as_text(source: str) -> None:
    assert frames(source.encode(), ".json") == [Opened("text", 1), Page(1, source), Finished()]


@CAREFUL
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PLAIN,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
        max_leaves=20,
    )
)
def test_every_key_and_every_value_comes_out_in_order(value: object) -> None:
    source = json.dumps(value)
    found = "\n".join(lines(source))
    place = 0
    for word in flat(value):
        place = found.find(word, place)
        assert place >= 0, word


def flat(value: object) -> list[str]:
    """The values in their order; keys lead to several values and are looked for apart."""
    if isinstance(value, dict):
        return [word for inner in value.values() for word in flat(inner)]
    if isinstance(value, list):
        return [word for inner in value for word in flat(inner)]
    return [value] if isinstance(value, str) else [json.dumps(value)]


@CAREFUL
@given(st.recursive(st.just(1), lambda inner: st.dictionaries(PLAIN, inner, min_size=1, max_size=3), max_leaves=12))
def test_no_key_is_lost_however_deep_it_lies(value: object) -> None:
    found = "\n".join(lines(json.dumps(value)))
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            assert all(key in found for key in one)
            waiting += one.values()


@CAREFUL
@given(st.text('[]{},:"a1 \\', max_size=12))
def test_valid_is_what_the_standard_library_takes_for_valid(source: str) -> None:
    try:
        json.loads(source)
        valid = True
    except ValueError:
        valid = False
    opened = frames(source.encode() or b" ", ".json")[0]
    if valid:
        assert opened == Opened("json", 1)


@pytest.mark.parametrize("source", ["[" * 100_000 + "]" * 100_000, '{"k":' * 100_000 + "1" + "}" * 100_000])
def test_deep_nesting_is_read(source: str) -> None:
    answer = frames(source.encode(), ".json")
    assert (answer[0], end(answer)) == (Opened("json", 1), None)
    assert pages(answer)[0].text.count("k") == source.count("k")


def test_deep_nesting_that_never_ends_is_read_as_text() -> None:
    assert texts(frames(b"[" * 100_000, ".json")) == ["[" * 100_000]


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"])
def test_each_suffix_of_it_is_known(suffix: str) -> None:
    assert frames(b'{"a": 1}', suffix)[0] == Opened("json", 1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252"])
def test_any_encoding_is_read(encoding: str) -> None:
    assert texts(frames('{"größe": "groß", "länge": "kurz"}'.encode(encoding), ".json")) == ["größe: groß\nlänge: kurz"]


def test_many_short_values_of_a_list_stand_in_lines_that_can_be_read() -> None:
    text = texts(frames(json.dumps(list(range(1000))).encode(), ".json"))[0]
    assert [int(number) for line in text.split("\n") for number in line.split(", ")] == list(range(1000))
    assert max(len(line) for line in text.split("\n")) < 400


def test_json_over_the_limit_keeps_its_beginning_in_lines() -> None:
    source = json.dumps([{"number": number} for number in range(1000)]).encode()
    answer = frames(source, ".json", msgspec.structs.replace(REQUEST, max_text_bytes=500))
    assert answer[0] == Opened("json", 1)
    assert texts(answer)[0].startswith("number: 0\n\nnumber: 1\n\nnumber: 2")
    assert end(answer) is Code.TEXT_LIMIT


@pytest.mark.parametrize("length", range(30, 60))
def test_a_string_that_the_limit_falls_into_keeps_its_beginning(length: int) -> None:
    source = json.dumps({"text": "Grüße aus Köln,\nund mehr Grüße"}).encode()
    answer = frames(source, ".json", msgspec.structs.replace(REQUEST, max_text_bytes=length))
    assert "text: Grüße aus Köln,\nund mehr Grüße".startswith(texts(answer)[0])
    assert len(texts(answer)[0]) > length // 2 - 5
    assert end(answer) is Code.TEXT_LIMIT


def test_a_long_key_before_many_values_does_not_multiply() -> None:
    source = b'{"' + b"k" * 100_000 + b'":[' + b'{"a":1},' * 10_000 + b"1]}"
    answer = frames(source, ".json")
    assert end(answer) is Code.TEXT_LIMIT
    assert len(texts(answer)[0]) <= REQUEST.max_text_bytes


def test_what_takes_too_long_is_given_as_it_is_written() -> None:
    source = b"[" + b"1," * 2_000_000 + b"1]"
    request = msgspec.structs.replace(REQUEST, max_text_bytes=16 << 20, page_cpu_s=0.2)
    with clock.running():
        answer = frames(source, ".json", request)
    assert answer == [Opened("json", 1), Page(1, source.decode()), Finished()]
