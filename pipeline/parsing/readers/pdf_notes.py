"""What a PDF page shows beside its content stream: values of form fields, texts of annotations and of signatures."""

import re
from collections.abc import Iterator
from typing import cast

import pypdf
from pypdf.errors import LimitReachedError, PdfReadError
from pypdf.generic import ArrayObject, DictionaryObject, EncodedStreamObject, StreamObject

from pipeline.parsing.readers.pdf_limits import LimitWatch

MAX_NOTES = 2000  # annotations read per page; a page with more is a drawing, not a document
_MAX_OPTIONS = 500  # of a list that shows them all
_MAX_PARENTS = 10  # above a field
_UNSPOKEN = frozenset({"/Link", "/Popup"})  # a popup says what the note says to which it belongs
_SHOWS_TEXT = re.compile(rb"\b(?:T[jJ]|Do)\b|['\"]\s")
_HIDDEN = 1 << 1  # annotation flags and field flags (ISO 32000-1, tables 165, 226, 230)
_PUSH_BUTTON, _COMBO_BOX = 1 << 16, 1 << 17


def notes(page: pypdf.PageObject, limits: LimitWatch) -> Iterator[str]:
    """Values of form fields and texts of annotations, in the order in which the page names them."""
    for annotation in _annotations(page, limits):
        yield from _said(page, annotation, limits)


def _said(page: pypdf.PageObject, annotation: DictionaryObject, limits: LimitWatch) -> list[str]:
    try:
        return [text for text in map(str.strip, _note(page, annotation)) if text]
    except (RecursionError, LimitReachedError):
        limits.limit()
    except MemoryError:
        raise
    except Exception:  # a broken annotation raises anything, and costs neither the page's text nor the others
        return []
    return []


def _annotations(page: pypdf.PageObject, limits: LimitWatch) -> Iterator[DictionaryObject]:
    try:
        annotations = list(page.get("/Annots", ArrayObject()).get_object())
        if len(annotations) > MAX_NOTES:
            limits.limit()
        for reference in annotations[:MAX_NOTES]:
            annotation = reference.get_object()
            if isinstance(annotation, DictionaryObject):
                yield annotation
    except (RecursionError, LimitReachedError):
        limits.limit()
    except (PdfReadError, AttributeError, TypeError, ValueError, KeyError):
        return


def _note(page: pypdf.PageObject, annotation: DictionaryObject) -> list[str]:
    kind = annotation.get("/Subtype")
    if kind in _UNSPOKEN:
        return []
    said = _field(annotation) if kind == "/Widget" else _strings(annotation.get("/Contents"))
    return said or [_appearance(page, annotation)]


def _field(widget: DictionaryObject) -> list[str]:
    """What a field holds or offers; nothing where that is seen from its appearance only."""
    kind, flags = _inherited(widget, "/FT"), _inherited(widget, "/Ff")
    flags = flags if isinstance(flags, int) else 0
    if kind == "/Btn":
        style = widget.get("/MK", DictionaryObject()).get_object()
        return _strings(style.get("/CA")) if flags & _PUSH_BUTTON else [""]  # a tick has no words
    if kind not in ("/Tx", "/Ch"):
        return []
    values = _strings(_inherited(widget, "/V"))
    if kind == "/Tx":
        return values
    offered = _inherited(widget, "/Opt")
    options = dict(map(_option, offered[:_MAX_OPTIONS])) if isinstance(offered, ArrayObject) else {}
    if options and not flags & _COMBO_BOX:
        return list(options.values())
    return [options.get(value, value) for value in values]


def _inherited(field: DictionaryObject, key: str) -> object:
    """An entry of a field, which one of those above it may hold."""
    for _ in range(_MAX_PARENTS):
        if key in field:
            return field[key]
        above = field.get("/Parent", DictionaryObject()).get_object()
        if not isinstance(above, DictionaryObject):
            break
        field = above
    return None


def _option(option: object) -> tuple[str, str]:
    """What a choice is called in the file, and what it is called on the page."""
    names = _strings(option)
    return names[0], names[-1]


def _strings(value: object) -> list[str]:
    """The texts of a string, or of an array of them."""
    value = getattr(value, "get_object", lambda: value)()
    if isinstance(value, ArrayObject):
        return [text for item in value[:_MAX_OPTIONS] for text in _strings(item)]
    return [value] if isinstance(value, str) and value.strip() else []


def _appearance(page: pypdf.PageObject, annotation: DictionaryObject) -> str:
    """The text in what is drawn for an annotation, such as a stamp or a signature."""
    flags = annotation.get("/F", 0)
    appearances = annotation.get("/AP", DictionaryObject()).get_object()
    drawn = appearances.get("/N").get_object() if "/N" in appearances else None
    is_seen = isinstance(flags, int) and not flags & _HIDDEN
    if not is_seen or not isinstance(drawn, StreamObject) or not _SHOWS_TEXT.search(drawn.get_data()):
        return ""
    return page.extract_xform_text(cast(EncodedStreamObject, drawn))  # it reads streams that are not encoded, too
