"""Each bomb ends in the real sandbox, with today's limits: named, in time, in little memory, and alone."""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.config import ParsingConfig
from pipeline.datatypes import ParsedDocument
from pipeline.outcomes import Code
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Launcher, Zygote
from tests.hostile.bombs import Bomb
from tests.hostile.bombs_for_second_readers import SECONDS
from tests.hostile.bombs_in_pages import REUSE, WORK
from tests.hostile.bombs_in_streams import STREAMS
from tests.hostile.bombs_in_structure import STRUCTURE
from tests.hostile.bombs_of_tables import TABLES
from tests.hostile.bombs_of_text import TEXTS
from tests.hostile.watching import WatchedZygote
from tests.parsing.conftest import started
from tests.pdf_writer import PdfPage, pdf

MOST_S = 30.0
LIMITS = ParsingConfig()
ORDINARY = pdf(PdfPage(("an ordinary letter",)))
BOMBS = (*STREAMS, *WORK, *REUSE, *STRUCTURE, *SECONDS, *TABLES, *TEXTS)
# Those that use up a page's time or need many seconds: the others show the same, and cost the build less.
SLOW = frozenset(
    {
        "base 85 in flate", "rows by the TIFF predictor", "ten million words", "a million words",
        "contents 9,999 times", "a string that does not end", "a comment of 70 million letters",
        "an inline image that seems to end", "many inline images", "graphics states never left",
        "fonts read for every form", "one page 99,000 times", "a stream of a million objects",
        "deep dictionaries in a page's own", "two million beginnings of an object",
        "a table in which each entry lies", "a million blocks, each in the last", "100,000 <pre>, each in the last",
        "two million blocks in a row", "no encoding at all", "surrogates without a partner",
        "formatting that is opened again", "rows as wide as can be", "one string in 50,000 cells", "a million strings",
        "3,000 sheets", "a million tables", "strings without characters", "a shared string in 65,536 cells",
        "one line of 50 MB in a table", "a quote that is never closed", "quotes and nothing else",
        "rows of next to nothing", "brackets", "ten million empty lists", "a number of 30 million digits",
        "a long key before a million values", "a long entity many times", "eight million elements in each other",
        "document types", "attributes that do not end",
    }
)  # fmt: skip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory limits and /proc are those of Linux")


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started(Zygote()) as ready:
        assert isinstance(ready, Zygote)
        yield ready


def read(launcher: Launcher, content: bytes, suffix: str) -> ParsedDocument:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return Sandbox(launcher, LIMITS, threading.Event()).parse(file.fileno(), suffix)


@pytest.mark.parametrize(
    "bomb",
    [pytest.param(bomb, id=bomb.name, marks=[pytest.mark.long] if bomb.name in SLOW else []) for bomb in BOMBS],
)
def test_a_bomb_ends_named_in_time_in_little_memory_and_others_are_read_beside_it(bomb: Bomb, zygote: Zygote) -> None:
    content = bomb.build()
    watched = WatchedZygote(zygote)
    with ThreadPoolExecutor(1) as beside:
        begun = time.monotonic()
        ordinary = beside.submit(read, zygote, ORDINARY, ".pdf")
        document = read(watched, content, bomb.suffix)
        took_s = time.monotonic() - begun
        assert ordinary.result().code is Code.COMPLETE
    assert document.code.state in bomb.ends, document.code
    assert took_s <= MOST_S
    assert watched.requests[0].address_space_bytes == 1 << 30  # the kernel holds a child to it: test_sandbox_children
    assert 0 <= max(watched.peaks) <= 1 << 30


def test_there_are_bombs_of_every_kind_and_names_are_names() -> None:
    names = [bomb.name for bomb in BOMBS]
    assert len(names) == len(set(names)) >= 60
    assert set(names) >= SLOW


def test_the_bombs_are_the_same_each_time() -> None:
    for bomb in (*STREAMS[:2], *REUSE[:3], *STRUCTURE[:3]):
        assert bomb.build() == bomb.build()


def test_the_watch_sees_what_a_child_takes(zygote: Zygote, tmp_path: Path) -> None:
    watched = WatchedZygote(zygote)
    assert read(watched, STREAMS[0].build(), ".pdf").code is Code.NO_TEXT_WITHIN_READER_LIMITS
    assert 75_000_000 < watched.peaks[0] < 400_000_000  # pypdf's limit for a decoded stream, and what holds it
