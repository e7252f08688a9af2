"""Writes into the characters of a Word document what its formatting says: ends of rows, symbols, what was deleted."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from pipeline.parsing.readers.doc_formatting import Formatting, Run
from pipeline.parsing.readers.doc_structure import Piece
from pipeline.parsing.readers.symbol_font import is_symbol_font, symbol

_CELL_END, _ROW_END = 0x07, 0x1D  # Word ends rows with the mark of cells, too
_PARAGRAPH_END = 0x0D
_LEFT_OUT = 0x00
_FIELD, _RESULT, _FIELD_END = 0x13, 0x14, 0x15
_MAX_INSTRUCTIONS = 2000  # characters of one field
_SYMBOLS = range(0xF020, 0xF100)  # characters of symbol fonts, wherever they stand


def mark(characters: "array[int]", pieces: Sequence[Piece], formatting: Formatting) -> None:
    """Ends of rows, and of cells within cells, become marks of their own; symbols what they look like."""
    ends = [(end - 1, end, _ROW_END) for end in formatting.row_ends]
    ends += [(end - 1, end, _CELL_END) for end in formatting.cell_ends]
    for _, behind, meant in _ranges(pieces, ends):
        if 0 < behind <= len(characters) and characters[behind - 1] in (_CELL_END, _PARAGRAPH_END):
            characters[behind - 1] = meant
    if _CELL_END in characters and _ROW_END not in characters:
        _guess_rows(characters)
    fonts = {number: name for number, name in enumerate(formatting.fonts) if is_symbol_font(name)}
    for first, behind, number in _ranges(pieces, [run for run in formatting.in_font if run[2] in fonts]):
        for at in range(first, min(behind, len(characters))):
            if characters[at] in _SYMBOLS:
                characters[at] = ord(symbol(fonts[number], characters[at]))
    for first, _, both in _ranges(pieces, formatting.symbols):
        if first < len(characters):
            characters[first] = ord(symbol(fonts.get(both & 0xFFFF, ""), both >> 16))


def take_deleted(
    characters: "array[int]", pieces: Sequence[Piece], formatting: Formatting
) -> list[tuple[int, "array[int]"]]:
    """Take out what tracked changes deleted: where each stood, and its characters without fields. Cells stay."""
    taken: list[tuple[int, int]] = []
    for first, behind, _ in _ranges(pieces, formatting.deleted):
        if taken and first <= taken[-1][1]:
            taken[-1] = taken[-1][0], max(behind, taken[-1][1])
        else:
            taken.append((first, behind))
    found = [(first, array("H", _shown(characters, first, behind))) for first, behind in taken]
    for first, behind in taken:
        for at in range(first, min(behind, len(characters))):
            if characters[at] not in (_CELL_END, _ROW_END):
                characters[at] = _LEFT_OUT
    return found


def _ranges(pieces: Sequence[Piece], runs: Iterable[Run]) -> Iterator[Run]:
    """Runs of bytes as runs of characters, in the order of the text."""
    in_order = sorted(runs)
    starts = [start for start, _, _ in in_order]
    for piece in pieces:
        last = piece.at + (piece.end - piece.first) * piece.width
        for start, end, what in in_order[max(0, bisect_right(starts, piece.at) - 1) : bisect_left(starts, last)]:
            first = piece.first + (max(start, piece.at) - piece.at) // piece.width
            behind = piece.first + (min(end, last) - piece.at) // piece.width
            if first < behind:
                yield first, behind, what


def _shown(characters: "array[int]", first: int, behind: int) -> Iterator[int]:
    """The characters of a range but those that tell a field what to show: only these may have been deleted."""
    around = range(first - 1, max(0, first - _MAX_INSTRUCTIONS) - 1, -1)
    nearest = next((characters[at] for at in around if characters[at] in (_FIELD, _RESULT, _FIELD_END)), _FIELD_END)
    instructs = nearest == _FIELD
    for character in characters[first:behind]:
        if character in (_FIELD, _RESULT, _FIELD_END):
            instructs = character == _FIELD
        elif not instructs:
            yield character


def _guess_rows(characters: "array[int]") -> None:
    """Without formatting, as in old files: a row ends where a cell ends at once behind another."""
    before = 0
    for at, character in enumerate(characters):
        if character == before == _CELL_END:
            characters[at] = _ROW_END
        before = characters[at]
