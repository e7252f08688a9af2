"""Every limit of pypdf is ours, and none that is hit passes for success, wherever pypdf goes on in silence."""

import dataclasses
import inspect
import logging
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdf
import pytest
from pypdf._utils import logger_warning
from pypdf.errors import LimitReachedError

from pipeline.datatypes import PageText
from pipeline.outcomes import Code, State
from pipeline.parsing import verdict
from pipeline.parsing.protocol import Frame, Page
from pipeline.parsing.readers import pdf_limits
from pipeline.parsing.readers.pdf_limits import (
    CONFIGURATION,
    LOGGED_DAMAGE,
    LOGGED_ERROR,
    LOGGED_LIMITS,
    LOGGED_LOSSES,
    watched,
)  # fmt: skip
from pipeline.parsing.readers.pdf_notes import MAX_NOTES
from tests.hostile.bombs_in_pages import forms_in_forms, many_annotations
from tests.hostile.bombs_in_structure import cross_reference_stream, object_stream
from tests.hostile.pdf_parts import (
    FLATE,
    HELLO,
    PAGE,
    document,
    form,
    stream,
    with_entry,
    with_resource,
)  # fmt: skip
from tests.parsing.support import end, frames, pages, texts

FORM = with_resource(b"/XObject << /X 6 0 R >>")
SHOWN = stream(HELLO + b"/X Do\n" + HELLO)
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path(pypdf.__file__).parent.rglob("*.py"))


@pytest.fixture(autouse=True)
def depth() -> Iterator[None]:
    """As worker.main() has it."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(3000)
    yield
    sys.setrecursionlimit(before)


def code_of(data: bytes) -> Code:
    return verdict_on(frames(data, ".pdf"))


def verdict_on(answer: Sequence[Frame]) -> Code:
    """What becomes of a file, as the coordinator decides it."""
    return verdict.of([PageText(page.number, page.text, page.code) for page in pages(answer)], end(answer))


def test_every_setting_of_pypdf_is_named_here() -> None:
    named = inspect.getsource(pdf_limits).partition("CONFIGURATION = ")[2].partition("\n)\n")[0]
    assert [f.name for f in dataclasses.fields(pypdf.Configuration) if f"    {f.name}=" not in named] == []


def test_no_program_is_started_and_no_image_decoded() -> None:
    assert CONFIGURATION.jbig2dec_binary is None
    assert CONFIGURATION.image_maximum_buffer_size == CONFIGURATION.jbig2_maximum_output_length == 0


def test_what_is_decoded_at_once_fits_into_the_memory_of_a_child() -> None:
    largest = max(value for value in dataclasses.asdict(CONFIGURATION).values() if isinstance(value, int))
    assert largest == CONFIGURATION.stream_decoding_work_maximum_length < (1 << 30) / 3


def test_reading_takes_place_within_these_limits() -> None:
    pypdf.overwrite_configuration(pypdf.Configuration())
    frames(document(), ".pdf")
    assert pypdf.get_configuration() == CONFIGURATION


@pytest.mark.parametrize("message", sorted((LOGGED_LIMITS | LOGGED_LOSSES) - {"%(exception)s", "%(exception)r"}))
def test_the_installed_pypdf_still_logs(message: str) -> None:
    """Each of its words, in one line: pypdf breaks the longer messages into several literals."""
    joined = re.sub(r'"\s*\n\s*"', "", SOURCES)
    assert f'"{message}"' in joined


def test_the_installed_pypdf_still_logs_what_it_leaves_out_of_dictionaries() -> None:
    for call in ('logger_warning("%(exception)r"', 'logger_warning("%(exception)s"', f'PdfReadError("{LOGGED_ERROR}")'):
        assert call in SOURCES
    with pytest.raises(zlib.error, match=f"^{LOGGED_DAMAGE}"):
        zlib.decompress(b"no stream")


def lzw_that_overflows() -> bytes:
    """Codes go on behind the last place of the table (pypdf ignores the entries)."""
    bits = f"{256:09b}{0:09b}" + "".join(
        f"{0:0{9 if n < 253 else 10 if n < 765 else 11 if n < 1789 else 12}b}" for n in range(5000)
    )
    bits += f"{257:012b}"
    bits += "0" * (-len(bits) % 8)
    return document(stream(int(bits, 2).to_bytes(len(bits) // 8, "big"), b"/Filter /LZWDecode"))


def with_previous(entry: bytes, tail: bytes) -> bytes:
    """A good file whose trailer names one more table, which lies behind it."""
    file = document()
    return file.replace(b"/Root 1 0 R", b"/Root 1 0 R /%b %010d" % (entry, len(file) + 20)) + b"\n" * 60 + tail


def dictionaries(depth: int) -> bytes:
    return b"/Deep " + b"<< /A " * depth + b"1 " + b">> " * depth


NOTHING = Code.NO_TEXT_WITHIN_READER_LIMITS
NO_FILTER = b"/Subtype /Form /Resources << /A 1 >> /Filter /NoSuchFilter"
MANY_FILTERS = b"/Subtype /Form /Resources << /A 1 >> /Filter [%b]" % (b"/FlateDecode " * 17)
LONG_ARRAY = b"<< /Subtype /Text /Contents (note) /X [%b] >>" % (b"1 " * 100_001)


# One for each place at which pypdf goes on in silence. All have a text that is read, and one that is not.
@pytest.mark.parametrize(
    "data",
    [
        forms_in_forms(10, 4),  # more invocations than are allowed: logged once, the rest of the forms left out
        document(SHOWN, [form(HELLO + b"/X Do", b"/XObject << /X 6 0 R >>")], page=FORM),  # a circle: logged
        document(SHOWN, [stream(b"x", MANY_FILTERS)], page=FORM),  # caught
        document(SHOWN, [form(b"[" * 2900 + b"(t)" + b"]" * 2900 + b"TJ", b"")], page=FORM),  # caught: too deep
        document(SHOWN, [form(HELLO, dictionaries(4000))], page=FORM),  # caught, and part of a dictionary kept
        many_annotations(MAX_NOTES + 1),  # ours: the others are not looked at
        document(more=[LONG_ARRAY], page=with_entry(PAGE, b"/Annots [6 0 R]")),  # ours: the page's text is kept
        cross_reference_stream(4_000_000_000, 0),  # logged: the size is made to fit
        document(page=with_entry(PAGE, dictionaries(4000))),  # caught, in another dictionary
    ],
    ids=[
        "many forms", "a circle of forms", "a form's filters", "a form's arrays", "a form's resources", "many notes",
        "a note's array", "the table's size", "a page's dictionary",
    ],
)  # fmt: skip
def test_a_text_beside_a_limit_is_kept_and_the_limit_is_told(data: bytes) -> None:
    answer = frames(data, ".pdf")
    assert "hello" in "".join(texts(answer))
    assert verdict_on(answer) is Code.READER_LIMIT
    assert Code.READER_LIMIT.state is State.PARTIAL


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (document(SHOWN, [stream(b"x", NO_FILTER)], page=FORM), Code.PAGES_FAILED),
        (document(SHOWN, page=FORM), Code.PAGES_FAILED),
        (with_previous(b"XRefStm", b""), Code.STRUCTURE_REPAIRED),
        (cross_reference_stream(6, 0, b"/Prev 9 "), Code.STRUCTURE_REPAIRED),
        (document(page=PAGE.replace(b"4 0 R", b"[4 0 R 5 0 R]")), Code.PAGES_FAILED),
        (lzw_that_overflows(), NOTHING),
        (object_stream(4_000_000_000, 1), NOTHING),
        (document(stream(b"this is not compressed at all", FLATE)), Code.ALL_PAGES_FAILED),
        (document(pages=b"<< /Type /Pages /Kids [%b] /Count 9 >>" % (b"3 0 R " * 100_001)), NOTHING),
    ],
    ids=[
        "unknown filter",
        "no form",
        "a lost table",
        "a lost table before",
        "half a page",
        "LZW",
        "objects",
        "flate",
        "page tree",
    ],
)
def test_what_becomes_of(data: bytes, code: Code) -> None:
    assert code_of(data) is code


def test_exactly_as_many_notes_and_forms_as_allowed_are_no_limit() -> None:
    assert code_of(many_annotations(MAX_NOTES)) is Code.COMPLETE
    assert code_of(document(stream(HELLO + b"/X Do " * 5000), [form(b"", b"")], page=FORM)) is Code.COMPLETE
    assert code_of(document(stream(HELLO + b"/X Do " * 5001), [form(b"", b"")], page=FORM)) is Code.READER_LIMIT


def test_a_limit_on_one_page_is_told_of_that_page_only() -> None:
    bomb = zlib.compress(bytes(80_000_000), 9)
    pages_object = b"<< /Type /Pages /Kids [3 0 R 6 0 R 3 0 R] /Count 3 >>"
    second = PAGE.replace(b"/Contents 4 0 R", b"/Contents 7 0 R")
    answer = frames(document(more=[second, stream(bomb, FLATE)], pages=pages_object), ".pdf")
    assert [(page.text.strip(), page.code) for page in pages(answer)] == [
        ("hello", None), ("", Code.READER_LIMIT), ("hello", None),
    ]  # fmt: skip
    assert end(answer) is None


def test_pages_that_use_up_their_time_end_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them: a document made of such pages would else take as long as it likes."""
    from contextlib import contextmanager

    from pipeline.parsing.effort import Exhausted
    from pipeline.parsing.readers import pdf

    calls: list[float] = []

    @contextmanager
    def at_most(cpu_s: float) -> Iterator[None]:
        calls.append(cpu_s)
        if len(calls) in (5, 6):  # opening is the first, looking for attachments the second, for its day the third
            raise Exhausted
        yield

    monkeypatch.setattr(pdf, "at_most", at_most)
    answer = frames(document(pages=b"<< /Type /Pages /Kids [%b] /Count 9 >>" % (b"3 0 R " * 9)), ".pdf")
    assert [page.code for page in pages(answer)] == [None, Code.READER_LIMIT, Code.READER_LIMIT]
    assert end(answer) is Code.READER_LIMIT
    assert calls == [60] * 6


def test_a_document_that_takes_too_long_to_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.parsing.effort import Exhausted
    from pipeline.parsing.readers import pdf

    def exhausted(*_: object) -> None:
        raise Exhausted

    monkeypatch.setattr(pdf, "opened", exhausted)
    assert code_of(document()) is Code.NO_TEXT_WITHIN_READER_LIMITS


def test_the_watch_tells_once_and_leaves_no_trace() -> None:
    log, made, silence = logging.getLogger("pypdf"), LimitReachedError.__init__, logging.root.manager.disable
    with watched() as limits:
        assert limits.taken() is None
        with pytest.raises(LimitReachedError, match="the message"):
            raise LimitReachedError("the message")
        assert (limits.taken(), limits.taken()) == (Code.READER_LIMIT, None)
        limits.loss()
        limits.limit()
        assert limits.taken() is Code.READER_LIMIT
        limits.loss()
        assert (limits.taken(), limits.taken()) == (Code.PAGES_FAILED, None)
    assert LimitReachedError.__init__ is made
    assert (log.handlers, log.propagate, logging.root.manager.disable) == ([], True, silence)


@pytest.mark.parametrize("message", sorted(LOGGED_LIMITS | LOGGED_LOSSES))
def test_the_watch_knows_the_message(message: str) -> None:
    values = dict.fromkeys(re.findall(r"%\((\w+)\)", message), 7)
    with watched() as limits:
        logger_warning(message, source="pypdf._reader", **values)
        assert limits.taken() is (Code.READER_LIMIT if message in LOGGED_LIMITS else Code.PAGES_FAILED)
        logger_warning("EOF marker not found", source="pypdf._reader")
        assert limits.taken() is None


def test_a_structure_in_a_circle_is_damage_and_no_limit() -> None:
    with watched() as limits:
        LimitReachedError("Detected loop with self reference for IndirectObject(2, 0, 1).")
        assert limits.taken() is Code.PAGES_FAILED
    said = set(re.findall(r'LimitReachedError\(f?"(Detected [^"{]*)', SOURCES))
    assert said
    assert all("cycl" in message or "loop" in message for message in said)


def test_what_pypdf_logs_reaches_nobody(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    assert pages(frames(document(SHOWN, page=FORM), ".pdf"))[0] == Page(1, "hello\nhello", Code.PAGES_FAILED, "pypdf")
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])
