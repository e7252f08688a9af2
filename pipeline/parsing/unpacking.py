"""Compressed bytes, unpacked block by block: never more at once than a piece, and no bombs. Writes nothing.

Content is an iterator of blocks, each at most PIECE_BYTES long; what is wrong with it is raised as ReadingEnded.
"""

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from pipeline.outcomes import Code
from pipeline.parsing.protocol import PIECE_BYTES
from pipeline.parsing.reading import ReadingEnded

MOST_RATIO = 500  # unpacked : packed; documents stay below 100, deflate cannot exceed 1032
FREE_BYTES = 1 << 20  # so much may come out of next to nothing
LZMA_MEMORY_BYTES = 256 << 20  # `xz -9` asks for 65 MiB; a header may ask for 4 GiB
_READ_BYTES = 64 << 10
_FED_BYTES = 8 << 10  # to a decompressor at once: what it was given counts, though it may not have used it yet

Blocks = Iterator[bytes]


class Decompressor(Protocol):
    """The interface of the standard library's bz2 and lzma, which Inflate gives to zlib too."""

    @property
    def eof(self) -> bool: ...  # noqa: D102 - as in bz2.BZ2Decompressor
    @property
    def unused_data(self) -> bytes: ...  # noqa: D102
    @property
    def needs_input(self) -> bool: ...  # noqa: D102
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...  # noqa: D102


class Inflate:
    """zlib behind the interface of the others. `window_bits` as in zlib.decompressobj: -15 is bare, 31 with gzip's."""

    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        """Whether the stream came to its end."""
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        """What lies behind that end."""
        return self._stream.unused_data

    @property
    def needs_input(self) -> bool:
        """Whether all that was given is used up."""
        return not self._stream.unconsumed_tail

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """The next bytes, at most `max_length`."""
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


@dataclass(frozen=True, slots=True)
class Compression:
    """One way in which single files are compressed, known by the first bytes."""

    magic: re.Pattern[bytes]
    decompressor: Callable[[], Decompressor]


GZIP = Compression(re.compile(rb"\x1f\x8b\x08"), lambda: Inflate(31))
COMPRESSIONS = (
    GZIP,
    Compression(re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), bz2.BZ2Decompressor),
    Compression(re.compile(rb"\xfd7zXZ\x00"), lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, LZMA_MEMORY_BYTES)),
)
_LONGEST_MAGIC = 10


def compression_of(head: bytes) -> Compression | None:
    """How a file that begins like this is compressed, if it is."""
    return next((one for one in COMPRESSIONS if one.magic.match(head)), None)


def blocks_of(file: BinaryIO, start: int = 0, size: int | None = None) -> Blocks:
    """`size` bytes of a file from `start` on, or all up to its end; fewer where it ends before."""
    while size is None or size > 0:
        file.seek(start)
        block = file.read(_READ_BYTES if size is None else min(size, _READ_BYTES))
        if not block:
            return
        start += len(block)
        size = None if size is None else size - len(block)
        yield block


def split_off(blocks: Blocks, length: int) -> tuple[bytes, Blocks]:
    """The first bytes, and what follows them."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= length:
            break
    rest = head[length:]

    def behind() -> Blocks:
        if rest:
            yield rest
        yield from blocks

    return head[:length], behind()


def unpacked(packed: Blocks, decompressor: Decompressor) -> Blocks:
    """One stream. Raises ReadingEnded: STRUCTURE_DAMAGED where it is broken or cut off, READER_LIMIT for a bomb."""
    return _Unpacking(packed).stream(decompressor)


def unpacked_file(file: BinaryIO, compression: Compression) -> Blocks:
    """All streams of a compressed file, one behind the other, as such files may have them. Raises as unpacked()."""
    unpacking = _Unpacking(blocks_of(file))
    while True:
        yield from unpacking.stream(compression.decompressor())
        if not unpacking.goes_on_with(compression.magic):  # padding, or bytes that mean nothing
            return


class _Unpacking:
    """Packed bytes on their way through decompressors, counted on both sides."""

    def __init__(self, packed: Blocks) -> None:
        self._packed = packed
        self._rest = b""  # read, and not yet given to a decompressor
        self._taken = self._given = 0

    def stream(self, decompressor: Decompressor) -> Blocks:
        """One stream; what lies behind it stays for the next."""
        while not decompressor.eof:
            packed = self._next() if decompressor.needs_input else b""
            is_over = decompressor.needs_input and not packed
            block = _decompressed(decompressor, packed)
            self._given += len(block)
            if self._given > max(FREE_BYTES, MOST_RATIO * self._taken):
                raise ReadingEnded(Code.READER_LIMIT)
            if block:
                yield block
            elif is_over and not decompressor.eof:
                raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        self._rest = decompressor.unused_data + self._rest

    def _next(self) -> bytes:
        """The next packed bytes, none at the end."""
        if not self._rest:
            self._rest = next(self._packed, b"")
        packed, self._rest = self._rest[:_FED_BYTES], self._rest[_FED_BYTES:]
        self._taken += len(packed)
        return packed

    def goes_on_with(self, magic: re.Pattern[bytes]) -> bool:
        """Whether another stream follows, behind any padding of zeros."""
        while True:
            self._rest = self._rest.lstrip(b"\x00")
            if len(self._rest) >= _LONGEST_MAGIC:
                break
            block = next(self._packed, b"")
            if not block:
                break
            self._rest += block
        return magic.match(self._rest) is not None


def _decompressed(decompressor: Decompressor, packed: bytes) -> bytes:
    try:
        return decompressor.decompress(packed, PIECE_BYTES)
    except lzma.LZMAError as error:
        is_limit = "emory usage limit" in str(error)  # liblzma has no other sign for it
        raise ReadingEnded(Code.READER_LIMIT if is_limit else Code.STRUCTURE_DAMAGED) from None
    except (zlib.error, OSError, EOFError, ValueError):
        raise ReadingEnded(Code.STRUCTURE_DAMAGED) from None
