"""What the tests of parsing share: libraries kept silent as in the child, launchers of real and scripted children."""

import logging
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pipeline.parsing.zygote import FreshProcess, Launcher, Zygote
from tests.parsing.script import FINISHED, play

WORKER = ["-m", "pipeline.parsing.worker"]
SCRIPTED = str(Path(__file__).parent / "scripted_worker.py")


class ScriptedProcess(subprocess.Popen[bytes]):
    """Started as the product starts its worker, but for the module: the one that follows scripts."""

    worker: ClassVar[list[str]] = [SCRIPTED]

    def __init__(self, args: list[str], **options: Any) -> None:  # noqa: ANN401 - whatever the product asks for
        assert args[1:3] == WORKER
        super().__init__([args[0], *self.worker, *args[3:]], **options)


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """As worker.main() has it: pypdf logs a line per oddity of a file."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)


@contextmanager
def started(launcher: Launcher, process: type[ScriptedProcess] | None = None) -> Iterator[Launcher]:
    """A launcher of real children, or of children that follow a script; ended afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        if process is not None:
            patch.setattr(subprocess, "Popen", process)
        try:
            yield launcher
        finally:
            launcher.close()


@pytest.fixture(params=[Zygote, FreshProcess], scope="module")
def launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    """Each way to start children, with the product's own worker."""
    with started(request.param()) as ready:
        yield ready


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """The usual way to start children, with the product's own worker."""
    ready = Zygote()
    with started(ready):
        yield ready


@pytest.fixture(params=[Zygote, FreshProcess], scope="module")
def actors(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    """Each way to start children, which follow scripts."""
    with started(request.param(), ScriptedProcess) as ready:
        yield ready


@pytest.fixture(scope="module")
def actor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Scripted children of a zygote that is already warm, so that short limits are not spent on its start."""
    with started(Zygote(), ScriptedProcess) as ready:
        play(ready, tmp_path_factory.mktemp("warm"), [FINISHED])
        yield ready
