"""Documents in documents, through the real parser, model and store: each in its state, found where it lies."""

import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import Pipeline
from pipeline.config import ParsingConfig
from pipeline.datatypes import Extracted, PageText, ParsedDocument
from pipeline.outcomes import Code, State
from pipeline.processing import Source, process
from pipeline.reports import DocumentRow
from pipeline.storage.documents import StoredDocument
from tests.conftest import Configure, write

LEASE = "The tenant shall pay the monthly rent in advance to the landlord."
RECIPE = "Whisk the eggs with sugar and fold in the flour before baking the cake."
SAILING = "The crew hoisted the spinnaker as soon as the yacht had rounded the buoy."


def archive(**members: bytes | str) -> bytes:
    """A ZIP file; a double underscore in a name stands for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)
    return made.getvalue()


def rows(pipeline: Pipeline) -> dict[tuple[str, ...], DocumentRow]:
    """Every document by the name of its file and the names within."""
    return {(row.paths[0].name, *row.inside): row for row in pipeline.documents()}


def test_every_file_of_an_archive_is_a_document_of_its_own(pipeline: Pipeline, inbox: Path) -> None:
    (inbox / "papers.zip").write_bytes(archive(lease__txt=LEASE, cakes__zip=archive(cake__txt=RECIPE)))
    report = pipeline.drain()
    assert (report.files, report.complete) == (1, True)
    found = rows(pipeline)
    assert {place: row.state for place, row in found.items()} == {
        ("papers.zip",): State.INDEXED,
        ("papers.zip", "lease.txt"): State.INDEXED,
        ("papers.zip", "cakes.zip"): State.INDEXED,
        ("papers.zip", "cakes.zip", "cake.txt"): State.INDEXED,
    }
    assert (found["papers.zip",].members, found["papers.zip",].members_unread) == (2, 0)
    hit = pipeline.search("eggs, sugar and flour", limit=1)[0]
    assert (hit.path.name, hit.inside) == ("papers.zip", ("cakes.zip", "cake.txt"))


def test_a_member_that_is_not_read_makes_its_holders_partial_up_to_the_file(pipeline: Pipeline, inbox: Path) -> None:
    inner = archive(lease__txt=LEASE, odd__rar=b"Rar!\x1a\x07\x01 of another kind")
    (inbox / "papers.zip").write_bytes(archive(inner__zip=inner, cake__txt=RECIPE))
    report = pipeline.drain()
    assert [(one.path.name, one.code) for one in report.incomplete] == [("papers.zip", Code.MEMBERS_UNREAD)]
    assert {place[1:]: row.code for place, row in rows(pipeline).items()} == {
        (): Code.MEMBERS_UNREAD,
        ("cake.txt",): Code.COMPLETE,
        ("inner.zip",): Code.MEMBERS_UNREAD,
        ("inner.zip", "lease.txt"): Code.COMPLETE,
        ("inner.zip", "odd.rar"): Code.FORMAT_NOT_READ,
    }


def test_the_same_attachment_in_two_archives_is_one_document(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    (inbox / "a.zip").write_bytes(archive(lease__txt=LEASE, copy__txt=LEASE))
    (inbox / "b.zip").write_bytes(archive(lease__txt=LEASE, cake__txt=RECIPE))
    pipeline.drain()
    assert set(rows(pipeline)) == {("a.zip",), ("b.zip",), ("b.zip", "cake.txt"), ("lease.txt",)}
    (inbox / "lease.txt").unlink()
    pipeline.drain()
    assert ("a.zip", "lease.txt") in rows(pipeline)
    (inbox / "a.zip").unlink()
    pipeline.drain()
    assert set(rows(pipeline)) == {("b.zip",), ("b.zip", "cake.txt"), ("b.zip", "lease.txt")}
    (inbox / "b.zip").unlink()
    pipeline.drain()
    assert rows(pipeline) == {}
    assert pipeline.vector_ids() == []


def test_a_file_that_is_only_in_an_archive_is_searched_by_its_name_too(pipeline: Pipeline, inbox: Path) -> None:
    (inbox / "papers.zip").write_bytes(archive(zanzibar__txt=LEASE))
    pipeline.drain()
    found = [hit.inside for hit in pipeline.search("zanzibar", mode="keyword")]
    assert found == [("zanzibar.txt",), ()]  # the file itself, then the archive, whose text lists it


@pytest.mark.parametrize(
    ("limits", "unread"),
    [
        ({"max_depth": 1}, {("1.zip", "2.zip"): Code.MEMBERS_UNREAD}),
        ({"max_members": 2}, {("1.zip", "2.zip"): Code.MEMBER_LIMIT}),
    ],
)
def test_limits_of_depth_and_number_hold_over_the_whole_file(
    configure: Configure, inbox: Path, limits: dict[str, int], unread: dict[tuple[str, ...], Code]
) -> None:
    nested = archive(**{"1__zip": archive(**{"2__zip": archive(**{"3__txt": LEASE})})})
    (inbox / "nested.zip").write_bytes(nested)
    file = configure()
    keys = ", ".join(f"{key}: {value}" for key, value in limits.items())
    file.write_text(f"{file.read_text(encoding='utf-8')}parsing: {{{keys}}}\n", encoding="utf-8")
    with Pipeline.open(file) as pipeline:
        assert pipeline.drain().states[State.PARTIAL] == 1
        found = {place[1:]: row.code for place, row in rows(pipeline).items()}
        assert ("1.zip", "2.zip", "3.txt") not in found
        assert found[()].state is State.PARTIAL
        deepest = max(found, key=len)
        assert found[deepest] in (Code.MEMBERS_UNREAD, Code.MEMBER_LIMIT)
        shown = pipeline.show(next(row.document or "" for row in pipeline.documents() if row.inside == deepest))
        assert [member.code for member in shown.members] == [
            Code.NESTED_TOO_DEEP if "max_depth" in limits else Code.MEMBER_LIMIT
        ]


def test_a_run_that_is_stopped_within_an_archive_keeps_nothing_of_it(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all: members are committed with the file that holds them."""
    from pipeline.parsing import verdict

    def fault(*_arguments: object) -> Code:
        raise ZeroDivisionError

    (inbox / "papers.zip").write_bytes(archive(lease__txt=LEASE))
    with monkeypatch.context() as broken:
        broken.setattr(verdict, "with_members", fault)
        assert pipeline.drain().states[State.FAILED] == 1
    assert pipeline.totals()["documents"] == 0
    assert pipeline.retry("failed").states[State.INDEXED] == 1
    assert len(rows(pipeline)) == 2


def test_what_was_unread_is_read_when_it_is_asked_for_anew(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.parsing import verdict

    of = verdict.of

    def unlucky(pages: Sequence[PageText], end: Code | None) -> Code:
        return Code.PASSWORD_NEEDED if any("spinnaker" in page.text for page in pages) else of(pages, end)

    (inbox / "papers.zip").write_bytes(archive(lease__txt=LEASE, sailing__txt=SAILING))
    write(inbox, "cake.txt", RECIPE)
    with monkeypatch.context() as locked:
        locked.setattr(verdict, "of", unlucky)
        pipeline.drain()
        assert rows(pipeline)["papers.zip",].code is Code.MEMBERS_UNREAD
    pipeline.drain()
    assert rows(pipeline)["papers.zip", "sailing.txt"].code is Code.PASSWORD_NEEDED, "nobody asked"
    report = pipeline.retry("encrypted")
    assert (report.files, report.complete) == (1, True)
    assert {row.state for row in pipeline.documents()} == {State.INDEXED}
    assert pipeline.retry("encrypted").files == 0


# Fakes for what no file can be made to do.


@dataclass
class Nested:
    """A parser and extractor for documents that hold one another as `lies_in` has it; contents are their names."""

    lies_in: dict[bytes, list[bytes]]
    folder: Path

    def parse(self, document: int, _suffix: str) -> ParsedDocument:
        count = len(self.lies_in.get(os.pread(document, 99, 0), []))
        return ParsedDocument("zip", 1, (PageText(1, "listing"),), Code.COMPLETE, member_count=count)

    def members(self, document: int, _suffix: str, _count: int, _allowance: object) -> Iterator[Extracted]:
        for number, content in enumerate(self.lies_in[os.pread(document, 99, 0)], 1):
            with (self.folder / "member").open("wb+") as file:
                file.write(content)
                file.flush()
                yield Extracted(number, f"{content.decode()}.zip", file.fileno(), len(content))

    def complete(self, _document: int, _suffix: str, parsed: ParsedDocument) -> ParsedDocument:
        return parsed

    def find(self, _sha256: str) -> StoredDocument | None:
        return None


def test_a_document_that_holds_itself_is_not_read_again(pipeline: Pipeline, tmp_path: Path) -> None:
    nested: Any = Nested({b"a": [b"b"], b"b": [b"c", b"a"], b"c": []}, tmp_path)
    file = tmp_path / "a"
    file.write_bytes(b"a")
    from hashlib import sha256

    with pipeline._runs._running([tmp_path], lambda _event: None) as runner, file.open("rb") as opened:
        tools = replace(
            runner._tools, sandbox=nested, extraction=nested, recogniser=nested, documents=nested,
            limits=ParsingConfig(max_depth=50),
        )  # fmt: skip
        made = process(Source(opened.fileno(), "a.zip", 1, sha256(b"a").hexdigest()), tools)
    (inner,) = made.members
    assert inner.document is not None
    assert [(one.name, one.code) for one in inner.document.members] == [
        ("c.zip", Code.COMPLETE), ("a.zip", Code.HOLDS_ITSELF),
    ]  # fmt: skip
    assert made.parsed.code is inner.code is Code.MEMBERS_UNREAD
    assert made.pages == 3
