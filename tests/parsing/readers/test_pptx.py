"""PPTX: a page a slide in the order of the presentation, with all that is shown or noted on it; damage costs slides."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted
from pipeline.parsing.markup import Event
from pipeline.parsing.protocol import Finished, Opened, Page
from pipeline.parsing.readers import slide as slide_module
from pipeline.parsing.readers.slide import Shapes
from tests.parsing.contract import ParserContract
from tests.parsing.readers.packages import package, part, relations
from tests.parsing.readers.test_docx import CHART, DIAGRAM
from tests.parsing.support import REQUEST, end, frames, members, pages, texts


def said(text: str) -> str:
    return f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"


def shape(text: str, placeholder: str = "") -> str:
    role = f"<p:ph{f' type={placeholder!r}' if placeholder != 'obj' else ''}/>" if placeholder else ""
    return f"<p:sp><p:nvSpPr><p:nvPr>{role}</p:nvPr></p:nvSpPr><p:txBody>{text}</p:txBody></p:sp>"


def slide(*shapes: str) -> str:
    return part("p:sld", f"<p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld>")


def pptx(slides: Mapping[str, str], parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A presentation of the slides, by the names of their parts, in this order."""
    listed = "".join(f"<p:sldId id='{256 + at}' r:id='rId{at}'/>" for at in range(len(slides)))
    found = [(f"rId{at}", "slide", f"slides/{name}.xml") for at, name in enumerate(slides)]
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(("rId1", "officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": part("p:presentation", f"<p:sldIdLst>{listed}</p:sldIdLst>"),
            "ppt/_rels/presentation.xml.rels": relations(*found, ("rId90", "commentAuthors", "commentAuthors.xml")),
            **{f"ppt/slides/{name}.xml": content for name, content in slides.items()},
            **(parts or {}),
        }
    )


FIRST = slide(
    shape(said("Second in the file, "), "obj"),
    shape(said("Rents in &lt;Oslo&gt;"), "title"),
    shape(said("Lund &amp; Dahl"), "ftr"),
    shape(said("1"), "sldNum"),
    "<p:graphicFrame><a:graphic><a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>Town</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc><a:p><a:r><a:t>Rent</a:t></a:r></a:p></a:tc></a:tr>"
    "<a:tr><a:tc><a:p/></a:tc><a:tc><a:p><a:r><a:t>12</a:t></a:r></a:p></a:tc></a:tr></a:tbl></a:graphic></p:graphicFrame>",
)
SECOND = slide(shape("<a:p><a:r><a:t>one</a:t></a:r><a:br/><a:r><a:t>line</a:t></a:r></a:p><a:p/>" + said("end")))
OTHERS: dict[str, str | bytes] = {
    "ppt/slides/_rels/slide7.xml.rels": relations(
        ("rId1", "notesSlide", "../notesSlides/notesSlide1.xml"),
        ("rId2", "comments", "../comments/comment1.xml"),
        ("rId3", "slideLayout", "../slideLayouts/slideLayout1.xml"),
    ),
    "ppt/slides/_rels/slide2.xml.rels": relations(("rId3", "slideLayout", "../slideLayouts/slideLayout1.xml")),
    "ppt/notesSlides/notesSlide1.xml": slide(
        shape("", "sldImg"), shape(said("Say this slowly."), "body"), shape(said("1"), "sldNum"), shape(said("aside"))
    ),
    "ppt/commentAuthors.xml": part("p:cmAuthorLst", "<p:cmAuthor id='0' name='Ada Lund'/>"),
    "ppt/comments/comment1.xml": part("p:cmLst", "<p:cm authorId='0'><p:text>Too much.</p:text></p:cm>"),
    "ppt/slideLayouts/slideLayout1.xml": slide(shape(said("Click to edit"), "title"), shape(said("Draft"))),
    "ppt/slideLayouts/_rels/slideLayout1.xml.rels": relations(("rId1", "slideMaster", "../slideMasters/m.xml")),
    "ppt/slideMasters/m.xml": slide(shape(said("Lund &amp; Dahl AS")), shape(said("Date"), "dt")),
}


class TestPptx(ParserContract):
    format = "pptx"
    suffix = ".pptx"
    golden: ClassVar[tuple[str, ...]] = (
        "Rents in <Oslo>\n\nSecond in the file,\n\nTown\tRent\n\t12\n\nLund & Dahl\n\nDraft\n\nLund & Dahl AS\n\n"
        "Notes: Say this slowly.\n\nNotes: aside\n\nComment (Ada Lund): Too much.",
        "one\nline\n\nend",
    )
    sample = pptx({"slide7": FIRST, "slide2": SECOND}, OTHERS)


def test_comments_that_can_be_answered_are_read_with_their_answers() -> None:
    answered = f"<p188:reply authorId='{{B}}'><p188:txBody>{said('No.')}</p188:txBody></p188:reply>"
    unsigned = f"<p188:cm authorId='{{C}}'><p188:txBody>{said('Why')}{said('not?')}</p188:txBody></p188:cm>"
    asked = f"<p188:cm authorId='{{A}}'><p188:replyLst>{answered}</p188:replyLst></p188:cm>"
    names = "<p188:author id='{A}' name='Ada'/><p188:author id='{B}' name='Bo'/>"
    parts: dict[str, str | bytes] = {
        "ppt/_rels/presentation.xml.rels": relations(
            ("rId0", "slide", "slides/s.xml"), ("rId9", "authors", "authors.xml")
        ),
        "ppt/slides/_rels/s.xml.rels": relations(("rId2", "comments", "../comments/modern.xml")),
        "ppt/authors.xml": part("p188:authorLst", names),
        "ppt/comments/modern.xml": part("p188:cmLst", asked + unsigned),
    }
    answer = frames(pptx({"s": slide(shape(said("a")))}, parts), ".pptx")
    assert texts(answer) == ["a\n\nComment (Bo): No.\n\nComment: Why\nnot?"]


def test_charts_and_diagrams_are_read_with_their_slide() -> None:
    parts: dict[str, str | bytes] = {
        "ppt/slides/_rels/s.xml.rels": relations(
            ("rId1", "chart", "../charts/c.xml"), ("rId2", "diagramData", "../d.xml")
        ),
        "ppt/charts/c.xml": CHART,
        "ppt/d.xml": DIAGRAM,
    }
    frame = "<p:graphicFrame><a:graphic>{}</a:graphic></p:graphicFrame>"
    drawn = frame.format("<c:chart r:id='rId1'/>") + frame.format("<dgm:relIds r:dm='rId2'/>")
    assert texts(frames(pptx({"s": slide(drawn)}, parts), ".pptx")) == ["Rents by town\nOslo\nBergen\n\nSign\nhere"]


def test_a_slide_of_pictures_says_so() -> None:
    described = (
        "<p:pic><p:nvPicPr><p:cNvPr id='1' name='Picture 1' descr='A map of Oslo'/></p:nvPicPr><a:blip/></p:pic>"
    )
    answer = frames(pptx({"a": slide("<p:pic><a:blip/></p:pic>"), "b": slide(described), "c": slide()}), ".pptx")
    assert pages(answer) == [
        Page(1, "", Code.PAGES_WITHOUT_TEXT),
        Page(2, "Picture: A map of Oslo", Code.PAGES_WITHOUT_TEXT),
        Page(3, ""),
    ]


def test_what_stands_there_twice_for_older_programs_is_read_once() -> None:
    both = f"<mc:Choice Requires='a14'>{shape(said('a'))}</mc:Choice><mc:Fallback>{shape(said('a'))}</mc:Fallback>"
    assert texts(frames(pptx({"s": slide(f"<mc:AlternateContent>{both}</mc:AlternateContent>")}), ".pptx")) == ["a"]


def test_embedded_documents_are_members() -> None:
    content = pptx({"s": slide()}, {"ppt/embeddings/a.xlsx": b"PK sheet"})
    assert frames(content, ".pptx")[0] == Opened("pptx", 1, 1)
    assert [(member.name, data) for member, data in members(content, ".pptx")] == [("a.xlsx", b"PK sheet")]


def test_slides_that_nothing_leads_to_any_more_are_read_by_their_numbers() -> None:
    slides = {f"ppt/slides/slide{number}.xml": slide(shape(said(str(number)))) for number in (10, 9, 1)}
    assert texts(frames(package({"[Content_Types].xml": "<Types/>", **slides}), ".pptx")) == ["1", "9", "10"]


def test_a_slide_that_is_not_there_costs_that_slide() -> None:
    content = pptx({"a": slide(shape(said("a"))), "b": slide(shape(said("b")))})
    lost = content.replace(b"ppt/slides/a.xml", b"ppt/slides/x.xml")
    assert pages(frames(lost, ".pptx")) == [Page(1, "", Code.PAGES_FAILED), Page(2, "b")]


def test_a_slide_that_breaks_off_gives_what_comes_before() -> None:
    broken = slide(shape(said("kept")), shape(said("lost")))
    answer = frames(pptx({"a": broken[: broken.index("lost")], "b": slide(shape(said("b")))}), ".pptx")
    assert texts(answer) == ["kept", "b"]
    assert end(answer) is Code.STRUCTURE_REPAIRED


def test_a_package_without_slides_and_main_part_is_damaged() -> None:
    assert frames(package({"[Content_Types].xml": "", "ppt/x.xml": ""}), ".pptx") == [Finished(Code.STRUCTURE_DAMAGED)]


def test_a_presentation_without_slides_is_blank() -> None:
    assert frames(pptx({}), ".pptx") == [Opened("pptx", 0), Finished()]


def test_two_slides_that_take_too_long_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = Shapes.follow

    def until_the_time_is_up(shapes: Shapes, event: Event) -> None:
        if event == "never":
            raise Exhausted
        follow(shapes, event)

    monkeypatch.setattr(Shapes, "follow", until_the_time_is_up)
    slides = {name: slide(shape(said(text))) for name, text in (("a", "a"), ("b", "never"), ("c", "c"), ("d", "never"))}
    answer = frames(pptx({**slides, "e": slide()}), ".pptx")
    assert pages(answer) == [
        Page(1, "a"), Page(2, "", Code.READER_LIMIT), Page(3, "c"), Page(4, "", Code.READER_LIMIT),
    ]  # fmt: skip
    assert end(answer) is Code.READER_LIMIT


@pytest.mark.parametrize("tag", ["p:sp", "a:p", "a:tr", "p:grpSp"])
def test_a_million_elements_within_each_other_are_cut_short(tag: str) -> None:
    answer = frames(pptx({"s": slide(shape(said("before")), f"<{tag}>" * 1_000_000)}), ".pptx")
    assert texts(answer) == ["before"]
    assert end(answer) is Code.READER_LIMIT


def test_a_slide_with_more_text_than_any_document_has_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slide_module, "MAX_CHARACTERS", 100)
    monkeypatch.setattr("pipeline.parsing.readers.pptx.MAX_CHARACTERS", 100)
    answer = frames(pptx({"s": slide(*(shape(said("0123456789")) for _ in range(50)))}), ".pptx")
    assert pages(answer)[0].code is Code.READER_LIMIT
    assert len(pages(answer)[0].text) < 200


def test_reading_resumes_without_giving_a_master_twice() -> None:
    """What all slides show is given with the first that shows it, which is not read again."""
    later = msgspec.structs.replace(REQUEST, first_page=2)
    assert texts(frames(TestPptx.sample, ".pptx", later)) == ["one\nline\n\nend"]
