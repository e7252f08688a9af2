"""The visible text of an HTML page, a line per block, through Lexbor. Scripts, styles and templates are left out."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from selectolax.lexbor import LexborHTMLParser

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.text import decode, read_at_most

_INVISIBLE = "script, style, template, noscript, svg, object, iframe, [hidden]"
_BLOCKS = (
    "address, article, aside, blockquote, br, caption, dd, details, div, dl, dt, fieldset, figcaption, figure, footer, "
    "form, h1, h2, h3, h4, h5, h6, header, hr, li, main, nav, ol, option, p, pre, section, summary, table, title, "
    "tr, ul"
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "pre", "title", "article"})
_LINE, _PARAGRAPH, _CELL = "\x1e", "\x1f", "\x1d"  # cannot occur in the text: they are removed first
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: an HTML file has no others."""
    data, cut = read_at_most(file, request.max_text_bytes)
    declared = _CHARSET.search(data[:4096])
    source, lossy = decode(data, declared[1].decode("ascii", "replace") if declared else None)
    yield Opened("html", 1)
    yield Page(1, visible_text(source), Code.UNDECODABLE_CHARACTERS if lossy else None)
    if cut:
        raise ReadingEnded(Code.TEXT_LIMIT)


def visible_text(source: str) -> str:
    """What a reader sees: blocks on lines of their own, paragraphs apart, table cells separated by a tab."""
    tree = LexborHTMLParser(re.sub(r"[\x1d-\x1f]", "", source))
    for node in tree.css(_INVISIBLE):
        node.decompose()
    for node in tree.css("pre"):
        node.replace_with(_PARAGRAPH + node.text().replace("\n", _LINE) + _PARAGRAPH)
    for node in tree.css(_BLOCKS):
        mark = _PARAGRAPH if node.tag in _PARAGRAPHS else _LINE
        node.insert_before(mark)
        node.insert_after(mark)
    for node in tree.css("td, th"):
        node.insert_after(_CELL)
    root = tree.root
    text = root.text() if root is not None else ""
    return re.sub(rf"[\s{_LINE}{_PARAGRAPH}{_CELL}]+", _break_for, text).strip()


def _break_for(run: re.Match[str]) -> str:
    """One run of white space and marks as the widest break in it; each run is looked at once, however long it is."""
    if _CELL in run[0] and _LINE not in run[0]:
        return "\t"  # the paragraph within a cell, as word processors write it, does not end the row
    for mark, meant in ((_PARAGRAPH, "\n\n"), (_LINE, "\n"), (_CELL, "\t")):
        if mark in run[0]:
            return meant
    return " "
