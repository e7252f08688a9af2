"""Files of queries: what is read, and that no refusal repeats a word of them."""

import json
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.evaluation import judgements
from pipeline.evaluation.judgements import read, refuse_judged, resolved

SECRET = "kidney stones Quill"
FULL = "ab" * 32


def written(folder: Path, *lines: object) -> Path:
    file = folder / "queries.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return file


def test_lines_are_read_in_order_and_empty_ones_passed_over(tmp_path: Path) -> None:
    file = written(tmp_path, {"query": "one"}, b"", {"query": "中文", "relevant": {FULL: 2, "0123abcd": 0}}, b"\r")
    first, second = read(file)
    assert (first.line, first.text, first.relevant) == (1, "one", {})
    assert (second.line, second.text, second.relevant) == (3, "中文", {FULL: 2, "0123abcd": 0})


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    assert read(written(tmp_path, b'\xef\xbb\xbf{"query": "one"}'))[0].text == "one"


@pytest.mark.parametrize(
    "line",
    [
        b"not json " + SECRET.encode(),
        b'{"query": "' + SECRET.encode(),
        b'{"query": ""}',
        b"{}",
        b"[]",
        b'"' + SECRET.encode() + b'"',
        b'{"query": "\xff\xfe"}',
        b'{"query": "x", "' + SECRET.encode() + b'": 1}',
        b'{"query": "x", "relevant": {"' + SECRET.encode() + b'": 1}}',
        b'{"query": "x", "relevant": {"abcdef0": 1}}',
        b'{"query": "x", "relevant": {"ABCDEF01": 1}}',
        b'{"query": "x", "relevant": {"abcdef01": -1}}',
        b'{"query": "x", "relevant": {"abcdef01": 1.5}}',
        b'{"query": "x", "relevant": {"abcdef01": true}}',
        b'{"query": "x", "relevant": ["abcdef01"]}',
        b'{"query": 7}',
        b"[" * 100_000,
        b"\x00",
    ],
)
def test_what_is_not_of_the_form_is_refused_by_line_number_only(tmp_path: Path, line: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        read(written(tmp_path, {"query": "fine"}, line))
    assert caught.value.code == "queries_invalid"
    assert "Line 2 " in caught.value.message
    assert not [word for word in SECRET.split() if word in str(caught.value).split()]


def test_files_without_queries_too_large_or_missing_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in (b"", b"\n \n"):
        with pytest.raises(UsageError, match="holds no query"):
            read(written(tmp_path, content))
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "absent")
    monkeypatch.setattr(judgements, "MAX_FILE_BYTES", 10)
    with pytest.raises(UsageError, match="larger"):
        read(written(tmp_path, {"query": "one"}))
    monkeypatch.undo()
    monkeypatch.setattr(judgements, "MAX_QUERIES", 1)
    with pytest.raises(UsageError, match="more than 1 "):
        read(written(tmp_path, {"query": "one"}, {"query": "two"}))


def test_first_digits_stand_for_the_one_document_that_has_them(tmp_path: Path) -> None:
    documents = sorted(["1234567800" + "0" * 54, "1234567811" + "0" * 54, FULL])
    query = read(written(tmp_path, {"query": "x", "relevant": {"abababab": 1, FULL: 2, "1234567811": 3}}))[0]
    assert resolved(query, documents) == {FULL: 2, documents[1]: 3}
    for digits, says in (("12345678", "several documents have"), ("99999999", "no document of the index has")):
        unclear = read(written(tmp_path, {"query": SECRET, "relevant": {digits: 1}}))[0]
        with pytest.raises(UsageError, match=says) as caught:
            resolved(unclear, documents)
        assert "Line 1 " in caught.value.message
        assert SECRET not in str(caught.value)


def test_built_in_texts_cannot_be_judged(tmp_path: Path) -> None:
    refuse_judged(read(written(tmp_path, {"query": "one"})))
    with pytest.raises(UsageError, match="Line 2 ") as caught:
        refuse_judged(read(written(tmp_path, {"query": "one"}, {"query": "two", "relevant": {FULL: 1}})))
    assert caught.value.code == "queries_invalid"


def test_a_query_is_not_printed_with_its_value(tmp_path: Path) -> None:
    assert SECRET not in repr(read(written(tmp_path, {"query": SECRET})))
