"""Reads judged queries: JSON lines {"query": text, "relevant": {document: grade}}. No error repeats a line's text.

A document is named by its sha256, or by eight or more of its first digits; grades are whole numbers, 0 is irrelevant.
`relevant` may be left out: then the query is only searched with, not judged.
"""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pipeline.errors import UsageError

MAX_FILE_BYTES = 32 << 20  # 100,000 long queries; a larger file is certainly another one
MAX_QUERIES = 10_000  # beyond these no interval gets narrower in a way that matters

_FORM = 'Each line is {"query": "…", "relevant": {"sha256 of a document, or its first digits (8 or more)": grade, …}}.'
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """One line: the question, and grades by sha256 or its first digits. `line` counts from 1."""

    line: int
    text: str = field(repr=False)
    relevant: Mapping[str, int] = field(repr=False)


class _Line(Struct, frozen=True, forbid_unknown_fields=True):
    query: Annotated[str, Meta(min_length=1, max_length=10_000)]
    relevant: dict[Annotated[str, Meta(pattern="^[0-9a-f]{8,64}$")], Annotated[int, Meta(ge=0, le=100)]] = {}


def read(file: Path) -> tuple[JudgedQuery, ...]:
    """The queries of a file; empty lines are passed over. Raises UsageError."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError("queries_invalid", f"The queries cannot be read: {error.strerror}.", _FORM) from None
    if len(content) > MAX_FILE_BYTES:
        raise UsageError("queries_invalid", f"The file of queries is larger than {MAX_FILE_BYTES >> 20} MiB.", _FORM)
    lines = enumerate(content.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), 1)
    queries = tuple(_query(number, line) for number, line in lines if line.strip())
    if not queries:
        raise UsageError("queries_invalid", "The file holds no query.", _FORM)
    if len(queries) > MAX_QUERIES:
        raise UsageError("queries_invalid", f"The file holds more than {MAX_QUERIES} queries.", "Give fewer.")
    return queries


def resolved(query: JudgedQuery, documents: Sequence[str]) -> dict[str, int]:
    """The grades by whole sha256, given those of all documents in order. Raises UsageError."""
    grades: dict[str, int] = {}
    for digits, grade in query.relevant.items():
        first = bisect.bisect_left(documents, digits)
        found = [sha256 for sha256 in documents[first : first + 2] if sha256.startswith(digits)]
        if len(found) != 1:
            what = "no document of the index has" if not found else "several documents have"
            message = f"Line {query.line} of the queries judges an id that {what}."
            raise UsageError("queries_invalid", message, "`pipeline documents --json` lists the whole ids.")
        grades[found[0]] = max(grade, grades.get(found[0], 0))
    return grades


def refuse_judged(queries: Sequence[JudgedQuery]) -> None:
    """Raise UsageError when a query judges documents, though no index is evaluated."""
    for query in queries:
        if query.relevant:
            raise UsageError(
                "queries_invalid",
                f"Line {query.line} of the queries judges documents, but those of the built-in texts have no ids.",
                "Add --on-my-documents, or leave `relevant` out.",
            )


def _query(number: int, line: bytes) -> JudgedQuery:
    try:
        decoded = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # their messages may quote the line
        raise UsageError(
            "queries_invalid", f"Line {number} of the queries is not of the form asked for.", _FORM
        ) from None
    return JudgedQuery(number, decoded.query, decoded.relevant)
