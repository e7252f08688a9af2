"""OpenDocument: texts, presentations and drawings, with all that is noted on them and deleted from them."""

from collections.abc import Mapping
from typing import ClassVar

import pytest

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted
from pipeline.parsing.markup import Event
from pipeline.parsing.protocol import Finished, Opened, Page
from pipeline.parsing.readers import office_text
from pipeline.parsing.readers.odf_story import OdfStory
from tests.parsing.contract import ParserContract
from tests.parsing.readers.odf_packages import SLIDES, TEXT, URN, content, master, odp, odt
from tests.parsing.readers.packages import package
from tests.parsing.support import end, frames, members, pages, texts


def text(body: str, parts: Mapping[str, str | bytes] | None = None) -> str:
    """The text of a document that has one page and is read without any complaint."""
    answer = frames(odt(body, parts), ".odt")
    assert [page.code for page in pages(answer)] == [None]
    assert end(answer) is None
    return texts(answer)[0]


HEADED = master(
    "<style:header><text:p>Lund &amp; Dahl</text:p></style:header>"
    "<style:header-left><text:p>Lund &amp; Dahl</text:p></style:header-left>"
    "<style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer>"
)


def note(kind: str, *lines: str) -> str:
    body = "".join(f"<text:p>{line}</text:p>" for line in lines)
    citation = "<text:note-citation>1</text:note-citation>"
    return f"<text:note text:note-class='{kind}'>{citation}<text:note-body>{body}</text:note-body></text:note>"


COMMENT = "<dc:creator>Ada Lund</dc:creator><dc:date>2020-01-01</dc:date><text:p>Is that so?</text:p>"
NOTED = (
    f"<text:p>A sentence{note('footnote', 'The note,', 'in two lines.')} with notes{note('endnote', 'The end note.')}."
    f"<office:annotation>{COMMENT}</office:annotation></text:p>"
)


def table(*rows: tuple[str, ...]) -> str:
    """A table of paragraphs; an empty text is a cell that another one covers."""
    cells = [
        "".join(
            f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" if cell else "<table:covered-table-cell/>"
            for cell in row
        )
        for row in rows
    ]
    written = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    return f"<table:table><table:table-column/>{written}</table:table>"


TABLE = table(("Item", "Price"), ("", "12 €"))


class TestOdt(ParserContract):
    format = "odt"
    suffix = ".odt"
    golden: ClassVar[tuple[str, ...]] = (
        "Lund & Dahl\n\nA sentence with notes.\n\nThe note,\nin two lines.\nComment (Ada Lund): Is that so?",
        "Item\tPrice\n\t12 €\n\nThe end note.\nPage 1",
    )
    sample = odt(f"{NOTED}<text:p><text:soft-page-break/></text:p>{TABLE}", {"styles.xml": HEADED})


FRAME = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
NOTES = f"<presentation:notes><draw:page-thumbnail/>{FRAME.format('Say this.')}</presentation:notes>"


class TestOdp(ParserContract):
    format = "odp"
    suffix = ".odp"
    golden: ClassVar[tuple[str, ...]] = ("Master text\n\nRents\n\nin Oslo\n\nA rectangle\n\nNotes: Say this.", "Second")
    sample = odp(
        f"<draw:frame presentation:class='title'><draw:text-box><text:p>Rents</text:p></draw:text-box></draw:frame>"
        f"{FRAME.format('in Oslo')}<draw:custom-shape><text:p>A rectangle</text:p></draw:custom-shape>{NOTES}"
        "<draw:frame presentation:class='page-number'><draw:text-box><text:p>1</text:p></draw:text-box></draw:frame>",
        FRAME.format("Second"),
        parts={
            "styles.xml": master(
                f"{FRAME.format('Master text')}<draw:frame presentation:class='title'><draw:text-box>"
                f"<text:p>Click to edit</text:p></draw:text-box></draw:frame>{NOTES}"
            )
        },
    )


RUBY = "<text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう</text:ruby-text>"
RECTANGLE = "<draw:rect><svg:desc>A frame</svg:desc><text:p>in it</text:p></draw:rect>"
FIELD = "<office:forms><form:form><form:text form:current-value='filled in'/></form:form></office:forms>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<text:p>ten<text:span>ant</text:span></text:p>", "tenant"),
        ("<text:p>\n  a\n   b <text:span> c</text:span>  </text:p>\n<text:h>  d</text:h>", "a b c \nd"),
        ("<text:p>a<text:s/><text:s text:c='3'/>b<text:tab/>c<text:line-break/>d</text:p>", "a    b\tc\nd"),
        ("<text:p>a</text:p><text:p/><text:p/><text:p>b</text:p>", "a\n\nb"),
        ("<text:list><text:list-item><text:p>a</text:p></text:list-item></text:list><text:p>b</text:p>", "a\nb"),
        (f"<text:p>in <text:ruby>{RUBY}</text:ruby>.</text:p>", "in 東京(とうきょう)."),
        (f"<text:p>a{FRAME.format('in the box')}b</text:p><text:p>c</text:p>", "ab\nin the box\nc"),
        (f"<text:p>a{RECTANGLE}b</text:p>", "ab\nin it\n\nPicture: A frame"),
        (f"<text:p>a<draw:control/></text:p>{FIELD}", "a\n\nfilled in"),
        (f"<text:p>before</text:p>{TABLE}<text:p>after</text:p>", "before\n\nItem\tPrice\n\t12 €\n\nafter"),
        ("<text:index-body><text:p>One<text:tab/>1</text:p></text:index-body>", "One\t1"),
        ("<text:p>a<text:s text:c='1000000000'/>b</text:p>", f"a{' ' * 200}b"),
        ("<office:scripts><text:p>no</text:p></office:scripts><text:p>a</text:p>", "a"),
    ],
)
def test_the_text_of(body: str, expected: str) -> None:
    assert text(body) == expected


def test_deleted_text_is_told_apart_on_the_page_that_it_was_deleted_from() -> None:
    changes = (
        "<text:tracked-changes><text:changed-region text:id='c1'><text:deletion><office:change-info><dc:creator>Ada"
        "</dc:creator><dc:date>2020</dc:date></office:change-info><text:p>50</text:p><text:p>kr</text:p></text:deletion>"
        "</text:changed-region><text:changed-region text:id='c2'><text:insertion><office:change-info><dc:creator>Bo"
        "</dc:creator></office:change-info></text:insertion></text:changed-region><text:changed-region text:id='c3'>"
        "<text:deletion><office:change-info/><text:p>nowhere</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes>"
    )
    body = (
        f"{changes}<text:p>The rent is <text:change text:change-id='c1'/><text:change-start text:change-id='c2'/>700 kr"
        "<text:change-end text:change-id='c2'/>.<text:soft-page-break/></text:p><text:p>End</text:p>"
    )
    assert texts(frames(odt(body), ".odt")) == [
        "The rent is 700 kr.\n\nDeleted (Ada): 50\nkr",
        "End\n\nDeleted: nowhere",
    ]


STYLES = (
    "<style:style style:name='Before'><style:paragraph-properties fo:break-before='page'/></style:style>"
    "<style:style style:name='After'><style:paragraph-properties fo:break-after='page'/></style:style>"
    "<style:style style:name='Heir' style:parent-style-name='Before'/>"
    "<style:style style:name='Auto' style:parent-style-name='Before'>"
    "<style:paragraph-properties fo:break-before='auto'/></style:style>"
    "<style:style style:name='Master' style:master-page-name='First'><style:paragraph-properties"
    " fo:break-before='auto'/></style:style>"
    "<style:style style:name='NoMaster' style:master-page-name=''/>"
    "<style:style style:name='Circle' style:parent-style-name='Circle'/>"
)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("Before", ["a", "b\nc"]), ("After", ["a\nb", "c"]), ("Heir", ["a", "b\nc"]), ("Auto", ["a\nb\nc"]),
        ("Master", ["a", "b\nc"]), ("NoMaster", ["a\nb\nc"]), ("Circle", ["a\nb\nc"]), ("None", ["a\nb\nc"]),
    ],
)  # fmt: skip
def test_pages_end_where_styles_say_so(style: str, expected: list[str]) -> None:
    body = f"<text:p>a</text:p><text:p text:style-name='{style}'>b</text:p><text:p>c</text:p>"
    assert texts(frames(odt(body, styles=STYLES), ".odt")) == expected
    assert texts(frames(odt(body, {"styles.xml": master("", STYLES)}), ".odt")) == expected


def test_the_first_paragraph_begins_no_second_page() -> None:
    assert texts(frames(odt("<text:p text:style-name='Before'>a</text:p>", styles=STYLES), ".odt")) == ["a"]


def test_objects_are_read_in_their_place_once_and_files_of_other_programs_are_members() -> None:
    formula = (
        "<math:math xmlns:math='http://www.w3.org/1998/Math/MathML'><math:semantics><math:mi>E</math:mi>"
        "<math:annotation>E = m c^2</math:annotation></math:semantics></math:math>"
    )
    replaced = "<draw:object xlink:href='./Object 1'/><draw:image xlink:href='./ObjectReplacements/Object 1'/>"
    twice = "<draw:object xlink:href='./Object 2'/>" * 2 + "<draw:object xlink:href='../../etc'/>"
    document = odt(
        f"<text:p>a<draw:frame>{replaced}</draw:frame></text:p><text:p>b{twice}</text:p>",
        {
            "Object 1/content.xml": content(TABLE),
            "Object 2/content.xml": formula,
            "Object 3": b"PK sheet",
            "Object 4/x": b"",
        },
    )
    answer = frames(document, ".odt")
    assert answer[0] == Opened("odt", 1, 1)
    assert texts(answer) == ["a\nItem\tPrice\n\t12 €\nb\nE = m c^2"]
    assert [(member.name, data) for member, data in members(document, ".odt")] == [("Object 3", b"PK sheet")]


def test_a_page_of_pictures_says_so_and_tells_what_they_show() -> None:
    picture = "<draw:frame><draw:image xlink:href='Pictures/1.png'/><svg:title>A map</svg:title></draw:frame>"
    answer = frames(odt(f"<text:p>{picture}</text:p>"), ".odt")
    assert pages(answer) == [Page(1, "Picture: A map", Code.PAGES_WITHOUT_TEXT)]


def test_what_stands_at_the_edge_of_slides_is_given_with_the_first_that_shows_it() -> None:
    declared = "<presentation:footer-decl presentation:name='f1'>Confidential</presentation:footer-decl>"
    body = f"<draw:page presentation:use-footer-name='f1'>{FRAME.format('a')}</draw:page>" * 2
    document = package({"mimetype": SLIDES, "content.xml": content(declared + body, kind="presentation")})
    assert texts(frames(document, ".odp")) == ["a\n\nConfidential", "a"]


@pytest.mark.parametrize(
    ("mimetype", "format"),
    [
        (TEXT + "-template", "odt"), (TEXT + "-master", "odt"), (SLIDES + "-template", "odp"),
        ("application/vnd.oasis.opendocument.graphics", "odp"),
    ],
)  # fmt: skip
def test_templates_and_drawings_are_read(mimetype: str, format: str) -> None:
    document = package({"mimetype": mimetype, "content.xml": content("<text:p>a</text:p>")})
    assert frames(document, "")[0] == Opened(format, 1)


def test_the_name_spaces_from_before_the_standard_are_read() -> None:
    old = content(f"<text:p>a</text:p>{TABLE}").replace(":1.0", "").replace(URN, "http://openoffice.org/2000/")
    assert texts(frames(package({"mimetype": TEXT, "content.xml": old}), ".odt")) == ["a\n\nItem\tPrice\n\t12 €"]


def test_a_document_without_content_is_damaged() -> None:
    assert frames(package({"mimetype": TEXT, "x.xml": ""}), ".odt") == [Finished(Code.STRUCTURE_DAMAGED)]


def test_markup_that_breaks_off_gives_what_comes_before() -> None:
    broken = content("<text:p>kept</text:p><text:p>lost</text:p>")
    answer = frames(package({"mimetype": TEXT, "content.xml": broken[: broken.index("lost")]}), ".odt")
    assert texts(answer) == ["kept"]
    assert end(answer) is Code.STRUCTURE_REPAIRED


@pytest.mark.parametrize("tag", ["text:p", "text:span", "table:table", "draw:frame", "office:annotation"])
def test_a_million_elements_within_each_other_are_cut_short(tag: str) -> None:
    answer = frames(odt("<text:p>before</text:p>" + f"<{tag}>" * 1_000_000), ".odt")
    assert texts(answer) == ["before"]
    assert end(answer) is Code.READER_LIMIT


def test_a_billion_laughs_are_cut_short() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    document = content("<text:p>before &e9;</text:p>").partition("?>")[2]
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "laughter">{entities}]>{document}'
    answer = frames(package({"mimetype": TEXT, "content.xml": bomb}), ".odt")
    assert texts(answer)[0].startswith("before laughter")
    assert end(answer) is Code.READER_LIMIT


def test_more_text_than_any_document_has_is_cut_off_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_text, "MAX_CHARACTERS", 1000)
    answer = frames(odt("".join(f"<text:p>{number:04}</text:p>" for number in range(1000))), ".odt")
    assert pages(answer)[0].text.startswith("0000\n0001\n")
    assert len(pages(answer)[0].text) < 1100
    assert end(answer) is Code.READER_LIMIT


def test_a_document_that_takes_too_long_gives_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = OdfStory.follow

    def until_the_time_is_up(story: OdfStory, event: Event) -> None:
        if event == "never":
            raise Exhausted
        follow(story, event)

    monkeypatch.setattr(OdfStory, "follow", until_the_time_is_up)
    answer = frames(odt("<text:p>before</text:p><text:p>never</text:p>"), ".odt")
    assert answer == [Opened("odt", 1), Page(1, "before"), Finished(Code.READER_LIMIT)]
