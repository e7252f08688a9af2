"""The child that recognises: its frames, whatever an engine does, and what it may read."""

import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image

from pipeline.outcomes import Code
from pipeline.parsing.ocr import worker
from pipeline.parsing.ocr.lines import Box, Line, Word
from pipeline.parsing.ocr.reading import Reading
from pipeline.parsing.protocol import Finished, Frame, PictureRequest, Recognised
from tests.isolation.conftest import LOCKABLE, ROOT, run
from tests.isolation.test_lockdown import needs_landlock
from tests.parsing.ocr.support import SCRIPTED
from tests.parsing.ocr.test_attempts import reading

REQUEST = PictureRequest(width=40, height=30, dpi=300, languages=("eng",), address_space_bytes=2 << 30, cpu_s=60)
GREY = bytes(40 * 30)


class Engine:
    """Does what it is told with each picture."""

    def __init__(self, act: Callable[[Image.Image], Reading]) -> None:
        self._act = act
        self.languages: list[Sequence[str]] = []

    def read(self, picture: Image.Image, languages: Sequence[str]) -> Reading:
        self.languages.append(languages)
        return self._act(picture)


def frames(act: Callable[[Image.Image], Reading], grey: bytes = GREY) -> list[Frame]:
    return list(worker.recognise(Engine(act), io.BytesIO(grey), REQUEST))


def raised(error: BaseException) -> Callable[[Image.Image], Reading]:
    def act(_picture: Image.Image) -> Reading:
        raise error

    return act


def test_a_picture_is_answered_with_its_text() -> None:
    assert frames(lambda _: reading("text", 95.0)) == [Recognised("text", 95.0), Finished()]


def test_the_engine_is_given_the_picture_and_the_languages() -> None:
    engine = Engine(lambda picture: reading(str(picture.size), 95.0))
    answer = list(worker.recognise(engine, io.BytesIO(GREY), REQUEST))
    assert answer == [Recognised("(40, 30)", 95.0), Finished()]
    assert engine.languages == [("eng",)]


def test_each_attempt_is_sent_when_it_is_done() -> None:
    found = iter([reading("nodnoL", 30.0), reading("London", 95.0)])
    answer = worker.recognise(Engine(lambda _: next(found)), io.BytesIO(GREY), REQUEST)
    assert next(answer) == Recognised("nodnoL", 30.0)
    assert list(answer) == [Recognised("London", 95.0), Finished()]


def test_the_language_is_told() -> None:
    word = Word("Vertrag", 95.0, Box(0, 0, 500, 20), "deu")
    found = Reading((Line("Vertrag", (word,), 0, word.box),))
    assert frames(lambda _: found)[0] == Recognised("Vertrag", 95.0, "deu")


def test_text_is_cleaned_and_has_an_end() -> None:
    first, _ = frames(lambda _: reading("a\x1b[31m\x00b\ufb01" + "c" * 300_000, 95.0))
    assert isinstance(first, Recognised)
    assert first.text.startswith("a[31mbfi" + "c")
    assert len(first.text) <= worker.MAX_TEXT_CHARACTERS


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), Code.PARSER_MEMORY),
        (RuntimeError("text of a document"), Code.PAGES_FAILED),
        (KeyError("xyz"), Code.PAGES_FAILED),
    ],
)
def test_whatever_an_engine_raises_ends_in_one_last_frame(error: Exception, code: Code) -> None:
    assert frames(raised(error)) == [Finished(code)]


@pytest.mark.parametrize("grey", [b"", GREY[:-1]])
def test_a_picture_that_is_too_short_is_none(grey: bytes) -> None:
    assert frames(lambda _: reading("text", 95.0), grey) == [Finished(Code.PAGES_FAILED)]


def test_it_has_imported_neither_readers_nor_what_reaches_stored_data() -> None:
    code = "import sys, pipeline.parsing.ocr.worker; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(ran.stdout.split())
    assert not loaded & {"sqlite3", "sqlite_utils", "faiss", "tokenizers", "pypdf", "pypdfium2", "lxml", "ruamel"}
    assert not [name for name in loaded if name.startswith(("pipeline.storage", "pipeline.parsing.readers"))]


LOCK = f"""
from pipeline.parsing.ocr import engines, worker
import msgspec
engine = msgspec.json.decode({SCRIPTED.arguments[0]!r}, type=engines.Engine)
engine = msgspec.structs.replace(engine, models=sys.argv[1] + "/models", library=sys.argv[1] + "/lib/engine.so")
read = lambda name: tried(lambda: Path(sys.argv[1], name).read_bytes())
lock = worker.Recognition(engine).lock(True)
tell(models=read("models/eng"), library=read("lib/engine.so"), outside=read("file"), socket=made(socket.AF_INET),
     program=started("/bin/true"), write=tried(lambda: Path(sys.argv[1], "models", "new").write_bytes(b"")),
     sealed=lock.sealed)
"""


@LOCKABLE
@needs_landlock
def test_under_its_lock_it_reads_its_models_and_nothing_else(tmp_path: Path) -> None:
    for name in ("models/eng", "lib/engine.so", "file"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert run(LOCK, tmp_path) == {
        "models": "fine", "library": "fine", "outside": "EACCES", "socket": "EACCES", "program": "EACCES",
        "write": "EACCES", "sealed": True,
    }  # fmt: skip
