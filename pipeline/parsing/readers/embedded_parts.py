"""The documents that are embedded in an office document: which of its parts are some, and their content."""

import io
import posixpath
from collections.abc import Iterable, Iterator, Sequence

from pipeline.outcomes import Code
from pipeline.parsing import compound, ole_objects
from pipeline.parsing.handover import begin, hand_out
from pipeline.parsing.parts import Package, natural
from pipeline.parsing.protocol import Member, Piece, Request
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Blocks, blocks_of

# Of OLE objects only small ones, and so many of them, are opened to be counted: formulas, which are no documents, have
# a few thousand bytes.
_SMALL_BYTES, _MAX_OPENED = 64 << 10, 2_000
_OLE_BYTES = 128 << 20  # held in memory three times while the document is taken out of it


def documents(package: Package, names: Iterable[str]) -> list[str]:
    """Those of the parts with these names that are documents of their own, in a stable order."""
    ordered = sorted(dict.fromkeys(names), key=natural)
    return [name for at, name in enumerate(ordered) if at >= _MAX_OPENED or _is_document(package, name)]


def taken_out(package: Package, parts: Sequence[str], request: Request) -> Iterator[Member | Piece]:
    """Each of these parts as a document, or why it cannot be had."""
    taken = 0
    for number, part in enumerate(parts[request.first_page - 1 :], request.first_page):
        name = posixpath.basename(part)
        try:
            name, blocks = _content(package, part, number, request.max_member_bytes - taken)
            begun = begin(blocks, request.max_member_bytes - taken, request.page_cpu_s)
        except ReadingEnded as end:
            yield Member(number, name, end.code)
        else:
            taken += yield from hand_out(number, name, begun)


def _is_document(package: Package, part: str) -> bool:
    head = package.read(part, _SMALL_BYTES)
    if not head.startswith(compound.SIGNATURE) or len(head) == _SMALL_BYTES:
        return True
    try:
        return ole_objects.is_document(compound.opened(io.BytesIO(head)))
    except ReadingEnded:
        return True  # what is wrong with it is told where it is taken out


def _content(package: Package, part: str, number: int, most_bytes: int) -> tuple[str, Blocks]:
    """A document's name and content, freed of the OLE object around it. Raises ReadingEnded."""
    name = posixpath.basename(part)
    if not package.read(part, len(compound.SIGNATURE)).startswith(compound.SIGNATURE):
        return name, package.blocks(part)
    most = min(_OLE_BYTES, most_bytes)
    content = package.read(part, most + 1)
    if len(content) > most:
        raise ReadingEnded(Code.MEMBER_LIMIT if most == most_bytes else Code.READER_LIMIT)
    inner = ole_objects.taken_out(compound.opened(io.BytesIO(content)), number)
    if inner.code is not None:
        raise ReadingEnded(inner.code)
    return inner.name, blocks_of(io.BytesIO(inner.content))
