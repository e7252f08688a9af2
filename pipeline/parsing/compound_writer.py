"""An OLE compound file (MS-CFB) from streams and storages in memory: what lies in another file as a file of its own."""

import struct
from dataclasses import dataclass, field

from pipeline.outcomes import Code
from pipeline.parsing.compound import SIGNATURE, Storage
from pipeline.parsing.reading import ReadingEnded

_SECTOR = 4096  # bytes: the header lists 109 sectors of the table, which is enough for 400 MB (MS-CFB 2.2, version 4)
_MINI_SECTOR, _MINI_STREAM_BELOW = 64, 4096
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_TABLES_IN_HEADER = 109
_ENTRY = struct.Struct("<64sHBBIII16s20xIQ")
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_BLACK = 1


@dataclass(slots=True)
class Folder:
    """A storage to be written: its streams and storages by name."""

    clsid: bytes = bytes(16)
    streams: dict[str, bytes] = field(default_factory=dict)
    storages: dict[str, "Folder"] = field(default_factory=dict)


def copied(storage: Storage) -> Folder:
    """A storage of an open file with all that lies in it.

    Raises ReadingEnded(READER_LIMIT) where that is more than the file, since several streams claim the same bytes.
    """
    top = Folder()
    left = storage.file_bytes
    waiting = [(storage, top)]
    while waiting:
        source, target = waiting.pop()
        left -= sum(source.size(name) for name in source.streams())
        if left < 0:
            raise ReadingEnded(Code.READER_LIMIT)
        target.clsid = source.clsid
        target.streams = {name: source.stream(name) for name in source.streams()}
        for inner in source.storages():
            waiting.append((inner, target.storages.setdefault(inner.name, Folder())))
    return top


def written(root: Folder) -> bytes:
    """The compound file. Raises ReadingEnded(READER_LIMIT) when it would be larger than its header can describe."""
    entries = _listed(root)
    small = [entry for entry in entries if entry.content and len(entry.content) < _MINI_STREAM_BELOW]
    mini = bytearray()
    mini_table: list[int] = []
    for entry in small:
        entry.start = len(mini_table)
        mini_table += _chain(entry.start, -(-len(entry.content) // _MINI_SECTOR))
        mini += entry.content + bytes(-len(entry.content) % _MINI_SECTOR)
    entries[0].content = bytes(mini)
    sectors: list[bytes] = []
    table: list[int] = []

    def place(content: bytes) -> int:
        if not content:
            return _END
        start = len(table)
        sectors.append(content + bytes(-len(content) % _SECTOR))
        table.extend(_chain(start, len(sectors[-1]) // _SECTOR))
        return start

    for entry in entries:
        if entry.kind == _ROOT or len(entry.content) >= _MINI_STREAM_BELOW:
            entry.start = place(entry.content)
    mini_table_start = place(struct.pack(f"<{len(mini_table)}I", *mini_table).ljust(_rounded(len(mini_table)), b"\xff"))
    directory_start = place(b"".join(entry.packed() for entry in entries))
    tables = 1
    while tables * _SECTOR // 4 < len(table) + tables:
        tables += 1
    if tables > _TABLES_IN_HEADER:
        raise ReadingEnded(Code.READER_LIMIT)
    table_at = list(range(len(table), len(table) + tables))
    table += [_TABLE] * tables
    sectors.append(struct.pack(f"<{len(table)}I", *table).ljust(tables * _SECTOR, b"\xff"))
    mini_sectors = _rounded(len(mini_table)) // _SECTOR
    header = SIGNATURE + struct.pack(
        "<16xHHHHH6xIIIIIIIII", 0x3E, 4, 0xFFFE, 12, 6, -(-len(entries) * _ENTRY.size // _SECTOR), tables,
        directory_start, 0, _MINI_STREAM_BELOW, mini_table_start, mini_sectors, _END, 0,
    )  # fmt: skip
    header += struct.pack(f"<{_TABLES_IN_HEADER}I", *table_at, *[_FREE] * (_TABLES_IN_HEADER - tables))
    return header.ljust(_SECTOR, b"\x00") + b"".join(sectors)


@dataclass(slots=True)
class _Entry:
    name: str
    kind: int
    clsid: bytes = bytes(16)
    content: bytes = b""
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE
    start: int = _END

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le", "surrogatepass")[:62]
        size = len(self.content)
        return _ENTRY.pack(
            name, len(name) + 2, self.kind, _BLACK, self.left, self.right, self.child, self.clsid, self.start, size
        )


def _listed(root: Folder) -> list[_Entry]:
    """All entries of the directory, the root first; those of one storage as a balanced tree (MS-CFB 2.6.4)."""
    entries = [_Entry("Root Entry", _ROOT, root.clsid)]
    waiting = [(root, 0)]
    while waiting:
        folder, number = waiting.pop()
        first = len(entries)
        entries += [_Entry(name, _STREAM, content=content) for name, content in folder.streams.items()]
        entries += [_Entry(name, _STORAGE, inner.clsid) for name, inner in folder.storages.items()]
        waiting += [(inner, first + len(folder.streams) + at) for at, inner in enumerate(folder.storages.values())]
        order = sorted(range(first, len(entries)), key=lambda at: (len(entries[at].name), entries[at].name.upper()))
        entries[number].child = _tree(entries, order)
    return entries


def _tree(entries: list[_Entry], order: list[int]) -> int:
    """Link entries, given in their order, to a tree; returns its top."""
    if not order:
        return _FREE
    middle = len(order) // 2
    top = order[middle]
    entries[top].left = _tree(entries, order[:middle])
    entries[top].right = _tree(entries, order[middle + 1 :])
    return top


def _chain(start: int, length: int) -> list[int]:
    return [*range(start + 1, start + length), _END] if length else []


def _rounded(words: int) -> int:
    """The bytes of whole sectors that hold so many numbers."""
    return -(-words * 4 // _SECTOR) * _SECTOR
