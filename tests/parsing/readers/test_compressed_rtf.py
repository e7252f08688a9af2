"""Compressed RTF: the examples of the specification come out, and no content makes more of itself than it may."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.readers.compressed_rtf import unpacked
from tests.parsing.support import CAREFUL


@pytest.mark.parametrize(
    ("content", "text"),
    [  # MS-OXRTFCP 3.1
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
    ],
)
def test_the_examples_of_the_specification(content: str, text: bytes) -> None:
    assert unpacked(bytes.fromhex(content)) == text


def compressed(text: bytes, kind: bytes = b"LZFu") -> bytes:
    """Text as it is, in the form of text that was compressed."""
    body = b"".join(b"\x00" + text[at : at + 8] for at in range(0, len(text), 8)) if kind == b"LZFu" else text
    return struct.pack("<II4sI", len(body) + 12, len(text), kind, 0) + body + b"\x00"


@CAREFUL
@given(st.binary(max_size=300))
def test_text_that_was_not_worth_compressing_comes_out(text: bytes) -> None:
    assert unpacked(compressed(text)) == text
    assert unpacked(compressed(text, b"MELA")) == text


@pytest.mark.parametrize("content", [b"", b"x" * 15, b"x" * 16, compressed(b"x", b"ZZZZ")])
def test_what_is_no_compressed_text_gives_nothing(content: bytes) -> None:
    assert unpacked(content) == b""


def test_content_that_ends_early_gives_its_beginning() -> None:
    example = bytes.fromhex("1a000000640000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpacked(example[:-1]) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"  # half a reference is none
    assert unpacked(compressed(b"0123456789")[:-3]) == b"01234567"


@CAREFUL
@given(st.binary(max_size=500))
def test_any_content_gives_at_most_nine_times_as_much(content: bytes) -> None:
    assert len(unpacked(struct.pack("<II4sI", 0, 0xFFFFFFFF, b"LZFu", 0) + content)) <= 9 * len(content) + 18
