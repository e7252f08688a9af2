"""Writes small items of Outlook for tests (MS-OXMSG): properties, recipients, attachments, items within items."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.ole_writer import Folder, compound_file

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
MESSAGE, WITHIN, OTHER = 32, 24, 8  # bytes before the properties of each kind of item
_SETS = (0x00062002, 0x00062003, 0x00062004)  # of names: the calendar's, the tasks', the people's

Value = str | bytes | int | datetime
Named = tuple[int, int]  # the set, and the number in it


@dataclass(frozen=True)
class Item:
    """A mail or another item. `encoding` is that of its texts; UTF-16 where there is none."""

    values: Mapping[int, Value] = field(default_factory=dict)
    named: Mapping[Named, Value] = field(default_factory=dict)
    recipients: Sequence[Mapping[int, Value]] = ()
    attachments: Sequence["Attachment"] = ()
    encoding: str = ""

    def file(self) -> bytes:
        """The whole file."""
        return compound_file({**self.folder(MESSAGE), "__nameid_version1.0": _names(list(self.named))})

    def folder(self, header: int) -> Folder:
        """The item as it lies in a file or in another item."""
        numbered = {0x8000 + at: value for at, value in enumerate(self.named.values())}
        folder = dict(properties({**self.values, **numbered}, header, self.encoding))
        for at, recipient in enumerate(self.recipients):
            folder[f"__recip_version1.0_#{at:08X}"] = properties(recipient, OTHER, self.encoding)
        for at, attachment in enumerate(self.attachments):
            folder[f"__attach_version1.0_#{at:08X}"] = attachment.folder(self.encoding)
        return folder


@dataclass(frozen=True)
class Attachment:
    """What is attached: bytes, an item, an object of another program, or only a name."""

    name: str = ""
    content: bytes | Item | Folder | None = None
    others: Mapping[int, Value] = field(default_factory=dict)

    def folder(self, encoding: str) -> Folder:
        """As it lies in its item."""
        values = {**({0x3707: self.name} if self.name else {}), **self.others}
        if isinstance(self.content, bytes):
            values[0x3701] = self.content
        folder = dict(properties(values, OTHER, encoding))
        if isinstance(self.content, Item):
            folder["__substg1.0_3701000D"] = self.content.folder(WITHIN)
        elif self.content is not None and not isinstance(self.content, bytes):
            folder["__substg1.0_3701000D"] = self.content
        return folder


def properties(values: Mapping[int, Value], header: int, encoding: str = "") -> dict[str, bytes | Folder]:
    """The streams that hold an item's properties."""
    streams: dict[str, bytes | Folder] = {}
    entries = b""
    for number, value in values.items():
        kind, fixed = _fixed(value, encoding)
        if isinstance(value, str):
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = value.encode(encoding or "utf-16-le")
        elif isinstance(value, bytes):
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = value
        entries += struct.pack("<HHI", kind, number, 6) + fixed
    return {"__properties_version1.0": bytes(header) + entries, **streams}


def _fixed(value: Value, encoding: str) -> tuple[int, bytes]:
    if isinstance(value, str):
        return 0x1E if encoding else 0x1F, struct.pack("<I4x", len(value))
    if isinstance(value, bytes):
        return 0x0102, struct.pack("<I4x", len(value))
    if isinstance(value, datetime):
        return 0x40, struct.pack("<Q", int((value - _EPOCH).total_seconds() * 10_000_000))
    return 0x03, struct.pack("<I4x", value)


def _names(named: Sequence[Named]) -> Folder:
    guids = b"".join(struct.pack("<I", one) + b"\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F" for one in _SETS)
    entries = b"".join(
        struct.pack("<IHH", number, (_SETS.index(which) + 3) << 1, at) for at, (which, number) in enumerate(named)
    )
    return {"__substg1.0_00020102": guids, "__substg1.0_00030102": entries, "__substg1.0_00040102": b""}
