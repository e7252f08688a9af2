"""Files that lie in a PDF: attachments, files that pages or notes name, parts of a portfolio. Reads none of them."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from typing import BinaryIO, cast

from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from pipeline.parsing.readers.pdf_limits import LimitWatch
from pipeline.parsing.readers.pdf_structure import Structure

# Where only a page names an attachment, one of these stands uncompressed in the file: an attachment is a stream, whose
# entries cannot be compressed, and programs name its type or its parameters. Pages of other files are passed over.
_TRACES = re.compile(rb"/EmbeddedFile|/FileAttachment|/Params\b")
_BLOCK_BYTES, _OVERLAP_BYTES = 1 << 20, 16
_MAX_LOOKED_AT = 20_000  # annotations and nodes of the tree of names in one document: a second's work
_KINDS = ("/UF", "/F", "/Unix", "/DOS", "/Mac")  # of names and of streams, the best first (ISO 32000-1, 7.11.4)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file. `stream` is None where its place is broken."""

    name: str
    stream: StreamObject | None


def attachments(file: BinaryIO, structure: Structure, limits: LimitWatch) -> list[Attachment]:
    """The files in a document, each once, in the order in which the document names them."""
    found: dict[int, Attachment] = {}
    for attachment in map(_attachment, _places(file, structure, limits)):
        if attachment is not None:
            found.setdefault(-len(found) if attachment.stream is None else id(attachment.stream), attachment)
    return list(found.values())


def content(stream: StreamObject) -> bytes | BinaryIO:
    """What an attachment holds; what is only compressed is unpacked while it is read, however large it becomes.

    Raises anything where its filters are broken or unknown.
    """
    filters = stream.get("/Filter")
    if isinstance(filters, ArrayObject) and len(filters) == 1:
        filters = filters[0].get_object()
    if filters == "/FlateDecode" and "/DecodeParms" not in stream:
        return cast(BinaryIO, BufferedReader(_Inflated(StreamObject.get_data(stream), _declared(stream)), _BLOCK_BYTES))
    return stream.get_data()


class _Inflated(RawIOBase):
    """Compressed bytes as a file of what they hold, of which `size` bytes make it whole, if that is known."""

    def __init__(self, compressed: bytes, size: int | None) -> None:
        self._compressed = compressed
        self._decompressor = zlib.decompressobj()
        self._missing = size

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """Unpack as much as there is room for. Raises zlib.error, also where the end is missing."""
        room = memoryview(buffer)  # type: ignore[arg-type]
        unpacked = self._decompressor.decompress(self._compressed, len(room))
        self._compressed = self._decompressor.unconsumed_tail
        room[: len(unpacked)] = unpacked
        self._missing = None if self._missing is None else self._missing - len(unpacked)
        if not unpacked and not self._decompressor.eof and self._missing != 0:
            raise zlib.error("the end is missing")
        return len(unpacked)


def _declared(stream: StreamObject) -> int | None:
    parameters = _object(stream.get("/Params"))
    size = parameters.get("/Size") if isinstance(parameters, DictionaryObject) else None
    return size if isinstance(size, int) else None


def _places(file: BinaryIO, structure: Structure, limits: LimitWatch) -> Iterator[object]:
    """Whatever may name a file: in the tree of names, of the document, of its pages, of their annotations."""
    root = structure.reader.root_object
    yield from _named(root, limits)
    yield from _array(root, "/AF")
    if not _has_traces(file):
        return
    looked_at = 0
    for page in structure.reader.pages:
        yield from _array(page, "/AF")
        for annotation in map(_object, _array(page, "/Annots")):
            looked_at += 1
            if looked_at > _MAX_LOOKED_AT:
                limits.limit()
                return
            if isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") == "/FileAttachment":
                yield annotation.get("/FS")


def _named(root: DictionaryObject, limits: LimitWatch) -> Iterator[object]:
    """The values in the tree of attachments' names, whose nodes hold names and values in turn, or further nodes."""
    names = _object(root.get("/Names"))
    if not isinstance(names, DictionaryObject) or "/EmbeddedFiles" not in names:
        return
    nodes, seen = [names.get("/EmbeddedFiles")], set[int]()
    while nodes:
        node = _object(nodes.pop())
        if not isinstance(node, DictionaryObject) or id(node) in seen:
            limits.loss()
            continue
        seen.add(id(node))
        yield from _array(node, "/Names")[1::2]
        nodes += reversed(_array(node, "/Kids"))
        if len(seen) + len(nodes) > _MAX_LOOKED_AT:
            limits.limit()
            return


def _attachment(place: object) -> Attachment | None:
    """The file that a specification holds; None where it only names one that lies elsewhere."""
    specification = _object(place)
    if isinstance(specification, str):
        return None
    if not isinstance(specification, DictionaryObject):
        return Attachment("", None)
    names = [_object(specification.get(kind)) for kind in _KINDS]
    name = next((str(one) for one in names if isinstance(one, str)), "")
    if "/EF" not in specification:
        return None
    embedded = _object(specification.get("/EF"))
    streams = [_object(embedded.get(kind)) for kind in _KINDS] if isinstance(embedded, DictionaryObject) else []
    return Attachment(name, next((one for one in streams if isinstance(one, StreamObject)), None))


def _object(value: object) -> object:
    """What a value refers to; None where that is broken."""
    try:
        return value.get_object() if isinstance(value, PdfObject) else None
    except MemoryError:
        raise
    except Exception:  # a broken object raises anything; what it would have held is missed by who asks
        return None


def _array(dictionary: DictionaryObject, key: str) -> list[object]:
    array = _object(dictionary.get(key))
    return list(array) if isinstance(array, ArrayObject) else []


def _has_traces(file: BinaryIO) -> bool:
    """Whether a page may name an attachment, from the bytes of the file; a small part of what opening it takes."""
    file.seek(0)
    tail = b""
    while block := file.read(_BLOCK_BYTES):
        if _TRACES.search(tail + block):
            return True
        tail = block[-_OVERLAP_BYTES:]
    return False
