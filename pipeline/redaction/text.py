"""A copy of a document as text or Markdown, without what is to be taken out of it. Pure."""

from collections.abc import Callable, Mapping, Sequence

from pipeline.redaction.places import Target

Replace = Callable[[Target], str]


def page(text: str, found: Sequence[Target], replace: Replace) -> str:
    """The text of one page with each of its targets, in order, replaced."""
    pieces, done = [], 0
    for one in found:
        pieces += [text[done : one.start], replace(one)]
        done = one.end
    return "".join([*pieces, text[done:]])


def plain(pages: Mapping[int, str], found: Sequence[Target], replace: Replace) -> str:
    """All pages as text, a form feed between two, as printers and pdftotext have it."""
    return "\f".join(text.rstrip() + "\n" for text in _pages(pages, found, replace).values())


def markdown(pages: Mapping[int, str], found: Sequence[Target], replace: Replace) -> str:
    """All pages under a heading each; what Markdown would take for marks of its own is kept from it."""
    return "\n".join(
        f"## Page {number}\n\n{_escaped(text.strip())}\n" for number, text in _pages(pages, found, replace).items()
    )


def _pages(pages: Mapping[int, str], found: Sequence[Target], replace: Replace) -> dict[int, str]:
    return {
        number: page(text, [one for one in found if one.page == number], replace)
        for number, text in sorted(pages.items())
    }


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in _MARKS else character for character in text).replace("\n", "  \n")


_MARKS = frozenset("\\`*_[]<>#|~")
