"""Which formats are set in lines and pages, and the whole way through a real child."""

import threading
from pathlib import Path

import pytest

from pipeline.config import ParsingConfig
from pipeline.datatypes import PageText
from pipeline.parsing.formats import FORMATS
from pipeline.parsing.paged import finished
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Zygote

KINDS = {1: "Bees", 2: "Wasps", 3: "Ants"}
PAGES = [
    PageText(number, f"Rules of the society {number}\n{kind}, an exam-\nple of it: {kind}")
    for number, kind in KINDS.items()
]
MENDED = [f"Rules of the society {number}\n{kind}, an example\nof it: {kind}" for number, kind in KINDS.items()]
PAGES.append(PageText(4, "Rules of the society 4\nexample"))
HEAD = len("Rules of the society 1\n")


@pytest.mark.parametrize("document_format", ["pdf", "text", "png", "jpeg", "tiff", "webp", "gif", "bmp"])
def test_words_are_mended_before_heads_are_left_out(document_format: str) -> None:
    assert finished(document_format, PAGES) == (
        PageText(1, MENDED[0]),
        PageText(2, MENDED[1], body=(HEAD, len(MENDED[1]))),
        PageText(3, MENDED[2], body=(HEAD, len(MENDED[2]))),
        PageText(4, PAGES[3].text, body=(HEAD, len(PAGES[3].text))),
    )


def test_other_formats_stay_as_they_are() -> None:
    others = FORMATS.keys() - {"pdf", "text", "png", "jpeg", "tiff", "webp", "gif", "bmp"}
    assert len(others) > 20
    for document_format in ("", *others):
        assert finished(document_format, PAGES) == tuple(PAGES)


def test_a_second_time_changes_nothing() -> None:
    once = finished("pdf", PAGES)
    assert finished("pdf", once) == once


def test_a_document_read_by_a_child_is_finished(zygote: Zygote, tmp_path: Path) -> None:
    file = tmp_path / "rules.txt"
    file.write_text("\f".join(page.text for page in PAGES), encoding="utf-8")
    with file.open("rb") as opened:
        parsed = Sandbox(zygote, ParsingConfig(), threading.Event()).parse(opened.fileno(), ".txt")
    assert [(page.text, page.body) for page in parsed.pages] == [
        (MENDED[0], None),
        (MENDED[1], (HEAD, len(MENDED[1]))),
        (MENDED[2], (HEAD, len(MENDED[2]))),
        (PAGES[3].text, (HEAD, len(PAGES[3].text))),
    ]
