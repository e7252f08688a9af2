"""Form fields, annotations, stamps and signatures of a PDF page: what they say is read, and ticks have no words."""

import pytest

from pipeline.outcomes import Code
from tests.hostile.pdf_parts import HELLO, PAGE, document, form, stream, with_entry
from tests.parsing.support import frames, pages

STAMP = stream(
    b"BT /F1 9 Tf 2 2 Td (PAID IN FULL) Tj ET", b"/Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> >>"
)


def said(*annotations: bytes) -> list[str]:
    """What is read beside "hello"; annotations are numbered from 6."""
    named = b" ".join(b"%d 0 R" % number for number in range(6, 6 + len(annotations)))
    (page,) = pages(frames(document(more=annotations, page=with_entry(PAGE, b"/Annots [%b]" % named)), ".pdf"))
    assert page.code is None
    first, *others = page.text.strip().splitlines()
    assert first == "hello"
    return [line for line in others if line]


def widget(entries: bytes) -> bytes:
    return b"<< /Type /Annot /Subtype /Widget /Rect [0 0 9 9] %b >>" % entries


@pytest.mark.parametrize(
    ("entries", "texts"),
    [
        (b"/FT /Tx /V (Ms Lind)", ["Ms Lind"]),
        (b"/FT /Tx /V ( )", []),
        (b"/FT /Ch /Ff 131072 /V (no) /Opt [[(no) (Norway)] [(se) (Sweden)]]", ["Norway"]),
        (b"/FT /Ch /Ff 131072 /V (Chad) /Opt [(Chad) (Peru)]", ["Chad"]),
        (b"/FT /Ch /Ff 131072 /V (typed in) /Opt [(Chad) (Peru)]", ["typed in"]),
        (b"/FT /Ch /V (b) /Opt [[(a) (red)] [(b) (green)]]", ["red", "green"]),
        (b"/FT /Ch /V [(red) (blue)]", ["red", "blue"]),
        (b"/FT /Btn /Ff 65536 /MK << /CA (Send) >>", ["Send"]),
        (b"/FT /Btn /V /Yes /MK << /CA (4) >> /AS /Yes", []),
        (b"/FT /Tx", []),
        (b"/FT 7 /V << >>", []),
    ],
)  # fmt: skip
def test_a_field_says_what_it_holds_or_what_it_offers(entries: bytes, texts: list[str]) -> None:
    assert said(widget(entries)) == texts


def test_kind_and_value_may_be_held_by_fields_above() -> None:
    child, parent = widget(b"/Parent 7 0 R"), b"<< /V (Norway) /Parent 8 0 R >>"
    assert said(child, parent, b"<< /FT /Tx >>") == ["Norway"]


def test_a_field_above_itself_says_nothing() -> None:
    assert said(widget(b"/Parent 7 0 R"), b"<< /Parent 7 0 R >>") == []


def test_a_note_is_read_once_and_its_popup_and_links_are_not() -> None:
    note = b"<< /Subtype /Text /Contents (please check) /Popup 7 0 R >>"
    popup = b"<< /Subtype /Popup /Contents (please check) /Parent 6 0 R >>"
    link = b"<< /Subtype /Link /Contents (a link) >>"
    assert said(note, popup, link) == ["please check"]


def test_what_a_stamp_or_a_signature_shows_is_read_where_nothing_else_says_it() -> None:
    stamp, signature = b"<< /Subtype /Stamp /AP << /N 8 0 R >> >>", widget(b"/FT /Sig /V << >> /AP << /N 8 0 R >>")
    assert said(stamp, signature, STAMP) == ["PAID IN FULL", "PAID IN FULL"]
    assert said(b"<< /Subtype /Stamp /Contents (Paid) /AP << /N 7 0 R >> >>", STAMP) == ["Paid"]
    assert said(b"<< /Subtype /Stamp /F 2 /AP << /N 7 0 R >> >>", STAMP) == []  # hidden


@pytest.mark.parametrize(
    "appearance", [b"7", b"<< /N 99 0 R >>", b"<< /N << /On 7 0 R >> >>", b"[1]", b"<< /N 3 0 R >>"]
)
def test_a_broken_appearance_costs_nothing_else(appearance: bytes) -> None:
    broken = b"<< /Subtype /Stamp /AP %b >>" % appearance
    assert said(broken, b"<< /Subtype /Text /Contents (kept) >>") == ["kept"]


def test_a_stamp_that_shows_itself_ends() -> None:
    looped = form(HELLO + b"/X Do", b"/XObject << /X 7 0 R >>")
    named = with_entry(PAGE, b"/Annots [6 0 R]")
    (page,) = pages(frames(document(more=[b"<< /Subtype /Stamp /AP << /N 7 0 R >> >>", looped], page=named), ".pdf"))
    assert set(page.text.split()) == {"hello"}
    assert page.code is Code.READER_LIMIT


def test_a_list_of_very_many_options_is_cut() -> None:
    options = b" ".join(b"(option %d)" % number for number in range(5_000))
    assert said(widget(b"/FT /Ch /Opt [%b]" % options))[-1] == "option 499"
