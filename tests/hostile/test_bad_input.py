"""Documents made to do harm or to be lost, dropped like others: each ends in a named state, in time and memory."""

import base64
import io
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.interfaces.cli import output
from pipeline.outcomes import Code, State
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Zygote
from pipeline.reports import DocumentRow
from tests.conftest import Configure, every_page, write
from tests.pdf_writer import PdfPage, pdf

LEASE = "The tenant shall pay the monthly rent in advance to the landlord."
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SECRET = "the combination of the safe is 4711"
MOST_S = 60.0  # of a machine that does other things, too; the limits themselves are tested where they are set


def drained(pipeline: Pipeline) -> dict[tuple[str, ...], DocumentRow]:
    """All documents once everything has come to its end, by the names of file and members."""
    started = time.monotonic()
    pipeline.drain()
    assert time.monotonic() - started < MOST_S
    return {(row.paths[0].name, *row.inside): row for row in pipeline.documents()}


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()


def mail(subject: str, inner: bytes | None) -> bytes:
    """A message with a message attached."""
    head = f"From: a@example.org\nTo: b@example.org\nSubject: {subject}\nMIME-Version: 1.0\n".encode()
    if inner is None:
        return head + b"Content-Type: text/plain\n\n" + LEASE.encode()
    bound = f"b-{subject.replace(' ', '-')}".encode()
    return (
        head + b'Content-Type: multipart/mixed; boundary="' + bound + b'"\n\n--' + bound
        + b"\nContent-Type: text/plain\n\nforwarded " + subject.encode() + b"\n--" + bound
        + b"\nContent-Type: message/rfc822\n\n" + inner + b"\n--" + bound + b"--\n"
    )  # fmt: skip


def test_a_hundred_mails_in_each_other_end_at_the_depth_that_is_read(pipeline: Pipeline, inbox: Path) -> None:
    message = mail("level 100", None)
    for level in range(99, 0, -1):
        message = mail(f"level {level}", message)
    (inbox / "nested.eml").write_bytes(message)
    found = drained(pipeline)
    assert len(found) == pipeline.config.parsing.max_depth + 1
    assert {row.code for row in found.values()} == {Code.MEMBERS_UNREAD}
    deepest = found[max(found, key=len)]
    assert [one.code for one in pipeline.show(deepest.document or "").members] == [Code.NESTED_TOO_DEEP]
    assert [hit.inside for hit in pipeline.search('"forwarded level 3"', mode="keyword", limit=1)] == [
        max((place[1:] for place in found if len(place) == 3), key=len)
    ]


def test_a_bomb_in_an_archive_costs_its_own_place_only(pipeline: Pipeline, inbox: Path) -> None:
    bomb = zipped({"zeros.txt": b"\x00" * (64 << 20)})
    (inbox / "mixed.zip").write_bytes(zipped({"lease.txt": LEASE.encode(), "bomb.zip": bomb}))
    found = drained(pipeline)
    assert found["mixed.zip",].code is Code.MEMBERS_UNREAD
    assert found["mixed.zip", "lease.txt"].state is State.INDEXED
    assert found["mixed.zip", "bomb.zip"].state is not State.INDEXED
    assert ("mixed.zip", "bomb.zip", "zeros.txt") not in found


def test_entities_that_multiply_or_reach_for_files_bring_nothing(
    pipeline: Pipeline, inbox: Path, tmp_path: Path
) -> None:
    safe = write(tmp_path / "elsewhere", "safe.txt", SECRET)
    laughs = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    write(inbox, "laughs.xml", f"<?xml version='1.0'?><!DOCTYPE r [{laughs}]><r><p>{LEASE}</p>&a9;</r>")
    outside = f'<!ENTITY out SYSTEM "{safe.as_uri()}"><!ENTITY % more SYSTEM "{safe.as_uri()}">'
    write(inbox, "outside.xml", f"<?xml version='1.0'?><!DOCTYPE r [{outside}%more;]><r><p>{LEASE}</p>&out;</r>")
    body = f"<w:body><w:p><w:r><w:t>{LEASE} &out;</w:t></w:r></w:p></w:body>"
    document = f"<?xml version='1.0'?><!DOCTYPE w [{outside}]><w:document xmlns:w='{WORD}'>{body}</w:document>"
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": document.encode()}
    (inbox / "outside.docx").write_bytes(zipped(parts))
    found = drained(pipeline)
    assert set(found) == {("laughs.xml",), ("outside.xml",), ("outside.docx",)}
    texts = every_page(pipeline.database)
    assert not any("combination" in text for text in texts)
    assert sum(len(text) for text in texts) < 200_000
    assert pipeline.search("safe combination 4711", mode="keyword") == ()


def test_names_that_climb_turn_round_or_ring_are_only_ever_words(
    pipeline: Pipeline, inbox: Path, tmp_path: Path
) -> None:
    climbing = io.BytesIO()
    with tarfile.open(fileobj=climbing, mode="w") as archive:
        for name in ("../../../escaped.txt", "/abs.txt", "\u202etxt.exe\u202c", "bell\a\x1b[2J.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = len(LEASE) + len(name.encode())
            archive.addfile(entry, io.BytesIO(LEASE.encode() + name.encode()))
    (inbox / "climbing.tar").write_bytes(climbing.getvalue())
    (inbox / "climbing.zip").write_bytes(zipped({"../../escaped.txt": LEASE.encode(), "C:\\abs.txt": b"lease"}))
    before = {path for path in tmp_path.rglob("*") if "store" not in path.parts}
    found = drained(pipeline)
    assert {path for path in tmp_path.rglob("*") if "store" not in path.parts} == before
    assert not (tmp_path.parent / "escaped.txt").exists()
    names = [name for place in found for name in place[1:]]
    assert len(names) >= 5
    assert not any(name.startswith(("/", "..")) or "\x1b" in name or "\a" in name for name in names)
    shown = [output.places(row.paths, row.inside)[0] for row in found.values()]
    assert not any(character in line for line in shown for character in "\u202e\u202c\x1b\a")


def test_a_sparse_file_of_two_gigabytes_is_refused_at_once_and_bounded_when_allowed(
    configure: Configure, inbox: Path
) -> None:
    with (inbox / "giant.txt").open("wb") as giant:
        giant.write(LEASE.encode() + b"\n")
        giant.truncate(2 << 30)
    file = configure()
    with Pipeline.open(file) as pipeline:
        assert drained(pipeline)["giant.txt",].code is Code.FILE_TOO_LARGE


@pytest.mark.long
def test_two_gigabytes_of_text_are_read_up_to_the_limit_of_text(configure: Configure, inbox: Path) -> None:
    line = (LEASE + "\n").encode() * 1000
    with (inbox / "giant.txt").open("wb") as giant:
        while giant.tell() < 2 << 30:
            giant.write(line * 100)
    file = configure()
    limits = "parsing: {max_file_mb: 4096, max_text_mb: 1}\n"
    file.write_text(f"{file.read_text(encoding='utf-8')}{limits}", encoding="utf-8")
    with Pipeline.open(file) as pipeline:
        pipeline.drain()
        (row,) = pipeline.documents()
        assert (row.code, row.state) == (Code.TEXT_LIMIT, State.PARTIAL)


@pytest.mark.long
def test_ten_thousand_pages_are_read_to_the_last(pipeline: Pipeline, inbox: Path) -> None:
    (inbox / "long.pdf").write_bytes(pdf(*(PdfPage((f"page number {number} of many",)) for number in range(10_000))))
    pipeline.drain()
    (row,) = pipeline.documents()
    assert (row.pages, row.code) == (10_000, Code.COMPLETE)


def test_text_in_odd_encodings_is_read(pipeline: Pipeline, inbox: Path) -> None:
    text = f"{LEASE} Straße, œuvre, Łódź."
    (inbox / "le.txt").write_bytes(text.encode("utf-16-le"))
    (inbox / "be.txt").write_bytes(text.encode("utf-16-be"))
    (inbox / "broken.txt").write_bytes(LEASE.encode() + b" \xff\xfe\xf0 " + LEASE.encode() * 20)
    found = drained(pipeline)
    assert {found["le.txt",].code, found["be.txt",].code} == {Code.COMPLETE}
    assert found["broken.txt",].state in (State.INDEXED, State.PARTIAL)
    (hit,) = pipeline.search("Łódź", mode="keyword")  # the very same passage, told once
    assert {path.name for path in (hit.path, *hit.also)} == {"le.txt", "be.txt"}


def test_a_table_of_one_endless_line_is_bounded(configure: Configure, inbox: Path) -> None:
    (inbox / "wide.csv").write_bytes(b"name,amount," + b"x," * (12 << 20))
    file = configure()
    file.write_text(f"{file.read_text(encoding='utf-8')}parsing: {{max_text_mb: 1, timeout_s: 30}}\n", encoding="utf-8")
    with Pipeline.open(file) as pipeline:
        config = pipeline.config
        zygote = Zygote()
        try:
            with (inbox / "wide.csv").open("rb") as table:  # the reading alone: embedding a megabyte takes minutes
                document = Sandbox(zygote, config.parsing, threading.Event()).parse(table.fileno(), ".csv")
        finally:
            zygote.close()
    assert document.code is Code.TEXT_LIMIT
    assert 0 < sum(len(page.text) for page in document.pages) <= 1 << 20


def test_attachments_without_end_are_counted_and_the_rest_is_told(configure: Configure, inbox: Path) -> None:
    part = b"--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\n%d\n"
    parts = b"".join(part % number for number in range(200))
    head = b"From: a@example.org\nTo: b@example.org\nSubject: many\nMIME-Version: 1.0\n"
    body = b'Content-Type: multipart/mixed; boundary="b"\n\n' + parts + b"--b--\n"
    (inbox / "many.eml").write_bytes(head + body)
    file = configure()
    file.write_text(f"{file.read_text(encoding='utf-8')}parsing: {{max_members: 20}}\n", encoding="utf-8")
    with Pipeline.open(file) as pipeline:
        row = drained(pipeline)["many.eml",]
        assert row.code is Code.MEMBER_LIMIT
        assert row.members >= 20
        assert [one.code for one in pipeline.show(row.document or "").members].count(Code.COMPLETE) >= 19


def test_base64_that_is_none_is_no_reason_to_lose_the_mail(pipeline: Pipeline, inbox: Path) -> None:
    good = base64.encodebytes(LEASE.encode()).decode()
    text = (
        "From: a@example.org\nTo: b@example.org\nSubject: odd\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nSee the papers.\n'
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=bad.txt\n"
        "Content-Transfer-Encoding: base64\n\n%%%not base64 at all%%%\n"
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=good.txt\n"
        f"Content-Transfer-Encoding: base64\n\n{good}--b--\n"
    )
    write(inbox, "odd.eml", text)
    found = drained(pipeline)
    assert found["odd.eml", "good.txt"].state is State.INDEXED
    assert pipeline.search("papers", mode="keyword")[0].inside == ()
