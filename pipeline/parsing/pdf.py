"""PDF through pypdf, page by page: one page's exception costs that page. Text, form values and notes; no images."""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

import pypdf
from pypdf.errors import DependencyError, FileNotDecryptedError, PdfReadError
from pypdf.generic import ArrayObject, DictionaryObject

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.reading import ReadingEnded

# Operators that show an inline image, a form or glyphs that no character is known for (ISO 32000-1, annex A).
_SHOWN = re.compile(rb"\b(?:ID|Do|Tj|TJ)\s")
_PAINTED = re.compile(rb"\s(?:f\*?|F|S|s|B\*?|b\*?)\s")
_CATALOG = re.compile(rb"(\d{1,10}) (\d{1,5}) obj\s*<<[^>]{0,2000}?/Type\s*/Catalog\b")
_OUTLINES = 20  # so many painted paths may be text drawn as outlines; fewer are rules and frames of a blank page
_MAX_NOTES = 2000  # annotations read per page; a page with more is a drawing, not a document


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The pages from request.first_page on. A page without text that shows images says so in its code."""
    pypdf.overwrite_configuration(jbig2dec_binary=None)  # the child may start no program
    repaired = False
    try:
        reader, count = _open(file)
    except (ReadingEnded, MemoryError):
        raise
    except Exception:  # a broken cross-reference table can raise anything
        repaired = True
        reader, count = _open(_without_cross_references(file))
    yield Opened("pdf", count)
    for number in range(request.first_page, count + 1):
        yield _page(reader, number)
    if _declared_count(reader) > count:
        raise ReadingEnded(Code.PAGES_FAILED)  # the page tree names pages that are nowhere in the file
    if repaired:
        raise ReadingEnded(Code.STRUCTURE_REPAIRED)


def _without_cross_references(file: BinaryIO) -> BinaryIO:
    """A copy whose cross-reference table is declared to be at offset 0, where none is.

    pypdf then looks for the objects themselves, which mends files whose table or its pointer is lost.
    """
    file.seek(0)
    data = file.read()
    catalog = None if b"trailer" in data else _CATALOG.search(data)
    trailer = b"\ntrailer\n<< /Root %b %b R >>" % catalog.groups() if catalog else b""
    return io.BytesIO(data + trailer + b"\nstartxref\n0\n%%EOF\n")


def _open(file: BinaryIO) -> tuple[pypdf.PdfReader, int]:
    """A reader that can reach pages, and how many. Raises ReadingEnded, and anything for a broken structure."""
    try:
        reader = pypdf.PdfReader(file, strict=False)
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


def _page(reader: pypdf.PdfReader, number: int) -> Page:
    try:
        page = reader.pages[number - 1]
        if "/Contents" in page and page.get_contents() is None:
            return Page(number, "", Code.PAGES_FAILED)  # what the page shows is nowhere in the file
        text = page.extract_text()
        code = Code.PAGES_WITHOUT_TEXT if not text.strip() and _draws(page) else None
        notes = "\n".join(_notes(page))
        if notes:
            text = f"{text}\n\n{notes}" if text.strip() else notes
        return Page(number, text, code)
    except FileNotDecryptedError:
        raise ReadingEnded(Code.PASSWORD_NEEDED) from None
    except MemoryError:
        raise  # the whole document is tried again with more memory, then without this page
    except Exception:  # a broken page raises anything; the others must not suffer
        return Page(number, "", Code.PAGES_FAILED)


def _notes(page: pypdf.PageObject) -> Iterator[str]:
    """Values of form fields and texts of annotations, which are not part of the page's content stream."""
    try:
        annotations = page.get("/Annots", ArrayObject()).get_object()
        for reference in list(annotations)[:_MAX_NOTES]:
            annotation = reference.get_object()
            if isinstance(annotation, DictionaryObject):
                yield from _note(annotation)
    except (PdfReadError, AttributeError, TypeError, ValueError, KeyError, RecursionError):
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
