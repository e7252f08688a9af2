"""Tar archives, packed or not: a page with the names in them, and each file in them as a document. Writes nothing."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.handover import begin, hand_out
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.tar_headers import Entry, Stream, content, entries_of
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import blocks_of, compression_of, unpacked_file

_HEAD_BYTES = 16


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: the names of the entries, a line each, so that an archive is found by what lies in it."""
    entries, code = _listed(file, request.page_cpu_s)
    if code is not None and not entries:
        raise ReadingEnded(code)
    yield Opened("tar", 1, len(entries))
    if request.first_page == 1:
        listing = "\n".join(f"{entry.name} -> {entry.target}" if entry.target else entry.name for entry in entries)
        yield Page(1, listing, code if code is Code.READER_LIMIT else None)
    if code is Code.STRUCTURE_DAMAGED:
        raise ReadingEnded(Code.STRUCTURE_REPAIRED)  # what stands before the damage is whole


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """Each entry in its order, or why it cannot be had; up to where read() came to the archive's end."""
    stream = _stream(file)
    entries = entries_of(stream)
    taken = number = 0
    while (entry := _next(entries, request.page_cpu_s)) is not None:
        number += 1
        if number < request.first_page:
            continue
        try:
            if entry.code is not None:
                raise ReadingEnded(entry.code)
            if entry.size > request.max_member_bytes - taken:
                raise ReadingEnded(Code.MEMBER_LIMIT)
            begun = begin(content(stream, entry), entry.size, request.page_cpu_s)
        except ReadingEnded as end:
            yield Member(number, entry.name, end.code)
        else:
            taken += yield from hand_out(number, entry.name, begun)


def _listed(file: BinaryIO, cpu_s: float) -> tuple[list[Entry], Code | None]:
    """The entries up to where the archive ends, and why it ends there if it is not its end."""
    entries: list[Entry] = []
    try:
        with at_most(cpu_s):
            entries.extend(entries_of(_stream(file)))
    except Exhausted:
        return entries, Code.READER_LIMIT
    except ReadingEnded as end:
        return entries, end.code
    return entries, None


def _next(entries: Iterator[Entry], cpu_s: float) -> Entry | None:
    """The next entry; None behind the last one that read() found. Raises ReadingEnded(READER_LIMIT)."""
    try:
        with at_most(cpu_s):
            return next(entries, None)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    except ReadingEnded:
        return None


def _stream(file: BinaryIO) -> Stream:
    file.seek(0)
    compression = compression_of(file.read(_HEAD_BYTES))
    return Stream(blocks_of(file) if compression is None else unpacked_file(file, compression))
