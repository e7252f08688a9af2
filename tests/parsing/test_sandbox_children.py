"""Children that hang, die, lie and look around, by either launcher: none of them is believed, none of them is left."""

import os
import sys
import time
from pathlib import Path
from threading import Event, Timer

import msgspec
import pytest

from pipeline.config import ParsingConfig
from pipeline.datatypes import PageText
from pipeline.errors import Stopped
from pipeline.outcomes import Code
from pipeline.parsing.protocol import LENGTH, Page
from pipeline.parsing.sandbox import MAX_LOST_CHILDREN
from pipeline.parsing.zygote import Child, Launcher, Zygote
from tests.parsing.script import FINISHED, LIMITS, Probe, Step, lies, opened, page, play, says

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripted child looks at POSIX limits")

LOST = PageText(2, "", Code.PAGES_FAILED)
KEPT = (PageText(1, "text of 1"), LOST, PageText(3, "text of 3"))
HANGS = Step(sleep_s=600.0)


def test_a_child_that_hangs_costs_the_page_at_which_it_did(actors: Launcher, tmp_path: Path) -> None:
    script = [opened(3), page(1), Step(page=2, sleep_s=600.0), page(3), FINISHED]
    patience_s = 0.5 if isinstance(actors, Zygote) else 0.8  # a fresh process needs a part of it to start
    document = play(actors, tmp_path, script, ParsingConfig(timeout_s=60.0, page_timeout_s=patience_s))
    assert (document.pages, document.page_count, document.code) == (KEPT, 3, Code.PAGES_FAILED)


def test_a_child_that_dies_costs_the_page_at_which_it_did(actors: Launcher, tmp_path: Path) -> None:
    document = play(actors, tmp_path, [opened(3), page(1), Step(page=2, die=True), page(3), FINISHED])
    assert (document.pages, document.code) == (KEPT, Code.PAGES_FAILED)


def test_a_page_that_fails_for_want_of_memory_is_tried_once_more_with_twice_as_much(
    actors: Launcher, tmp_path: Path
) -> None:
    document = play(actors, tmp_path, [opened(2), page(1), Step(page=2, allocate_mb=1000), page(2), FINISHED])
    assert document.pages == (PageText(1, "text of 1"), PageText(2, "text of 2"))
    assert document.code is Code.COMPLETE
    document = play(actors, tmp_path, [opened(3), page(1), Step(page=2, allocate_mb=2048), page(3), FINISHED])
    assert (document.pages, document.code) == (KEPT, Code.PAGES_FAILED)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([HANGS], Code.PARSER_TIME),
        ([opened(1), HANGS], Code.PARSER_TIME),
        ([opened(2), page(1), HANGS], Code.TIME_LIMIT),
    ],
)
def test_a_document_that_takes_too_long_keeps_what_was_read(
    actor: Launcher, tmp_path: Path, script: list[Step], code: Code
) -> None:
    document = play(actor, tmp_path, script, ParsingConfig(timeout_s=0.6, page_timeout_s=60.0))
    assert document.pages == ((PageText(1, "text of 1"),) if page(1) in script else ())
    assert document.code is code


class Counting:
    """A launcher that counts the children it starts."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self.children = 0

    def start(self, document: int, request: msgspec.Struct) -> Child:
        self.children += 1
        return self.launcher.start(document, request)

    def close(self) -> None:
        self.launcher.close()


def test_a_document_that_kills_every_child_is_given_up(actor: Launcher, tmp_path: Path) -> None:
    counting = Counting(actor)
    document = play(counting, tmp_path, [opened(9), *(Step(page=number, die=True) for number in range(1, 10))])
    assert counting.children == MAX_LOST_CHILDREN
    assert document.code is Code.PARSER_CRASHED


def test_a_child_that_ends_without_a_last_word_has_crashed(actors: Launcher, tmp_path: Path) -> None:
    document = play(actors, tmp_path, [opened(1), Step(raw=LENGTH.pack(50) + b'{"type":"page"')])
    assert not any(kept.text for kept in document.pages)
    assert document.code is Code.PARSER_CRASHED


def test_what_follows_the_last_word_is_not_heard(actors: Launcher, tmp_path: Path) -> None:
    document = play(actors, tmp_path, [opened(1), page(1), FINISHED, says(Page(2, "lie")), lies(b"{"), HANGS])
    assert (document.pages, document.code) == ((PageText(1, "text of 1"),), Code.COMPLETE)


def test_a_request_to_stop_is_honoured_at_once(actors: Launcher, tmp_path: Path) -> None:
    stop = Event()
    timer = Timer(0.3, stop.set)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        play(actors, tmp_path, [opened(1), HANGS], LIMITS, stop)
    assert time.monotonic() - began < 5.0


def test_a_child_is_limited_alone_and_knows_nothing(
    actors: Launcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://name:secret@proxy")
    play(actors, tmp_path, [opened(1), page(1), FINISHED])
    document = play(actors, tmp_path, [opened(1), Step(probe=True), FINISHED])
    seen = msgspec.json.decode(document.pages[0].text, type=Probe)
    assert seen.limits["RLIMIT_AS"] == (LIMITS.memory_mb << 20, LIMITS.memory_mb << 20)
    assert seen.limits["RLIMIT_CPU"] == (31, 31)
    assert seen.limits["RLIMIT_FSIZE"] == seen.limits["RLIMIT_CORE"] == seen.limits["RLIMIT_NPROC"] == (0, 0)
    assert seen.silent
    assert len(seen.descriptors) <= 5  # the standard three, the document and the answer
    known = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONUTF8"}
    assert set(seen.environment) <= known | {"PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE", "ORT_DISABLE_TELEMETRY"}
    assert seen.folder == os.path.abspath(os.sep)  # noqa: PTH100
