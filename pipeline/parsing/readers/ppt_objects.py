"""Documents embedded in a PowerPoint 97-2003 presentation: finds them and takes them out (MS-PPT 2.10)."""

import io
import struct
import zlib

from pipeline.outcomes import Code
from pipeline.parsing import compound, ole_objects
from pipeline.parsing.ole_objects import Embedded
from pipeline.parsing.powerpoint import record_at, records
from pipeline.parsing.readers.ppt_presentation import Presentation
from pipeline.parsing.readers.ppt_shapes import walked
from pipeline.parsing.reading import ReadingEnded

_LIST, _OBJECT, _STORAGE = 0x0409, 0x0FC3, 0x1011
_OBJECT_ATOM = struct.Struct("<4xI4xII")  # kind, subkind, number of its storage
_EMBEDDED, _EQUATION = 0, 6  # a kind, the others are links and controls; a subkind
_COMPRESSED = 1
_SIZE_BYTES, _ZLIB_HEADER_BYTES = 4, 2  # before compressed content
_EMPTY_BYTES = 1536  # of a compound file that holds nothing: header, table and directory


def found(presentation: Presentation) -> list[int]:
    """The numbers of the storages of all embedded documents."""
    numbers = []
    for container in records(presentation.stream, presentation.document.start, presentation.document.end):
        if container.kind != _LIST:
            continue
        for record in walked(presentation.stream, container):
            if record.kind == _OBJECT and record.end - record.start >= _OBJECT_ATOM.size:
                kind, subkind, number = _OBJECT_ATOM.unpack_from(presentation.stream, record.start)
                if kind == _EMBEDDED and subkind != _EQUATION and not _is_empty(presentation, number):
                    numbers.append(number)
    return numbers


def taken_out(presentation: Presentation, storage: int, number: int, most_bytes: int) -> Embedded:
    """The document in a storage, which may be compressed; `number` counts from 1 and becomes part of its name."""
    name = f"embedded-{number}.bin"
    record = record_at(presentation.stream, presentation.offsets.get(storage, -1))
    if record is None or record.kind != _STORAGE:
        return Embedded(name, b"", Code.STRUCTURE_DAMAGED)
    content = presentation.stream[record.start : record.end]
    try:
        if record.instance == _COMPRESSED:  # without its checksum, which some programs got wrong
            unpacked = zlib.decompressobj(-zlib.MAX_WBITS)
            content = unpacked.decompress(content[_SIZE_BYTES + _ZLIB_HEADER_BYTES :], most_bytes + 1)
        if len(content) > most_bytes:
            return Embedded(name, b"", Code.MEMBER_LIMIT)
        return ole_objects.taken_out(compound.opened(io.BytesIO(content)), number)
    except (zlib.error, ReadingEnded):
        return Embedded(name, b"", Code.STRUCTURE_DAMAGED)


def _is_empty(presentation: Presentation, storage: int) -> bool:
    """Whether an object says of itself that it holds nothing, as the rest of one that was deleted."""
    record = record_at(presentation.stream, presentation.offsets.get(storage, -1))
    if record is None or record.instance != _COMPRESSED:
        return False
    return int.from_bytes(presentation.stream[record.start : record.start + _SIZE_BYTES], "little") <= _EMPTY_BYTES
