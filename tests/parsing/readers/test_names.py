"""Names of documents within documents: whatever they were made for, they only name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.readers.names import decoded_name, display_name
from tests.parsing.support import CAREFUL


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a/b.txt", "a/b.txt"), ("/a/b.txt", "a/b.txt"), ("../../b.txt", "b.txt"), ("a/../b.txt", "a/b.txt"),
        ("a\\b.txt", "a/b.txt"), ("C:\\b.txt", "b.txt"), ("c:b.txt", "c:b.txt"),
        ("\\\\host\\share\\b.txt", "host/share/b.txt"),
        ("./b.txt", "b.txt"), ("b\x00.txt", "b.txt"), ("\u202egpj.exe", "gpj.exe"), ("\u2066b\u2069.txt", "b.txt"),
        ("u\u0308.txt", "\u00fc.txt"), (" .. /b", "b"), ("", "unnamed"), ("///", "unnamed"), ("..", "unnamed"),
    ],
)  # fmt: skip
def test_a_name_is_shown_as(name: str, shown: str) -> None:
    assert display_name(name) == shown


@CAREFUL
@given(st.text(st.sampled_from("a./\\:C \u202e\x00")))
def test_no_name_leads_anywhere(name: str) -> None:
    steps = display_name(name).split("/")
    assert not {"", ".", ".."} & {step.strip() for step in steps}
    assert not set("\\\x00\u202e") & set("".join(steps))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Müller.txt".encode(), "Müller.txt"),
        ("Müller.txt".encode("cp437"), "Müller.txt"),
        ("Ölförderung über Öl.txt".encode("cp437"), "Ölförderung über Öl.txt"),
        ("señor ñandú.txt".encode("cp437"), "señor ñandú.txt"),
        ("見積書.pdf".encode("cp932"), "見積書.pdf"),
        ("カタログ.pdf".encode("cp932"), "カタログ.pdf"),
        ("发票.pdf".encode("gbk"), "发票.pdf"),
        (b"\x81\x82\xfd\xff", "üé²\xa0"),
    ],
)
def test_the_encoding_of_a_name_is_told_by_what_comes_out(raw: bytes, name: str) -> None:
    assert decoded_name(raw, "cp437") == name
