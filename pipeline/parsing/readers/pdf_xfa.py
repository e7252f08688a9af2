"""The text of a PDF that is drawn from a form description of its own (XFA): its page only asks for another program."""

import html
import re
from collections.abc import Iterator

import pypdf
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, StreamObject

# The elements that a form shows; its events and scripts are no text of it.
_SHOWN = re.compile(r"<(/)?(?:text|exData)\b[^<>]*+>")
_FILLED = re.compile(r">([^<>]*+)</")
_TAG = re.compile(r"<[^<>]*+>")
_TEMPLATE, _DATASETS = "template", "datasets"  # the parts that hold text
_MAX_CHARACTERS = 5_000_000  # of a part; descriptions of forms of many pages come to 1 million
_MAX_PARTS = 100


def form_texts(reader: pypdf.PdfReader) -> Iterator[str]:
    """Captions, then values, a line each; nothing for a document whose pages show what they say. Raises anything."""
    form = reader.root_object.get("/AcroForm", DictionaryObject()).get_object()
    needs_rendering = reader.root_object.get("/NeedsRendering")
    is_shown = not isinstance(needs_rendering, BooleanObject) or not needs_rendering.value
    if is_shown or not isinstance(form, DictionaryObject) or "/XFA" not in form:
        return
    for name, source in _parts(form["/XFA"]):
        for found in _shown(source) if name == _TEMPLATE else _FILLED.findall(source):
            text = " ".join(html.unescape(_TAG.sub(" ", found)).split())
            if text:
                yield text


def _shown(source: str) -> Iterator[str]:
    """What lies between the tags of the innermost elements that show text."""
    begin: int | None = None
    for tag in _SHOWN.finditer(source):
        if tag[1] and begin is not None:
            yield source[begin : tag.start()]
        begin = None if tag[1] else tag.end()


def _parts(description: object) -> Iterator[tuple[str, str]]:
    """The parts that hold text, of a description that is one stream, or an array of names and streams in turn."""
    if isinstance(description, StreamObject):
        whole = _source(description)
        yield from ((name, _element(whole, name)) for name in (_TEMPLATE, _DATASETS))
    elif isinstance(description, ArrayObject):
        entries = [entry.get_object() for entry in description[: 2 * _MAX_PARTS]]
        for name, stream in zip(entries[::2], entries[1::2], strict=False):
            if name in (_TEMPLATE, _DATASETS) and isinstance(stream, StreamObject):
                yield str(name), _source(stream)


def _element(source: str, name: str) -> str:
    """What stands in the first element of this name, whatever its prefix."""
    begin = re.search(rf"<(?:\w{{1,20}}:)?{name}\b", source)
    end = source.rfind(f"{name}>")
    return source[begin.start() : end] if begin and end > begin.start() else ""


def _source(stream: StreamObject) -> str:
    return stream.get_data()[:_MAX_CHARACTERS].decode("utf-8", "replace")
