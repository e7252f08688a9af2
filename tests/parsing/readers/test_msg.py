"""Items of Outlook: head, fields and body on one page; attachments, items within items included, as documents."""

import struct
import sys
from datetime import UTC, datetime
from typing import ClassVar

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing import compound_writer
from pipeline.parsing.protocol import Finished, Member, Opened, Page, Piece, Task
from pipeline.parsing.readers import msg
from tests.ole_writer import compound_file
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.readers.outlook_writer import OTHER, Attachment, Item, Named, Value, properties
from tests.parsing.readers.test_compressed_rtf import compressed
from tests.parsing.readers.word_writer import Word
from tests.parsing.support import REQUEST, end, frames, pages, texts

CLASS, SUBJECT, SENT, BODY, HTML, RTF = 0x001A, 0x0037, 0x0039, 0x1000, 0x1013, 0x1009
SENDER, SENDER_SMTP, SENDER_ADDRESS, SENDER_KIND = 0x0042, 0x5D02, 0x0065, 0x0064
NAME, SMTP, ADDRESS, ADDRESS_KIND, KIND = 0x3001, 0x39FE, 0x3003, 0x3002, 0x0C15
CODE_PAGE, MESSAGE_CODE_PAGE, LANGUAGE = 0x3FDE, 0x3FFD, 0x3FF1
CALENDAR, TASKS, PEOPLE = 0x00062002, 0x00062003, 0x00062004
LONG = "A body that is long enough to be no mere hint at another one. " * 6


def read(item: Item) -> str:
    answer = frames(item.file(), ".msg")
    assert answer[-1] == Finished()
    (text,) = texts(answer)
    return text


class TestMsg(ParserContract):
    format = "msg"
    suffix = ".msg"
    dated = "2026-03-04"
    golden: ClassVar[tuple[str, ...]] = (
        "From: Anna Weber <weber@example.org>\nTo: Bernd Klein <klein@example.org>, Carla\nCc: d@example.org\n"
        "Date: Wed, 04 Mar 2026 09:05:06 +0000\nSubject: The lease\nAttachments: lease.txt\n\n"
        "Dear Bernd,\nhere it is.",
    )
    sample = Item(
        {
            CLASS: "IPM.Note", SUBJECT: "The lease", SENT: datetime(2026, 3, 4, 9, 5, 6, tzinfo=UTC),
            SENDER: "Anna Weber", SENDER_SMTP: "weber@example.org", BODY: "Dear Bernd,\r\nhere it is.\r\n",
        },
        recipients=[
            {NAME: "Bernd Klein", SMTP: "klein@example.org", KIND: 1}, {NAME: "Carla", KIND: 1},
            {NAME: "'d@example.org'", ADDRESS: "d@example.org", ADDRESS_KIND: "SMTP", KIND: 2},
        ],
        attachments=[Attachment("lease.txt")],
    ).file()  # fmt: skip


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({SENDER: "Anna", SENDER_ADDRESS: "a@example.org", SENDER_KIND: "SMTP"}, "From: Anna <a@example.org>"),
        ({SENDER: "Anna", SENDER_ADDRESS: "/O=FIRM/CN=ANNA", SENDER_KIND: "EX"}, "From: Anna"),
        ({SENDER: "a@example.org", SENDER_SMTP: "A@example.org"}, "From: A@example.org"),
        ({0x0C1A: "Sender", 0x5D01: "s@example.org"}, "From: Sender <s@example.org>"),
        ({SENDER: "Anna", 0x0C1A: "Secretary"}, "From: Anna"),
        ({0x0E04: "Anna; Bernd", 0x0E03: "Carla", 0x0E02: "Dora"}, "To: Anna; Bernd\nCc: Carla\nBcc: Dora"),
        ({0x0E06: datetime(2026, 3, 4, tzinfo=UTC)}, "Date: Wed, 04 Mar 2026 00:00:00 +0000"),
        (
            {0x007D: "Date: Tue, 3 Mar 2026 10:00:00 +0100\r\nFrom: x\r\n", SENT: datetime(2026, 3, 4, tzinfo=UTC)},
            "Date: Tue, 3 Mar 2026 10:00:00 +0100",
        ),
        ({SUBJECT: "\x01\x05Re: The\r\n lease"}, "Subject: Re: The lease"),
    ],
)
def test_lines_of_the_head(values: dict[int, Value], line: str) -> None:
    assert read(Item(values)) == line


def test_many_recipients_stand_on_one_line_in_their_order() -> None:
    recipients = [{NAME: f"Person {number}", KIND: 0x10000001 if number % 2 else 2} for number in range(20)]
    odd, even = (", ".join(f"Person {number}" for number in range(first, 20, 2)) for first in (1, 0))
    assert read(Item(recipients=recipients)) == f"To: {odd}\nCc: {even}"


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({BODY: LONG, HTML: b"<p>other"}, LONG.strip()),
        ({BODY: "short", HTML: b"<p>also short"}, "short"),
        ({BODY: "This mail is in HTML.", HTML: f"<p>{LONG}".encode()}, LONG.strip()),
        ({HTML: "<p>gr\xfc\xdfe".encode("latin-1"), CODE_PAGE: 28591}, "grüße"),
        ({HTML: "<p>привет".encode("cp1251"), CODE_PAGE: 1251}, "привет"),
        ({HTML: "<meta charset=windows-1251><p>привет".encode("cp1251")}, "привет"),
        ({HTML: "<p>text as text ü"}, "text as text ü"),
        ({RTF: compressed(rb"{\rtf1\ansi plain \'fc\par}")}, "plain ü"),
        ({RTF: compressed(rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}as {\*\htmltag84 <b>}html}")}, "as html"),
        ({BODY: "text", RTF: b"no compressed text"}, "text"),
    ],
)
def test_the_body_is_plain_text_unless_that_only_stands_in_for_another(values: dict[int, Value], body: str) -> None:
    assert read(Item(values)) == body


@pytest.mark.parametrize(
    ("values", "encoding", "text"),
    [
        ({MESSAGE_CODE_PAGE: 1251}, "cp1251", "Договор"),
        ({LANGUAGE: 0x0419}, "cp1251", "Договор"),
        ({CODE_PAGE: 1253}, "cp1253", "Συμβόλαιο"),
        ({LANGUAGE: 0x0427}, "cp1257", "aš"),
        ({LANGUAGE: 0x041F}, "cp1254", "ağ"),
        ({LANGUAGE: 0x0407, CODE_PAGE: 65001}, "cp1252", "Übergröße"),
        ({LANGUAGE: 0x0407}, "utf-8", "Übergröße"),
        ({MESSAGE_CODE_PAGE: 932}, "cp932", "契約書"),
        ({}, "cp1251", "Договор аренды комнаты заключённый между сторонами"),
        ({MESSAGE_CODE_PAGE: 1200}, "cp1252", "Übergröße"),
    ],
)
def test_texts_are_in_the_encoding_of_their_item(values: dict[int, Value], encoding: str, text: str) -> None:
    assert read(Item({**values, BODY: text}, encoding=encoding)) == text


def test_items_that_are_no_mails_show_their_fields() -> None:
    start, due = datetime(2026, 3, 4, 9, 30, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)
    meeting = Item(
        {CLASS: "IPM.Appointment", SUBJECT: "Viewing", BODY: "Bring the key."},
        {(CALENDAR, 0x8208): "Flat 3", (CALENDAR, 0x820D): start, (CALENDAR, 0x820E): start},
    )
    assert read(meeting) == (
        "Subject: Viewing\nLocation: Flat 3\nStart: 2026-03-04 09:30 UTC\nEnd: 2026-03-04 09:30 UTC\n\nBring the key."
    )
    task = Item({CLASS: "IPM.Task", SUBJECT: "Paint"}, {(TASKS, 0x811F): "Anna", (TASKS, 0x8105): due})
    assert read(task) == "Subject: Paint\nOwner: Anna\nDue: 2026-03-05"
    person = Item(
        {CLASS: "IPM.Contact", NAME: "Anna Weber", 0x3A16: "Weber KG", 0x3A08: "+49 30 1234"},
        {(PEOPLE, 0x8083): "weber@example.org", (PEOPLE, 0x801B): "Lindenweg 3\r\n10115 Berlin"},
    )
    assert read(person) == (
        "Name: Anna Weber\nCompany: Weber KG\nE-mail: weber@example.org\nBusiness telephone: +49 30 1234\n"
        "Business address: Lindenweg 3 10115 Berlin"
    )


def test_what_is_attached_is_handed_out_and_what_is_only_named_is_not() -> None:
    within = Item(
        {SUBJECT: "Re: a/b", BODY: "inside"}, recipients=[{NAME: "Carla", KIND: 1}],
        attachments=[Attachment("deep.txt", b"deep")],
    )  # fmt: skip
    item = Item(
        {SUBJECT: "outside"},
        {(CALENDAR, 0x8208): "named"},
        attachments=[
            Attachment("../letter.txt", b"Hello"), Attachment("link.txt"), Attachment("", within), Attachment("", b""),
            Attachment("", b"x", {0x3704: "SHORT.TXT"}), Attachment("", b"x", {0x3703: ".pdf"}),
            Attachment("object", Word("in an object\r").streams()), Attachment("picture", {"\x02OlePres000": b"x"}),
            Attachment("drawing", {"VisioDocument": b"x"}),
        ],
    )  # fmt: skip
    assert frames(item.file(), ".msg")[:2] == [
        Opened("msg", 1, 7),
        Page(1, "Subject: outside\nAttachments: letter.txt, link.txt, Re: a-b.msg, attachment 4, SHORT.TXT, "
                "attachment 6.pdf, object, picture, drawing"),
    ]  # fmt: skip
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=1 << 20)
    answer = frames(item.file(), ".msg", request)
    assert [frame for frame in answer if isinstance(frame, Member)] == [
        Member(1, "letter.txt"), Member(2, "Re: a-b.msg"), Member(3, "attachment 4"), Member(4, "SHORT.TXT"),
        Member(5, "attachment 6.pdf"), Member(6, "embedded-6.doc"), Member(7, "embedded-7.bin", Code.FORMAT_NOT_READ),
    ]  # fmt: skip
    contents = [frame.content for frame in answer if isinstance(frame, Piece)]
    assert (contents[0], contents[2], contents[3]) == (b"Hello", b"", b"x")
    assert texts(frames(contents[5], ".doc")) == ["in an object"]
    assert frames(contents[1], ".msg") == [
        Opened("msg", 1, 1), Page(1, "To: Carla\nSubject: Re: a/b\nAttachments: deep.txt\n\ninside"), Finished(),
    ]  # fmt: skip
    assert frames(contents[1], ".msg", request)[:2] == [Member(1, "deep.txt"), Piece(b"deep", last=True)]
    assert frames(item.file(), ".msg", msgspec.structs.replace(request, first_page=7)) == [
        Member(7, "embedded-7.bin", Code.FORMAT_NOT_READ), Finished(),
    ]  # fmt: skip


def test_an_item_within_an_item_keeps_the_names_of_its_fields() -> None:
    start = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    named: dict[Named, Value] = {(CALENDAR, 0x8208): "Flat 3", (CALENDAR, 0x820D): start}
    within = Item({CLASS: "IPM.Appointment", SUBJECT: "Viewing"}, named)
    file = Item({SUBJECT: "outside"}, named, attachments=[Attachment("", within)]).file()
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=1 << 20)
    piece = frames(file, ".msg", request)[1]
    assert isinstance(piece, Piece)
    assert texts(frames(piece.content, ".msg")) == ["Subject: Viewing\nLocation: Flat 3\nStart: 2026-03-04 09:30 UTC"]


def test_an_item_that_cannot_be_copied_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound_writer, "_TABLES_IN_HEADER", 0)
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=1 << 20)
    file = Item(attachments=[Attachment("", Item({SUBJECT: "x"}))]).file()
    assert frames(file, ".msg", request) == [Member(1, "x.msg", Code.READER_LIMIT), Finished()]


def test_items_within_items_are_taken_out_one_by_one() -> None:
    item = Item({SUBJECT: "innermost"})
    for depth in range(100):
        item = Item({SUBJECT: f"depth {depth}"}, attachments=[Attachment("", item)])
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=1 << 22)
    piece = frames(item.file(), ".msg", request)[1]
    assert isinstance(piece, Piece)
    assert texts(frames(piece.content, ".msg")) == ["Subject: depth 98\nAttachments: depth 97.msg"]


def test_what_is_missing_or_no_property_does_no_harm() -> None:
    folder = dict(Item({SUBJECT: "x", BODY: "text"}).folder(32))
    for stream in (b"", bytes(31), bytes(32) + b"\xff" * 50):
        answer = frames(compound_file({**folder, "__properties_version1.0": stream}), ".msg")
        assert texts(answer) == ["Subject: x\n\ntext"]
    late = struct.pack("<HHIQ", 0x40, SENT, 6, 0xFFFFFFFFFFFFFFFF)
    assert texts(frames(compound_file({**folder, "__properties_version1.0": bytes(32) + late}), ".msg")) == [
        "Subject: x\n\ntext"
    ]
    assert frames(compound_file({"__properties_version1.0": b""}), ".msg") == [
        Opened("msg", 1),
        Page(1, ""),
        Finished(),
    ]


def test_names_that_lead_nowhere_are_passed_over() -> None:
    names = {"__substg1.0_00020102": bytes(16), "__substg1.0_00030102": b"\xff" * 801}
    item = dict(Item({CLASS: "IPM.Appointment", SUBJECT: "x"}).folder(32))
    assert texts(frames(compound_file({**item, "__nameid_version1.0": names}), ".msg")) == ["Subject: x"]


def test_a_body_that_is_not_all_there_is_told() -> None:
    file = bytearray(Item({BODY: "text " * 1000}).file())
    directory = (struct.unpack_from("<I", file, 48)[0] + 1) * 512
    name = "__substg1.0_1000001F".encode("utf-16-le")
    entry = next(at for at in range(directory, len(file), 128) if file.startswith(name, at))
    struct.pack_into("<I", file, entry + 120, 20_000)
    answer = frames(bytes(file), ".msg")
    assert (texts(answer)[0][:9], end(answer)) == ("text text", Code.PAGES_FAILED)


def test_a_recipient_without_anything_is_passed_over() -> None:
    folder = {**Item({SUBJECT: "x"}).folder(32), "__recip_version1.0_#00000000": properties({}, OTHER)}
    assert texts(frames(compound_file(folder), ".msg")) == ["Subject: x"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_reading_takes_no_more_processor_time_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(msg, "body", endless)
    with clock.running():
        answer = frames(Item({SUBJECT: "x"}).file(), ".msg", msgspec.structs.replace(REQUEST, page_cpu_s=0.2))
    assert answer == [Finished(Code.READER_LIMIT)]
    assert pages(answer) == []
