"""Word 97-2003 documents, and those of Word 6 and 95: text, notes, comments, headers, boxes, embedded documents."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import compound, ole_objects
from pipeline.parsing.compound import Storage
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import doc_marks, doc_notes, ole_date
from pipeline.parsing.readers.doc_formatting import formatting_of
from pipeline.parsing.readers.doc_structure import Part, characters, decoded, structure_of
from pipeline.parsing.readers.doc_text import plain
from pipeline.parsing.readers.legacy_encodings import guess
from pipeline.parsing.readers.office_text import Draft, numbered
from pipeline.parsing.readers.word_pages import PAGE_END, Parts, drafts
from pipeline.parsing.reading import ReadingEnded, in_pieces

_WESTERN = "cp1252"
_PICTURE = re.compile("[\x01\x08]")


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The pages between page breaks; notes and comments stand at the foot of theirs, headers above the first."""
    try:
        with at_most(request.page_cpu_s):
            root = compound.opened(file)
            pages, whole = _pages(root)
            count = len(_objects(root))
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("doc", len(pages), count, ole_date.saved(root))
    yield from numbered(pages, request.first_page)
    if not whole:
        raise ReadingEnded(Code.PAGES_FAILED)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents that are embedded in it."""
    try:
        with at_most(request.page_cpu_s):
            objects = _objects(compound.opened(file))
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    for number, storage in enumerate(objects, 1):
        if number >= request.first_page:
            found = ole_objects.taken_out(storage, number)
            yield Member(number, found.name, found.code)
            if found.code is None:
                yield from in_pieces(found.content)


def _objects(root: Storage) -> list[Storage]:
    pool = root.storage("ObjectPool")
    objects = sorted(pool.storages(), key=lambda storage: storage.name) if pool else []
    return [storage for storage in objects if ole_objects.is_document(storage)]


def _pages(root: Storage) -> tuple[list[Draft], bool]:
    """The pages, and whether all of the text was there."""
    structure = structure_of(root)
    text, whole = characters(structure)
    formatting = formatting_of(structure, root.stream("Data"))
    doc_marks.mark(text, structure.pieces, formatting)
    deleted = doc_marks.take_deleted(text, structure.pieces, formatting)
    main = decoded(text[slice(*structure.span(Part.MAIN))])
    breaks = [found.start() for found in re.finditer(PAGE_END, main)]
    notes: dict[int, list[str]] = {}
    for at, note in doc_notes.notes(structure, text):
        notes.setdefault(bisect_left(breaks, at), []).append(note)
    for at, removed in deleted:
        if at < len(main) and (note := plain(decoded(removed)).strip()):
            notes.setdefault(bisect_left(breaks, at), []).append(f"Deleted: {note}")
    above, behind = doc_notes.headers(structure, text)
    boxes = [plain(decoded(text[slice(*structure.span(part))])) for part in (Part.TEXT_BOXES, Part.HEADER_TEXT_BOXES)]
    pictures = frozenset(bisect_left(breaks, found.start()) for found in _PICTURE.finditer(main))
    pages = drafts(Parts(plain(main), notes, pictures, above, boxes + behind))
    if structure.code_page is not None:
        code_page = structure.code_page
        if code_page == _WESTERN:  # of the language of the program, which may not be that of the text
            code_page = guess(main.encode("latin-1", "replace")) or _WESTERN
        pages = [Draft(_in(code_page, page.text), page.has_pictures) for page in pages]
    return pages, whole and root.is_whole


def _in(code_page: str, text: str) -> str:
    """Text whose characters are bytes, in the code page that they are meant in."""
    return text.encode("latin-1", "replace").decode(code_page, "replace")
