"""The visible text of an HTML page, a line per block, through Lexbor. Scripts, styles and templates are left out."""

import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.readers import html_date
from pipeline.parsing.readers.decoding import decode, read_at_most
from pipeline.parsing.reading import ReadingEnded

_INVISIBLE = frozenset({"script", "style", "template", "noscript", "object", "iframe", "annotation"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "pre", "title", "article"})
_LINES = frozenset(
    {
        "address", "aside", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "header", "hr", "li", "main", "nav", "ol", "option", "section", "summary",
        "textarea", "tr", "ul",
    }
)  # fmt: skip
_LINE, _PARAGRAPH, _CELL = "\x1e", "\x1f", "\x1d"  # cannot occur in the text: they are removed first
_ANY_TAG = re.compile(r"<[^<>]*+>")
_SEPARATORS = re.compile("[\x1d-\x1f]")
_CHARSET = re.compile(
    rb"<(?:meta[^>]{0,200}charset|\?xml[^>]{0,200}encoding)\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]+)", re.IGNORECASE
)
# Of the fields of a form, those that show no text of theirs.
_WITHOUT_VALUE = frozenset({"checkbox", "file", "hidden", "image", "password", "radio"})
_ABOUT = frozenset({"author", "description", "keywords", "subject", "dcterms.title", "og:description", "og:title"})


# For each tag Lexbor may look at all the elements it lies in: a second's work. Pages of the web come to a hundredth.
_MAX_WORK = 300_000_000
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,30})")
# Closed by the next of their kind, or never open for long: they do not lie in each other.
_SHALLOW = frozenset(
    {
        "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
        "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
    }
)  # fmt: skip


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: an HTML file has no others."""
    data, cut = read_at_most(file, request.max_text_bytes)
    declared = _CHARSET.search(data[:4096])
    source, lossy = decode(data, declared[1].decode("ascii", "replace") if declared else None)
    yield Opened("html", 1, dated=html_date.stated(source))
    end = _end_of_work(source)
    code = Code.READER_LIMIT if end < len(source) else Code.UNDECODABLE_CHARACTERS if lossy else None
    text, whole = _within(source[:end], request.page_cpu_s)
    yield Page(1, text, code if whole else Code.READER_LIMIT)
    if cut:
        raise ReadingEnded(Code.TEXT_LIMIT)


def visible_text(source: str) -> str:
    """What a reader sees: blocks on lines of their own, paragraphs apart, table cells separated by a tab.

    Raises MemoryError.
    """
    return _within(source, math.inf)[0]


def _within(source: str, cpu_s: float) -> tuple[str, bool]:
    """What a reader sees, as far as it was reached in so much processor time, and whether that is all."""
    try:
        tree = LexborHTMLParser(_SEPARATORS.sub("", source))
    except SelectolaxError:
        raise MemoryError from None  # Lexbor makes a tree of any text, unless it gets no memory for it
    hidden = {node.mem_id for node in tree.css("[hidden]")}
    text = io.StringIO()
    whole = True
    try:
        with at_most(cpu_s):
            text.writelines(_parts(tree.root, hidden))
    except Exhausted:
        whole = False
    seen = re.sub(rf"[\s{_LINE}{_PARAGRAPH}{_CELL}]+", _break_for, text.getvalue()).strip()
    return "\n\n".join((seen, *_about(tree, seen))).strip(), whole


def _about(tree: LexborHTMLParser, seen: str) -> Iterator[str]:
    """What the page says of itself, for lists of pages, where it does not say so in its text."""
    said = {seen}
    for node in tree.css("meta"):
        name = node.attributes.get("name") or node.attributes.get("property") or ""
        content = " ".join((node.attributes.get("content") or "").split())
        if name.lower() in _ABOUT and not any(content in other for other in said):
            said.add(content)
            yield content


def _parts(root: LexborNode | None, hidden: set[int]) -> Iterator[str]:
    """Texts and marks in their order. The tree may be deep and large: no recursion, no change."""
    node, preformatted = root, 0
    while node is not None:
        tag = node.tag or ""
        seen = tag not in _INVISIBLE and node.mem_id not in hidden
        if tag == "-text":
            text = node.text_content or ""
            yield text.replace("\n", _LINE) if preformatted else text
        elif tag == "svg":
            for drawn in node.css("text"):
                yield f"{_LINE}{drawn.text()}{_LINE}"
        elif tag == "noframes":
            yield _LINE + _ANY_TAG.sub(_LINE, node.text()) + _LINE  # kept as text, since browsers know frames
        elif seen:
            yield _mark(tag) + _instead(node, tag)
            if node.first_child is not None:
                preformatted += tag == "pre"
                node = node.first_child
                continue
            yield _mark_behind(tag)
        while node is not None and node.next is None:
            node = node.parent
            if node is not None:
                tag = node.tag or ""
                preformatted -= tag == "pre"
                yield _mark_behind(tag)
        node = None if node is None else node.next


def _instead(node: LexborNode, tag: str) -> str:
    """What is read in the place of an image, or in a field."""
    if tag in ("img", "area"):
        said = node.attributes.get("alt")
    elif tag == "input" and (node.attributes.get("type") or "text").lower() not in _WITHOUT_VALUE:
        said = node.attributes.get("value")
    else:
        return ""
    return f" {_SEPARATORS.sub('', said)} " if said else ""


def _mark(tag: str) -> str:
    return _PARAGRAPH if tag in _PARAGRAPHS else _LINE if tag in _LINES else ""


def _mark_behind(tag: str) -> str:
    return _CELL if tag in ("td", "th") else _mark(tag)


def _end_of_work(source: str) -> int:
    """How much of the source can be read within _MAX_WORK; nearly always all of it.

    An estimate, by counting what is open: who hides the ends of elements in comments is stopped by the clock.
    """
    if source.count("<") ** 2 < 2 * _MAX_WORK:
        return len(source)
    opened: Counter[str] = Counter()
    work = depth = 0
    for tag in _TAG.finditer(source):
        name = tag[2].lower()
        if name not in _SHALLOW:
            change = 1 if not tag[1] else -1 if opened[name] else 0
            opened[name] += change
            depth += change
        work += depth
        if work > _MAX_WORK:
            return tag.start()
    return len(source)


def _break_for(run: re.Match[str]) -> str:
    """One run of white space and marks as the widest break in it; each run is looked at once, however long it is."""
    if _CELL in run[0] and _LINE not in run[0]:
        return "\t"  # the paragraph within a cell, as word processors write it, does not end the row
    for mark, meant in ((_PARAGRAPH, "\n\n"), (_LINE, "\n"), (_CELL, "\t")):
        if mark in run[0]:
            return meant
    return " "
