"""Writes ZIP archives for tests, byte by byte, so that each field of each header may lie."""

import struct
import zlib
from dataclasses import dataclass

UTF_8 = 1 << 11


@dataclass(frozen=True, slots=True)
class ZipFile:
    """One file in an archive. What is None is as it should be; `at` puts its local header where another one is."""

    name: bytes
    content: bytes = b""
    method: int = 8
    flags: int = 0
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    extra: bytes = b""
    made_by: int = 3
    attributes: int = 0
    disk: int = 0
    at: int | None = None
    packed: bytes | None = None

    @property
    def bytes_inside(self) -> bytes:
        """What lies behind its local header."""
        if self.packed is not None:
            return self.packed
        return deflated(self.content) if self.method == 8 else self.content

    def fields(self) -> bytes:
        """What the local header and the directory have in common."""
        return struct.pack(
            "<5H3L2H",
            20, self.flags, self.method, 0, 33,
            zlib.crc32(self.content) if self.crc is None else self.crc,
            len(self.bytes_inside) if self.packed_size is None else self.packed_size,
            len(self.content) if self.size is None else self.size,
            len(self.name), len(self.extra),
        )  # fmt: skip


def deflated(content: bytes) -> bytes:
    """Content as method 8 has it."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packing.compress(content) + packing.flush()


def local(file: ZipFile) -> bytes:
    """A local header and what lies behind it."""
    return b"PK\x03\x04" + file.fields() + file.name + file.extra + file.bytes_inside


def archive(*files: ZipFile, before: bytes = b"", behind: bytes = b"", count: int | None = None) -> bytes:
    """A whole archive, with bytes before it and behind it; `count` is what its end says of its files."""
    body, central = b"", b""
    for file in files:
        start = len(body) if file.at is None else file.at
        if file.at is None:
            body += local(file)
        made_by, fields = struct.pack("<H", file.made_by << 8), file.fields()
        rest = struct.pack("<3H2L", 0, file.disk, 0, file.attributes, start)
        central += b"PK\x01\x02" + made_by + fields + rest + file.name + file.extra
    said = len(files) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, said, said, len(central), len(body), 0)
    return before + body + central + end + behind
