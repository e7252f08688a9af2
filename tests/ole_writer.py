"""Writes OLE compound files (MS-CFB version 3, sectors of 512 bytes) for tests, in the plainest way that is valid.

Independent of the product's own writer, which makes version 4 only: so its reader meets both.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

Folder = Mapping[str, Union[bytes, "Folder"]]

SECTOR, MINI, SMALL = 512, 64, 4096
FREE, END, TABLE, TABLE_LIST = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
IN_HEADER = 109  # sectors of the table that the header lists; more are listed in sectors of their own
_HEADER = struct.Struct("<8s16xHHHHH10xIIIIIIII")
_ENTRY = struct.Struct("<64sHBBIII16s20xIQ")


@dataclass
class _Entry:
    name: str
    kind: int
    content: bytes = b""
    right: int = FREE
    child: int = FREE
    start: int = END
    clsid: bytes = bytes(16)

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        size = len(self.content)
        return _ENTRY.pack(
            name, len(name) + 2, self.kind, 1, FREE, self.right, self.child, self.clsid, self.start, size
        )


class _Sectors:
    def __init__(self) -> None:
        self.content: list[bytes] = []
        self.table: list[int] = []

    def place(self, content: bytes) -> int:
        """Put content into the next sectors and return the first; END where there is none."""
        if not content:
            return END
        start = len(self.content)
        self.content += [content[at : at + SECTOR].ljust(SECTOR, b"\x00") for at in range(0, len(content), SECTOR)]
        self.table += [*range(start + 1, len(self.content)), END]
        return start


def compound_file(folder: Folder, clsid: bytes = bytes(16)) -> bytes:
    """Streams and storages as one file. The entries of a storage hang in a line, as bad writers have it."""
    entries = [_Entry("Root Entry", 5, clsid=clsid)]
    _add(folder, entries[0], entries)
    sectors = _Sectors()
    mini, mini_table = b"", list[int]()
    for entry in entries:
        if len(entry.content) >= SMALL:
            entry.start = sectors.place(entry.content)
        elif entry.content:
            entry.start = len(mini_table)
            count = -(-len(entry.content) // MINI)
            mini_table += [*range(entry.start + 1, entry.start + count), END]
            mini += entry.content.ljust(count * MINI, b"\x00")
    entries[0].content, entries[0].start = mini, sectors.place(mini)
    mini_start = sectors.place(_words(mini_table))
    directory = sectors.place(b"".join(entry.packed() for entry in entries))
    return _file(sectors, directory, mini_start, -(-len(mini_table) // 128))


def _add(folder: Folder, parent: _Entry, entries: list[_Entry]) -> None:
    before: _Entry | None = None
    for name, content in folder.items():
        number = len(entries)
        entry = _Entry(name, 2, content) if isinstance(content, bytes) else _Entry(name, 1)
        entries.append(entry)
        if before is None:
            parent.child = number
        else:
            before.right = number
        before = entry
        if not isinstance(content, bytes):
            _add(content, entry, entries)


def _file(sectors: _Sectors, directory: int, mini_start: int, mini_sectors: int) -> bytes:
    tables = lists = 0
    while tables * 128 < len(sectors.table) + tables + lists:
        tables += 1
        lists = -(-max(0, tables - IN_HEADER) // 127)
    first_table = len(sectors.table)
    first_list = first_table + tables
    table = sectors.table + [TABLE] * tables + [TABLE_LIST] * lists
    numbers = list(range(first_table, first_list))
    listed = b""
    for at in range(lists):
        part = numbers[IN_HEADER + 127 * at : IN_HEADER + 127 * (at + 1)]
        following = first_list + at + 1 if at + 1 < lists else END
        listed += struct.pack("<128I", *part, *[FREE] * (127 - len(part)), following)
    header = _HEADER.pack(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, tables, directory, 0, SMALL, mini_start,
        mini_sectors, first_list if lists else END, lists,
    )  # fmt: skip
    header += _words((numbers + [FREE] * IN_HEADER)[:IN_HEADER])[: 4 * IN_HEADER]
    return header + b"".join(sectors.content) + _words(table).ljust(tables * SECTOR, b"\xff") + listed


def _words(numbers: list[int]) -> bytes:
    """Numbers of 32 bits in whole sectors; what is left is free."""
    packed = struct.pack(f"<{len(numbers)}I", *numbers)
    return packed.ljust(-(-len(packed) // SECTOR) * SECTOR, b"\xff")
