"""An engine that is taken over by a picture: every way out of the proof, tried from within a real child."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import msgspec
import pytest

from pipeline.datatypes import Picture
from pipeline.isolation.probe import Outcome
from pipeline.isolation.scratch import scratch_file
from pipeline.parsing.zygote import FreshProcess, Worker, Zygote
from tests.isolation.conftest import LOCKABLE
from tests.parsing.conftest import started
from tests.parsing.evil_worker import Plan
from tests.parsing.ocr.support import SCRIPTED, WITHOUT_TEXT, Album, recogniser, scans
from tests.parsing.test_sandbox_escape import KILLING, LANDLOCKED, MISSING, NAMES, Target

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="the lock is one of Linux's kernel"), LOCKABLE]
EVIL = Worker("tests.parsing.ocr.evil_engine", SCRIPTED.arguments)


class Trap(Album):
    """One picture, whose grey values are a plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__({})
        self._content = msgspec.json.encode(plan)

    def pictures(self, document: int, suffix: str, pages: Sequence[int], dpi: int) -> Iterator[Picture]:
        del document, suffix
        with scratch_file() as scratch:
            os.write(scratch, self._content)
            os.lseek(scratch, 0, os.SEEK_SET)
            yield Picture(pages[0], len(self._content), 1, dpi, scratch)


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with ExitStack() as stack:
        yield Target(stack, tmp_path_factory.mktemp("sink"))


@pytest.mark.parametrize("launcher", [Zygote, FreshProcess])
def test_an_engine_that_was_taken_over_does_not_get_out(
    target: Target, launcher: type[Zygote] | type[FreshProcess]
) -> None:
    names = tuple(name for name in NAMES if name not in (*KILLING, *MISSING, *LANDLOCKED))
    names = tuple(name for name in names if name != "tcp6" or target.sink.tcp6)
    with started(launcher(worker=EVIL)) as children:
        (page,) = recogniser(children, Trap(Plan(target.sink, names))).complete(0, ".png", scans(1)).pages
        outcomes = msgspec.json.decode(page.text, type=list[Outcome])
        assert {name: one.result for name, one in zip(names, outcomes, strict=True)} == dict.fromkeys(names, "refused")
        for name in KILLING:
            (page,) = recogniser(children, Trap(Plan(target.sink, (name,)))).complete(0, ".png", scans(1)).pages
            assert (page.text, page.code) == ("", WITHOUT_TEXT)
    assert target.listeners.received() == frozenset()
    assert target.seen() == target.before
