"""Which of two readers' texts of a PDF page is kept, and what its code says of what neither of them read."""

from pipeline.outcomes import Code
from pipeline.parsing import text_quality
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Page
from pipeline.parsing.readers.pdf_content import Content, is_whole
from pipeline.parsing.readers.pdf_limits import LimitWatch
from pipeline.parsing.readers.pdf_structure import Structure
from pipeline.parsing.readers.pdfium import Pdfium
from pipeline.parsing.text_quality import Quality

FIRST, SECOND = "pypdf", "pdfium"
# Pages that are read twice whatever they look like: where a document's words are torn a little, it shows there. A
# second reading takes about a tenth of the first, so that these take 3 % of a document at most.
COMPARED = frozenset({4, 12, 40, 120, 400, 1200, 4000})
_AGREEMENT = 0.97  # of distinct words: what differs then is how lines broke, and the first text is kept
_FEW_LETTERS = 40  # too few to compare two texts that both look right
_COVERED = 0.5  # of a page, by pictures: its few characters are a stamp or a header then, and not what it says


class TwoReaders:
    """Reads a document with pypdf and, where that is called for, with pdfium; `second` is None where it must not be."""

    def __init__(self, structure: Structure, second: Pdfium | None, limits: LimitWatch, page_cpu_s: float) -> None:
        self._structure = structure
        self._second = second
        self._limits = limits
        self._page_cpu_s = page_cpu_s
        self._is_doubtful = False  # a page's text was replaced: fonts are shared, so all that follow are read twice

    def page(self, number: int, first: Content, code: Code | None) -> Page:
        """The page, from what pypdf found on it and the limit or loss that was met."""
        if code is Code.READER_LIMIT:
            return Page(number, _with_notes(first.text, first.notes), code, FIRST)
        text, notes, reader = first.text, first.notes, FIRST
        quality = text_quality.assess(text)
        second = self._second_for(number, first, quality, code)
        other = second.text(number) if second is not None else None
        if second is not None and other is not None and (better := _replacing(other, text, quality)):
            self._is_doubtful = self._is_doubtful or bool(text.strip())
            text, quality, reader = other, better, SECOND
            notes = second.notes(number) if first.has_failed else notes
        if first.has_failed:
            code = None if reader == SECOND and self._is_whole(number) else Code.PAGES_FAILED
        if code is None and (quality.unreadable or self._is_picture(number, text, first, second)):
            code = Code.PAGES_WITHOUT_TEXT
        return Page(number, _with_notes(text, notes), code, reader)

    def _second_for(self, number: int, first: Content, quality: Quality, code: Code | None) -> Pdfium | None:
        """The second reader, where it shall look at a page, and sees the same pages as the first."""
        is_called_for = (
            first.has_failed or first.is_drawn or quality.suspicious or self._is_doubtful
            or code is not None or number in COMPARED
        )  # fmt: skip
        if self._second is None or not is_called_for:
            return None
        return self._second if self._second.page_count == self._structure.count else None

    def _is_picture(self, number: int, text: str, first: Content, second: Pdfium | None) -> bool:
        """Whether what the page says was not read, since it is a picture, or drawn."""
        if not first.is_drawn or not text.strip():
            return first.is_drawn and not text.strip()
        sight = None if second is None else second.sight(number)
        return sight is not None and sight.pictured >= _COVERED and not sight.has_hidden_text

    def _is_whole(self, number: int) -> bool:
        try:
            with at_most(self._page_cpu_s):
                return is_whole(self._structure.reader, number, self._limits)
        except Exhausted:
            return False


def page_by_second(second: Pdfium, number: int) -> Page:
    """The page of a document that only the second reader can open."""
    text, sight = second.text(number), second.sight(number)
    if text is None or sight is None:
        return Page(number, "", Code.PAGES_FAILED, SECOND)
    is_picture = not text.strip() and sight.drawings > 0
    notes = second.notes(number)
    return Page(number, _with_notes(text, notes), Code.PAGES_WITHOUT_TEXT if is_picture else None, SECOND)


def _replacing(other: str, text: str, quality: Quality) -> Quality | None:
    """The quality of the second reader's text, where it replaces the first's, of which `quality` is known."""
    found = text_quality.assess(other)
    if not text.strip() or not other.strip():
        return found if other.strip() else None
    if not quality.suspicious and quality.letters < _FEW_LETTERS:
        return None
    if text_quality.agreement(text, other) >= _AGREEMENT or text_quality.better(quality, found):
        return None
    return found


def _with_notes(text: str, notes: str) -> str:
    if not notes or not text.strip():
        return notes or text
    return f"{text}\n\n{notes}"
