"""ZIP archives: a page with the names in them, and each file in them as a document. Nothing is written to any path."""

import bz2
import itertools
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.handover import Begun, begin, hand_out
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.zip_aes import AesField, aes_decrypted, aes_field
from pipeline.parsing.readers.zip_crypto import crypto_decrypted
from pipeline.parsing.readers.zip_directory import Directory, content_start, directory_of
from pipeline.parsing.readers.zip_entries import (
    ENCRYPTED,
    MASKED,
    PATCH,
    STRONGLY_ENCRYPTED,
    UNKNOWN,
    Entry,
)
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import (
    FREE_BYTES,
    LZMA_MEMORY_BYTES,
    MOST_RATIO,
    Blocks,
    Inflate,
    blocks_of,
    split_off,
    unpacked,
)

_STORED, _DEFLATED, _BZIP2, _LZMA, _XZ, _AES = 0, 8, 12, 14, 95, 99  # methods of compression
_LZMA_END_MARK = 1 << 1  # flag: the stream says itself where it ends
_LZMA_HEADER_BYTES = 9  # version, length of what follows (5), properties
# What macOS puts beside the files, known by how it begins: attributes of files (AppleDouble), looks of folders.
_OF_FINDER = (b"\x00\x05\x16\x07", b"\x00\x00\x00\x01Bud1")


@dataclass(frozen=True, slots=True)
class _Archive:
    """An open archive with its files: no folders, nothing that only Finder reads."""

    file: BinaryIO
    files: tuple[Entry, ...]
    code: Code | None


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: the names of the files, a line each, so that an archive is found by what lies in it."""
    try:
        with at_most(request.page_cpu_s):
            archive = _opened(file)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("zip", 1, len(archive.files))
    code = archive.code if archive.code is Code.READER_LIMIT else None
    if request.first_page == 1:
        yield Page(1, "\n".join(entry.name for entry in archive.files), code)
    if archive.code is Code.STRUCTURE_REPAIRED:
        raise ReadingEnded(archive.code)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """Each file in the order of the directory, or why it cannot be had."""
    archive = _opened(file)
    passwords = _encoded(request.passwords)
    taken = 0
    for number, entry in enumerate(archive.files[request.first_page - 1 :], request.first_page):
        try:
            begun = _begun(file, entry, passwords, request.max_member_bytes - taken, request.page_cpu_s)
        except ReadingEnded as end:
            yield Member(number, entry.name, end.code)
        else:
            taken += yield from hand_out(number, entry.name, begun)


def _opened(file: BinaryIO) -> _Archive:
    directory: Directory = directory_of(file)
    files = tuple(entry for entry in directory.entries if not entry.is_folder and not _is_of_finder(file, entry))
    return _Archive(file, files, directory.code)


def _is_of_finder(file: BinaryIO, entry: Entry) -> bool:
    if not entry.name.rpartition("/")[2].startswith(("._", ".DS_Store")) or entry.flags & ENCRYPTED:
        return False
    try:
        head, _ = split_off(_content(entry, entry.method, _packed(file, entry)), 8)
    except ReadingEnded:
        return False
    return head.startswith(_OF_FINDER)


def _encoded(passwords: tuple[str, ...]) -> tuple[bytes, ...]:
    """Each password as it may have been typed: programs take UTF-8, or the encoding of MS-DOS."""
    both = (way for word in ("", *passwords) for way in (word.encode(), word.encode("cp437", "ignore")))
    return tuple(dict.fromkeys(both))


def _begun(file: BinaryIO, entry: Entry, passwords: tuple[bytes, ...], most_bytes: int, cpu_s: float) -> Begun:
    """The beginning of a file's content. Raises ReadingEnded."""
    if entry.code is not None:
        raise ReadingEnded(entry.code)
    content_start(file, entry)
    if entry.size > max(FREE_BYTES, MOST_RATIO * entry.packed_size):
        raise ReadingEnded(Code.READER_LIMIT)
    if entry.size > most_bytes:
        raise ReadingEnded(Code.MEMBER_LIMIT)
    if entry.flags & PATCH:
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    if not entry.flags & ENCRYPTED:
        return begin(_checked(entry, _content(entry, entry.method, _packed(file, entry))), most_bytes, cpu_s)
    if entry.flags & (STRONGLY_ENCRYPTED | MASKED):
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
    wrong = Code.PASSWORD_NEEDED
    for password in passwords:
        content = _decrypted(file, entry, password)
        if content is not None:
            try:
                return begin(content, most_bytes, cpu_s)
            except ReadingEnded as end:
                if end.code is not Code.STRUCTURE_DAMAGED:
                    raise
                wrong = wrong if entry.method != _AES else end.code  # a wrong password can pass ZipCrypto's check
    raise ReadingEnded(wrong)


def _decrypted(file: BinaryIO, entry: Entry, password: bytes) -> Blocks | None:
    """The content as one password gives it, None where that is seen to be wrong."""
    packed = _packed(file, entry)
    if entry.method == _AES:
        field = aes_field(entry.aes)
        if field is None:
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
        compressed = aes_decrypted(packed, entry.packed_size, field, password)
        if compressed is None:
            return None
        return _checked(entry, _to_the_end(_content(entry, field.method, compressed), compressed), field)
    checks = frozenset({entry.crc >> 24 & 0xFF, entry.time >> 8})
    compressed = crypto_decrypted(packed, checks, password)
    return None if compressed is None else _checked(entry, _content(entry, entry.method, compressed))


def _to_the_end(content: Blocks, compressed: Blocks) -> Blocks:
    """The same blocks. What was compressed is taken whole, since behind it stands the code that it must fit."""
    yield from content
    for _ in compressed:
        pass


def _packed(file: BinaryIO, entry: Entry) -> Blocks:
    return blocks_of(file, content_start(file, entry), entry.packed_size)


def _content(entry: Entry, method: int, compressed: Blocks) -> Blocks:
    """What was compressed. Raises ReadingEnded(FORMAT_NOT_READ) for a method that is not known."""
    if method == _STORED:
        return compressed
    if method == _LZMA:
        return _lzma_content(entry, compressed)
    if method not in _DECOMPRESSORS:
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    return unpacked(compressed, _DECOMPRESSORS[method]())


_DECOMPRESSORS: dict[int, Callable[[], Inflate | bz2.BZ2Decompressor | lzma.LZMADecompressor]] = {
    _DEFLATED: lambda: Inflate(-15),
    _BZIP2: bz2.BZ2Decompressor,
    _XZ: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, LZMA_MEMORY_BYTES),
}


def _lzma_content(entry: Entry, compressed: Blocks) -> Blocks:
    """LZMA in the form of its older files, whose header has the same values: that way its memory can be bounded."""
    head, rest = split_off(compressed, _LZMA_HEADER_BYTES)
    size = UNKNOWN if entry.flags & _LZMA_END_MARK else entry.size
    header = head[4:] + size.to_bytes(8, "little", signed=True)
    return unpacked(itertools.chain((header,), rest), lzma.LZMADecompressor(lzma.FORMAT_ALONE, LZMA_MEMORY_BYTES))


def _checked(entry: Entry, content: Blocks, field: AesField | None = None) -> Blocks:
    """The same blocks. Raises ReadingEnded(STRUCTURE_DAMAGED) where size or check sum are not as the entry says."""
    size = crc = 0
    for block in content:
        size += len(block)
        if size > entry.size >= 0:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        crc = zlib.crc32(block, crc)
        yield block
    has_crc = entry.crc != UNKNOWN and (field is None or field.has_crc)
    if entry.size not in (UNKNOWN, size) or (has_crc and crc != entry.crc):
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
