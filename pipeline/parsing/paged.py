"""What is done with the text of a document that was set in lines and pages, once all its pages are read. Pure."""

from collections.abc import Sequence

from pipeline.datatypes import PageText
from pipeline.parsing import hyphenation, running_heads

# Their lines end where the page's width does; in other formats a line's end is a paragraph's, a row's or a statement's.
_MOST_LINES = 50_000  # of a page: what has more was set by no one, and looking at each line would take minutes
_SET_IN_LINES = frozenset({"pdf", "text", "png", "jpeg", "tiff", "webp", "gif", "bmp"})


def finished(document_format: str, pages: Sequence[PageText]) -> tuple[PageText, ...]:
    """The pages with divided words mended, and with bodies that leave out running heads. Text in other formats stays.

    To be called again when pages are added, such as those of text recognition.
    """
    if document_format not in _SET_IN_LINES or any(page.text.count("\n") > _MOST_LINES for page in pages):
        return tuple(pages)
    return running_heads.marked(hyphenation.mended(pages))
