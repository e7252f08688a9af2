"""What coordinator and children say to each other: one request, then length-prefixed JSON frames. No behaviour.

The child's side is untrusted: the coordinator decodes frames strictly into these types and checks every bound
before it believes a value (sandbox.py, extraction.py).
"""

import struct
from enum import StrEnum
from typing import BinaryIO

import msgspec

from pipeline.outcomes import Code

LENGTH = struct.Struct(">I")
PIECE_BYTES = 1 << 20  # of a member or a picture, in one frame
NO_NAME = "content"  # of a member whose name its holder does not keep


class Task(StrEnum):
    """What the child shall give of its document."""

    READ = "read"  # the text of its pages: Opened, Page ..., Finished
    MEMBERS = "members"  # the documents that lie in it: (Member, Piece ...) ..., Finished
    RENDER = "render"  # pictures of some pages: (Bitmap, Piece ...) ..., Finished
    COLOUR = "colour"  # the same with three bytes a pixel: red, green, blue
    GLYPHS = "glyphs"  # the places of all characters: Opened, Glyphs ..., Finished
    PACK = "pack"  # red, green and blue values, made small to be stored: Packed, Piece ..., Finished


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Read one file, given as an open descriptor. Sizes in bytes, times in seconds; pages and members from 1."""

    task: Task = Task.READ
    suffix: str  # lower case, with the dot: a hint where the content does not tell
    first_page: int  # or the first member
    pages: tuple[int, ...] = ()  # to be rendered
    dpi: int = 300
    size: tuple[int, int] = (0, 0)  # width and height in pixels of what is to be packed
    passwords: tuple[str, ...] = ()  # tried in this order, behind the empty one
    max_pages: int
    max_text_bytes: int
    max_members: int = 0
    max_member_bytes: int = 0  # of all members together
    address_space_bytes: int
    cpu_s: int
    page_cpu_s: float  # after which a page, or opening the document, is given up without another try
    retry: bool = False  # a child was lost at the first page: whatever may have ended it is to be left out


class PictureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Recognise the text of one picture, given as an open descriptor of its 8-bit grey values, row by row.

    Sizes in pixels, bytes and seconds. `languages` are those that the text may be in, of those the engine has.
    """

    width: int
    height: int
    dpi: int
    languages: tuple[str, ...]
    address_space_bytes: int
    cpu_s: int
    glyphs: bool = False  # where each character stands is asked for: one Glyphs, Finished


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The document could be opened. `member_count` documents lie in it, such as attachments.

    `dated` is the day that it says it is of, as YYYY-MM-DD; empty where it says none (dates.py).
    """

    format: str
    page_count: int
    member_count: int = 0
    dated: str = ""


class Page(msgspec.Struct, frozen=True, tag="page"):
    """One page, in order. `code` is set where it was not fully read; `reader` names the one that did, of several."""

    number: int
    text: str
    code: Code | None = None
    reader: str = ""


class Member(msgspec.Struct, frozen=True, tag="member"):
    """One document in the document, in order. Its pieces follow, unless `code` says why it cannot be taken out."""

    number: int
    name: str
    code: Code | None = None


class Bitmap(msgspec.Struct, frozen=True, tag="bitmap"):
    """A picture of one page: 8-bit grey values, row by row from the top, without padding; its pieces follow.

    Where `code` says why there is none, width and height are 0 and no piece follows.
    """

    number: int
    width: int
    height: int
    dpi: int
    code: Code | None = None


class Glyphs(msgspec.Struct, frozen=True, tag="glyphs"):
    """The characters of a page and the place of each (glyphs.py), with the page's size in points as it is shown.

    `pictured` is the share of the page that pictures cover, 0 to 1; `drawn` says that there are pictures or drawings.
    """

    number: int
    width: float
    height: float
    text: str
    places: bytes
    pictured: float = 0.0
    drawn: bool = False
    code: Code | None = None


class Packing(StrEnum):
    """How the values of a picture were made small."""

    JPEG = "jpeg"
    FLATE = "flate"  # zlib, 8 bits a value, row by row


class Packed(msgspec.Struct, frozen=True, tag="packed"):
    """A picture made small; its pieces follow. `channels` is 1 for grey values, 3 for red, green and blue."""

    packing: Packing
    channels: int


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """The next bytes of the member or bitmap announced before; at most PIECE_BYTES."""

    content: bytes
    last: bool


class Recognised(msgspec.Struct, frozen=True, tag="recognised"):
    """The text of a picture as one attempt found it; each attempt that is sent is better than the one before.

    `confidence` is the mean over the characters, 0 to 100; `language` the one that nearly all words are in, if any is.
    """

    text: str
    confidence: float
    language: str = ""


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The last frame. `code` is set where the document ended early or was refused."""

    code: Code | None = None


Frame = Opened | Page | Member | Bitmap | Glyphs | Packed | Piece | Recognised | Finished
_encoder = msgspec.json.Encoder()


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Send one frame at once."""
    body = _encoder.encode(frame)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()
