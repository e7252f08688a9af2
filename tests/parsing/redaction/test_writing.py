"""The file that is written: text comes back from it by every reader, and what does not belong there is noticed."""

import io
import re
import shutil
import subprocess
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from pipeline.config import ParsingConfig
from pipeline.isolation.scratch import scratch_file
from pipeline.parsing.protocol import Packing
from pipeline.parsing.redaction import checking
from pipeline.parsing.redaction.glyphs import Box
from pipeline.parsing.redaction.locating import Run, Target, Targets
from pipeline.parsing.redaction.squeezing import squeeze
from pipeline.parsing.redaction.writing import PackedPicture, RedactedPdf
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Launcher
from tests.parsing.redaction.redactions import pdfium_texts

GREY = zlib.compress(b"\x80" * 6)
TEXTS = (
    "Grüße aus Łódź",
    "Ελληνικά и русский",
    "日本語の文章",
    "한국어",
    "हिन्दी",
    "a \U0001f600 b \U00020000",
    "(\\)<>[]",
)


def file_of(*pages: tuple[str, ...]) -> bytes:
    """A file with these lines on its pages."""
    file = io.BytesIO()
    writer = RedactedPdf(file)
    for lines in pages:
        picture = PackedPicture(3, 2, 1, Packing.FLATE, len(GREY), io.BytesIO(GREY))
        runs = [Run(line, Box(0.1, 0.1 + 0.05 * row, 0.6, 0.12 + 0.05 * row)) for row, line in enumerate(lines)]
        writer.add(595, 842, picture, runs)
    writer.finish()
    return file.getvalue()


def remaining(zygote: Launcher, content: bytes, *values: str, pages: int = 1) -> tuple[int, ...]:
    with scratch_file() as copy:
        with open(copy, "wb", closefd=False) as file:
            file.write(content)
        sandbox = Sandbox(zygote, ParsingConfig(), threading.Event())
        return checking.remaining(copy, Targets(Target(value, "x") for value in values), pages, sandbox)


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_every_script_comes_back(text: str, tmp_path: Path) -> None:
    content = file_of((text,))
    assert [squeeze(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(content)).pages] == [squeeze(text)]
    assert [squeeze(page) for page in pdfium_texts(content)] == [squeeze(text)]
    if shutil.which("pdftotext"):
        (tmp_path / "copy.pdf").write_bytes(content)
        read = subprocess.run(["pdftotext", tmp_path / "copy.pdf", "-"], capture_output=True, check=True)
        assert (squeeze(read.stdout.decode()), read.stderr) == (squeeze(text), b"")


def test_its_structure_is_sound() -> None:
    reader = pypdf.PdfReader(io.BytesIO(file_of(("one", "two"), (), ("three",))), strict=True)
    assert [page.extract_text() for page in reader.pages] == ["one\ntwo", "", "three"]
    assert [float(value) for value in reader.pages[1].mediabox] == [0, 0, 595, 842]
    image = reader.pages[0]["/Resources"]["/XObject"]["/P"]  # type: ignore[index]
    assert (image["/Width"], image["/Height"], image.get_data()) == (3, 2, b"\x80" * 6)


def test_lines_stand_where_they_stood() -> None:
    found: list[tuple[str, float, float]] = []
    page = pypdf.PdfReader(io.BytesIO(file_of(("first line", "second")))).pages[0]
    page.extract_text(visitor_text=lambda text, _cm, tm, *_: found.append((text.strip(), tm[4], tm[5])))
    places = {text: (x, y) for text, x, y in found if text}
    assert places["first line"] == pytest.approx((59.5, 842 * 0.88 + 3.4), abs=0.1)
    assert places["second"] == pytest.approx((59.5, 842 * 0.83 + 3.4), abs=0.1)


def test_a_copy_without_values_holds_none(zygote: Launcher) -> None:
    assert remaining(zygote, file_of(("some words",), ("more",)), "secret", pages=2) == ()


def test_a_value_that_is_left_is_noticed(zygote: Launcher) -> None:
    assert remaining(zygote, file_of(("some",), ("my se-", "cret word")), "Secret", pages=2) == (0, 2)


def test_another_number_of_pages_is_noticed(zygote: Launcher) -> None:
    assert remaining(zygote, file_of(("some",)), "secret", pages=2) == (0,)


FOREIGN: dict[str, Callable[[bytes], bytes]] = {
    "an entry": lambda copy: copy.replace(b"/Type /Catalog /Pages 2 0 R", b"/AA 1 0 R /Z 0 /Pages 2 0 R"),
    "an information dictionary": lambda copy: copy.replace(b"/Root 1 0 R >>", b"/Root 1 0 R /Info 9 0 R >>"),
    "another stream": lambda copy: replaced_stream(copy, b"begincmap", b"(secret)"),
    "bytes behind the end": lambda copy: copy + b"secret",
    "another way to show text": lambda copy: replaced_stream(copy, b"Do Q\n", b"BT /F 9 Tf (x) Tj ET"),
}


def replaced_stream(copy: bytes, mark: bytes, content: bytes) -> bytes:
    """The file with another content of the same length in place of the stream that has a mark."""
    for found in re.finditer(rb"/Length (\d+) >>\nstream\n", copy):
        start, length = found.end(), int(found[1])
        try:
            is_it = mark in zlib.decompress(copy[start : start + length])
        except zlib.error:
            continue
        if is_it:
            packed = zlib.compress(content)
            return copy[:start] + packed + bytes(length - len(packed)) + copy[start + length :]
    raise AssertionError


@pytest.mark.parametrize("name", FOREIGN)
def test_what_no_writer_of_ours_puts_there_is_noticed(zygote: Launcher, name: str) -> None:
    assert 0 in remaining(zygote, FOREIGN[name](file_of(("some words",))), "unknown")
