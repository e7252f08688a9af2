"""Whether a redacted copy still holds a value: read by the usual way in a child, and looked through object by object.

Of each object all is known: numbers and names that the writer puts there, text by the numbers of its font, which is
read here, and pictures, whose bytes are values of pixels. What is anything else must not be there.
"""

import mmap
import re
import zlib
from collections.abc import Iterator

from pipeline.parsing.redaction.locating import Targets
from pipeline.parsing.sandbox import Sandbox

_HEAD = re.compile(rb"%PDF-1\.5\n%\xe2\xe3\xcf\xd3\n")
_OBJECT = re.compile(rb"\d+ 0 obj\n(<< [^\x00-\x1f\x7f-\xff]{1,2000000} >>)\n(stream|endobj)\n")
_END_OF_STREAM = b"\nendstream\nendobj\n"
_TAIL = re.compile(
    rb"xref\n0 \d+\n0{10} 65535 f \n(?:\d{10} 00000 n \n)+"
    rb"trailer\n<< /Size \d+ /Root 1 0 R >>\nstartxref\n\d+\n%%EOF\n\Z"
)
_LENGTH = re.compile(rb"/Length (\d+)")
_FOREIGN = re.compile(
    rb"/(Annots|AcroForm|Metadata|EmbeddedFiles?|Filespec|JS|JavaScript|OpenAction|AA|A|URI|Outlines|Names|Info|ID|OCG|"
    rb"OCProperties|StructTreeRoot|PieceInfo|Thumb|Title|Author)\b"
)
_NUMBER = rb"-?\d+(?:\.\d+)?"
_CONTENT = re.compile(
    rb"q %b 0 0 %b 0 0 cm /P Do Q\n(?:BT 3 Tr /F %b Tf %b Tz(?: %b){6} Tm <[0-9A-F]*> Tj ET\n)*" % ((_NUMBER,) * 5)
)
_ROW = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n")
_SHOWN = re.compile(rb"<([0-9A-F]*)> Tj")
_TO_UNICODE = b"begincmap"


def remaining(copy: int, wanted: Targets, page_count: int, sandbox: Sandbox) -> tuple[int, ...]:
    """The pages of an open copy on which a value is read; 0 stands for the file as a whole. Raises as Sandbox.parse."""
    parsed = sandbox.parse(copy, ".pdf")
    found = {page.number for page in parsed.pages if wanted.remain_in(page.text)}
    if len(parsed.pages) != page_count or parsed.end is not None or parsed.member_count:
        found.add(0)  # it is not what was written
    with mmap.mmap(copy, 0, access=mmap.ACCESS_READ) as file:
        written = _written(file)
    if written is None or any(map(wanted.remain_in, written)):
        found.add(0)
    return tuple(sorted(found))


def _written(file: mmap.mmap) -> list[str] | None:
    """The text of each page as the file has it; None where there is anything that no writer of ours puts there."""
    contents: list[bytes] = []
    characters: dict[bytes, str] = {}
    head = _HEAD.match(file)
    place = head.end() if head else 0
    while (found := _OBJECT.match(file, place)) is not None:
        place = found.end()
        if _FOREIGN.search(found[1]):
            return None
        if found[2] == b"endobj":
            continue
        length = _LENGTH.search(found[1])
        end = place + (int(length[1]) if length else 0)
        if file[end : end + len(_END_OF_STREAM)] != _END_OF_STREAM:
            return None
        if b"/Image" not in found[1]:
            stream = _unpacked(file[place:end])
            if _CONTENT.fullmatch(stream):
                contents.append(stream)
            elif _TO_UNICODE in stream:
                characters = {
                    row[1]: bytes.fromhex(row[2].decode()).decode("utf-16-be") for row in _ROW.finditer(stream)
                }
            elif b"/Length1" not in found[1] and stream.strip(b"\0\1"):
                return None
        place = end + len(_END_OF_STREAM)
    is_whole = head is not None and _TAIL.match(file, place) is not None
    return ["".join(_text(content, characters)) for content in contents] if is_whole else None


def _unpacked(packed: bytes) -> bytes:
    """The content of a stream; where more lies behind it, that as it stands."""
    unpacker = zlib.decompressobj()
    try:
        return unpacker.decompress(packed) + unpacker.unused_data
    except zlib.error:
        return packed


def _text(content: bytes, characters: dict[bytes, str]) -> Iterator[str]:
    for shown in _SHOWN.finditer(content):
        numbers = shown[1]
        yield from (characters.get(numbers[place : place + 4], "") for place in range(0, len(numbers), 4))
