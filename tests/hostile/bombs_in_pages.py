"""PDF bombs in what a page shows: operators, forms, fonts, annotations, form fields."""

from tests.hostile.bombs import DAMAGED, INDEXED, PARTIAL, TOO_LARGE, Bomb, bomb
from tests.hostile.pdf_parts import (
    CATALOG,
    FONT,
    HELLO,
    PAGE,
    document,
    flate,
    form,
    stream,
    with_entry,
    with_resource,
)  # fmt: skip


def content(data: bytes) -> bytes:
    return document(flate(data))


def after_hello(data: bytes) -> bytes:
    return content(HELLO + data)


def words(count: int) -> bytes:
    return content(b"BT /F1 9 Tf " + b"(a)Tj " * count + b"ET")


def to_unicode(lines: bytes) -> bytes:
    font = with_entry(FONT, b"/ToUnicode 6 0 R")
    return document(font=font, more=[flate(b"begincmap\n" + lines + b"\nendcmap")])


def forms_in_forms(fan: int, depth: int) -> bytes:
    forms = [form(b"/X Do " * fan + HELLO, b"/XObject << /X %d 0 R >>" % (7 + level)) for level in range(depth)]
    forms.append(form(HELLO, b""))
    return document(stream(HELLO + b"/X Do " * fan), forms, page=with_resource(b"/XObject << /X 6 0 R >>"))


def form_that_shows_itself() -> bytes:
    itself = form(HELLO + b"/X Do /X Do", b"/XObject << /X 6 0 R >>")
    return document(stream(b"/X Do"), [itself], page=with_resource(b"/XObject << /X 6 0 R >>"))


def fonts_for_every_form() -> bytes:
    """Fonts are read anew for each form that is shown."""
    lines = b"begincodespacerange\n<0000> <ffff>\nendcodespacerange\nbeginbfrange\n<0000> <ffff> <0000>\nendbfrange"
    fonts = b"/Font << %b >>" % b" ".join(b"/F%d 5 0 R" % number for number in range(1, 40))
    shown = stream(HELLO, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << %b >>" % fonts)
    page = with_resource(b"/XObject << /X 6 0 R >>")
    font = with_entry(FONT, b"/ToUnicode 7 0 R")
    return document(stream(b"/X Do " * 4000), [shown, flate(lines)], page=page, font=font)


def repeated_contents(times: int, data: bytes) -> bytes:
    many = b"/Contents [%b]" % (b"4 0 R " * times)
    return document(flate(data), page=PAGE.replace(b"/Contents 4 0 R", many))


def wide_font() -> bytes:
    widths = b"/Type /Font /Subtype /CIDFontType2 /BaseFont /X /W [%b]" % (b"0 65535 500 " * 20_000)
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [6 0 R] >>"
    return document(font=font, more=[b"<< %b >>" % widths])


def font_differences() -> bytes:
    differences = b"/Encoding << /Type /Encoding /Differences [0 %b] >>" % (b"/g4294967295 " * 99_000)
    return document(font=FONT.replace(b"/Encoding /WinAnsiEncoding", differences))


def annotation_cycle() -> bytes:
    first = b"<< /Type /Annot /Subtype /Widget /Parent 7 0 R /Kids [7 0 R] >>"
    second = b"<< /Type /Annot /Subtype /Widget /Parent 6 0 R /Kids [6 0 R] >>"
    return document(more=[first, second], page=with_entry(PAGE, b"/Annots [6 0 R 7 0 R]"))


def many_annotations(count: int) -> bytes:
    note = b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (note) >>"
    return document(more=[note], page=with_entry(PAGE, b"/Annots [%b]" % (b"6 0 R " * count)))


def field_parents_in_a_circle() -> bytes:
    fields = [b"<< /FT /Tx /T (f) /Parent %d 0 R /Kids [%d 0 R] >>" % (6 + (n + 1) % 50, 6 + n) for n in range(50)]
    catalog = with_entry(CATALOG, b"/AcroForm << /Fields [6 0 R] >>")
    return document(more=fields, catalog=catalog, page=with_entry(PAGE, b"/Annots [6 0 R 7 0 R]"))


ENDLESS_RANGE = b"beginbfrange\n<00000000> <ffffffff> <0000>\nendbfrange"
MANY_LETTERS = b"beginbfchar\n" + b"<00> <0041>\n" * 1_000_000 + b"endbfchar"
WORK: tuple[Bomb, ...] = (
    bomb("a million words", lambda: words(999_000), PARTIAL, TOO_LARGE),
    bomb("ten million words", lambda: words(10_000_000), TOO_LARGE),
    bomb("contents 20,000 times", lambda: repeated_contents(20_000, HELLO * 2000), TOO_LARGE),
    bomb("contents 9,999 times", lambda: repeated_contents(9_999, HELLO * 200), TOO_LARGE),
    bomb("deep arrays in a page", lambda: after_hello(b"[" * 200_000 + b"]" * 200_000), INDEXED),
    bomb("deep dictionaries in a page", lambda: after_hello(b"<< /B " * 50_000), PARTIAL, TOO_LARGE),
    bomb("an array of a million numbers", lambda: after_hello(b"[" + b"1 " * 1_000_000 + b"] TJ"), TOO_LARGE),
    bomb("a string that does not end", lambda: after_hello(b"(" * 20_000_000), DAMAGED),
    bomb("a name of ten million letters", lambda: after_hello(b"/" + b"n" * 10_000_000 + b" Do"), TOO_LARGE),
    bomb("an operator of ten million letters", lambda: after_hello(b"T" * 10_000_000), TOO_LARGE),
    bomb("a comment of 70 million letters", lambda: after_hello(b"%" + b"c" * 70_000_000), PARTIAL, TOO_LARGE),
    bomb("a huge inline image", lambda: after_hello(b"BI /W 100000 /H 100000 /CS /RGB /BPC 8 ID x EI Q"), INDEXED),
    bomb("an inline image that seems to end", lambda: after_hello(b"BI /W 9 ID " + b"E" * 20_000_000), TOO_LARGE),
    bomb("many inline images", lambda: after_hello(b"BI /W 1 /H 1 /CS /G /BPC 8 ID x EI\n" * 400_000), TOO_LARGE),
    bomb("graphics states never left", lambda: after_hello(b"q " * 1_900_000), PARTIAL, TOO_LARGE),
)
REUSE: tuple[Bomb, ...] = (
    bomb("forms, a fan of ten, eight deep", lambda: forms_in_forms(10, 8), PARTIAL),
    bomb("forms, 2,000 deep", lambda: forms_in_forms(1, 2000), PARTIAL),
    bomb("a form that shows itself", form_that_shows_itself, PARTIAL),
    bomb("fonts read for every form", fonts_for_every_form, TOO_LARGE),
    bomb("a font of 4 thousand million letters", lambda: to_unicode(ENDLESS_RANGE), TOO_LARGE),
    bomb("a font of many letters", lambda: to_unicode(MANY_LETTERS), TOO_LARGE),
    bomb("a font of many widths", wide_font, TOO_LARGE),
    bomb("a font of many names", font_differences, INDEXED),
    bomb("annotations in a circle", annotation_cycle, INDEXED),
    bomb("100,000 annotations", lambda: many_annotations(100_000), PARTIAL),
    bomb("a million annotations", lambda: many_annotations(1_000_000), TOO_LARGE),
    bomb("form fields in a circle", field_parents_in_a_circle, INDEXED),
)
