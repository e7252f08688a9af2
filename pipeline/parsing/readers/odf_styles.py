"""Which paragraph styles of an OpenDocument file begin or end a page. Knows nothing else of styles."""

from dataclasses import dataclass

from pipeline.parsing.markup import Start

STYLES = frozenset({"style:style", "style:paragraph-properties"})  # the elements that tell of styles
_MAX_STYLES = 50_000  # documents that were converted from others have thousands
_MAX_PARENTS = 20  # styles that derive from each other; also where they run in a circle


@dataclass(slots=True)
class _Style:
    parent: str
    before: bool | None  # a page begins; None where its parent decides
    after: bool | None = None


class Styles:
    """The styles that were followed so far, by name."""

    def __init__(self) -> None:
        self._styles: dict[str, _Style] = {}
        self._current: _Style | None = None

    def start(self, start: Start) -> None:
        """Take one element of the styles."""
        if start.tag == "style:style":
            self._current = _Style(
                start.get("parent-style-name") or "", True if start.get("master-page-name") else None
            )
            if len(self._styles) < _MAX_STYLES:
                self._styles[start.get("name") or ""] = self._current
        elif start.tag == "style:paragraph-properties" and self._current is not None:
            before, after = start.get("break-before"), start.get("break-after")
            if before is not None:
                self._current.before = before == "page" or bool(self._current.before)
            if after is not None:
                self._current.after = after == "page"

    def breaks_before(self, name: str) -> bool:
        """Whether a paragraph of this style begins a page."""
        for _ in range(_MAX_PARENTS):
            style = self._styles.get(name)
            if style is None:
                return False
            if style.before is not None:
                return style.before
            name = style.parent
        return False

    def breaks_after(self, name: str) -> bool:
        """Whether a page ends behind a paragraph of this style."""
        for _ in range(_MAX_PARENTS):
            style = self._styles.get(name)
            if style is None:
                return False
            if style.after is not None:
                return style.after
            name = style.parent
        return False
