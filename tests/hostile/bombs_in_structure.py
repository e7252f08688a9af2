"""PDF bombs in the structure of a file: page trees, tables, streams of objects, encryption."""

import zlib

from tests.hostile.bombs import DAMAGED, ENCRYPTED, INDEXED, PARTIAL, TOO_LARGE, Bomb, bomb
from tests.hostile.compressed import flate_zeros
from tests.hostile.pdf_parts import (
    CATALOG,
    FLATE,
    FONT,
    HELLO,
    PAGE,
    PAGES,
    document,
    offsets,
    stream,
    with_cross_reference_stream,
    with_entry,
)  # fmt: skip


def repeated_kids(times: int) -> bytes:
    return document(pages=b"<< /Type /Pages /Kids [%b] /Count 2000000 >>" % (b"3 0 R " * times))


def page_trees_in_page_trees() -> bytes:
    """Ten kids each, ten levels: ten thousand million pages."""
    levels = [b"<< /Type /Pages /Kids [%b] /Count 9 >>" % (b"%d 0 R " % (7 + n) * 10) for n in range(10)]
    return document(more=[*levels, PAGE], pages=b"<< /Type /Pages /Kids [6 0 R] /Count 9999999999 >>")


def page_tree_in_a_circle() -> bytes:
    second = b"<< /Type /Pages /Parent 2 0 R /Kids [3 0 R 2 0 R] /Count 9 >>"
    return document(more=[second], pages=b"<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 9 >>")


def previous_table_is_itself() -> bytes:
    file = document()
    start = file.rindex(b"startxref\n")
    table = int(file[start:].split()[1])
    return file.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % table)


def many_previous_tables() -> bytes:
    file = bytearray(document())
    previous = int(file[file.rindex(b"startxref\n") :].split()[1])
    for _ in range(20_000):
        start = len(file)
        file += b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\n" % previous
        previous = start
    return bytes(file + b"startxref\n%d\n%%%%EOF\n" % previous)


def cross_reference_stream(size: int, table_mebibytes: int, entries: bytes = b"") -> bytes:
    objects = [CATALOG, PAGES, PAGE, stream(HELLO), FONT]
    table = b"".join(b"\x01" + place.to_bytes(4, "big") + b"\x00" for place in [0, *offsets(objects)])
    packed = zlib.compress(table, 9) if not table_mebibytes else flate_zeros(table_mebibytes)
    return with_cross_reference_stream(objects, b"/Size %d /W [1 4 1] " % size + entries + FLATE, packed)


def object_stream(count: int, held: int) -> bytes:
    """The page lies in a stream of objects, whose head is huge."""
    objects = [CATALOG, b"<< /Type /Pages /Kids [9 0 R] /Count 1 >>", b"null", stream(HELLO), FONT]
    head = b"9 0 " + b"".join(b"%d %d " % (number, len(PAGE) + 5 * (number - 10)) for number in range(10, 10 + held))
    body = head + PAGE + b"null " * held
    entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (count, len(head))
    objects.append(stream(zlib.compress(body, 1), entries))
    places = offsets(objects)
    rows = [b"\x01" + place.to_bytes(4, "big") + b"\x00" for place in [0, *places[:6]]]
    rows += [b"\x00" * 6, b"\x00" * 6, b"\x02" + (6).to_bytes(4, "big") + b"\x00"]
    return with_cross_reference_stream(objects, b"/Size 10 /W [1 4 1]", b"".join(rows))


def metadata_that_laughs() -> bytes:
    names = "abcdefghij"
    entities = "".join(f'<!ENTITY {names[n]} "{f"&{names[n - 1]};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{entities}]><x>&j;</x>'.encode()
    metadata = stream(xml, b"/Type /Metadata /Subtype /XML")
    return document(more=[metadata], catalog=with_entry(CATALOG, b"/Metadata 6 0 R"))


def absurd_encryption() -> bytes:
    numbers = b"/Filter /Standard /V 5 /R 6 /Length 2147483647 /P -1 /EncryptMetadata true"
    strings = b"/O (%b) /U (%b) /OE (%b) /UE (%b) /Perms (%b)" % (b"o" * 9999, b"u" * 9999, b"x" * 32, b"y" * 32, b"p")
    entry = b"trailer\n<< /ID [(0) (0)] /Encrypt << %b %b >>" % (numbers, strings)
    return document().replace(b"trailer\n<<", entry)


def objects_that_begin() -> bytes:
    """No table, no trailer, and two million beginnings of an object that may be the catalogue."""
    return b"%PDF-1.7\n" + b"1 1 obj<<" * 2_000_000


def tables_that_lie() -> bytes:
    """Each entry of the table is wrong, so that each object is searched in the whole file."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = range(3, 20_003)
    objects[1] = b"<< /Type /Pages /Kids [%b] /Count 20000 >>" % b" ".join(b"%d 0 R" % kid for kid in kids)
    head = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % (n, body) for n, body in enumerate(objects, 1))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    file = head + b"".join(b"%d 0 obj\n%b\nendobj\n" % (kid, page) for kid in kids) + b"%" + b"x" * 2_000_000 + b"\n"
    table = b"0000000000 65535 f \n" + b"0000000011 00000 n \n" * 20_002
    return file + b"xref\n0 20003\n%btrailer\n<< /Size 20003 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(file),
    )


def deep_dictionaries() -> bytes:
    return document(page=with_entry(PAGE, b"/Deep " + b"<< /A " * 100_000))


STRUCTURE: tuple[Bomb, ...] = (
    bomb("a page tree of two million", lambda: repeated_kids(200_000), TOO_LARGE),
    bomb("one page 99,000 times", lambda: repeated_kids(99_000), PARTIAL),
    bomb("page trees in page trees", page_trees_in_page_trees, TOO_LARGE),
    bomb("a page tree in a circle", page_tree_in_a_circle, PARTIAL),
    bomb("a table that comes before itself", previous_table_is_itself, INDEXED),
    bomb("20,000 tables", many_previous_tables, INDEXED),
    bomb("a table of four thousand million", lambda: cross_reference_stream(4_000_000_000, 0), PARTIAL),
    bomb("a table of 70 MB", lambda: cross_reference_stream(4_000_000_000, 70), PARTIAL),
    bomb("a table of five million", lambda: cross_reference_stream(5_000_000, 29), PARTIAL),
    bomb("a stream of 4 thousand million objects", lambda: object_stream(4_000_000_000, 1), TOO_LARGE),
    bomb("a stream of a million objects", lambda: object_stream(1_000_001, 1_000_000), TOO_LARGE),
    bomb("deep dictionaries in a page's own", deep_dictionaries, PARTIAL, TOO_LARGE),
    bomb("metadata that laughs", metadata_that_laughs, INDEXED),
    bomb("absurd encryption", absurd_encryption, ENCRYPTED, DAMAGED),
    bomb("two million beginnings of an object", objects_that_begin, DAMAGED, TOO_LARGE),
    bomb("a table in which each entry lies", tables_that_lie, TOO_LARGE, DAMAGED),
)
