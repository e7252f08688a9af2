"""PDF through pypdf, page by page: one page's exception costs that page. Text, form values and notes; no images."""

import io
import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO

import pypdf
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PdfReadError
from pypdf.generic import ArrayObject, DictionaryObject

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.readers.pdf_limits import (
    CONFIGURATION,
    ROOT_SEARCH_OBJECTS,
    XREF_STREAM_ENTRIES,
    LimitWatch,
    watched,
)
from pipeline.parsing.reading import ReadingEnded

# Operators that show an inline image, a form or glyphs that no character is known for (ISO 32000-1, annex A).
_SHOWN = re.compile(rb"\b(?:ID|Do|Tj|TJ)\s")
_PAINTED = re.compile(rb"\s(?:f\*?|F|S|s|B\*?|b\*?)\s")
_CATALOG = re.compile(rb"/Type\s{0,20}/Catalog\b")
_OBJECT = re.compile(rb"(\d{1,10}) (\d{1,5}) obj\s{0,20}<<")
_CATALOG_BYTES, _CATALOGS = 2000, 100  # how far into its object a catalogue may name itself; how many are looked at
_OUTLINES = 20  # so many painted paths may be text drawn as outlines; fewer are rules and frames of a blank page
_MAX_EXHAUSTED = 2  # pages that used up their time: after so many the rest of the document is not tried
_MAX_NOTES = 2000  # annotations read per page; a page with more is a drawing, not a document


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The pages from request.first_page on. A page without text that shows images says so in its code."""
    pypdf.overwrite_configuration(CONFIGURATION)
    with watched() as limits:
        yield from _read(file, request, limits)


def _read(file: BinaryIO, request: Request, limits: LimitWatch) -> Iterator[Opened | Page]:
    try:
        with at_most(request.page_cpu_s):
            reader, count, repaired = _open_or_repair(file, limits)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    unread = limits.taken()  # something of the structure is missing, and nobody can say what
    yield Opened("pdf", count)
    exhausted = 0
    for number in range(request.first_page, count + 1):
        try:
            with at_most(request.page_cpu_s):
                page = _page(reader, number, limits)
        except Exhausted:
            exhausted += 1
            page = Page(number, "", Code.READER_LIMIT)
        code = limits.taken()
        yield Page(number, page.text, code) if code else page
        if exhausted >= _MAX_EXHAUSTED:
            raise ReadingEnded(Code.READER_LIMIT)
    missing = _declared_count(reader) > count  # the page tree names pages that are nowhere in the file
    if Code.READER_LIMIT in (unread, limits.taken()):
        raise ReadingEnded(Code.READER_LIMIT)
    if missing:
        raise ReadingEnded(Code.PAGES_FAILED)
    if repaired or unread:
        raise ReadingEnded(Code.STRUCTURE_REPAIRED)


def _open_or_repair(file: BinaryIO, limits: LimitWatch) -> tuple[pypdf.PdfReader, int, bool]:
    """A reader that can reach pages, how many, and whether its cross-reference table had to be rebuilt for that."""
    try:
        return *_open(file), False
    except (ReadingEnded, MemoryError):
        raise
    except Exception:  # a broken cross-reference table can raise anything
        limits.taken()  # a damaged table hits limits too; the rebuilt one decides
    try:
        return *_open(_without_cross_references(file)), True
    except (ReadingEnded, MemoryError):
        raise
    except Exception:
        if limits.taken() is Code.READER_LIMIT:
            raise ReadingEnded(Code.READER_LIMIT) from None
        raise


def _without_cross_references(file: BinaryIO) -> BinaryIO:
    """A copy whose cross-reference table is declared to be at offset 0, where none is.

    pypdf then looks for the objects themselves, which mends files whose table or its pointer is lost.
    """
    file.seek(0)
    data = file.read()
    trailer = b"" if b"trailer" in data else _trailer(data)
    return io.BytesIO(data + trailer + b"\nstartxref\n0\n%%EOF\n")


def _trailer(data: bytes) -> bytes:
    """A trailer that names the first object that calls itself a catalogue, if there is one."""
    for found in itertools.islice(_CATALOG.finditer(data), _CATALOGS):
        objects = list(_OBJECT.finditer(data, max(0, found.start() - _CATALOG_BYTES), found.start()))
        if objects and b">" not in data[objects[-1].end() : found.start()]:
            return b"\ntrailer\n<< /Root %b %b R >>" % objects[-1].groups()
    return b""


def _open(file: BinaryIO) -> tuple[pypdf.PdfReader, int]:
    """A reader that can reach pages, and how many. Raises ReadingEnded, and anything for a broken structure."""
    try:
        reader = pypdf.PdfReader(
            file,
            strict=False,
            root_object_recovery_limit=ROOT_SEARCH_OBJECTS,
            xref_stream_maximum_entries=XREF_STREAM_ENTRIES,
        )
    except (NotImplementedError, DependencyError):
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN) from None
    if reader.is_encrypted:
        try:
            if not reader.decrypt(""):  # many files are encrypted only to forbid printing
                raise ReadingEnded(Code.PASSWORD_NEEDED)
        except (NotImplementedError, DependencyError):
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN) from None
    count = len(reader.pages)
    if count == 0:
        raise PdfReadError("no page can be reached")
    return reader, count


def _declared_count(reader: pypdf.PdfReader) -> int:
    root = reader.root_object.get("/Pages", DictionaryObject()).get_object()
    declared = root.get("/Count") if isinstance(root, DictionaryObject) else None
    return int(declared) if isinstance(declared, int) else 0


def _page(reader: pypdf.PdfReader, number: int, limits: LimitWatch) -> Page:
    try:
        page = reader.pages[number - 1]
        if "/Contents" in page and page.get_contents() is None:
            return Page(number, "", Code.PAGES_FAILED)  # what the page shows is nowhere in the file
        text = page.extract_text()
        code = Code.PAGES_WITHOUT_TEXT if not text.strip() and _draws(page) else None
        notes = "\n".join(_notes(page, limits))
        if notes:
            text = f"{text}\n\n{notes}" if text.strip() else notes
        return Page(number, text, code)
    except FileNotDecryptedError:
        raise ReadingEnded(Code.PASSWORD_NEEDED) from None
    except MemoryError:
        raise  # the whole document is tried again with more memory, then without this page
    except Exception:  # a broken page raises anything; the others must not suffer
        return Page(number, "", Code.PAGES_FAILED)


def _notes(page: pypdf.PageObject, limits: LimitWatch) -> Iterator[str]:
    """Values of form fields and texts of annotations, which are not part of the page's content stream."""
    try:
        annotations = list(page.get("/Annots", ArrayObject()).get_object())
        if len(annotations) > _MAX_NOTES:
            limits.limit()
        for reference in annotations[:_MAX_NOTES]:
            annotation = reference.get_object()
            if isinstance(annotation, DictionaryObject):
                yield from _note(annotation)
    except (RecursionError, LimitReachedError):
        limits.limit()
    except (PdfReadError, AttributeError, TypeError, ValueError, KeyError):
        return  # broken annotations do not cost the page's text


def _note(annotation: DictionaryObject) -> Iterator[str]:
    kind = annotation.get("/Subtype")
    if kind == "/Widget":
        holder = annotation if "/V" in annotation else annotation.get("/Parent", DictionaryObject()).get_object()
        is_text_or_choice = (annotation.get("/FT") or holder.get("/FT")) in ("/Tx", "/Ch")
        value = holder.get("/V") if is_text_or_choice and isinstance(holder, DictionaryObject) else None
    elif kind != "/Link":
        value = annotation.get("/Contents")
    else:
        value = None
    text = value.get_object() if value is not None else None
    if isinstance(text, str) and text.strip():
        yield text


def _draws(page: pypdf.PageObject) -> bool:
    """Whether a page without text shows something, such as a scan: then it was not read, it is not blank."""
    resources = page.get("/Resources", DictionaryObject()).get_object()
    if isinstance(resources, DictionaryObject):
        drawings = resources.get("/XObject", DictionaryObject()).get_object()
        if isinstance(drawings, DictionaryObject) and len(drawings) > 0:
            return True
    contents = page.get_contents()
    data = b"" if contents is None else contents.get_data()
    return _SHOWN.search(data) is not None or len(_PAINTED.findall(data)) >= _OUTLINES
