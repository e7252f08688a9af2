"""Documents that lie in others through OLE, taken out of their wrappers. Runs nothing, and follows no link."""

import struct
from dataclasses import dataclass

from pipeline.outcomes import Code
from pipeline.parsing.compound import SIGNATURE, Storage
from pipeline.parsing.compound_writer import copied, written
from pipeline.parsing.readers.names import display_name
from pipeline.parsing.reading import ReadingEnded

_NATIVE = "\x01Ole10Native"  # a file that was dropped into a document, with its name (MS-OLEDS 2.3.6)
# Streams that are a file of their own: OOXML, OpenDocument; PDF, where Works and Publisher keep what nobody else knows.
_WHOLE = ("Package", "package_stream", "CONTENTS")
_KNOWN = (b"PK", b"%PDF", b"{\\rtf", SIGNATURE)  # how such a file begins
_PROGRAMS = {"WordDocument": ".doc", "Workbook": ".xls", "Book": ".xls", "PowerPoint Document": ".ppt"}
_PROGRAMS_TOO = {"__properties_version1.0": ".msg", "EncryptedPackage": ".bin"}
_NO_DOCUMENT = ("Equation Native", "\x03OCXNAME", "\x03OCXDATA")  # formulas; buttons and fields
_CLASS, _FORMULA = "\x01CompObj", b"Equation"  # where the program is named; the one that writes formulas
_MOST_CLASS_BYTES = 4096  # of what names the program; a few hundred are usual
_NAMED = b"\x02\x00"  # how a native stream with a name begins
_SIZE = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Embedded:
    """One embedded document; `code` says why its content cannot be given."""

    name: str
    content: bytes
    code: Code | None = None


def is_document(storage: Storage) -> bool:
    """Whether an object has content of its own, other than a formula: links and pictures of objects have none."""
    names = list(storage.streams())
    if any(storage.has(name) for name in _NO_DOCUMENT):
        return False
    if storage.size(_CLASS) <= _MOST_CLASS_BYTES and _FORMULA in storage.stream(_CLASS):
        return False
    return storage.has(_NATIVE) or any(name[:1] > "\x06" for name in names)  # lower ones: what OLE itself keeps


def taken_out(storage: Storage, number: int) -> Embedded:
    """The document in the object with this number, which counts from 1."""
    name = f"embedded-{number}"
    inner = wrapped(storage)
    if inner is not None:
        return Embedded(inner.name or f"{name}.bin", inner.content)
    for stream, suffix in (_PROGRAMS | _PROGRAMS_TOO).items():
        if storage.has(stream):
            try:
                return Embedded(name + suffix, written(copied(storage)))
            except ReadingEnded as end:
                return Embedded(name + suffix, b"", end.code)
    return Embedded(f"{name}.bin", b"", Code.FORMAT_NOT_READ)


def wrapped(storage: Storage) -> Embedded | None:
    """The file that lies in an object as it is; None where the object itself is the document, or nothing known."""
    if any(storage.has(stream) for stream in _PROGRAMS | _PROGRAMS_TOO):
        return None
    if storage.has(_NATIVE):
        return native(storage.stream(_NATIVE)[_SIZE.size :])
    for stream in _WHOLE:
        content = storage.stream(stream)
        if content.startswith(_KNOWN):
            return Embedded("", content)
    return None


def native(data: bytes) -> Embedded:
    """The file, and its name, in the data of a native object; data of another kind is a file without a name."""
    label, at = _terminated(data, 2)
    _, at = _terminated(data, at)
    at += 4  # flags
    path_bytes, at = _number(data, at)
    size, at = _number(data, at + path_bytes)
    end = at + size
    if data[:2] != _NAMED or not 0 < size <= len(data) - at:
        return Embedded("", data)
    return Embedded(display_name(_wide_label(data, end) or label.decode("cp1252", "replace")), data[at:end])


def _wide_label(data: bytes, at: int) -> str:
    """The label in Unicode, which newer programs put behind the file: after the path, before the file's name."""
    length, at = _number(data, at)
    length, at = _number(data, at + 2 * length)
    return data[at : at + 2 * length].decode("utf-16-le", "replace") if length else ""


def _terminated(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\x00", at)
    return (data[at:end], end + 1) if end >= 0 else (data[at:], len(data))


def _number(data: bytes, at: int) -> tuple[int, int]:
    return int.from_bytes(data[at : at + _SIZE.size], "little"), at + _SIZE.size
