"""The entries of a ZIP archive that lost its directory, from their local headers. Unpacks nothing."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.parsing.readers.zip_entries import (
    CENTRAL_SIGNATURE,
    DESCRIPTOR,
    DESCRIPTOR_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_ENTRIES,
    UNKNOWN,
    Entry,
    extra_of,
    is_folder,
)

_FIRST_WINDOW_BYTES, _LAST_WINDOW_BYTES = 4 << 10, 1 << 20
_DESCRIPTOR = struct.Struct("<4s3L")


def recovered(file: BinaryIO) -> Iterator[Entry]:
    """The entries that are found one behind the other, one more than MAX_ENTRIES at most."""
    length = file.seek(0, 2)
    at = _find(file, (LOCAL_SIGNATURE,), 0, length)
    count = 0
    while at < length and count <= MAX_ENTRIES:
        file.seek(at)
        header = file.read(LOCAL.size)
        if len(header) < LOCAL.size:
            return
        _, _, flags, method, time, _, crc, packed_size, size, name_length, extra_length = LOCAL.unpack(header)
        raw_name = file.read(name_length)
        extra = extra_of(file.read(extra_length))
        size, packed_size, *_ = extra.widened(size, packed_size)
        start = at + LOCAL.size + name_length + extra_length
        end = start + packed_size
        if flags & DESCRIPTOR and not packed_size:
            end = _find(file, (LOCAL_SIGNATURE, DESCRIPTOR_SIGNATURE, CENTRAL_SIGNATURE), start, length)
            packed_size, size, crc = _described(file, end, end - start)
        yield Entry(
            extra.name(raw_name, flags), flags, method, crc, packed_size, size, at, time, is_folder(raw_name),
            aes=extra.aes,
        )  # fmt: skip
        count += 1
        at = _find(file, (LOCAL_SIGNATURE,), max(end, at + len(LOCAL_SIGNATURE)), length)


def _described(file: BinaryIO, at: int, packed_size: int) -> tuple[int, int, int]:
    """Packed size, size and check sum of what ends here, from the descriptor behind it, if that fits."""
    file.seek(at)
    record = file.read(_DESCRIPTOR.size)
    if len(record) == _DESCRIPTOR.size:
        signature, crc, described_size, size = _DESCRIPTOR.unpack(record)
        if signature == DESCRIPTOR_SIGNATURE and described_size == packed_size:
            return packed_size, size, crc
    return packed_size, UNKNOWN, UNKNOWN


def _find(file: BinaryIO, signatures: tuple[bytes, ...], start: int, length: int) -> int:
    """Where the first of the signatures stands from `start` on; the file's length where there is none."""
    window_bytes = _FIRST_WINDOW_BYTES
    while start < length:
        file.seek(start)
        window = file.read(window_bytes)
        places = [place for one in signatures if (place := window.find(one)) >= 0]
        if places:
            return start + min(places)
        start += max(1, len(window) - len(LOCAL_SIGNATURE) + 1)
        window_bytes = min(2 * window_bytes, _LAST_WINDOW_BYTES)
    return length
