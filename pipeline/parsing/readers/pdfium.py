"""A PDF in pdfium: the second reader of pages whose text looks wrong, and the one that draws them.

It is C code, which no clock of ours interrupts: the limits of memory and of processor time, and the coordinator's
clock, end it with its process. pdf.py says what it is not given for that reason.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar

import pypdfium2

from pipeline.outcomes import Code
from pipeline.parsing import dates
from pipeline.parsing.protocol import Bitmap, Piece
from pipeline.parsing.readers import pdfium_page
from pipeline.parsing.readers.pdfium_page import Sight
from pipeline.parsing.reading import in_pieces

_MAX_NAMES = 10_000  # attachments of a document

_Seen = TypeVar("_Seen")


class Pdfium:
    """One document, opened when it is first asked for something; it must be closed. Pages are numbered from 1."""

    def __init__(self, file: BinaryIO, passwords: Sequence[str]) -> None:
        self._file = file
        self._passwords = passwords
        self._document: pypdfium2.PdfDocument | None = None
        self._is_tried = False

    @property
    def page_count(self) -> int:
        """How many pages it sees; 0 where it cannot open the document."""
        document = self._opened()
        return 0 if document is None else len(document)

    @property
    def attachment_names(self) -> list[str]:
        """The names of attached files."""
        document = self._opened()
        count = 0 if document is None else min(_MAX_NAMES, document.count_attachments())
        return [str(document.get_attachment(index).get_name()) for index in range(count)] if document else []

    @property
    def dated(self) -> str:
        """The day on which it was made, else changed; see dates.dated()."""
        document = self._opened()
        if document is None:
            return ""
        return dates.dated(*(document.get_metadata_value(key) for key in ("CreationDate", "ModDate")))

    def text(self, number: int) -> str | None:
        """The text of a page; None where it cannot be read."""
        return self._of_page(number, pdfium_page.text)

    def sight(self, number: int) -> Sight | None:
        """What else a page shows; None where that cannot be told."""
        return self._of_page(number, pdfium_page.sight)

    def notes(self, number: int) -> str:
        """The texts of a page's annotations and the values of its fields."""
        return self._of_page(number, pdfium_page.notes) or ""

    def drawn(self, number: int, dpi: int) -> Iterator[Bitmap | Piece]:
        """A picture of a page, at most with so many dots per inch."""
        document = self._opened()
        if document is not None:
            document.init_forms()  # before any page is loaded: without it, fields are not drawn
        seen = self._of_page(number, lambda page: pdfium_page.picture(page, number, dpi))
        bitmap, pixels = seen or (Bitmap(number, 0, 0, dpi, Code.PAGES_FAILED), b"")
        yield bitmap
        if bitmap.code is None:
            yield from in_pieces(pixels)

    def close(self) -> None:
        """Give back what pdfium holds of the document."""
        if self._document is not None:
            self._document.close()
            self._document = None

    def _of_page(self, number: int, look: Callable[[pypdfium2.PdfPage], _Seen]) -> _Seen | None:
        document = self._opened()
        if document is None:
            return None
        try:
            page = document[number - 1]
            try:
                return look(page)
            finally:
                page.close()
        except pypdfium2.PdfiumError:
            return None

    def _opened(self) -> pypdfium2.PdfDocument | None:
        if not self._is_tried:
            self._is_tried = True
            self._document = next(filter(None, map(self._with_password, ("", *self._passwords))), None)
        return self._document

    def _with_password(self, password: str) -> pypdfium2.PdfDocument | None:
        try:
            return pypdfium2.PdfDocument(self._file, password)
        except pypdfium2.PdfiumError:
            return None
