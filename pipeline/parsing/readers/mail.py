"""E-mails (EML): a page with the head that people see and the body; what is attached as documents. Writes nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import dates
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.handover import begin, hand_out
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.mail_body import HTML_TYPES, Body
from pipeline.parsing.readers.mail_headers import Header, header_of
from pipeline.parsing.readers.mime import ENCRYPTED, Mail, Part, content_of, mail_of
from pipeline.parsing.readers.names import display_name
from pipeline.parsing.reading import ReadingEnded

_SHOWN = ("From", "To", "Cc", "Bcc", "Newsgroups", "Date", "Subject")
_TEXTS = HTML_TYPES | {
    "text/plain", "text/richtext", "message/delivery-status", "message/disposition-notification",
    "message/feedback-report", "text/rfc822-headers", "message/external-body",
}  # fmt: skip
_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
# Signatures; and what a mail or a saved web page needs for its looks. No document is lost with them.
_NO_DOCUMENTS = frozenset(
    {
        "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
        "application/pgp-encrypted", "text/css", "text/javascript", "application/javascript",
        "application/x-javascript", "text/x-amp-html", "text/watch-html",
    }
)  # fmt: skip
_SUFFIXES = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "text/rtf": ".rtf",
    "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/xml": ".xml", "text/markdown": ".md", "image/jpeg": ".jpg",
    "image/png": ".png", "image/gif": ".gif", "image/tiff": ".tif", "image/webp": ".webp", "image/bmp": ".bmp",
    "application/pdf": ".pdf", "application/rtf": ".rtf", "application/msword": ".doc", "application/xml": ".xml",
    "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt", "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt", "application/ms-tnef": ".dat", "application/json": ".json",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Attachment:
    """A part that is a document of its own."""

    name: str
    part: Part

    @property
    def code(self) -> Code | None:
        """Why it cannot be had."""
        return Code.ENCRYPTION_UNKNOWN if self.part.type == ENCRYPTED else None


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as people see it: a head, a body, attachments."""

    header: Header
    texts: tuple[Part, ...]
    attachments: tuple[_Attachment, ...]
    complete: bool


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: sender, receivers, date, subject and names of attachments, a line each; then the body."""
    try:
        with at_most(request.page_cpu_s):
            letter = _letter(mail_of(file.read()))
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    head = _head(letter)
    code = None if letter.complete else Code.READER_LIMIT
    body = Body(request)
    text = ""
    try:
        with at_most(request.page_cpu_s):
            text = body.text(letter.texts)
    except Exhausted:
        code = Code.READER_LIMIT
    if not head and not text and body.code is Code.UNDECODABLE_CHARACTERS:
        raise ReadingEnded(Code.BINARY_CONTENT)  # its name was all that spoke for a mail
    yield Opened("eml", 1, len(letter.attachments), dates.dated(letter.header.text("date")))
    is_cut = body.code is Code.TEXT_LIMIT
    if request.first_page == 1:
        yield Page(1, f"{head}\n\n{text}".strip("\n"), code or (None if is_cut else body.code))
    if is_cut:
        raise ReadingEnded(Code.TEXT_LIMIT)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """What is attached, in order; pictures that the body shows and mails that were passed on included."""
    taken = 0
    attachments = _letter(mail_of(file.read())).attachments
    for number, one in enumerate(attachments[request.first_page - 1 :], request.first_page):
        try:
            if one.code is not None:
                raise ReadingEnded(one.code)
            begun = begin(content_of(one.part), request.max_member_bytes - taken, request.page_cpu_s)
        except ReadingEnded as end:
            yield Member(number, one.name, end.code)
        else:
            taken += yield from hand_out(number, one.name, begun)


def _head(letter: _Letter) -> str:
    lines = [f"{field}: {value}" for field in _SHOWN if (value := letter.header.text(field.lower()))]
    if letter.attachments:
        lines.append("Attachments: " + ", ".join(one.name for one in letter.attachments))
    return "\n".join(lines)


def _letter(mail: Mail) -> _Letter:
    """Sort the parts into what is the body's text and what is attached to it."""
    texts: list[Part] = []
    attachments: list[_Attachment] = []
    for number, part in enumerate(mail.parts, 1):
        name = _file_name(part)
        is_attached = part.header.value("content-disposition") == "attachment"
        is_alone = part.alternative is not None or len(mail.parts) == 1
        if part.type in _TEXTS and not is_attached and (is_alone or not name):
            texts.append(part)
        elif part.type in _NO_DOCUMENTS and not (is_attached and part.type.startswith("text/")):
            continue
        else:
            attachments.append(_Attachment(_attachment_name(part, name, number), part))
    return _Letter(mail.header, tuple(texts), tuple(attachments), mail.complete)


def _file_name(part: Part) -> str:
    declared = part.header.parameter("content-disposition", "filename") or part.header.parameter("content-type", "name")
    return display_name(" ".join(declared.split())) if declared.strip() else ""


def _attachment_name(part: Part, file_name: str, number: int) -> str:
    """The name under which it was sent; of a mail its subject; else a number and what the type says."""
    if file_name or part.type not in _MAILS:
        unnamed = "encrypted" if part.type == ENCRYPTED else f"part {number}{_SUFFIXES.get(part.type, '')}"
        return file_name or unnamed
    beginning = next(content_of(part), b"")
    subject = header_of(beginning, 0, len(beginning))[0].text("subject")
    return display_name(re.sub(r"[/\\]", "-", subject) or f"part {number}") + ".eml"
