"""Tables in text, such as CSV: a line per row, a tab between cells. What is no table is given as it is written."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.readers.decoding import decode, read_at_most
from pipeline.parsing.reading import ReadingEnded

# In the order of preference where a text reads well with several: a comma may be part of a number, or of prose.
_DELIMITERS = "\t;|,"
_SAMPLE_CHARACTERS, _SAMPLE_ROWS = 64 << 10, 100
_LEAST_ALIKE = 0.5  # more of the sample's rows than these have the same number of cells, or it is no table
_DECLARED = "sep="  # the first line that Excel writes and understands


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: the whole table."""
    data, cut = read_at_most(file, request.max_text_bytes)
    source, lossy = decode(data)
    yield Opened("csv", 1)
    code = Code.UNDECODABLE_CHARACTERS if lossy else None
    text = io.StringIO()
    csv.field_size_limit(len(source) + 1)  # the source itself is bounded; csv's own limit would end the whole table
    try:
        with at_most(request.page_cpu_s / 2):  # the rest is for giving it as it is written
            delimiter = delimiter_of(source, cut=cut)
            if delimiter is None:
                text.write(source)
            else:
                _write(source, delimiter, text, cut=cut)
    except Exhausted:  # as it is written, it can be searched too
        text = io.StringIO(source)
    yield Page(1, text.getvalue(), code)
    if cut:
        raise ReadingEnded(Code.TEXT_LIMIT)


def delimiter_of(source: str, *, cut: bool = False) -> str | None:
    """What separates the cells; None when it is no table: the rows of one have the same number of cells.

    The last row of a source that was `cut` does not count.
    """
    if source[:4].lower() == _DECLARED and source[5:6] in ("\r", "\n"):
        return source[4]
    best, most_alike = None, _LEAST_ALIKE
    for delimiter in _DELIMITERS:
        alike = _alike(source[:_SAMPLE_CHARACTERS], delimiter, cut=cut or len(source) > _SAMPLE_CHARACTERS)
        if alike > most_alike:
            best, most_alike = delimiter, alike
    return best


def _alike(beginning: str, delimiter: str, *, cut: bool) -> float:
    """The share of the first rows that have as many cells as most; 0 where that is one cell."""
    counts: list[int] = []
    try:
        for row in csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter):
            counts += [len(row)] if row else []
            if len(counts) > _SAMPLE_ROWS:
                break
    except csv.Error:
        return 0.0
    if cut and len(counts) > 1:
        counts.pop()
    cells, times = max(Counter(counts).items(), key=lambda counted: counted[1], default=(0, 0))
    return times / len(counts) if cells > 1 else 0.0


def _write(source: str, delimiter: str, text: io.StringIO, *, cut: bool) -> None:
    """The rows; from one on in which quotes do not pair up, what follows as it is written, since no end is certain."""
    rows = csv.reader(io.StringIO(source, newline=""), delimiter=delimiter, strict=True)
    lines = 0  # of the source that these rows take
    try:
        for row in rows:
            text.write(_line_of(row))
            lines = rows.line_num
    except csv.Error:
        rest = "".join(io.StringIO(source, newline="").readlines()[lines:])
        text.write(rest.replace('"', "").replace(delimiter, "\t") if cut else rest)


def _line_of(row: list[str]) -> str:
    """A row without the empty cells at its end; nothing where all are empty."""
    line = "\t".join(row)
    if "\n" in line or "\r" in line or line.count("\t") >= len(row):
        line = "\t".join(" ".join(cell.split()) for cell in row)
    line = line.rstrip()
    return line + "\n" if line else ""
