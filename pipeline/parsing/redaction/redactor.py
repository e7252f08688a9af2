"""Makes a copy of a PDF from which values are gone: pictures of its pages, painted over, with the text that is left.

Nothing of the original's bytes reaches the copy. It is written only where every value was found, and where a reading
of the copy finds none.
"""

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.config import ParsingConfig
from pipeline.datatypes import Picture
from pipeline.errors import RedactionError
from pipeline.isolation.scratch import scratch_file
from pipeline.outcomes import Code
from pipeline.parsing.answers import ChildLost
from pipeline.parsing.extraction import Extraction
from pipeline.parsing.redaction import checking
from pipeline.parsing.redaction.glyphs import Box, Glyph
from pipeline.parsing.redaction.locating import Page, Run, Target, Targets
from pipeline.parsing.redaction.page_glyphs import PageGlyphs, ShownPage
from pipeline.parsing.redaction.page_pictures import Packer, blacken
from pipeline.parsing.redaction.scans import Scans
from pipeline.parsing.redaction.squeezing import squeeze
from pipeline.parsing.redaction.writing import RedactedPdf
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Launcher

DPI = 200  # of the pictures; a page that would have too many pixels gets fewer
_PADDING = 1.0  # points around what is painted over: shapes reach beyond the place that fonts state
_PICTURED = 0.05  # of a page, by pictures: more than a logo, so that they may show text
_FEW_LETTERS = 40  # of a page that draws something: it may be letters that are drawn
_SAYS_MORE = 1.2  # times as many letters: the page shows text beyond what its characters say


@dataclass(frozen=True, slots=True)
class RedactionOutcome:
    """What became of a redaction, in counts. Values are counted once for each page on which they were said to stand.

    `not_located` has the pages with values that were not found, and how many. `unread` are pages with pictures that
    may show more than their characters say, and that no text recognition has looked at. `remaining` are pages of the
    copy on which a value was read. `painted` are the places that were painted over.
    """

    pages: int
    located: int
    not_located: Mapping[int, int]
    unread: tuple[int, ...]
    remaining: tuple[int, ...]
    painted: int

    @property
    def is_complete(self) -> bool:
        """Whether every value was found and none remains; only then the copy was written."""
        return not self.not_located and not self.remaining


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done to one page, and how many of the values that were said to stand there it has."""

    areas: tuple[Box, ...]
    runs: tuple[Run, ...]
    tally: "_Tally"


@dataclass(frozen=True, slots=True)
class _Tally:
    """Of one page, in counts; `missing` values were not found on it."""

    number: int
    located: int
    missing: int
    painted: int
    is_unread: bool


class Redactor:
    """Redacts PDF documents. Threads may share it; `scans` is None where no text recognition is installed."""

    def __init__(
        self,
        launcher: Launcher,
        limits: ParsingConfig,
        stop: threading.Event,
        passwords: Sequence[str] = (),
        scans: Scans | None = None,
    ) -> None:
        self._glyphs = PageGlyphs(launcher, limits, stop, passwords)
        self._pictures = Extraction(launcher, limits, stop, passwords)
        self._packer = Packer(launcher, limits, stop)
        self._sandbox = Sandbox(launcher, limits, stop)
        self._scans = scans

    def redact(
        self, document: int, suffix: str, targets: Mapping[int, Sequence[Target]], write: BinaryIO
    ) -> RedactionOutcome:
        """Remove the values, by the numbers of their pages from 1, from the open PDF `document`; they go on all pages.

        The copy is written to `write` if the outcome is complete, else nothing is. Raises RedactionError where there
        is no copy to be had, Stopped, SandboxError, LockError.
        """
        wanted = Targets(target for page in targets.values() for target in page)
        with scratch_file() as copy:
            try:
                tallies = list(self._copied(document, suffix, targets, wanted, copy))
            except ChildLost as lost:
                raise _refused(lost.code) from None
            missing = {tally.number: tally.missing for tally in tallies if tally.missing}
            beyond = {number: len(page) for number, page in targets.items() if page and not 0 < number <= len(tallies)}
            outcome = RedactionOutcome(
                pages=len(tallies),
                located=sum(tally.located for tally in tallies),
                not_located=missing | beyond,
                unread=tuple(tally.number for tally in tallies if tally.is_unread),
                remaining=checking.remaining(copy, wanted, len(tallies), self._sandbox),
                painted=sum(tally.painted for tally in tallies),
            )
            if outcome.is_complete:
                with open(copy, "rb", closefd=False) as file:
                    file.seek(0)
                    shutil.copyfileobj(file, write)
        return outcome

    def _copied(
        self, document: int, suffix: str, targets: Mapping[int, Sequence[Target]], wanted: Targets, copy: int
    ) -> Iterator[_Tally]:
        """Write the copy, and tell of each page. Raises ChildLost where one is not had."""
        pictures: Iterator[Picture] = iter(())
        with open(copy, "wb", closefd=False) as file, closing(self._glyphs.pages(document, suffix)) as pages:
            pdf = RedactedPdf(file)
            for page in pages:
                if page.number == 1:
                    pictures = self._pictures.pictures(document, suffix, range(1, page.count + 1), DPI, colour=True)
                plan = self._plan(document, suffix, page, wanted, targets.get(page.number, ()))
                picture = next(pictures, None)
                if picture is None or picture.content is None:
                    raise ChildLost((picture and picture.code) or Code.PAGES_FAILED)
                across, down = _PADDING / page.width, _PADDING / page.height
                blacken(picture, (area.grown(across, down) for area in plan.areas))
                with self._packer.packed(picture) as packed:
                    pdf.add(page.width, page.height, packed, plan.runs)
                yield plan.tally
            pdf.finish()

    def _plan(self, document: int, suffix: str, shown: ShownPage, wanted: Targets, stated: Sequence[Target]) -> _Plan:
        keys = [squeeze(target.value) for target in stated]
        page = wanted.on(shown.glyphs)
        found, areas, runs = page.found, list(page.areas), page.runs
        is_doubtful = _is_doubtful(shown, page, keys)
        is_read = False
        for glyphs in self._read(document, suffix, shown.number) if is_doubtful else ():
            is_read = True
            other = wanted.on(glyphs)
            areas += other.areas
            if not found.issuperset(other.found.intersection(keys)) or other.letters > _SAYS_MORE * page.letters:
                runs = other.runs
            found |= other.found
            if found.issuperset(keys):
                break
        missing = sum(key not in found for key in keys)
        tally = _Tally(shown.number, len(keys) - missing, missing, len(areas), is_doubtful and not is_read)
        return _Plan(tuple(areas), runs, tally)

    def _read(self, document: int, suffix: str, number: int) -> Iterator[tuple[Glyph, ...]]:
        return iter(()) if self._scans is None else self._scans.readings(document, suffix, number)


def _is_doubtful(shown: ShownPage, page: Page, keys: Sequence[str]) -> bool:
    """Whether a page may show values of which its characters do not tell, or tell the wrong place."""
    return (
        not page.found.issuperset(keys)
        or page.in_hidden_text
        or shown.pictured >= _PICTURED
        or (shown.is_drawn and page.letters < _FEW_LETTERS)
    )


def _refused(code: Code) -> RedactionError:
    if code is Code.FORMAT_NOT_READ:
        return RedactionError(
            "redaction_format", "Only PDF documents can be redacted.", "Print the document to a PDF, and redact that."
        )
    return RedactionError("redaction_failed", f"The document could not be drawn as a whole ({code}).")
