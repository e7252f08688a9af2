"""The parser child without its process: cleaning, frames on the wire, and what it has imported."""

import io
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import LockError
from pipeline.outcomes import Code
from pipeline.parsing.protocol import LENGTH, Finished, Frame, Opened, Page, write_frame
from tests.isolation.conftest import LOCKABLE, ROOT
from tests.parsing.support import CAREFUL, REQUEST, frames, texts
from tests.pdf_writer import PdfPage, pdf

FRAMES = st.one_of(
    st.builds(Opened, st.text(), st.integers(0, 1 << 40)),
    st.builds(Page, st.integers(0, 1 << 40), st.text(), st.none() | st.sampled_from(Code)),
    st.builds(Finished, st.none() | st.sampled_from(Code)),
)


@CAREFUL
@given(st.lists(FRAMES))
def test_frames_come_back_as_they_were_sent(sent: list[Frame]) -> None:
    line = io.BytesIO()
    for frame in sent:
        write_frame(line, frame)
    line.seek(0)
    received: list[Frame] = []
    while head := line.read(LENGTH.size):
        received.append(msgspec.json.decode(line.read(LENGTH.unpack(head)[0]), type=Frame))
    assert received == sent


@pytest.mark.parametrize(("text", "read"), [("Gr¨oße", "Größe"), ("infor\xad", "infor-"), ("10\xad4", "10-4")])
def test_what_a_pdf_paints_is_read_as_it_was_written(text: str, read: str) -> None:
    assert texts(frames(pdf(PdfPage(lines=(text,))), ".pdf")) == [read]


def test_in_other_formats_accents_are_left_alone_and_soft_hyphens_are_not_seen() -> None:
    assert texts(frames("Gr¨oße, infor\xadmation, o\ufb03ce 10\xa0€\x0bline".encode(), ".txt")) == [
        "Gr¨oße, information, office 10 €\nline"
    ]


def test_one_document_on_standard_input_is_answered_on_standard_output() -> None:
    """As FreshProcess runs it, in a process of its own because its limits are for good."""
    body = msgspec.json.encode(REQUEST)
    command = [sys.executable, "-m", "pipeline.parsing.worker", "required", "once"]
    ran = subprocess.run(command, input=LENGTH.pack(len(body)) + body + b"words", capture_output=True, check=True)
    expected = io.BytesIO()
    for frame in (Opened("text", 1), Page(1, "words"), Finished()):
        write_frame(expected, frame)
    assert (ran.stdout, ran.stderr) == (expected.getvalue(), b"")


NO_LOCK = "from tests.isolation.inside import refuse_the_lock; refuse_the_lock()\n"
RUN_WORKER = "import sys; from pipeline.parsing import worker; worker.main(sys.argv[1:])"


@LOCKABLE
@pytest.mark.parametrize("source", ["once", "3"])
def test_a_worker_that_gets_no_lock_reads_nothing_and_says_so_by_its_status(source: str) -> None:
    command = [sys.executable, "-c", NO_LOCK + RUN_WORKER, "required", source]
    body = msgspec.json.encode(REQUEST)
    ran = subprocess.run(
        command, input=LENGTH.pack(len(body)) + body + b"words", capture_output=True, check=False, cwd=ROOT
    )
    assert (ran.returncode, ran.stdout) == (LockError.exit_status, b"")


@LOCKABLE
def test_with_best_effort_it_reads_without_one() -> None:
    command = [sys.executable, "-c", NO_LOCK + RUN_WORKER, "best_effort", "once"]
    body = msgspec.json.encode(REQUEST)
    ran = subprocess.run(
        command, input=LENGTH.pack(len(body)) + body + b"words", capture_output=True, check=True, cwd=ROOT
    )
    assert b'"text":"words"' in ran.stdout


def test_the_child_has_imported_nothing_that_reaches_stored_data() -> None:
    code = "import sys, pipeline.parsing.worker as w; w.detection.warm_up(); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert {"pypdf", "selectolax.lexbor", "pipeline.parsing.worker"} <= loaded
    assert not loaded & {"sqlite3", "_sqlite3", "sqlite_utils", "faiss", "onnxruntime", "tokenizers", "numpy", "ruamel"}
    ours = {name for name in loaded if name.startswith("pipeline.")}
    allowed = ("pipeline.parsing", "pipeline.isolation", "pipeline.outcomes", "pipeline.errors")
    assert {name for name in ours if not name.startswith(allowed)} == set()
