"""A form that another program draws (XFA) gives its captions and values; others give what their pages show."""

import time

import pytest

from tests.hostile.pdf_parts import CATALOG, document, flate, stream, with_entry
from tests.parsing.support import frames, pages

TEMPLATE = b"""<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="lease">
<draw><value><text>Lease of a flat &amp; its cellar</text></value></draw>
<field name="tenant"><caption><value><exData contentType="text/html"><body><p>Name of the <b>tenant</b></p></body>
</exData></value></caption><event activity="exit"><script>xfa.host.messageBox("no text");</script></event></field>
</subform></template>"""
DATASETS = """<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><lease>
<tenant>Zoë Okafor-Lind</tenant><rent>1200.00</rent><empty/><blank> </blank></lease></xfa:data>
</xfa:datasets>""".encode()
CAPTIONS, VALUES = ["Lease of a flat & its cellar", "Name of the tenant"], ["Zoë Okafor-Lind", "1200.00"]
DRAWN_BY_ANOTHER = with_entry(CATALOG, b"/NeedsRendering true")
IN_PARTS = b"/AcroForm << /XFA [(preamble) 8 0 R (template) 6 0 R (datasets) 7 0 R (postamble) 8 0 R] >>"


def said(entry: bytes, *more: bytes, catalog: bytes = DRAWN_BY_ANOTHER) -> list[str]:
    (page,) = pages(frames(document(more=more, catalog=with_entry(catalog, entry)), ".pdf"))
    assert page.code is None
    first, *others = page.text.strip().splitlines()
    assert first == "hello"
    return [line for line in others if line]


def test_captions_and_values_follow_the_text_of_the_first_page() -> None:
    assert said(IN_PARTS, flate(TEMPLATE), stream(DATASETS), stream(b"<x/>")) == CAPTIONS + VALUES


def test_a_description_in_one_stream_is_read_as_well() -> None:
    whole = b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">' + TEMPLATE + DATASETS + b"</xdp:xdp>"
    assert said(b"/AcroForm << /XFA 6 0 R >>", stream(whole)) == CAPTIONS + VALUES


def test_a_form_whose_pages_show_it_is_not_read_twice() -> None:
    assert said(IN_PARTS, flate(TEMPLATE), stream(DATASETS), stream(b"<x/>"), catalog=CATALOG) == []


@pytest.mark.parametrize(
    "entry",
    [
        b"/AcroForm 7",
        b"/AcroForm << /XFA 99 0 R >>",
        b"/AcroForm << /XFA [(template)] >>",
        b"/AcroForm << /XFA [7 7] >>",
    ],
)
def test_a_broken_description_costs_nothing_else(entry: bytes) -> None:
    assert said(entry) == []
    assert said(b"/AcroForm << /XFA [(template) 6 0 R] >>", stream(b"x", b"/Filter /NoSuchDecode")) == []


def test_a_description_of_beginnings_without_ends_takes_little_time() -> None:
    begun = time.process_time()
    for part in (b"<text>", b"<text", b"< ", b">", b"> x"):
        assert said(b"/AcroForm << /XFA [(template) 6 0 R (datasets) 6 0 R] >>", flate(part * 200_000)) == []
    assert time.process_time() - begun < 5
