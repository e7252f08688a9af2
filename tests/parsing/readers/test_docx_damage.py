"""DOCX that is not as it should be: parts under other names, damage, bombs; what can be read is read, the rest told."""

import pytest

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted
from pipeline.parsing.markup import Event
from pipeline.parsing.protocol import Finished, Opened, Page
from pipeline.parsing.readers import office_text
from pipeline.parsing.readers.word_story import Story
from tests.parsing.readers.packages import docx, package, paragraph, part, relations
from tests.parsing.readers.test_docx import EMBEDDED, NOTED, table
from tests.parsing.support import end, frames, pages, texts


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ({"word/document.xml": part("w:document", f"<w:body>{paragraph('text')}</w:body>")}, "text"),
        ({"word/document2.xml": part("w:document", f"<w:body>{paragraph('text')}</w:body>")}, "text"),
        ({"WORD\\Document.xml": part("w:document", f"<w:body>{paragraph('text')}</w:body>"), "word/x": "x"}, "text"),
        (
            {
                "_rels/.rels": relations(("rId1", "officeDocument", "/word/main.xml")),
                "word/main.xml": part("w:document", f"<w:body>{paragraph('text')}</w:body>"),
                "word/document.xml": part("w:document", f"<w:body>{paragraph('other')}</w:body>"),
            },
            "text",
        ),
        (
            {
                "word/document.xml": part("w:document", f"<w:body>{paragraph('text')}</w:body>"),
                "word/header2.xml": part("w:hdr", paragraph("head two")),
                "word/header10.xml": part("w:hdr", paragraph("head ten")),
            },
            "head two\n\nhead ten\n\ntext",
        ),
    ],
    ids=["no relations", "another number", "another spelling", "named by the package", "headers without relations"],
)
def test_parts_are_found_in_packages_that_are_not_as_they_should_be(parts: dict[str, str | bytes], kept: str) -> None:
    answer = frames(package({"[Content_Types].xml": "<Types/>", **parts}), ".docx")
    assert texts(answer) == [kept]
    assert end(answer) is None


def test_the_strict_name_spaces_are_read() -> None:
    document = part("w:document", f"<w:body>{NOTED}</w:body>")
    strict = document.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006", "http://purl.oclc.org/ooxml/wordprocessingml"
    )
    answer = frames(docx("", {"word/document.xml": strict}), ".docx")
    assert strict != document
    assert texts(answer) == ["A sentence with notes.", "The second page."]


def test_a_document_without_a_main_part_is_damaged() -> None:
    content = package({"[Content_Types].xml": "<Types/>", "word/styles.xml": part("w:styles", "")})
    assert frames(content, ".docx") == [Finished(Code.STRUCTURE_DAMAGED)]


def test_markup_that_breaks_off_gives_what_comes_before() -> None:
    broken = part("w:document", f"<w:body>{paragraph('kept')}{paragraph('lost')}</w:body>")
    answer = frames(docx("", {"word/document.xml": broken[: broken.index("lost")]}), ".docx")
    assert texts(answer) == ["kept"]
    assert end(answer) is Code.STRUCTURE_REPAIRED


def bomb(head: str, content: str) -> bytes:
    document = part("w:document", f"<w:body>{paragraph('before')}{content}</w:body>")
    return docx("", {"word/document.xml": document.replace("<w:document", head + "<w:document", 1)})


def test_a_billion_laughs_are_cut_short() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    answer = frames(bomb(f'<!DOCTYPE x [<!ENTITY e0 "laughter">{entities}]>', paragraph("&e9;")), ".docx")
    assert pages(answer)[0].text.startswith("before\nlaughter")
    assert end(answer) is Code.READER_LIMIT


def test_nothing_is_read_from_outside() -> None:
    answer = frames(bomb('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', paragraph("&e;")), ".docx")
    assert texts(answer) == ["before"]


@pytest.mark.parametrize("tag", ["w:p", "w:tbl", "w:txbxContent", "w:del", "mc:Choice", "w:unknown"])
def test_a_million_elements_within_each_other_are_cut_short(tag: str) -> None:
    answer = frames(bomb("", f"<{tag}>" * 1_000_000), ".docx")
    assert texts(answer) == ["before"]
    assert end(answer) is Code.READER_LIMIT


def test_a_part_that_inflates_without_end_is_cut_short() -> None:
    answer = frames(bomb("", " " * 30_000_000 + paragraph("never")), ".docx")
    assert texts(answer) == ["before"]
    assert end(answer) is Code.READER_LIMIT


def test_a_table_of_many_rows_is_read_whole() -> None:
    rows = table(*((paragraph(f"item {number}"), paragraph(str(number * number))) for number in range(5_000)))
    answer = frames(docx(rows), ".docx")
    assert pages(answer)[0].text == "\n".join(f"item {number}\t{number * number}" for number in range(5_000))
    assert end(answer) is None


def test_more_text_than_any_document_has_is_cut_off_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_text, "MAX_CHARACTERS", 1000)
    answer = frames(docx("".join(paragraph(f"{number:04}") for number in range(1000))), ".docx")
    assert pages(answer)[0].text.startswith("0000\n0001\n")
    assert len(pages(answer)[0].text) < 1100
    assert end(answer) is Code.READER_LIMIT


def test_a_document_that_takes_too_long_gives_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = Story.follow

    def until_the_time_is_up(story: Story, event: Event) -> None:
        if event == "never":
            raise Exhausted
        follow(story, event)

    monkeypatch.setattr(Story, "follow", until_the_time_is_up)
    answer = frames(docx(paragraph("before") + paragraph("never"), EMBEDDED), ".docx")
    assert answer == [Opened("docx", 1, 3), Page(1, "before"), Finished(Code.READER_LIMIT)]


def test_a_part_that_is_encrypted_as_in_archives_is_refused() -> None:
    content = bytearray(docx(paragraph("a")))
    for place in (content.index(b"word/document.xml") - 24, content.rindex(b"word/document.xml") - 38):
        content[place] |= 1
    assert frames(bytes(content), ".docx") == [Finished(Code.ENCRYPTION_UNKNOWN)]
