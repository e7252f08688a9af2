"""Documents completed by the text of their pictures: what is believed of it, what it may cost, what becomes of them."""

import sys
import threading
import time
import unicodedata
from collections.abc import Iterator, Sequence
from threading import Event, Timer

import msgspec
import pytest

from pipeline.datatypes import PageText, ParsedDocument
from pipeline.errors import LockError, SandboxError, Stopped
from pipeline.outcomes import Code
from pipeline.parsing import recognition
from pipeline.parsing.protocol import LENGTH, Finished, Opened, Page, Piece
from pipeline.parsing.recognition import MAX_LOST_CHILDREN, MAX_PAGE_BYTES, Recogniser
from pipeline.parsing.zygote import FreshProcess, Launcher, Worker, Zygote
from tests.isolation.conftest import LOCKABLE
from tests.parsing.conftest import started
from tests.parsing.ocr.support import (
    FINISHED,
    SCRIPTED,
    WITHOUT_TEXT,
    Album,
    Script,
    config,
    document,
    found,
    recogniser,
    saying,
    scans,
)
from tests.parsing.script import Probe, Step, lies, says

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripted child looks at POSIX limits")

HANGS = Step(sleep_s=600.0)
LETTER = "Dear tenant, the rent is due on the third working day of each month. " * 4


@pytest.fixture(scope="module")
def engine() -> Iterator[Launcher]:
    """An engine that follows scripts, already warm, so that short limits are not spent on its start."""
    with started(Zygote(worker=SCRIPTED)) as ready:
        completed(ready, {1: saying("warm")})
        yield ready


def completed(
    children: Launcher, scripts: dict[int, Script | Code], parsed: ParsedDocument | None = None, **limits: object
) -> ParsedDocument:
    return recogniser(children, Album(scripts), config(**limits)).complete(0, ".pdf", parsed or scans(len(scripts)))  # type: ignore[arg-type]


def recognised(number: int, text: str, confidence: float = 95.0, code: Code | None = None) -> PageText:
    return PageText(number, text, code, "tesseract", confidence, 300)


class TestText:
    """What pages say afterwards."""

    @pytest.mark.parametrize("launcher", [Zygote, FreshProcess])
    def test_a_scan_is_read_page_by_page(self, launcher: type[Zygote] | type[FreshProcess]) -> None:
        with started(launcher(worker=SCRIPTED)) as children:
            result = completed(children, {1: saying("first page"), 2: saying("second page", 88.84)})
        assert result.pages == (recognised(1, "first page"), recognised(2, "second page", 88.8))
        assert (result.code, result.page_count, result.format) == (Code.COMPLETE, 2, "pdf")

    def test_pages_that_have_text_are_left_alone(self, engine: Launcher) -> None:
        album = Album({2: saying("scan")})
        pages = (PageText(1, "typed"), PageText(2, "", WITHOUT_TEXT), PageText(3, "", Code.PAGES_FAILED))
        result = recogniser(engine, album).complete(0, ".pdf", document(*pages))
        assert result.pages == (pages[0], recognised(2, "scan"), pages[2])
        assert result.code is Code.PAGES_FAILED
        assert (album.drawn, album.dpi) == ([2], 300)

    def test_a_document_without_pictures_is_not_touched(self, engine: Launcher) -> None:
        album = Album({})
        parsed = document(PageText(1, "typed"), PageText(2, ""))
        assert recogniser(engine, album).complete(0, ".pdf", parsed) is parsed

    def test_a_stamp_or_a_form_value_on_a_scan_is_kept(self, engine: Launcher) -> None:
        scan = PageText(1, "RECEIVED 3 May\nContract of Lease\n\nJane Roe", WITHOUT_TEXT)
        result = completed(engine, {1: saying("CONTRACT  OF LEASE\nbetween landlord and tenant")}, document(scan))
        assert result.pages[0].text == "CONTRACT  OF LEASE\nbetween landlord and tenant\n\nRECEIVED 3 May\nJane Roe"
        assert result.code is Code.COMPLETE

    def test_much_text_of_its_own_is_kept_whole(self, engine: Launcher) -> None:
        own = "\n".join(f"line {number}" for number in range(5000))
        result = completed(engine, {1: saying("line 7")}, document(PageText(1, own, WITHOUT_TEXT)))
        assert result.pages[0].text == f"line 7\n\n{own}"

    def test_words_that_are_divided_at_the_ends_of_lines_are_mended(self, engine: Launcher) -> None:
        result = completed(engine, {1: saying("an agree-\nment of two, and an agreement of three")})
        assert result.pages[0].text == "an agreement\nof two, and an agreement of three"

    def test_the_last_attempt_counts(self, engine: Launcher) -> None:
        script = [found("uopuo", 31.0), found("London", 96.0), FINISHED]
        assert completed(engine, {1: script}).pages == (recognised(1, "London", 96.0),)


class TestVerdict:
    """What becomes of the document."""

    def test_pictures_without_text_are_told_from_blank_pages_and_unread_ones(self, engine: Launcher) -> None:
        result = completed(engine, {1: saying("", 0.0), 2: saying("", 0.0)})
        assert result.pages == (recognised(1, "", 0.0), recognised(2, "", 0.0))
        assert result.code is Code.NOTHING_RECOGNISED
        assert result.code.examined

    def test_a_picture_among_text_was_examined(self, engine: Launcher) -> None:
        parsed = document(PageText(1, "typed"), PageText(2, "", WITHOUT_TEXT))
        assert parsed.code is WITHOUT_TEXT
        assert completed(engine, {2: saying("", 0.0)}, parsed).code is Code.COMPLETE

    @pytest.mark.parametrize(("confidence", "code"), [(59.9, Code.RECOGNITION_UNCERTAIN), (60.0, None)])
    def test_text_that_is_not_sure_is_kept_with_a_warning(
        self, engine: Launcher, confidence: float, code: Code | None
    ) -> None:
        result = completed(engine, {1: saying("maybe", confidence), 2: saying("surely")})
        assert result.pages[0] == recognised(1, "maybe", confidence, code)
        assert result.code is (code or Code.COMPLETE)

    @pytest.mark.parametrize(
        ("end", "code"),
        [
            (Code.STRUCTURE_REPAIRED, Code.STRUCTURE_REPAIRED),
            (Code.PAGE_LIMIT, Code.PAGE_LIMIT),
            (Code.TIME_LIMIT, Code.TIME_LIMIT),
            (Code.PARSER_CRASHED, Code.PAGES_FAILED),
        ],
    )
    def test_how_reading_ended_still_counts(self, engine: Launcher, end: Code, code: Code) -> None:
        parsed = document(PageText(1, "", WITHOUT_TEXT), end=end)
        result = completed(engine, {1: saying("text")}, parsed)
        assert (result.code, result.end, result.pages[0].text) == (code, end, "text")

    @pytest.mark.parametrize(
        ("reason", "code", "verdict"),
        [
            (Code.READER_LIMIT, Code.READER_LIMIT, Code.NO_TEXT_WITHIN_READER_LIMITS),
            (Code.NO_TEXT_WITHIN_READER_LIMITS, Code.READER_LIMIT, Code.NO_TEXT_WITHIN_READER_LIMITS),
            (Code.PAGES_FAILED, Code.PAGES_FAILED, Code.ALL_PAGES_FAILED),
            (Code.STRUCTURE_DAMAGED, Code.PAGES_FAILED, Code.ALL_PAGES_FAILED),
            (Code.PARSER_TIME, WITHOUT_TEXT, Code.IMAGES_ONLY),
            (Code.PARSER_CRASHED, WITHOUT_TEXT, Code.IMAGES_ONLY),
            (Code.PARSER_MEMORY, WITHOUT_TEXT, Code.IMAGES_ONLY),
        ],
    )
    def test_a_page_that_cannot_be_drawn_says_so(
        self, engine: Launcher, reason: Code, code: Code, verdict: Code
    ) -> None:
        result = completed(engine, {1: reason})
        assert (result.pages, result.code) == ((PageText(1, "", code, "pypdf"),), verdict)

    def test_without_an_engine_scans_stay_as_they_are(self, engine: Launcher) -> None:
        album = Album({1: saying("text")})
        parsed = scans(1)
        without = Recogniser(None, engine, album, config(), Event())
        assert without.complete(0, ".pdf", parsed) is parsed
        assert album.drawn == []


class TestLanguages:
    """All of them on the first page, then the one that it is in, for as long as that fits."""

    ALL, ENGLISH, GERMAN = "eng+deu", "eng", "deu"

    def test_the_first_page_decides(self, engine: Launcher) -> None:
        later = {self.ALL: saying("by all"), self.GERMAN: saying("by German")}
        result = completed(engine, {1: saying(LETTER, language="deu"), 2: later, 3: later})
        assert [page.text for page in result.pages[1:]] == ["by German", "by German"]

    @pytest.mark.parametrize("first", [saying(LETTER), saying("short", language="deu"), saying(LETTER, language="xyz")])
    def test_one_that_does_not_tell_does_not(self, engine: Launcher, first: list[Step]) -> None:
        later = {self.ALL: saying("by all"), self.GERMAN: saying("by German")}
        assert completed(engine, {1: first, 2: later}).pages[1].text == "by all"

    def test_a_page_in_another_is_read_again_by_all(self, engine: Launcher) -> None:
        first = saying(LETTER, language="deu")
        other = {self.ALL: saying("by all", 90.0), self.GERMAN: saying("by German", 60.0)}
        third = {self.ALL: saying("third by all"), self.GERMAN: saying("third by German")}
        result = completed(engine, {1: first, 2: other, 3: third})
        assert [page.text for page in result.pages[1:]] == ["by all", "third by all"]

    def test_the_better_reading_of_such_a_page_counts(self, engine: Launcher) -> None:
        first = saying(LETTER, language="deu")
        other = {self.ALL: saying("by all", 50.0), self.GERMAN: saying("by German", 60.0)}
        assert completed(engine, {1: first, 2: other}).pages[1].text == "by German"

    def test_each_document_begins_with_all(self, engine: Launcher) -> None:
        album = Album({1: saying(LETTER, language="deu"), 2: {self.ALL: saying("all"), self.GERMAN: saying("German")}})
        reader = recogniser(engine, album)
        reader.complete(0, ".pdf", scans(1))
        second = document(PageText(1, "typed"), PageText(2, "", WITHOUT_TEXT))
        assert reader.complete(0, ".pdf", second).pages[1].text == "all"


class TestLimits:
    """What a document may cost."""

    def test_pages_beyond_the_limit_are_not_drawn(self, engine: Launcher) -> None:
        album = Album({number: saying(f"page {number}") for number in (1, 2, 3)})
        result = recogniser(engine, album, config(max_pages=2)).complete(0, ".pdf", scans(3))
        assert [page.text for page in result.pages] == ["page 1", "page 2", ""]
        assert (album.drawn, result.pages[2].code, result.code) == ([1, 2], WITHOUT_TEXT, WITHOUT_TEXT)

    def test_a_page_that_takes_too_long_counts_as_one_without_text(self, engine: Launcher) -> None:
        began = time.monotonic()
        result = completed(engine, {1: [HANGS], 2: saying("second")}, page_timeout_s=1.0)
        assert time.monotonic() - began < 10.0
        assert result.pages == (PageText(1, "", WITHOUT_TEXT, "pypdf"), recognised(2, "second"))
        assert result.code is WITHOUT_TEXT

    @pytest.mark.parametrize("trouble", [[HANGS], [Step(die=True)], []])
    def test_what_was_read_before_an_attempt_went_wrong_is_kept(self, engine: Launcher, trouble: list[Step]) -> None:
        result = completed(engine, {1: [found("as it lay", 70.0), *trouble]}, page_timeout_s=1.0)
        assert result.pages == (recognised(1, "as it lay", 70.0),)

    def test_text_beyond_the_limit_is_left_out_and_that_is_told(self, engine: Launcher) -> None:
        large = "word " * 100_000
        result = completed(engine, {1: saying(large), 2: saying(large), 3: saying(large)}, max_text_mb=1)
        assert [len(page.text) for page in result.pages] == [500_000, 500_000, 0]
        assert (result.code, result.end, result.pages[2].code) == (Code.TEXT_LIMIT, Code.TEXT_LIMIT, WITHOUT_TEXT)

    def test_a_document_that_kills_every_child_is_given_up(self, engine: Launcher) -> None:
        album = Album({number: [Step(die=True)] for number in range(1, 21)})
        result = recogniser(engine, album).complete(0, ".pdf", scans(20))
        assert len(album.drawn) == MAX_LOST_CHILDREN
        assert (result.code, {page.code for page in result.pages}) == (Code.IMAGES_ONLY, {WITHOUT_TEXT})

    def test_a_request_to_stop_is_honoured_at_once(self, engine: Launcher) -> None:
        stop = Event()
        Timer(0.3, stop.set).start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            recogniser(engine, Album({1: [HANGS]}), stop=stop).complete(0, ".pdf", scans(1))
        assert time.monotonic() - began < 5.0

    def test_an_engine_without_memory_costs_the_page(self, engine: Launcher) -> None:
        result = completed(engine, {1: [says(Finished(Code.PARSER_MEMORY))], 2: saying("second")})
        assert [page.text for page in result.pages] == ["", "second"]
        assert result.pages[0].code is WITHOUT_TEXT

    def test_threads_may_share_it(self, engine: Launcher) -> None:
        reader = recogniser(engine, Album({1: saying("page")}))
        results: list[ParsedDocument] = []
        threads = [
            threading.Thread(target=lambda: results.append(reader.complete(0, ".pdf", scans(1)))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [result.pages for result in results] == [(recognised(1, "page"),)] * 6


LIES: dict[str, Sequence[Step]] = {
    "nothing but an end": [FINISHED],
    "no number as confidence": [lies(b'{"type":"recognised","text":"lie","confidence":NaN}')],
    "a confidence that is null": [lies(b'{"type":"recognised","text":"lie","confidence":null}')],
    "an endless confidence": [lies(b'{"type":"recognised","text":"lie","confidence":1e999}')],
    "a confidence above all": [found("lie", 100.1), FINISHED],
    "a confidence below none": [found("lie", -0.1), FINISHED],
    "a page of text that is too long": [found("lie" * MAX_PAGE_BYTES), FINISHED],
    "a long name of a language": [found("lie", 90.0, "e" * 100), FINISHED],
    "a frame for another purpose": [says(Opened("pdf", 1)), *saying("lie")],
    "a page": [says(Page(1, "lie"))],
    "pieces": [says(Piece(b"lie", last=True))],
    "attempts without end": [*[found("lie")] * 50, FINISHED],
    "a reason of another trade": [found("lie"), says(Finished(Code.PASSWORD_NEEDED))],
    "a lie behind a truth": [found("lie"), found("lie", 1e9), FINISHED],
    "a length beyond all bounds": [Step(raw=LENGTH.pack((1 << 32) - 1) + b"x" * 100_000)],
    "no JSON": [lies(b"{")],
    "deep JSON": [lies(b"[" * 500_000)],
    "a lone surrogate": [lies(b'{"type":"recognised","text":"lie \\ud800","confidence":90}')],
    "an unknown kind of frame": [lies(b'{"type":"vectors"}')],
}


@pytest.mark.parametrize("name", LIES)
def test_an_engine_that_lies_is_not_believed(engine: Launcher, name: str) -> None:
    result = completed(engine, {1: LIES[name], 2: saying("second")})
    assert result.pages == (PageText(1, "", WITHOUT_TEXT, "pypdf"), recognised(2, "second"))
    assert result.code is WITHOUT_TEXT


def test_control_characters_never_reach_the_coordinator(engine: Launcher) -> None:
    result = completed(engine, {1: saying("good \x1b]52;c;bGll\x07 \x02\x03\x9b31m")})
    kept = "".join(page.text for page in result.pages)
    assert not [character for character in kept if unicodedata.category(character) == "Cc" and character not in "\n\t"]


@pytest.mark.parametrize("launcher", [Zygote, FreshProcess])
def test_an_engine_is_limited_alone_and_knows_nothing(
    launcher: type[Zygote] | type[FreshProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://name:secret@proxy")
    with started(launcher(worker=SCRIPTED)) as children:
        result = completed(children, {1: [Step(probe=True), FINISHED]}, page_timeout_s=30.0)
    seen = msgspec.json.decode(result.pages[0].text, type=Probe)
    assert seen.limits["RLIMIT_AS"] == (2 << 30, 2 << 30)
    assert seen.limits["RLIMIT_CPU"] == (31, 31)
    assert seen.limits["RLIMIT_FSIZE"] == seen.limits["RLIMIT_CORE"] == seen.limits["RLIMIT_NPROC"] == (0, 0)
    assert seen.silent
    assert len(seen.descriptors) <= 5  # the standard three, the picture and the answer
    assert "HTTPS_PROXY" not in seen.environment


def test_an_engine_that_cannot_be_loaded_is_an_error_and_no_blank_page() -> None:
    broken = Worker("pipeline.parsing.ocr.worker", SCRIPTED.arguments)  # whose library is not there
    with started(Zygote(worker=broken)) as children, pytest.raises(SandboxError, match="recognition_start"):
        completed(children, {1: saying("never")})


@LOCKABLE
def test_an_engine_that_gets_no_lock_reads_nothing() -> None:
    refused = Worker("tests.parsing.ocr.refused_engine", SCRIPTED.arguments)
    with started(Zygote(worker=refused)) as children, pytest.raises(LockError) as raised:
        completed(children, {1: saying("never")})
    assert raised.value.exit_status == LockError.exit_status
    with started(Zygote("best_effort", refused)) as children:
        assert completed(children, {1: saying("read")}).pages[0].text == "read"


class TestWiring:
    """From the configuration."""

    def test_off_is_off(self) -> None:
        off = recognition.recogniser(config(engine="off"), Album({}), Event())
        parsed = scans(1)
        assert off.complete(0, ".pdf", parsed) is parsed
        off.close()

    def test_closing_ends_the_process(self) -> None:
        with started(Zygote(worker=SCRIPTED)) as children:
            reader = recogniser(children, Album({1: saying("page")}))
            reader.complete(0, ".pdf", scans(1))
            assert isinstance(children, Zygote)
            process = children._process
            assert process is not None
            reader.close()
            assert process.poll() is not None
