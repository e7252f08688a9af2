"""CSV and its like: cells between tabs, whatever separated them; what is no table stays as it is written."""

from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Opened, Page
from pipeline.parsing.readers.table import delimiter_of
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, REQUEST, end, frames, pages, texts


class TestTable(ParserContract):
    format = "csv"
    suffix = ".csv"
    golden: ClassVar[tuple[str, ...]] = ("Item\tPrice\tNote\nShelf, oak\t12,50 €\tdue on the 3rd\nTable\t99,00 €",)
    sample = 'Item;Price;Note\r\n"Shelf, oak";12,50 €;"due on\nthe 3rd"\r\nTable;99,00 €;\r\n'.encode()


def read(source: str, suffix: str = ".csv") -> str:
    return texts(frames(source.encode(), suffix))[0]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a,b\n1,2\n", ["a\tb", "1\t2"]),
        ("a;b\n1,5;2,5\n", ["a\tb", "1,5\t2,5"]),
        ("1,5;2,5;3\n2,5;1,1;4\n", ["1,5\t2,5\t3", "2,5\t1,1\t4"]),
        ("a|b|c\n1|2|3", ["a\tb\tc", "1\t2\t3"]),
        ('name\tsaid\n"x, y"\t"a ""b"" c"\n', ["name\tsaid", 'x, y\ta "b" c']),
        ("a,b\r1,2\r3,4", ["a\tb", "1\t2", "3\t4"]),
        ("sep=;\na;b\n1,0;2\n", ["sep=", "a\tb", "1,0\t2"]),
        ("a,b,c\n\n,,\n1,,3\n2,,\n", ["a\tb\tc", "1\t\t3", "2"]),
        ('a,b\n"one\ntwo\r\nthree",2\n', ["a\tb", "one two three\t2"]),
        ('a,b\n"one\ttwo",2\n', ["a\tb", "one two\t2"]),
        ('5" pipe,3\n2" hose,4\n', ['5" pipe\t3', '2" hose\t4']),
    ],
)
def test_the_rows_of(source: str, lines: list[str]) -> None:
    assert read(source).split("\n") == lines


@pytest.mark.parametrize(
    "source",
    [
        "just a line", "one\ntwo\nthree", "Prose, with a comma.\nAnd without.\nAnd none here, either, of course.",
        '"never closed,2\n3,4', "\n\n", '"',
    ],
)  # fmt: skip
def test_what_is_no_table_stays_as_it_is_written(source: str) -> None:
    assert read(source) == source.strip()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('a,b\n1,2\n"x"y,3\n4,5\n', 'a\tb\n1\t2\n"x"y,3\n4,5'),
        ('a,b\n"1\n1",2\n3,"never closed\n4,5\n', 'a\tb\n1 1\t2\n3,"never closed\n4,5'),
    ],
)
def test_behind_quotes_that_do_not_pair_up_everything_is_kept_as_it_is_written(source: str, found: str) -> None:
    assert read(source) == found


@CAREFUL
@given(st.lists(st.lists(st.text("ab ,;\t|\"'\n", max_size=6), min_size=2, max_size=4), min_size=1, max_size=6))
def test_no_word_of_any_table_is_lost(rows: list[list[str]]) -> None:
    source = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    found = read(source)
    for row in rows:
        for cell in row:
            assert all(word in found for word in cell.replace('"', " ").split())


def test_the_end_of_the_sample_does_not_decide() -> None:
    assert delimiter_of("a;b;c\n" * 20_000 + "d;e") == ";"
    assert delimiter_of("a;b;c\n" * 200 + "x,y\n" * 5000) == ";"


def test_text_that_says_it_is_a_workbook_is_read_as_a_table() -> None:
    assert frames(b"a\tb\n1\t2\n", ".xls")[:2] == [Opened("csv", 1), Page(1, "a\tb\n1\t2\n")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8-sig"])
def test_any_encoding_is_read(encoding: str) -> None:
    assert texts(frames("Größe;Länge\nklein;3 m\n".encode(encoding), ".csv")) == ["Größe\tLänge\nklein\t3 m"]


def test_undecodable_characters_are_told() -> None:
    answer = frames("Größe;Länge;Übermaß\n".encode() * 3 + "groß;größ".encode() + b"\xc3;3\n", ".csv")
    assert pages(answer)[0].code is Code.UNDECODABLE_CHARACTERS


def test_one_line_of_five_megabytes_is_read() -> None:
    request = msgspec.structs.replace(REQUEST, max_text_bytes=8 << 20)
    (page,) = pages(frames(b"cell," * 1_000_000, ".csv", request))
    assert (page.text.count("\t"), page.code) == (999_999, None)


def test_a_cell_larger_than_the_standard_library_allows_is_read() -> None:
    (page,) = pages(frames(b"a,b\n" + b"x" * 200_000 + b",2\n", ".csv"))
    assert page.text == "a\tb\n" + "x" * 200_000 + "\t2\n"


def test_a_hundred_thousand_columns_are_read() -> None:
    (page,) = pages(frames((b"c," * 100_000 + b"d\n") * 2, ".csv"))
    assert page.text == ("c\t" * 100_000 + "d\n") * 2


def test_a_table_over_the_limit_keeps_its_beginning() -> None:
    answer = frames(b"a,b\n" * 1000, ".csv", msgspec.structs.replace(REQUEST, max_text_bytes=2000))
    assert end(answer) is Code.TEXT_LIMIT
    assert texts(answer) == ["\n".join(["a\tb"] * 500)]


def test_what_takes_too_long_is_given_as_it_is_written() -> None:
    source = b"a,b\n" * 2_000_000
    request = msgspec.structs.replace(REQUEST, max_text_bytes=16 << 20, page_cpu_s=0.2)
    with clock.running():
        answer = frames(source, ".csv", request)
    assert answer == [Opened("csv", 1), Page(1, source.decode()), Finished()]
