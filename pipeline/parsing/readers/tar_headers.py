"""The entries of a tar archive, from a stream of bytes that is read once, forwards. Unpacks nothing, keeps no content.

ustar and pax as in POSIX.1-2008 (pax, "ustar Interchange Format"), GNU's long names and sparse files as in its manual.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.outcomes import Code
from pipeline.parsing.readers.names import decoded_name, display_name
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.tarballs import BLOCK_BYTES, is_tar_header
from pipeline.parsing.unpacking import Blocks

MAX_ENTRIES = 100_000  # each costs time to find again; archives of a million files hold no documents
_MAX_EXTENSION_BYTES = 1 << 20  # of one extended header: names and times take some hundred bytes
_MAX_EXTENSIONS = 16  # of one entry, one behind the other: GNU's long name and long link, pax, and some room
_HARD_LINK, _SYMBOLIC_LINK, _FOLDER, _GNU_FOLDER = b"1", b"2", b"5", b"D"
_SPECIAL = frozenset({b"3", b"4", b"6"})
_PAX, _GLOBAL_PAX, _LONG_NAME, _LONG_LINK = frozenset({b"x", b"X"}), b"g", b"L", b"K"
_LABEL, _CONTINUED, _SPARSE = b"V", b"M", b"S"
_SPARSE_GOES_ON, _SPARSE_HEADER_GOES_ON = 482, 504  # where a flag says that a list of holes goes on


class Stream:
    """Bytes that come in blocks, taken by length. What is not there is said by what comes out being shorter."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._held = b""
        self.position = 0

    def taken(self, length: int) -> Blocks:
        """The next bytes, block by block."""
        while length > 0:
            block = self._held or next(self._blocks, b"")
            if not block:
                return
            self._held = block[length:]
            block = block[:length]
            length -= len(block)
            self.position += len(block)
            yield block

    def skip_to(self, position: int) -> None:
        """Pass over what stands before `position`, or over all that is left."""
        for _ in self.taken(position - self.position):
            pass


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry that is no folder. `code` says why it has no content of its own, `target` where a link leads."""

    name: str
    size: int
    target: str = ""
    code: Code | None = None


def entries_of(stream: Stream) -> Iterator[Entry]:
    """The entries in order. Each one's content may be taken, or a part of it, before the next is asked for.

    Raises ReadingEnded: STRUCTURE_DAMAGED where the archive is broken or cut off, READER_LIMIT for too much work.
    """
    count = 0
    extended: dict[str, str] = {}
    extensions = 0
    while (header := b"".join(stream.taken(BLOCK_BYTES))).strip(b"\x00"):
        if not is_tar_header(header):
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        kind, size = header[156:157], _number(header[124:136])
        if kind in _PAX or kind in (_GLOBAL_PAX, _LONG_NAME, _LONG_LINK):
            extensions += 1
            if size > _MAX_EXTENSION_BYTES or extensions > _MAX_EXTENSIONS:
                raise ReadingEnded(Code.READER_LIMIT)
            extended |= _extension(kind, b"".join(stream.taken(_padded(size)))[:size])
            continue
        if kind == _SPARSE:
            _skip_list_of_holes(stream, header)
        entry = _entry(header, kind, size, extended)
        extended, extensions = {}, 0
        end = stream.position + (size if entry is None else entry.size)
        if entry is not None:
            count += 1
            if count > MAX_ENTRIES:
                raise ReadingEnded(Code.READER_LIMIT)
            yield entry
        stream.skip_to(end)
        if stream.position < end:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        stream.skip_to(_padded(end))  # of the last one the padding may be missing


def content(stream: Stream, entry: Entry) -> Blocks:
    """The content of the entry that came last. Raises ReadingEnded(STRUCTURE_DAMAGED) where it is cut off."""
    end = stream.position + entry.size
    yield from stream.taken(entry.size)
    if stream.position < end:
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)


def _entry(header: bytes, kind: bytes, size: int, extended: dict[str, str]) -> Entry | None:
    """The entry that a header begins; None for a folder or a label of the archive."""
    name = extended.get("GNU.sparse.name") or extended.get("path") or _plain_name(header)
    if kind in (_FOLDER, _GNU_FOLDER, _LABEL) or name.endswith("/"):
        return None
    if kind in (_HARD_LINK, _SYMBOLIC_LINK):
        target = extended.get("linkpath") or _text(header[157:257])
        return Entry(display_name(name), 0, display_name(target), Code.SYMBOLIC_LINK)
    if kind in _SPECIAL:
        return Entry(display_name(name), 0, code=Code.SPECIAL_FILE)
    if extended.get("size", "").isdecimal():
        size = int(extended["size"][:20])
    is_sparse = kind == _SPARSE or any(key.startswith("GNU.sparse.") for key in extended)
    return Entry(display_name(name), size, code=Code.FORMAT_NOT_READ if is_sparse or kind == _CONTINUED else None)


def _plain_name(header: bytes) -> str:
    name, prefix = _text(header[:100]), _text(header[345:500])
    is_posix = header[257:263] == b"ustar\x00"  # in GNU's headers there are times in the prefix's place
    return f"{prefix}/{name}" if is_posix and prefix else name


def _text(field: bytes) -> str:
    return decoded_name(field.partition(b"\x00")[0], "latin-1")


def _number(field: bytes) -> int:
    """Octal digits, or where the first bit is set the bytes themselves. Raises ReadingEnded."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\x00 ")
    try:
        return int(digits or b"0", 8)
    except ValueError:
        raise ReadingEnded(Code.STRUCTURE_DAMAGED) from None


def _padded(size: int) -> int:
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES


def _extension(kind: bytes, body: bytes) -> dict[str, str]:
    """What an extended header says of the next entry. What one says of all that follow is no more than times."""
    if kind == _LONG_NAME:
        return {"path": _text(body)}
    if kind == _LONG_LINK:
        return {"linkpath": _text(body)}
    return dict(_records(body)) if kind in _PAX else {}


def _records(body: bytes) -> Iterator[tuple[str, str]]:
    """Lines `length key=value`, where the length is that of the whole line."""
    at = 0
    while (space := body.find(b" ", at, at + 20)) > 0 and body[at:space].isdigit():
        end = at + int(body[at:space])
        if end <= space:
            return
        key, _, value = body[space + 1 : end - 1].partition(b"=")
        yield key.decode("utf-8", "replace"), decoded_name(value, "latin-1")
        at = end


def _skip_list_of_holes(stream: Stream, header: bytes) -> None:
    """GNU's older sparse files: the list may go on in blocks behind the header."""
    goes_on = header[_SPARSE_GOES_ON]
    while goes_on:
        block = b"".join(stream.taken(BLOCK_BYTES))
        goes_on = len(block) == BLOCK_BYTES and block[_SPARSE_HEADER_GOES_ON]
