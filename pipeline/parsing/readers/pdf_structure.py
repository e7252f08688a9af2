"""Opens a PDF with pypdf, rebuilding what is broken of its structure, and tries passwords. Reads no page."""

import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pypdf
from pypdf.errors import DependencyError, PdfReadError
from pypdf.generic import DictionaryObject

from pipeline.outcomes import Code
from pipeline.parsing import dates
from pipeline.parsing.readers.pdf_limits import ROOT_SEARCH_OBJECTS, XREF_STREAM_ENTRIES, LimitWatch
from pipeline.parsing.reading import ReadingEnded

_CATALOG = re.compile(rb"/Type\s{0,20}/Catalog\b")
_OBJECT = re.compile(rb"(\d{1,10}) (\d{1,5}) obj\s{0,20}<<")
_CATALOG_BYTES, _CATALOGS = 2000, 100  # how far into its object a catalogue may name itself; how many are looked at


@dataclass(frozen=True, slots=True)
class Structure:
    """An open document. `count` pages can be reached; `repaired` if its cross-reference table had to be rebuilt."""

    reader: pypdf.PdfReader
    count: int
    repaired: bool

    @property
    def is_missing_pages(self) -> bool:
        """Whether the page tree names pages that are nowhere in the file."""
        root = self.reader.root_object.get("/Pages", DictionaryObject()).get_object()
        declared = root.get("/Count") if isinstance(root, DictionaryObject) else None
        return isinstance(declared, int) and int(declared) > self.count

    @property
    def dated(self) -> str:
        """The day on which it was made, else changed; see dates.dated(). May raise anything: nothing of it is checked.

        What is stamped, signed or filled in later is still the document of the day on which it was made.
        """
        about = self.reader.metadata
        if about is None:
            return ""
        return dates.dated(*(str(about.get(key) or "") for key in ("/CreationDate", "/ModDate")))


def opened(file: BinaryIO, passwords: Sequence[str], limits: LimitWatch) -> Structure:
    """The structure of a file, rebuilt where that is needed to reach a page.

    Raises ReadingEnded, and anything else where no page can be reached.
    """
    try:
        return Structure(*_open(file, passwords), repaired=False)
    except (ReadingEnded, MemoryError):
        raise
    except Exception:  # a broken cross-reference table can raise anything
        limits.taken()  # a damaged table hits limits too; the rebuilt one decides
    try:
        return Structure(*_open(_without_cross_references(file), passwords), repaired=True)
    except (ReadingEnded, MemoryError):
        raise
    except Exception:
        if limits.taken() is Code.READER_LIMIT:
            raise ReadingEnded(Code.READER_LIMIT) from None
        raise


def _without_cross_references(file: BinaryIO) -> BinaryIO:
    """A copy whose cross-reference table is declared to be at offset 0, where none is.

    pypdf then looks for the objects themselves, which mends files whose table or its pointer is lost.
    """
    file.seek(0)
    data = file.read()
    trailer = b"" if b"trailer" in data else _trailer(data)
    return io.BytesIO(data + trailer + b"\nstartxref\n0\n%%EOF\n")


def _trailer(data: bytes) -> bytes:
    """A trailer that names the first object that calls itself a catalogue, if there is one."""
    for found in itertools.islice(_CATALOG.finditer(data), _CATALOGS):
        objects = list(_OBJECT.finditer(data, max(0, found.start() - _CATALOG_BYTES), found.start()))
        if objects and b">" not in data[objects[-1].end() : found.start()]:
            return b"\ntrailer\n<< /Root %b %b R >>" % objects[-1].groups()
    return b""


def _open(file: BinaryIO, passwords: Sequence[str]) -> tuple[pypdf.PdfReader, int]:
    """A reader that can reach pages, and how many. Raises ReadingEnded, and anything for a broken structure."""
    try:
        reader = pypdf.PdfReader(
            file,
            strict=False,
            root_object_recovery_limit=ROOT_SEARCH_OBJECTS,
            xref_stream_maximum_entries=XREF_STREAM_ENTRIES,
        )
    except (NotImplementedError, DependencyError):
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN) from None
    if reader.is_encrypted:
        _decrypt(reader, passwords)
    count = len(reader.pages)
    if count == 0:
        raise PdfReadError("no page can be reached")
    return reader, count


def _decrypt(reader: pypdf.PdfReader, passwords: Sequence[str]) -> None:
    """Unlock a document with the empty password, which forbids only printing, else with the first one that does.

    Each may be the user's or the owner's. Raises ReadingEnded.
    """
    try:
        if not any(reader.decrypt(password) for password in ("", *passwords)):
            raise ReadingEnded(Code.PASSWORD_NEEDED)
    except (NotImplementedError, DependencyError):
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN) from None
