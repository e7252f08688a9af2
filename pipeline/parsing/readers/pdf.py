"""PDF: pages through pypdf; where their text looks wrong, is missing or fails, through pdfium too; files and pictures.

pypdf runs within limits and within a time of ours. pdfium does not, so that it gets no page that met such a limit, and
nothing of a document at which a child was lost already.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

import pypdf

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Bitmap, Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import pdf_content, pdf_members, pdf_redaction
from pipeline.parsing.readers.pdf_limits import CONFIGURATION, LimitWatch, watched
from pipeline.parsing.readers.pdf_members import Attachment
from pipeline.parsing.readers.pdf_pages import FIRST, TwoReaders, page_by_second
from pipeline.parsing.readers.pdf_structure import Structure, opened
from pipeline.parsing.readers.pdfium import Pdfium
from pipeline.parsing.reading import ReadingEnded, in_pieces

_TRIED = 10  # pages that pdfium counts, of which one must be there, where pypdf finds none
_MAX_EXHAUSTED = 2  # pages that used up their time: after so many the rest of the document is not tried


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The pages from request.first_page on. A page without text that shows images says so in its code."""
    pypdf.overwrite_configuration(CONFIGURATION)
    with watched() as limits, closing(Pdfium(file, request.passwords)) as second:
        try:
            structure = _opened(file, request, limits)
        except MemoryError:
            raise
        except Exception as reason:  # pypdf reaches no page
            yield from _by_second_alone(second, request, reason)
            return
        yield from _by_both(file, structure, second, request, limits)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Bitmap | Piece]:
    """The files in the document, from request.first_page on."""
    pypdf.overwrite_configuration(CONFIGURATION)
    with watched() as limits:
        try:
            found = _attachments(file, _opened(file, request, limits), request, limits)
        except ReadingEnded as end:
            if end.code is not Code.PASSWORD_NEEDED:
                raise
            yield from _locked_members(file, request)
            return
        for number, attachment in enumerate(found[request.first_page - 1 :], request.first_page):
            yield from _member(number, attachment, request, limits)


def render(file: BinaryIO, request: Request) -> Iterator[Member | Bitmap | Piece]:
    """Pictures of request.pages."""
    with closing(Pdfium(file, request.passwords)) as document:
        for number in request.pages:
            yield from document.drawn(number, request.dpi)


glyphs, colour = pdf_redaction.glyphs, pdf_redaction.colour  # what else a PDF can be asked for


def _opened(file: BinaryIO, request: Request, limits: LimitWatch) -> Structure:
    try:
        with at_most(request.page_cpu_s):
            return opened(file, request.passwords, limits)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None


def _attachments(file: BinaryIO, structure: Structure, request: Request, limits: LimitWatch) -> list[Attachment]:
    try:
        with at_most(request.page_cpu_s):
            return pdf_members.attachments(file, structure, limits)
    except Exhausted:
        limits.limit()
        return []


def _dated(structure: Structure, request: Request) -> str:
    """The day that it says it is of. Without one no text is missing; a limit that is hit on the way is noted."""
    try:
        with at_most(request.page_cpu_s):
            return structure.dated
    except MemoryError:
        raise
    except (Exhausted, Exception):  # a broken dictionary can raise anything
        return ""


def _by_both(
    file: BinaryIO, structure: Structure, second: Pdfium, request: Request, limits: LimitWatch
) -> Iterator[Opened | Page]:
    unread = limits.taken()  # something of the structure is missing, and nobody can say what
    yield Opened(
        "pdf", structure.count, len(_attachments(file, structure, request, limits)), _dated(structure, request)
    )
    unread = limits.taken() or unread
    readers = TwoReaders(structure, None if request.retry else second, limits, request.page_cpu_s)
    exhausted = 0
    for number in range(request.first_page, structure.count + 1):
        try:
            with at_most(request.page_cpu_s):
                first = pdf_content.content(structure.reader, number, limits)
        except Exhausted:
            limits.taken()
            exhausted += 1
            yield Page(number, "", Code.READER_LIMIT, FIRST)
        else:
            yield readers.page(number, first, limits.taken())
        if exhausted >= _MAX_EXHAUSTED:
            raise ReadingEnded(Code.READER_LIMIT)
    if Code.READER_LIMIT in (unread, limits.taken()):
        raise ReadingEnded(Code.READER_LIMIT)
    if structure.is_missing_pages:
        raise ReadingEnded(Code.PAGES_FAILED)
    if structure.repaired or unread:
        raise ReadingEnded(Code.STRUCTURE_REPAIRED)


def _by_second_alone(second: Pdfium, request: Request, reason: Exception) -> Iterator[Opened | Page]:
    """The pages of a document that only pdfium can open, as when its attachments are encrypted and its pages are not.

    Raises the reason why pypdf could not, where pdfium cannot either or must not, since a limit was met.
    """
    is_locked = isinstance(reason, ReadingEnded) and reason.code is Code.PASSWORD_NEEDED
    if (isinstance(reason, ReadingEnded) and not is_locked) or request.retry or not _reaches_a_page(second):
        raise reason
    yield Opened("pdf", second.page_count, len(second.attachment_names) if is_locked else 0, second.dated)
    for number in range(request.first_page, second.page_count + 1):
        yield page_by_second(second, number)
    if not is_locked:
        raise ReadingEnded(Code.STRUCTURE_REPAIRED)


def _reaches_a_page(second: Pdfium) -> bool:
    """Whether any of the first pages that it counts is there."""
    return any(second.text(number) is not None for number in range(1, min(_TRIED, second.page_count) + 1))


def _member(number: int, attachment: Attachment, request: Request, limits: LimitWatch) -> Iterator[Member | Piece]:
    code: Code | None = Code.STRUCTURE_DAMAGED
    content: bytes | BinaryIO = b""
    if attachment.stream is not None:
        try:
            with at_most(request.page_cpu_s):
                content, code = pdf_members.content(attachment.stream), None
        except Exhausted:
            code = Code.READER_LIMIT
        except MemoryError:
            raise
        except Exception:  # filters raise anything
            code = Code.READER_LIMIT if limits.taken() is Code.READER_LIMIT else Code.STRUCTURE_DAMAGED
    yield Member(number, attachment.name, code)
    if code is None:
        yield from in_pieces(content)


def _locked_members(file: BinaryIO, request: Request) -> Iterator[Member]:
    """The names of files that need a password of their own."""
    with closing(Pdfium(file, request.passwords)) as document:
        names = document.attachment_names
    for number, name in enumerate(names[request.first_page - 1 :], request.first_page):
        yield Member(number, name, Code.PASSWORD_NEEDED)
