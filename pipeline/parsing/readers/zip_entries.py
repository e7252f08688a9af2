"""One entry of a ZIP archive, as a directory or a local header describes it. Reads no file.

Names of fields and flags: APPNOTE.TXT 6.3.10 (PKWARE); the AES field: winzip.com, "AES Encryption Information".
"""

import struct
import zlib
from dataclasses import dataclass

from pipeline.outcomes import Code
from pipeline.parsing.readers.names import decoded_name, display_name

MAX_ENTRIES = 100_000  # each costs about 500 bytes of memory here; archives of a million files hold no documents
LOCAL = struct.Struct("<4s5H3L2H")
LOCAL_SIGNATURE, DESCRIPTOR_SIGNATURE, CENTRAL_SIGNATURE = b"PK\x03\x04", b"PK\x07\x08", b"PK\x01\x02"
# Flags.
ENCRYPTED, DESCRIPTOR, PATCH, STRONGLY_ENCRYPTED, UTF_8, MASKED = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13
UNKNOWN = -1  # a size or check sum that is nowhere to be found
_IN_ZIP64, _DISK_IN_ZIP64 = 0xFFFFFFFF, 0xFFFF
_ZIP64, _AES, _UNICODE_PATH = 0x0001, 0x9901, 0x7075  # kinds of extra fields


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `start` is where its local header lies; sizes in bytes."""

    name: str
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    start: int
    time: int  # as MS-DOS has it: ZipCrypto may check a password by it
    is_folder: bool = False
    code: Code | None = None  # why its content cannot be had, as far as the directory tells
    aes: bytes = b""  # the extra field of WinZip's encryption


@dataclass(frozen=True, slots=True)
class Extra:
    """What the extra fields of an entry say."""

    zip64: bytes
    aes: bytes
    unicode_path: bytes

    def widened(self, size: int, packed_size: int, start: int = 0, disk: int = 0) -> tuple[int, int, int, int]:
        """The same four values, each from the ZIP64 field where it does not fit the header itself."""
        wide = []
        at = 0
        for value, placeholder, form in (
            (size, _IN_ZIP64, "<Q"),
            (packed_size, _IN_ZIP64, "<Q"),
            (start, _IN_ZIP64, "<Q"),
            (disk, _DISK_IN_ZIP64, "<L"),
        ):
            width = struct.calcsize(form)
            if value == placeholder and at + width <= len(self.zip64):
                wide.append(int(struct.unpack_from(form, self.zip64, at)[0]))
                at += width
            else:
                wide.append(value)
        return wide[0], wide[1], wide[2], wide[3]

    def name(self, raw: bytes, flags: int) -> str:
        """An entry's name for people, from the bytes that stand in its header."""
        path = self.unicode_path
        if len(path) > 5 and struct.unpack_from("<L", path, 1)[0] == zlib.crc32(raw):  # else it is of an older name
            return display_name(path[5:].decode("utf-8", "replace"))
        return display_name(raw.decode("utf-8", "replace") if flags & UTF_8 else decoded_name(raw, "cp437"))


def extra_of(field: bytes) -> Extra:
    """The extra fields, of which the first of a kind counts; what is cut off is left out."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(field):
        kind, length = struct.unpack_from("<2H", field, at)
        found.setdefault(kind, field[at + 4 : at + 4 + length])
        at += 4 + length
    return Extra(found.get(_ZIP64, b""), found.get(_AES, b""), found.get(_UNICODE_PATH, b""))


def is_folder(raw_name: bytes) -> bool:
    """Whether a name is that of a folder; some programs write it with backslashes."""
    return raw_name.endswith((b"/", b"\\"))
