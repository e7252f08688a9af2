"""One page through pypdf: its text, its notes, and whether it shows what is no text. An exception costs that page."""

import re
from dataclasses import dataclass

import pypdf
from pypdf.errors import FileNotDecryptedError
from pypdf.generic import DictionaryObject

from pipeline.outcomes import Code
from pipeline.parsing.readers.pdf_limits import LimitWatch
from pipeline.parsing.readers.pdf_notes import notes
from pipeline.parsing.readers.pdf_xfa import form_texts
from pipeline.parsing.reading import ReadingEnded

FEW_CHARACTERS = 200  # stamps, headers and page numbers of a scan come to so many; a page of prose has 2,000
# Operators that show an inline image, a form or glyphs that no character is known for (ISO 32000-1, annex A).
_SHOWN = re.compile(rb"\b(?:ID|Do|Tj|TJ)\s")
_PICTURED = re.compile(rb"\b(?:ID|Do)\s")
_PAINTED = re.compile(rb"\s(?:f\*?|F|S|s|B\*?|b\*?)\s")
_OUTLINES = 20  # so many painted paths may be text drawn as outlines; fewer are rules and frames of a blank page


@dataclass(frozen=True, slots=True)
class Content:
    """What pypdf found on a page. `is_drawn` is looked at where there are few characters, or none, only."""

    text: str = ""
    notes: str = ""
    is_drawn: bool = False  # something is shown that is no text: with few characters, pictures or forms
    has_failed: bool = False


def content(reader: pypdf.PdfReader, number: int, limits: LimitWatch) -> Content:
    """The page's content. Raises ReadingEnded, MemoryError and what effort.py does."""
    try:
        page = reader.pages[number - 1]
        if "/Contents" in page and page.get_contents() is None:
            return Content(has_failed=True)  # what the page shows is nowhere in the file
        text = page.extract_text()
        characters = len(text) - text.count(" ") - text.count("\n")
        is_drawn = characters <= FEW_CHARACTERS and _is_drawn(page, is_blank=characters == 0)
        said = [*notes(page, limits), *(_form_texts(reader) if number == 1 else ())]
        return Content(text, "\n".join(said), is_drawn)
    except FileNotDecryptedError:
        raise ReadingEnded(Code.PASSWORD_NEEDED) from None
    except MemoryError:
        raise  # the whole document is tried again with more memory, then without this page
    except Exception:  # a broken page raises anything; the others must not suffer
        return Content(has_failed=True)


def is_whole(reader: pypdf.PdfReader, number: int, limits: LimitWatch) -> bool:
    """Whether every byte of what a page shows can be decoded: then whoever understands it has read the page."""
    try:
        contents = reader.pages[number - 1].get_contents()
        return contents is not None and len(contents.get_data()) > 0 and limits.taken() is None
    except MemoryError:
        raise
    except Exception:  # as above
        return False


def _form_texts(reader: pypdf.PdfReader) -> list[str]:
    try:
        return list(form_texts(reader))
    except MemoryError:
        raise
    except Exception:  # a broken form costs neither the page's text nor its notes
        return []


def _is_drawn(page: pypdf.PageObject, *, is_blank: bool) -> bool:
    """Whether a page shows something such as a scan: without text it was not read then, it is not blank."""
    resources = page.get("/Resources", DictionaryObject()).get_object()
    if isinstance(resources, DictionaryObject):
        drawings = resources.get("/XObject", DictionaryObject()).get_object()
        if isinstance(drawings, DictionaryObject) and len(drawings) > 0:
            return True
    contents = page.get_contents()
    data = b"" if contents is None else contents.get_data()
    if not is_blank:
        return _PICTURED.search(data) is not None
    return _SHOWN.search(data) is not None or len(_PAINTED.findall(data)) >= _OUTLINES
