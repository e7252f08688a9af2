"""What stands above the body of an item of Outlook: of a mail its head, of others their fields, a line each."""

from collections.abc import Iterator
from datetime import datetime

from pipeline.parsing.compound import Storage
from pipeline.parsing.readers.mail_headers import header_of
from pipeline.parsing.readers.mapi import Header, Names, Properties

_RECIPIENTS = "__recip_version1.0_#"
_NAME, _SMTP, _ADDRESS, _ADDRESS_KIND, _RECIPIENT_KIND = 0x3001, 0x39FE, 0x3003, 0x3002, 0x0C15
_KINDS = {1: "To", 2: "Cc", 3: "Bcc"}
_SHOWN = {"To": 0x0E04, "Cc": 0x0E03, "Bcc": 0x0E02}  # the names alone, where recipients are not listed
# Who sent it, and for whom: name, address, another address and its kind.
_SENDERS = ((0x0042, 0x5D02, 0x0065, 0x0064), (0x0C1A, 0x5D01, 0x0C1F, 0x0C1E))
_SENT, _DELIVERED, _SUBJECT, _CLASS, _TRANSPORTED = 0x0039, 0x0E06, 0x0037, 0x001A, 0x007D
_CALENDAR, _TASKS, _PEOPLE = 0x00062002, 0x00062003, 0x00062004
# The fields of items that are no mails, by the beginning of their class: properties by number or by name.
_FIELDS: dict[str, tuple[tuple[str, int | tuple[int, int]], ...]] = {
    "IPM.APPOINTMENT": (
        ("Location", (_CALENDAR, 0x8208)), ("Start", (_CALENDAR, 0x820D)), ("End", (_CALENDAR, 0x820E)),
    ),
    "IPM.SCHEDULE.MEETING": (
        ("Location", (_CALENDAR, 0x8208)), ("Start", (_CALENDAR, 0x820D)), ("End", (_CALENDAR, 0x820E)),
    ),
    "IPM.TASK": (
        ("Owner", (_TASKS, 0x811F)), ("Start", (_TASKS, 0x8104)), ("Due", (_TASKS, 0x8105)),
        ("Completed", (_TASKS, 0x810F)),
    ),
    "IPM.CONTACT": (
        ("Name", 0x3001), ("Title", 0x3A17), ("Department", 0x3A18), ("Company", 0x3A16),
        ("E-mail", (_PEOPLE, 0x8083)), ("E-mail 2", (_PEOPLE, 0x8093)), ("E-mail 3", (_PEOPLE, 0x80A3)),
        ("Business telephone", 0x3A08), ("Home telephone", 0x3A09), ("Mobile telephone", 0x3A1C), ("Fax", 0x3A24),
        ("Business address", (_PEOPLE, 0x801B)), ("Home address", (_PEOPLE, 0x801A)),
        ("Other address", (_PEOPLE, 0x801C)), ("Web page", 0x3A51), ("Birthday", 0x3A42),
    ),
}  # fmt: skip


def head(storage: Storage, item: Properties, names: Names) -> list[str]:
    """The lines, `Field: value` each; fields without a value are left out."""
    kind = item.text(_CLASS).upper()
    lines = [("From", _sender(item)), *_recipients(storage, item), ("Date", date(item)), ("Subject", subject(item))]
    for beginning, fields in _FIELDS.items():
        if kind.startswith(beginning):
            lines += [(label, _value(item, names, where)) for label, where in fields]
    return [f"{label}: {value}" for label, value in lines if value]


def subject(item: Properties) -> str:
    """The subject; some programs mark where its prefix ends with two control characters."""
    text = item.text(_SUBJECT)
    return " ".join((text[2:] if text[:1] == "\x01" else text).split())


def date(item: Properties) -> str:
    """As the mail itself has it; else when it was sent, or came."""
    transported = item.text(_TRANSPORTED).encode("utf-8", "replace")
    if transported and (date := header_of(transported, 0, len(transported))[0].text("date")):
        return date
    time = item.time(_SENT) or item.time(_DELIVERED)
    return f"{time:%a, %d %b %Y %H:%M:%S} +0000" if time else ""


def _sender(item: Properties) -> str:
    for name, smtp, address, kind in _SENDERS:
        found = _person(item, name, smtp, address, kind)
        if found:
            return found
    return ""


def _recipients(storage: Storage, item: Properties) -> Iterator[tuple[str, str]]:
    listed: dict[str, list[str]] = {label: [] for label in _SHOWN}
    for one in sorted(storage.storages(), key=lambda storage: storage.name):
        if one.name.lower().startswith(_RECIPIENTS):
            person = Properties(one, Header.OTHER)
            label = _KINDS.get(person.number(_RECIPIENT_KIND) & 0xF, "To")
            listed[label].append(_person(person, _NAME, _SMTP, _ADDRESS, _ADDRESS_KIND))
    for label, persons in listed.items():
        yield label, ", ".join(person for person in persons if person) or item.line(_SHOWN[label])


def _person(item: Properties, name: int, smtp: int, address: int, kind: int) -> str:
    """A name with the address that it has on the Internet; Exchange has others, which mean nothing outside it."""
    shown, found = item.line(name), item.line(smtp)
    if not found and item.line(kind).upper() in ("SMTP", ""):
        found = item.line(address)
    found = found if "@" in found else ""
    if not found or shown.strip("'").lower() == found.lower():
        return found or shown
    return f"{shown} <{found}>" if shown else found


def _value(item: Properties, names: Names, where: int | tuple[int, int]) -> str:
    number = where if isinstance(where, int) else names.number(where)
    time = item.time(number)
    return _shown(time) if time else item.line(number)


def _shown(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if (time.hour, time.minute) != (0, 0) else f"{time:%Y-%m-%d}"
