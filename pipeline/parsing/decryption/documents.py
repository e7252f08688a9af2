"""What is encrypted in Word, Excel and PowerPoint files of 1997 to 2003, and the same file opened. In memory only."""

import io
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import powerpoint
from pipeline.parsing.compound import Storage
from pipeline.parsing.compound_writer import copied, written
from pipeline.parsing.decryption import rc4, xor
from pipeline.parsing.reading import ReadingEnded

# A document opened with a password, None where it is another.
Opening = Callable[[str], BinaryIO | None]

_FIB = struct.Struct("<HH6xHxxI")  # identity, version, flags, key (MS-DOC 2.5.2)
_FLAGS_AT, _KEY_AT = 10, 14
_ENCRYPTED, _SECOND_TABLE, _OBFUSCATED = 0x0100, 0x0200, 0x8000
_WORD_97 = 0xC1
_FIB_CLEAR, _OLD_FIB_CLEAR = 0x44, 0x34  # bytes at the beginning that are never encrypted
_WORD_BLOCK, _SHEET_BLOCK = 512, 1024  # bytes under one key
_RECORD = struct.Struct("<HH")
_FILE_PASS, _BOUND_SHEET, _END_OF_GLOBALS = 0x002F, 0x0085, 0x000A
_FILE_PASS_XOR, _FILE_PASS_RC4 = 0, 1
_CLEAR_SHEET_BYTES = 4  # where a sheet begins is not encrypted
# BOF, FilePass, UsrExcl, FileLock, InterfaceHdr, RRDInfo, RRDHead: never encrypted (MS-XLS 2.2.10)
_CLEAR_RECORDS = frozenset({0x0809, _FILE_PASS, 0x0194, 0x0195, 0x00E1, 0x0196, 0x0138})
_MEANS_NOTHING = 0x00E2  # InterfaceEnd: FilePass becomes one, so that no reader takes the workbook for encrypted
_SESSION = 0x2F14
_HEADER_BYTES, _SESSION_FIELD_BYTES = 8, 4


def word(root: Storage) -> Opening | None:
    """How to open an encrypted Word document; None where it is not encrypted."""
    document = root.stream("WordDocument")
    if len(document) < _OLD_FIB_CLEAR:
        return None
    _, version, flags, key = _FIB.unpack_from(document)
    if not flags & _ENCRYPTED:
        return None
    table = "1Table" if flags & _SECOND_TABLE else "0Table"
    clear = bytearray(document[: _FIB_CLEAR if version >= _WORD_97 else _OLD_FIB_CLEAR])
    struct.pack_into("<H", clear, _FLAGS_AT, flags & ~(_ENCRYPTED | _OBFUSCATED))
    struct.pack_into("<I", clear, _KEY_AT, 0)

    def by_xor(password: str) -> BinaryIO | None:
        usable = xor.usable(password)
        if usable is None or (xor.verifier(usable), xor.key(usable)) != (key & 0xFFFF, key >> 16):
            return None
        mask = xor.mask_of(usable)
        return _with(root, _opened_streams(lambda content, at: xor.text_decrypted(content[at:], mask, at)))

    def by_rc4(password: str) -> BinaryIO | None:
        keys = rc4.keys_for(root.stream(table)[:key], password)
        if keys is None:
            return None
        return _with(root, _opened_streams(lambda content, at: rc4.decrypted(content, keys, _WORD_BLOCK)[at:]))

    def _opened_streams(opened: Callable[[bytes, int], bytes]) -> Iterator[tuple[str, bytes]]:
        yield "WordDocument", bytes(clear) + opened(document, len(clear))
        for name in (table, "Data"):
            if root.has(name):
                yield name, opened(root.stream(name), 0)

    return by_xor if flags & _OBFUSCATED or version < _WORD_97 else by_rc4


def sheets(root: Storage) -> Opening | None:
    """How to open an encrypted Excel workbook; None where it is not encrypted."""
    name = "Workbook" if root.has("Workbook") else "Book"
    book = root.stream(name)
    header = next((book[start:end] for kind, start, end in _globals(book) if kind == _FILE_PASS), None)
    if header is None:
        return None
    kind = _FILE_PASS_XOR if len(header) <= 4 else int.from_bytes(header[:2], "little")
    if kind not in (_FILE_PASS_XOR, _FILE_PASS_RC4):
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)

    def by_xor(password: str) -> BinaryIO | None:
        usable = xor.usable(password)
        if usable is None or xor.verifier(usable) != int.from_bytes(header[-2:], "little"):
            return None
        mask = xor.mask_of(usable)
        opened = bytearray(book)
        for _, start, end in _records(book):
            opened[start:end] = xor.sheet_decrypted(book[start:end], mask, end)
        return _with(root, iter([(name, _with_clear_parts(opened, book))]))

    def by_rc4(password: str) -> BinaryIO | None:
        keys = rc4.keys_for(header[2:], password)
        if keys is None:
            return None
        opened = bytearray(rc4.decrypted(book, keys, _SHEET_BLOCK))
        return _with(root, iter([(name, _with_clear_parts(opened, book))]))

    return by_xor if kind == _FILE_PASS_XOR else by_rc4


def slides(root: Storage) -> Opening | None:
    """How to open an encrypted PowerPoint presentation; None where it is not encrypted."""
    stream = root.stream("PowerPoint Document")
    directory = powerpoint.directory(stream, root.stream("Current User"))
    if directory is None or directory.session == 0:
        return None
    session = powerpoint.record_at(stream, directory.offsets.get(directory.session, -1))
    if session is None or session.kind != _SESSION:
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)

    def by_rc4(password: str) -> BinaryIO | None:
        keys = rc4.keys_for(stream[session.start : session.end], password)
        if keys is None:
            return None
        opened = bytearray(stream)
        left = len(stream)  # objects do not overlap: those of an honest file are no longer than the file
        for number, at in directory.offsets.items():
            head = stream[at : at + _HEADER_BYTES]
            if number == directory.session:  # the only one that is not encrypted
                continue
            length = _HEADER_BYTES + int.from_bytes(rc4.one_block(head, keys(number))[4:], "little")
            content = stream[at : at + length]
            left -= len(content)
            if left < 0:
                raise ReadingEnded(Code.READER_LIMIT)
            opened[at : at + len(content)] = rc4.one_block(content, keys(number))
        opened[directory.session_at : directory.session_at + _SESSION_FIELD_BYTES] = bytes(_SESSION_FIELD_BYTES)
        return _with(root, iter([("PowerPoint Document", bytes(opened))]))

    return by_rc4


def _with(root: Storage, streams: Iterator[tuple[str, bytes]]) -> BinaryIO:
    """The file with other content in these streams."""
    folder = copied(root)
    known = {name.lower(): name for name in folder.streams}
    for name, content in streams:
        folder.streams[known[name.lower()]] = content
    return io.BytesIO(written(folder))


def _with_clear_parts(opened: bytearray, book: bytes) -> bytes:
    """A workbook with those parts as they were that are never encrypted."""
    end = 0
    for kind, start, end in _records(book):
        opened[start - _RECORD.size : start] = book[start - _RECORD.size : start]
        if kind in _CLEAR_RECORDS:
            opened[start:end] = book[start:end]
        elif kind == _BOUND_SHEET:
            opened[start : start + _CLEAR_SHEET_BYTES] = book[start : start + _CLEAR_SHEET_BYTES]
        if kind == _FILE_PASS:
            struct.pack_into("<H", opened, start - _RECORD.size, _MEANS_NOTHING)
    opened[end:] = book[end:]
    return bytes(opened)


def _globals(book: bytes) -> Iterator[tuple[int, int, int]]:
    """The records up to the end of the first part, which is where a password is declared."""
    for kind, start, end in _records(book):
        yield kind, start, end
        if kind == _END_OF_GLOBALS:
            return


def _records(book: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, start and end of the content of each record of a workbook."""
    at = 0
    while at + _RECORD.size <= len(book):
        kind, length = _RECORD.unpack_from(book, at)
        at += _RECORD.size
        if at + length > len(book):
            return
        yield kind, at, at + length
        at += length
