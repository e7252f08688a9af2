"""The source of large parts in pieces: none of them ends within a tag, a comment or a section."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.readers.sheet_tags import chunks, unescaped
from tests.parsing.support import CAREFUL


class Dripping:
    """Bytes of which only a few come at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._file = io.BytesIO(content)
        self._size = size

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, self._size))


SOURCE = (
    '<?xml version="1.0"?><x:worksheet><x:c r="A1"><x:v>é12</x:v></x:c><!-- <v>9</v> --><t><![CDATA[a<b>]]>c</t>'
    "<t>d<![CDATA[]]]]>e</t></x:worksheet> tail"
)
FOUND = (
    '<?xml version="1.0"?><worksheet><c r="A1"><v>é12</v></c><t>a&lt;b&gt;c</t><t>d]]e</t></worksheet> tail'
)  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 30, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_prefixes_comments_and_sections_are_gone_however_the_bytes_come(size: int, encoding: str) -> None:
    assert "".join(chunks(Dripping(SOURCE.encode(encoding), size))).lstrip("\ufeff") == FOUND


@pytest.mark.parametrize("size", [1, 4, 9])
def test_no_piece_ends_within_a_tag_or_its_text(size: int) -> None:
    for piece in chunks(Dripping(b"<row><c r='A1'><v>12</v></c></row>" * 5, size)):
        assert piece == "" or (piece.startswith("<") and piece.count("<") == piece.count(">"))


@CAREFUL
@given(st.text("<!-[CDAT>]/v1 "), st.integers(1, 9))
def test_any_source_comes_to_an_end(source: str, size: int) -> None:
    whole = "".join(chunks(io.BytesIO(source.encode())))
    assert "".join(chunks(Dripping(source.encode(), size))) == whole


def test_a_mark_that_never_ends_is_given_up() -> None:
    pieces = list(chunks(io.BytesIO(b"<v>1</v><!-- " + b"x" * (20 << 20))))
    assert pieces[0] == "<v>1"
    assert sum(map(len, pieces)) == len("<v>1</v><!-- ") + (20 << 20)


def test_references_are_characters() -> None:
    assert unescaped("a &lt; b &amp; &#233;&#x20AC; &unknown;") == "a < b & é€ &unknown;"
