"""Outlook's items (MSG): a page with the head and the body of a mail, or an item's fields; attachments as documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import compound, dates, ole_objects
from pipeline.parsing.compound import Storage
from pipeline.parsing.compound_writer import copied, written
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.ole_objects import Embedded
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import msg_head
from pipeline.parsing.readers.mapi import NAMES, PROPERTIES, Header, Properties, names_of
from pipeline.parsing.readers.msg_body import body
from pipeline.parsing.readers.names import display_name
from pipeline.parsing.readers.word_pages import tidied
from pipeline.parsing.reading import ReadingEnded, in_pieces

_ATTACHMENTS = "__attach_version1.0_#"
_CONTENT = 0x3701
_FILE_NAMES, _EXTENSION = (0x3707, 0x3704, 0x3001), 0x3703
_HEADER_REST = bytes(Header.MESSAGE - Header.MESSAGE_WITHIN)


@dataclass(frozen=True, slots=True)
class _Attachment:
    """What is attached: a file, an item of Outlook or an object of another program; or only named, without content."""

    name: str
    properties: Properties
    item: Storage | None

    @property
    def is_member(self) -> bool:
        if self.item is None:
            return self.properties.has_content(_CONTENT)
        return self.item.has(PROPERTIES) or ole_objects.is_document(self.item)


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: sender, receivers, date, subject, fields and names of attachments, a line each; then the body."""
    try:
        with at_most(request.page_cpu_s):
            root = compound.opened(file)
            item = Properties(root, Header.MESSAGE)
            attachments = _attachments(root)
            lines = msg_head.head(root, item, names_of(root))
            if attachments:
                lines.append("Attachments: " + ", ".join(attachment.name for attachment in attachments))
            count = sum(attachment.is_member for attachment in attachments)
            text, code = body(item, request)
            dated = dates.dated(msg_head.date(item))
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("msg", 1, count, dated)
    if request.first_page == 1:
        head, shown = "\n".join(lines), tidied(text.replace("\r\n", "\n"))
        yield Page(1, f"{head}\n\n{shown}".strip("\n"), code)
    if not root.is_whole:
        raise ReadingEnded(Code.PAGES_FAILED)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """What is attached, in order; items of Outlook as files of their own."""
    try:
        with at_most(request.page_cpu_s):
            root = compound.opened(file)
            found = [attachment for attachment in _attachments(root) if attachment.is_member]
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    for number, attachment in enumerate(found, 1):
        if number >= request.first_page:
            inner = _taken_out(root, attachment, number)
            yield Member(number, inner.name, inner.code)
            if inner.code is None:
                yield from in_pieces(inner.content)


def _attachments(root: Storage) -> list[_Attachment]:
    storages = [storage for storage in root.storages() if storage.name.lower().startswith(_ATTACHMENTS)]
    ordered = sorted(storages, key=lambda storage: storage.name)
    return [_attachment(storage, number) for number, storage in enumerate(ordered, 1)]


def _attachment(storage: Storage, number: int) -> _Attachment:
    properties = Properties(storage, Header.OTHER)
    item = properties.item(_CONTENT)
    name = next((name for where in _FILE_NAMES if (name := properties.line(where))), "")
    if item is not None and item.has(PROPERTIES):
        subject = msg_head.subject(Properties(item, Header.MESSAGE_WITHIN))
        name = (subject or name or f"attachment {number}").replace("/", "-").replace("\\", "-")
        name = name if name.lower().endswith(".msg") else f"{name}.msg"
    return _Attachment(display_name(name or f"attachment {number}{properties.line(_EXTENSION)}"), properties, item)


def _taken_out(root: Storage, attachment: _Attachment, number: int) -> Embedded:
    item = attachment.item
    if item is None:
        return Embedded(attachment.name, attachment.properties.content(_CONTENT))
    if not item.has(PROPERTIES):
        return ole_objects.taken_out(item, number)
    try:
        return Embedded(attachment.name, _item_of_its_own(root, item))
    except ReadingEnded as end:
        return Embedded(attachment.name, b"", end.code)


def _item_of_its_own(root: Storage, item: Storage) -> bytes:
    """An item within another as a file: with the header that such a one has, and the names of its properties."""
    folder = copied(item)
    properties = next(name for name in folder.streams if name.lower() == PROPERTIES)
    fixed = folder.streams[properties]
    within = Header.MESSAGE_WITHIN
    folder.streams[properties] = fixed[:within] + _HEADER_REST + fixed[within:]
    names = root.storage(NAMES)
    if names is not None:
        folder.storages[NAMES] = copied(names)
    return written(folder)
