"""Values are gone from the copy: from its pictures, its text, its bytes. What stood beside them is still there."""

import io
import sys
import zlib

import pypdf
import pytest
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from pipeline.config import ParsingConfig
from pipeline.errors import RedactionError
from pipeline.parsing.redaction.locating import Target
from pipeline.parsing.zygote import Launcher
from tests.parsing.redaction.redactions import FONT, IBAN, drawn, lines, page, pdfium_texts, redact, seen_of
from tests.pdf_writer import PdfPage, pdf

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no child can be forked")

GONE = "[gone]"


def assert_gone(zygote: Launcher, content: bytes, without: bytes, *values: str, painted: int | None = None) -> None:
    """The values are found, and every pixel that shows them is black in the copy."""
    result = redact(zygote, content, values)
    assert result.outcome.is_complete
    assert (result.outcome.located, dict(result.outcome.not_located)) == (len(values), {})
    assert [value for value in values if result.holds(value)] == []
    changed, visible = seen_of(content, without, result.copy)
    assert changed > 50
    assert visible == 0
    assert painted in (None, result.outcome.painted)


def sentence(mode: int) -> bytes:
    """A value between words, drawn in a mode: 0 is seen, 3 is not."""
    return page(
        lines("Please pay")
        + b"BT /F1 12 Tf 72 680 Td (to ) Tj %d Tr (%b) Tj 0 Tr ( today) Tj ET" % (mode, IBAN.encode())
        + lines("by Friday.", top=640)
    )


def test_a_value_is_black_and_the_words_beside_it_are_there(zygote: Launcher) -> None:
    result = redact(zygote, sentence(0), {1: [Target(IBAN, "[iban]")]})
    assert (result.outcome.pages, result.outcome.located, result.outcome.painted) == (1, 1, 1)
    assert [text.split() for text in result.texts] == [["Please", "pay", "to", "[iban]", "today", "by", "Friday."]]
    assert [text.split("\r\n") for text in pdfium_texts(result.copy)] == [
        ["Please pay", "to [iban] today", "by Friday."]
    ]
    assert not result.holds(IBAN)
    changed, visible = seen_of(sentence(0), sentence(3), result.copy)
    assert changed > 500
    assert visible == 0
    above = (0, 0, 2 * 595, 2 * 140)
    before, after = (ink(drawn(one).crop(above)) for one in (sentence(0), result.copy))
    assert 0 < before == pytest.approx(after, rel=0.1)


def ink(picture: Image.Image) -> int:
    """How dark a picture is in all."""
    return sum(255 - value for value in picture.tobytes())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pages_may_be_turned_and_cut(zygote: Launcher, rotation: int) -> None:
    entries = b"/Rotate %d /CropBox [50 400 500 800]" % rotation
    content = page(lines("Account", IBAN, "Thank you"), entries)
    assert_gone(zygote, content, page(lines("Account", "", "Thank you"), entries), IBAN, painted=1)


def test_text_may_run_in_any_direction(zygote: Launcher) -> None:
    for matrix in (b"0 1 -1 0 300 200", b".7 .7 -.7 .7 200 300", b"-1 0 0 -1 400 400", b"1 0 .3 2 100 100"):
        turned = b"BT /F1 14 Tf %b Tm (%b) Tj ET" % (matrix, IBAN.encode())
        assert_gone(zygote, page(turned + lines("Some words")), page(lines("Some words")), IBAN)


def test_a_value_over_the_end_of_a_line_is_found_on_both(zygote: Launcher) -> None:
    shown = (
        b"BT /F1 12 Tf 72 720 Td (pay to ) Tj %d Tr (DE89 3704) Tj 0 -24 Td (0044 0532 0130 00) Tj 0 Tr ( now) Tj ET"
    )
    assert redact(zygote, page(shown % 0), [IBAN]).texts == ["pay to [gone]\nnow"]
    assert_gone(zygote, page(shown % 0), page(shown % 3), IBAN, painted=2)


def test_a_word_that_is_divided_is_found(zygote: Launcher) -> None:
    content = page(lines("This is Mrs Wolken-", "kratzer of Berlin"))
    result = redact(zygote, content, ["Wolkenkratzer"])
    assert result.outcome.located == 1
    assert result.texts == ["This is Mrs [gone]\nof Berlin"]


def test_all_occurrences_are_painted_on_all_pages(zygote: Launcher) -> None:
    content = pdf(PdfPage((IBAN, "x", IBAN)), PdfPage(("again", IBAN.replace(" ", ""))))
    result = redact(zygote, content, [IBAN])
    assert (result.outcome.located, result.outcome.painted) == (1, 3)
    assert result.texts == ["[gone]\nx\n[gone]", "again\n[gone]"]
    assert not result.holds(IBAN)


def test_ligatures_and_accents_painted_alone_are_letters(zygote: Launcher) -> None:
    font = FONT.replace(b"/WinAnsiEncoding", b"<< /Type /Encoding /Differences [1 /fi 2 /dieresis] >>")
    content = page(b"BT /F1 12 Tf 72 720 Td (con\\001dential M\\002uller) Tj ET", font=font)
    result = redact(zygote, content, ["confidential", "Müller"])
    assert result.outcome.is_complete
    assert result.outcome.located == 2
    assert result.texts == ["[gone] [gone]"]


def test_encrypted_documents_are_opened_with_known_passwords(zygote: Launcher) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page(lines("Secret", IBAN))))
    writer.encrypt("open sesame", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    result = redact(zygote, file.getvalue(), [IBAN], passwords=("wrong", "open sesame"))
    assert result.texts == ["Secret\n[gone]"]
    assert not pypdf.PdfReader(io.BytesIO(result.copy)).is_encrypted
    with pytest.raises(RedactionError, match="password_needed"):
        redact(zygote, file.getvalue(), [IBAN])


def test_nothing_but_pages_is_taken_over(zygote: Launcher) -> None:
    marker = "Zanzibar"
    content = pdf(
        PdfPage((IBAN,), notes=(marker,), attached={f"{marker}.txt": marker.encode()}),
        attached={"a.txt": marker.encode() * 9},
    )
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    writer.add_metadata({"/Title": marker, "/Author": marker})
    script = {
        NameObject("/S"): NameObject("/JavaScript"),
        NameObject("/JS"): TextStringObject(f"app.alert('{marker}')"),
    }
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_outline_item(title=marker, page_number=0)
    writer.xmp_metadata = f"<x>{marker}</x>".encode()
    writer.root_object[NameObject("/Lang")] = TextStringObject(marker)
    file = io.BytesIO()
    writer.write(file)
    result = redact(zygote, file.getvalue(), [IBAN])
    assert result.outcome.is_complete
    assert not result.holds(marker)
    reader = pypdf.PdfReader(io.BytesIO(result.copy))
    assert (reader.metadata, reader.xmp_metadata, reader.outline, dict(reader.attachments)) == (None, None, [], {})
    assert set(reader.root_object) == {"/Type", "/Pages"}
    assert set(reader.pages[0]) == {"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources"}
    assert set(reader.trailer) == {"/Size", "/Root"}


def test_earlier_revisions_are_gone(zygote: Launcher) -> None:
    first = page(lines("Zanzibar"))
    changed = lines("Now", IBAN)
    start = first.rindex(b"startxref\n") + len(b"startxref\n")
    second = first + b"4 0 obj\n<< /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (len(changed), changed)
    table = b"xref\n4 1\n%010d 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev %b >>\nstartxref\n%d\n%%%%EOF\n"
    content = second + table % (len(first), first[start:].split(b"\n")[0], len(second))
    result = redact(zygote, content, [IBAN])
    assert result.texts == ["Now\n[gone]"]
    assert not result.holds("Zanzibar")


def test_what_a_page_does_not_show_is_not_in_its_text(zygote: Launcher) -> None:
    white = b"BT 1 g /F1 12 Tf 72 600 Td (Zanzibar) Tj ET "
    covered = b"BT 0 g /F1 12 Tf 72 500 Td (Timbuktu) Tj ET 0 g 60 490 200 30 re f "
    outside = b"BT 0 g /F1 12 Tf 700 400 Td (Samarkand) Tj ET "
    unseen = b"BT 0 g 3 Tr /F1 12 Tf 72 300 Td (Marrakesh) Tj ET "
    result = redact(zygote, page(lines("Shown", IBAN) + white + covered + outside + unseen), [IBAN])
    assert result.texts == ["Shown\n[gone]"]
    assert [name for name in ("Zanzibar", "Timbuktu", "Samarkand", "Marrakesh") if result.holds(name)] == []


def test_a_value_in_a_field_is_painted_as_the_whole_field(zygote: Launcher) -> None:
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (n) /F 4 /Rect [72 500 300 530] /V (%b) /DA (/F1 12 Tf 0 g) "
        b"/AP << /N 8 0 R >> >>"
    )
    shown = b"BT /F1 12 Tf 4 8 Td (%b) Tj ET"
    form = (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 228 30] /Resources << /Font << /F1 5 0 R >> >> "
        b"/Length %d >>\nstream\n%b\nendstream"
    )

    def with_field(value: bytes) -> bytes:
        shape = form % (len(shown % value), shown % value)
        return page(lines("Name:"), b"/Annots [7 0 R]", [b"null", field % value, shape])

    content = with_field(b"Jane Roe")
    result = redact(zygote, content, ["Jane Roe"])
    assert (result.outcome.located, result.texts) == (1, ["Name:\n[gone]"])
    changed, visible = seen_of(content, with_field(b""), result.copy)
    assert changed > 50
    assert visible == 0


def test_a_value_that_is_not_found_is_counted_and_nothing_is_written(zygote: Launcher) -> None:
    result = redact(
        zygote, page(lines("Some", "words")), {1: [Target("words", "x"), Target(IBAN, "x")], 9: [Target("words", "x")]}
    )
    assert (dict(result.outcome.not_located), result.outcome.located) == ({1: 1, 9: 1}, 1)
    assert not result.outcome.is_complete
    assert result.copy == b""
    assert IBAN not in repr(result.outcome)


def test_a_value_without_letters_is_not_found(zygote: Launcher) -> None:
    assert dict(redact(zygote, page(lines("a - b")), [" - "]).outcome.not_located) == {1: 1}


def test_a_replacement_says_nothing_of_a_value(zygote: Launcher) -> None:
    content = page(lines("IBAN:", IBAN))
    result = redact(zygote, content, {1: [Target(IBAN, "[iban]"), Target("iban", "[iban]")]})
    assert result.outcome.is_complete
    assert result.texts == ["█:\n█"]


def test_the_same_document_gives_the_same_bytes(zygote: Launcher) -> None:
    content = page(lines("Some", IBAN, "Größe"))
    first, second = (redact(zygote, content, [IBAN]).copy for _ in range(2))
    assert first == second != b""


def test_a_page_is_as_large_as_it_was_shown(zygote: Launcher) -> None:
    result = redact(zygote, page(lines(IBAN), b"/Rotate 90 /CropBox [50 400 500 800]"), [IBAN])
    assert [float(side) for side in pypdf.PdfReader(io.BytesIO(result.copy)).pages[0].mediabox] == [0, 0, 400, 450]


def test_a_huge_page_gets_a_picture_within_bounds(zygote: Launcher) -> None:
    content = page(lines(IBAN, size=400, top=10000)).replace(b"0 0 595 842", b"0 0 30000 14000")
    result = redact(zygote, content, [IBAN])
    assert result.outcome.is_complete
    image = pypdf.PdfReader(io.BytesIO(result.copy)).pages[0]["/Resources"]["/XObject"]["/P"]  # type: ignore[index]
    assert 1_000_000 < image["/Width"] * image["/Height"] <= 25_000_000
    assert float(pypdf.PdfReader(io.BytesIO(result.copy)).pages[0].mediabox.width) == 14400


HOSTILE = {
    "truncated": (page(lines(IBAN))[:300], "redaction_failed"),
    "no pages": (page(b"").replace(b"/Kids [3 0 R] /Count 1", b"/Kids [] /Count 0"), "redaction_failed"),
    "no PDF": (b"only words", "redaction_format"),
    "nothing": (b"", "redaction_failed"),
    "its header alone": (b"%PDF-1.7\n", "redaction_failed"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_drawn_is_refused(zygote: Launcher, name: str) -> None:
    content, code = HOSTILE[name]
    with pytest.raises(RedactionError) as refused:
        redact(zygote, content, [IBAN])
    assert refused.value.code == code
    assert refused.value.advice
    assert IBAN not in str(refused.value)


def test_more_pages_than_are_read_are_refused(zygote: Launcher) -> None:
    with pytest.raises(RedactionError, match="page_limit"):
        redact(zygote, pdf(*[PdfPage((IBAN,))] * 3), [IBAN], limits=ParsingConfig(max_pages=2))


def test_pictures_that_nobody_read_are_told_of(zygote: Launcher) -> None:
    result = redact(zygote, pdf(PdfPage((IBAN,), image=True)), [IBAN])
    assert result.outcome.unread == (1,)


def test_each_way_to_start_children_gives_the_same(launcher: Launcher, zygote: Launcher) -> None:
    content = page(lines("Some", IBAN))
    assert redact(launcher, content, [IBAN]).copy == redact(zygote, content, [IBAN]).copy != b""


def test_colours_are_kept(zygote: Launcher) -> None:
    pixels = bytes(value for y in range(64) for x in range(64) for value in (4 * x, 4 * y, 128))
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 64 /Height 64 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
        b"/Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream"
        % (len(zlib.compress(pixels)), zlib.compress(pixels))
    )
    content = page(lines(IBAN) + b"q 200 0 0 200 100 100 cm /Im1 Do Q", objects=[image])
    result = redact(zygote, content, [IBAN])
    picture = drawn(result.copy, mode="RGB")
    assert close(picture.getpixel((2 * 290, 2 * (842 - 290))), (240, 10, 128))
    assert close(picture.getpixel((2 * 110, 2 * (842 - 110))), (10, 240, 128))


def close(found: object, expected: tuple[int, int, int]) -> bool:
    """Whether a pixel has nearly this colour."""
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, expected, strict=True))
