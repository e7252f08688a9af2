"""HTML and SVG as values: whatever is not `Html` is text, and is escaped when it becomes part of an element."""

import html
import re
from collections.abc import Mapping, Sequence

Attributes = Mapping[str, str | float]

# Cannot stand in XML or UTF-8, or would change the direction of what follows (a name that reads as another).
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_REPLACEMENT = "\ufffd"
_EMPTY = frozenset({"meta", "rect", "line", "circle"})
_LINES = frozenset({"div", "dl", "figure", "g", "h1", "h2", "li", "p", "section", "svg", "table", "tr"})  # for readers


class Html(str):
    """Markup that this module made; a plain str is never taken for it."""

    __slots__ = ()


def text(value: str) -> Html:
    """A string as text of a page: escaped, and what cannot be shown replaced. Markup stays as it is."""
    if isinstance(value, Html):
        return value
    return Html(html.escape(_UNSHOWABLE.sub(_REPLACEMENT, value)))


def join(parts: Sequence[str]) -> Html:
    """Parts one after another."""
    return Html("".join(text(part) for part in parts))


def element(name: str, attributes: Attributes, *children: str) -> Html:
    """An element with its children; one that never has any closes itself."""
    opening = "".join([name, *(f' {key}="{_attribute(value)}"' for key, value in attributes.items())])
    if name in _EMPTY and not children:
        return Html(f"<{opening}/>")
    return Html(f"<{opening}>{join(children)}</{name}>" + "\n" * (name in _LINES))


def span(kind: str, *children: str) -> Html:
    """A piece of a line with a CSS class."""
    return element("span", {"class": kind}, *children)


def paragraph(*children: str) -> Html:
    """A paragraph of ordinary text."""
    return element("p", {}, *children)


def bullets(items: Sequence[str]) -> Html:
    """An unordered list; nothing where there are no items."""
    return element("ul", {}, *(element("li", {}, item) for item in items)) if items else Html()


def section(key: str, title: str, *children: str) -> Html:
    """A landmark that is named by its heading."""
    heading = element("h2", {"id": key}, title)
    return element("section", {"aria-labelledby": key}, heading, *children)


def table(caption: str, head: Sequence[str], rows: Sequence[str]) -> Html:
    """A table that scrolls by itself, by keyboard too, where the window is narrower."""
    body = element("tbody", {}, *rows)
    whole = element("table", {}, element("caption", {}, caption), element("thead", {}, *head), body)
    return element("div", {"class": "wide", "role": "region", "aria-label": caption, "tabindex": "0"}, whole)


def head(words: Sequence[str], numbers: Sequence[str] = (), last: Sequence[str] = ()) -> Html:
    """The row of column names: those above words, those above numbers, and those above words again."""
    left, right = ([element("th", {"scope": "col"}, name) for name in names] for names in (words, last))
    middle = (element("th", {"scope": "col", "class": "number"}, name) for name in numbers)
    return element("tr", {}, *left, *middle, *right)


def row(first: str, *cells: str, kind: str = "") -> Html:
    """A row of a table: what it is about, then its cells."""
    about = element("th", {"scope": "row"}, first)
    return element("tr", {"class": kind} if kind else {}, about, *cells)


def cell(content: str) -> Html:
    """A cell that holds words."""
    return element("td", {}, content)


def number(*lines: str) -> Html:
    """A cell that holds a number and, below it, what it compares to."""
    first, *below = lines
    return element("td", {"class": "number"}, first, *(span("below", line) for line in below))


def figure(caption: str, chart: str) -> Html:
    """A chart below its caption."""
    return element("figure", {}, element("figcaption", {}, caption), chart)


def _attribute(value: str | float) -> str:
    if isinstance(value, str):
        return text(str(value))
    return f"{value:.2f}".rstrip("0").rstrip(".")
