"""XML: its text in lines, damaged or not; references to anything large, nested or outside are never followed."""

from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Opened, Page
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, REQUEST, end, frames, pages, texts


class TestXml(ParserContract):
    format = "xml"
    suffix = ".xml"
    golden: ClassVar[tuple[str, ...]] = (
        "Jürgen Weiß\nThe tenant pays on the 3rd & never later.\n1200 €\n\nkind: lease, signed: 2024-03-05",
    )
    sample = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a draft -->\n<contract kind="lease" signed="2024-03-05">\n'
        "  <tenant>Jürgen Weiß</tenant>\n  <text>The <b>tenant</b> pays on the\n  3rd &amp; "
        "never <i>later</i>.</text>\n"
        "  <rent>1200 &#8364;</rent>\n</contract>\n"
    ).encode()


def read(source: str) -> str:
    return texts(frames(source.encode(), ".xml"))[0]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<a><x>John</x><y>Doe</y></a>", "John\nDoe"),
        ("<a><ref>A</ref><code>B</code></a>", "A B"),
        ("<p>a <b>W</b>ord, two<i>fold</i></p>", "a Word, twofold"),
        ("<p><b>Bold</b> text</p>", "Bold text"),
        ("<p>one<br/>two</p>", "one\ntwo"),
        ("<a>1 &lt; 2 &#x20AC; &quot;x&quot; &eacute;</a>", '1 < 2 € "x" é'),
        ("<a><![CDATA[<b>as it is</b> &amp;]]> more</a>", "<b>as it is</b> &amp; more"),
        ("<a><!-- no --><?no no?>yes</a>", "yes"),
        ('<a title="x > y"/>', "title: x > y"),
        ("<Table><Row><Cell><Data>a</Data></Cell><Cell><Data>b</Data></Cell></Row><Row><Cell>c</Cell></Row></Table>",
         "a\tb\nc"),
        ("<w:p><w:r><w:t>Hel</w:t></w:r><w:r><w:t>lo</w:t></w:r></w:p><w:p><w:t>you</w:t></w:p>", "Hello\nyou"),
        ("<w:p w:rsidR='00A1'><w:t>x</w:t><w:binData>QUJD</w:binData></w:p>", "x"),
        ("<svg><style>p {}</style><script>run()</script><text>text</text></svg>", "text"),
        ("<album><style>Baroque</style><script>Latin</script></album>", "Baroque\nLatin"),
        ("<svg width='9'><title>Plan</title><path d='M1 2'/><text x='1'>North<tspan>gate</tspan></text></svg>",
         "Plan\nNorthgate"),
        ("<svg><image alt='A tree' id='i'/></svg>", "alt: A tree"),
    ],
)  # fmt: skip
def test_the_text_of(source: str, found: str) -> None:
    assert read(source) == found


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ("name='John Doe' born='1970'", "name: John Doe, born: 1970"),
        ("name='J&amp;D &#233; &undeclared;'", "name: J&D é &undeclared;"),
        ("id='x9' class='big' style='color:red' xml:lang='en' xsi:type='q' xmlns:a='urn:b'", ""),
        ("a='--' b=' '", ""),
        ("w:val='1' svg:x='2' xlink:title='A place'", "xlink:title: A place"),
        ("a='two\n  lines'", "a: two lines"),
        ("a='" + "x" * 3000 + "'", ""),
    ],
)
def test_what_attributes_say_to_people_is_kept(attributes: str, said: str) -> None:
    assert read(f"<e {attributes}>text</e>") == f"text\n\n{said}".strip()


def test_what_many_elements_say_is_said_once() -> None:
    assert read("<r>" + "<a unit='EUR'/>" * 50 + "<a unit='USD'/></r>") == "unit: EUR\nunit: USD"


@pytest.mark.parametrize(
    ("source", "found", "code"),
    [
        ("<a>unclosed <b>text & more < less</a>", "unclosed text & more < less", Code.STRUCTURE_REPAIRED),
        ("<a>one</a></b><c>two</c>", "one\ntwo", Code.STRUCTURE_REPAIRED),
        ("<a>text", "text", Code.STRUCTURE_REPAIRED),
        ("<a>yes <!-- open", "yes open", Code.STRUCTURE_REPAIRED),
        ("<a>yes <![CDATA[open</a>", "yes open", None),
        ('<a x="<b">text</a>', '<a x="<b">text', Code.STRUCTURE_REPAIRED),
        ("<a><b>wrong</a></b>", "wrong", None),
        ("<a>An entity here&undeclared_entity; is invalid!</a>", "An entity here&undeclared_entity; is invalid!", None),
        ("<a>x\x01y</a>", "xy", None),
        ("<a/><b>two roots</b>", "two roots", None),
    ],
)
def test_all_text_of_damaged_xml_is_read(source: str, found: str, code: Code | None) -> None:
    answer = frames((source + " " * 60).encode(), ".xml")
    assert (texts(answer), end(answer)) == ([found], code)


LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))


@pytest.mark.parametrize(
    ("declarations", "body", "found", "code"),
    [
        ('<!ENTITY firm "ACME Inc.">', "&firm; pays", "ACME Inc. pays", None),
        ("<!ENTITY firm 'ACME &#233;'>", "&firm; pays", "ACME é pays", None),
        ('<!ENTITY l0 "lol">' + LAUGHS, "text &l9; end", "text &l9; end", Code.READER_LIMIT),
        ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "text &a;", "text &a;", Code.READER_LIMIT),
        ('<!ENTITY a "' + "b" * 50_000 + '">', "&a;" * 1000, "&a;" * 1000, Code.READER_LIMIT),
        ('<!ENTITY a "<b>tag</b>">', "&a;", "&a;", Code.READER_LIMIT),
        ('<!ENTITY a SYSTEM "file:///etc/passwd">', "text &a;", "text &a;", None),
        ('<!ENTITY a PUBLIC "x" "http://example.org/">', "text &a;", "text &a;", None),
        ('<!ENTITY % p SYSTEM "http://example.org/x.dtd">%p;', "text", "text", None),
        ('<!ENTITY eacute SYSTEM "file:///etc/passwd">', "caf&eacute;", "caf&eacute;", None),
    ],
)
def test_entities(declarations: str, body: str, found: str, code: Code | None) -> None:
    answer = frames(f"<!DOCTYPE r [{declarations}]>\n<r>{body}</r>".encode(), ".xml")
    assert answer == [Opened("xml", 1), Page(1, found, code), Finished()]


def test_short_entities_do_not_add_up_to_a_long_text() -> None:
    source = '<!DOCTYPE r [<!ENTITY a "' + "b" * 90 + '">]><r>' + "&a;" * 200_000 + "</r>"
    request = msgspec.structs.replace(REQUEST, max_text_bytes=8 << 20)
    (page,) = pages(frames(source.encode(), ".xml", request))
    assert page.code is Code.READER_LIMIT
    assert 1 << 20 < page.text.count("b") < 1.1 * (1 << 20)


def test_a_document_type_elsewhere_is_named_and_not_looked_for() -> None:
    source = b'<!DOCTYPE r PUBLIC "-//X//Y" "file:///couldnt_possibly_exist">\n<r>text</r>'
    assert frames(source, ".xml")[1:] == [Page(1, "text"), Finished()]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "iso-8859-1", "windows-1251", "shift_jis"])
def test_any_encoding_is_read(encoding: str) -> None:
    text = {"windows-1251": "Договор", "shift_jis": "契約書"}.get(encoding, "Grüße")
    source = f'<?xml version="1.0" encoding="{encoding}"?><a><b>{text}</b></a>'
    assert texts(frames(source.encode(encoding), ".xml")) == [text]


def test_a_wrong_declaration_does_no_harm() -> None:
    assert read('<?xml version="1.0" encoding="utf-16"?><a>Grüße</a>') == "Grüße"


@pytest.mark.parametrize("suffix", [".xml", ".svg", ".rss", ".atom", ".kml", ".gpx", ".xsd"])
def test_each_suffix_of_it_is_known(suffix: str) -> None:
    assert frames(b"<feed><title>News</title></feed>", suffix)[:2] == [Opened("xml", 1), Page(1, "News")]


@CAREFUL
@given(
    st.lists(st.sampled_from(["<a>", "</a>", "<b/>", "<!--", "-->", "<![CDATA[", "]]>", "<", ">", "&", "word ", "'"]))
)
def test_any_marks_give_all_words_outside_comments(parts: list[str]) -> None:
    source = "".join(part for part in parts if part not in ("<!--", "<", "<![CDATA["))
    found = texts(frames(f"<r>{source}".encode(), ".xml"))[0]
    assert found.count("word") == source.count("word")


HOSTILE = {
    "comments": "<!--", "sections": "<![CDATA[", "instructions": "<?", "elements": "<a>", "empty elements": "<a/>",
    "quotes": '<a b="', "types": "<!DOCTYPE [ >", "styles": "<style>", "angles": "<", "references": "&a;",
}  # fmt: skip


@pytest.mark.parametrize("mark", HOSTILE.values(), ids=HOSTILE)
def test_marks_that_never_end_take_no_time(mark: str) -> None:
    source = "<r>" + mark * 20_000 + "text"
    with clock.running():
        answer = frames(source.encode(), ".xml", msgspec.structs.replace(REQUEST, page_cpu_s=5))
    assert [page.code for page in pages(answer)] == [None]
    assert texts(answer)[0].endswith("text")


def test_what_takes_too_long_keeps_what_was_read_and_says_so() -> None:
    request = msgspec.structs.replace(REQUEST, max_text_bytes=16 << 20, page_cpu_s=0.2)
    with clock.running():
        answer = frames(b"<r>" + b"<a>word</a>" * 1_000_000, ".xml", request)
    assert [page.code for page in pages(answer)] == [Code.READER_LIMIT]
    assert pages(answer)[0].text.startswith("word word")
