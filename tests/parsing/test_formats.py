"""Names of files and their formats: what is noted where they do not fit, and which reader text goes to."""

import io
import zipfile

import pytest

from pipeline.parsing.formats import FORMATS, misnamed
from tests.parsing.readers.packages import package
from tests.parsing.readers.workbooks import ods, sheet_part, xls, xlsb, xlsx
from tests.parsing.support import what


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("pdf", ".txt"), ("text", ".pdf"), ("html", ".xls"), ("csv", ".xls"), ("xml", ".doc"), ("xlsx", ".xls"),
        ("docx", ".zip"), ("zip", ".docx"), ("text", ".json"), ("eml", ".html"), ("png", ".jpg"), ("xls", ".xlsx"),
    ],
)  # fmt: skip
def test_the_suffix_of_another_format_is_noted(name: str, suffix: str) -> None:
    assert misnamed(name, suffix)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("pdf", ".pdf"), ("pdf", ""), ("pdf", ".bak"), ("docx", ".dat"), ("text", ".py"), ("text", ".txt"),
        ("text", ""),
        ("markdown", ".txt"), ("csv", ".txt"), ("json", ".ipynb"), ("xml", ".svg"), ("html", ".xml"), ("xlsx", ".xlsm"),
        ("rtf", ".doc"), ("eml", ".mht"), ("tar", ".gz"), ("jpeg", ".jpeg"), ("", ".pdf"), ("no-such", ".pdf"),
    ],
)  # fmt: skip
def test_a_suffix_that_fits_or_says_nothing_is_not_noted(name: str, suffix: str) -> None:
    assert not misnamed(name, suffix)


def test_every_suffix_is_written_as_names_are_compared() -> None:
    for one in FORMATS.values():
        assert all(suffix == suffix.lower() and (suffix == "" or suffix.startswith(".")) for suffix in one.suffixes)


HTML = "<!DOCTYPE html><html><head><title>t</title></head><body>text</body></html>"
XML = '<?xml version="1.0"?><invoice><title>t</title></invoice>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("source", "suffix", "found"),
    [
        (HTML, ".txt", "html"), (HTML, ".xls", "html"), (HTML, ".json", "html"), (HTML, ".xml", "html"),
        (XML, ".txt", "xml"), (XML, ".html", "xml"), (XML, ".doc", "xml"), (XML, "", "xml"), (XML, ".csv", "xml"),
        ('{"a": 1}', ".json", "json"), ('{"a": 1}', ".txt", "text"), ('{"a": 1}', ".ipynb", "json"),
        ("a,b\n1,2\n", ".csv", "csv"), ("a,b\n1,2\n", ".txt", "text"), ("a\tb\n1\t2\n", ".xls", "csv"),
        ("# Title\n\ntext", ".md", "markdown"), ("# Title\n\ntext", ".tiff", "text"),
        ("<feed><title>News</title></feed>", ".rss", "xml"), ("<svg><title>t</title></svg>", ".html", "xml"),
        ("plain words", ".xml", "text"), ("plain words", ".docx", "text"), ("plain words", ".png", "text"),
    ],
)  # fmt: skip
def test_text_goes_to_the_reader_of_what_it_is(source: str, suffix: str, found: str, encoding: str) -> None:
    assert what(source.encode(encoding), suffix) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_text_that_says_it_is_a_pdf_is_text(encoding: str) -> None:
    assert what("just words".encode(encoding), ".pdf") == "text"


@pytest.mark.parametrize("suffix", [".zip", ".txt", ".pdf", ".xlsx", ""])
@pytest.mark.parametrize(
    ("workbook", "found"),
    [
        (xlsx({"S": sheet_part("")}), "xlsx"), (xlsb({"S": b""}), "xlsb"), (xls({"S": b""}), "xls"),
        (xls({"S": b""}, version=5), "xls"), (ods("<table:table/>"), "ods"),
    ],
    ids=["xlsx", "xlsb", "xls of 1997", "xls of 1995", "ods"],
)  # fmt: skip
def test_workbooks_are_known_by_what_they_hold(workbook: bytes, found: str, suffix: str) -> None:
    assert what(workbook, suffix) == found


TYPES = "<Types><Override PartName='{}' ContentType='application/vnd.openxmlformats-officedocument.{}'/></Types>"


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"[content_types].xml": "<Types/>", "xl\\workbook.xml": "<workbook/>", "xl\\worksheets\\a.xml": ""}, "xlsx"),
        ({"[Content_Types].xml": TYPES.format("/workbook.xml", "spreadsheetml.sheet.main+xml")}, "xlsx"),
        ({"[Content_Types].xml": TYPES.format("/d.xml", "wordprocessingml.document.main+xml")}, "docx"),
        ({"[Content_Types].xml": TYPES.format("/p.xml", "presentationml.presentation.main+xml")}, "pptx"),
        ({"[Content_Types].xml": "<Types/>", "visio/document.xml": ""}, "format_not_read"),
        ({"Index/Document.iwa": ""}, "format_not_read"),
        ({"xl/workbook.xml": "<workbook/>"}, "zip"),
        ({"mimetype": "application/vnd.sun.xml.calc", "content.xml": "<a/>"}, "ods"),
    ],
)
def test_packages_of_careless_programs_are_known(parts: dict[str, str], found: str) -> None:
    answer = what(package(parts), "")
    assert answer == found or (answer == "structure_damaged" and found not in ("zip", "format_not_read"))


def test_a_workbook_whose_directory_is_cut_off_is_still_one() -> None:
    whole = xlsx({"S": sheet_part('<row r="1"><c r="A1"><v>1</v></c></row>')})
    directory = zipfile.ZipFile(io.BytesIO(whole)).start_dir
    assert what(whole[:directory], ".xlsx") == "xlsx"
