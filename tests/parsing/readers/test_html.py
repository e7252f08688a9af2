"""HTML: what a reader sees comes out, in lines; what a reader does not see stays out."""

from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Opened, Page
from pipeline.parsing.readers.html import visible_text
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, REQUEST, frames, pages, texts


class TestHtml(ParserContract):
    format = "html"
    suffix = ".html"
    golden: ClassVar[tuple[str, ...]] = (
        "Lease\n\nThe tenant pays rent.\n\nOne line\nand another\n\nItem\tPrice\nShelf\t12 €",
    )
    sample = (
        "<!doctype html><html><head><title>Lease</title></head><body><p>The <b>tenant</b>\n pays   rent.</p>"
        "<div>One line<br>and another</div><table><tr><th>Item</th><th>Price</th></tr>"
        "<tr><td>Shelf</td><td>12 €</td></tr></table></body></html>"
    ).encode()


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>secret()</script>", "<style>.secret{}</style>", "<template><p>secret</p></template>",
        "<noscript><style>secret</style>secret</noscript>", "<svg><title>secret</title><svg>secret</svg></svg>",
        "<div hidden>secret<div hidden><script>secret</script></div></div>", "<!-- secret -->",
        "<iframe>secret</iframe>", "<object>secret<object>secret</object></object>", "<p title='secret'></p>",
    ],
)  # fmt: skip
def test_what_a_reader_does_not_see_stays_out(hidden: str) -> None:
    assert visible_text(f"<p>before</p>{hidden}<p>after</p>") == "before\n\nafter"


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("a<img alt='A map'>b <img src='x.png'><area alt='The office'>", "a A map b The office"),
        ("Name <input value='Jo'><input type=hidden value=token><input type=checkbox value=on> end", "Name Jo end"),
        ("<textarea>one\ntwo</textarea><select><option>A<option selected>B</select><button>Go</button>",
         "one two\nA\nB\nGo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<dl><dt>Term<dd>what it means<dt>Other<dd>more</dl>", "Term\nwhat it means\nOther\nmore"),
        ("<table><tr><td>a<table><tr><td>b<td>c</table><td>d</table>", "a\n\nb\tc\n\nd"),
        ("<frameset><frame src=a><noframes><body><p>no <b>frames</b></p></body></noframes></frameset>", "no\nframes"),
        ("a<svg><title>t</title><text x=1>North<tspan>gate</tspan></text><path/></svg>b", "a\nNorthgate\nb"),
        ("<math><mi>x</mi><annotation encoding='application/x-tex'>\\x</annotation></math>", "x"),
        ("<details><summary>More</summary>inside</details><nav>Home</nav>text", "More\ninside\nHome\ntext"),
        ("<p style='display:none'>kept</p><p hidden>not</p>", "kept"),
        ("<head><meta name=description content='On leases'><meta name=viewport content='width=1'>"
         "<meta name=keywords content='On leases'><title>Lease</title></head><body>Text", "Lease\n\nText\n\nOn leases"),
        ("<head><meta name=description content='The text'></head><body>The text itself", "The text itself"),
        ("<p>R&amp;D &lt;5&nbsp;&euro; caf&#233; &#x1F600;", "R&D <5 € café 😀"),
        ("<pre>def f():\n    return 1\n</pre>after", "def f():\nreturn 1\n\nafter"),
        ("<ul><li>one<li>two<ul><li>deep</ul></ul>end", "one\ntwo\ndeep\nend"),
        ("<table><tr><td>a<td>b<tr><td>c<td></table>", "a\tb\nc"),
        ("in<b>si</b>de <i>of</i>\n\t words", "inside of words"),
        ("<h1>Head</h1>text<blockquote>quote</blockquote>", "Head\n\ntext\n\nquote"),
        ("a\x1eb\x1fc\x1dd", "abcd"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_visible_text_of(source: str, seen: str) -> None:
    assert visible_text(source) == seen


def test_the_declared_charset_is_used() -> None:
    source = '<html><head><meta charset="windows-1251"></head><body>Договор аренды</body></html>'
    assert texts(frames(source.encode("cp1251"), ".html")) == ["Договор аренды"]


def test_valid_utf8_wins_over_a_declared_charset() -> None:
    source = '<html><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><p>Straße'
    assert texts(frames(source.encode(), ".html")) == ["Straße"]


@pytest.mark.parametrize("charset", ["no-such-charset", "hex", "zlib", "undefined", "punycode", "utf-16"])
def test_a_charset_that_cannot_be_meant_is_passed_over(charset: str) -> None:
    source = (
        f"<html><meta charset='{charset}'><p>Die Kündigung der Räume ist für den Mieter möglich, größere Schäden nicht"
    )
    assert texts(frames(source.encode("cp1252"), ".html")) == [source.partition("<p>")[2]]


def test_undecodable_characters_are_told() -> None:
    answer = frames(b"<html><meta charset=utf-8><p>good \xff\xfe\xfd bad", ".html")
    assert answer[1:] == [Page(1, "good \ufffd\ufffd\ufffd bad", Code.UNDECODABLE_CHARACTERS), Finished()]


@CAREFUL
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), exclude_characters="<>&"), min_size=1))
def test_text_without_tags_comes_out_as_it_is(content: str) -> None:
    assert visible_text(f"<div><p>{content}</p></div>") == content


@CAREFUL
@given(st.lists(st.sampled_from(["<pre>", "</pre>", "<div hidden>", "</div>", "<table>", "<td>", "<p>", "x", "<svg>"])))
def test_any_nesting_of_tags_gives_tidy_text(parts: list[str]) -> None:
    seen = visible_text("".join(parts))
    assert set(seen) <= set("x\n\t ")
    assert seen == seen.strip()
    assert "\n\n\n" not in seen


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_html_of_two_bytes_a_character_is_known_and_read(encoding: str) -> None:
    source = "<html><body><p>Grüße <b>und</b> Küsse"
    assert frames(source.encode(encoding), "")[:2] == [Opened("html", 1), Page(1, "Grüße und Küsse")]


def test_the_encoding_of_xhtml_may_be_declared_as_that_of_xml() -> None:
    source = '<?xml version="1.0" encoding="windows-1251"?><html><body>Договор аренды</body></html>'
    assert texts(frames(source.encode("cp1251"), ".xhtml")) == ["Договор аренды"]


def test_frames_and_drawings_that_never_end_are_read() -> None:
    assert visible_text("<noframes>" * 2000 + "text") == "text"
    assert visible_text("<svg><text>" + "<tspan>" * 5000 + "text") == "text"


def test_what_takes_too_long_keeps_what_was_read_and_says_so() -> None:
    request = msgspec.structs.replace(REQUEST, max_text_bytes=16 << 20, page_cpu_s=0.2)
    with clock.running():
        answer = frames(b"<html>" + b"<p>word" * 300_000, ".html", request)
    assert [page.code for page in pages(answer)] == [Code.READER_LIMIT]
    assert pages(answer)[0].text.startswith("word\n\nword\n\nword")


@pytest.mark.parametrize("tag", ["div", "pre", "table><tr><td", "b", "no-such-tag"])
def test_nesting_beyond_the_work_allowed_is_cut_off_and_told(tag: str) -> None:
    """Lexbor looks at every open element for each tag: 100,000 open ones would take a quarter of a minute."""
    answer = frames(b"<html>hello " + f"<{tag}>".encode() * 100_000 + b"deep", ".html")
    assert pages(answer)[0].text.startswith("hello")
    assert "deep" not in pages(answer)[0].text
    assert [page.code for page in pages(answer)] == [Code.READER_LIMIT]


def test_many_elements_that_are_closed_again_are_read() -> None:
    rows = b"<tr><td>cell<td><div>x</div>" * 20_000
    answer = frames(b"<html><table>" + rows + b"</table><p>" * 30_000 + b"end", ".html")
    assert pages(answer)[0].code is None
    assert pages(answer)[0].text.endswith("end")


def test_a_tree_for_which_there_is_no_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the retry, with more of it, depends on the code."""
    from selectolax.lexbor import SelectolaxError

    from pipeline.parsing.readers import html

    def refused(source: str) -> None:
        raise SelectolaxError("Can't parse HTML.")

    monkeypatch.setattr(html, "LexborHTMLParser", refused)
    assert frames(b"<html>text", ".html")[1:] == [Finished(Code.PARSER_MEMORY)]


def test_text_within_pre_keeps_its_lines_and_text_behind_it_does_not() -> None:
    assert visible_text("<pre>a\nb<b>c\nd</b></pre>e\nf<pre hidden>g</pre>\nh") == "a\nbc\nd\n\ne f h"


def test_deep_nesting_is_read() -> None:
    answer = frames(b"<html>" + b"<div>" * 5000 + b"deep", ".html")
    assert pages(answer) == [Page(1, "deep")]
