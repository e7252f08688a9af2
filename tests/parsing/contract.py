"""What every format keeps to, hostile files included. A new format subclasses this with two samples."""

import re
from typing import ClassVar

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Opened
from tests.parsing.support import CAREFUL, REQUEST, assert_well_formed, end, frames, pages, texts


class ParserContract:
    """Subclasses name a format, a sample of it, the text of each of its pages, how many members it has, and its day."""

    format: ClassVar[str]
    suffix: ClassVar[str]
    sample: ClassVar[bytes]
    golden: ClassVar[tuple[str, ...]]
    member_count: ClassVar[int] = 0
    dated: ClassVar[str] = ""  # the day that the sample says it is of

    def test_the_text_of_every_page_comes_out_in_order(self) -> None:
        answer = frames(self.sample, self.suffix)
        assert_well_formed(answer)
        assert answer[0] == Opened(self.format, len(self.golden), self.member_count, self.dated)
        assert texts(answer) == list(self.golden)
        assert [page.code for page in pages(answer)] == [None] * len(self.golden)
        assert answer[-1] == Finished()

    def test_an_empty_file_says_that_it_is_empty(self) -> None:
        assert frames(b"", self.suffix) == [Finished(Code.EMPTY_FILE)]

    def test_reading_resumes_at_any_page(self) -> None:
        whole = pages(frames(self.sample, self.suffix))
        for first in range(1, len(self.golden) + 1):
            answer = frames(self.sample, self.suffix, msgspec.structs.replace(REQUEST, first_page=first))
            assert_well_formed(answer, first)
            assert answer[0] == Opened(self.format, len(self.golden), self.member_count, self.dated)
            assert pages(answer) == whole[first - 1 :]

    def test_pages_beyond_the_limit_are_left_out_and_that_is_told(self) -> None:
        most = len(self.golden) - 1
        answer = frames(self.sample, self.suffix, msgspec.structs.replace(REQUEST, max_pages=most))
        assert texts(answer) == list(self.golden[:most])
        assert end(answer) is Code.PAGE_LIMIT

    @CAREFUL
    @given(st.data())
    def test_text_beyond_the_limit_is_left_out_and_that_is_told(self, draw: st.DataObject) -> None:
        limit = draw.draw(st.integers(1, sum(len(text.encode()) for text in self.golden) - 1))
        answer = frames(self.sample, self.suffix, msgspec.structs.replace(REQUEST, max_text_bytes=limit))
        assert_well_formed(answer)
        assert end(answer) is Code.TEXT_LIMIT
        assert sum(len(page.text.encode()) for page in pages(answer)) <= limit
        kept = [re.sub(r"</?\w*$", "", text) for text in texts(answer)]  # what is left of a tag that was cut in two
        assert all(whole.startswith(part) for whole, part in zip(self.golden, kept, strict=False))

    @CAREFUL
    @given(st.binary(max_size=2000))
    def test_arbitrary_bytes_end_in_one_last_frame(self, data: bytes) -> None:
        assert_well_formed(frames(data, self.suffix))

    @CAREFUL
    @given(st.binary(max_size=200))
    def test_arbitrary_bytes_behind_the_beginning_of_a_sample_end_in_one_last_frame(self, data: bytes) -> None:
        assert_well_formed(frames(self.sample[:40] + data, self.suffix))

    @CAREFUL
    @given(st.data())
    def test_a_truncated_file_ends_in_one_last_frame(self, draw: st.DataObject) -> None:
        assert_well_formed(frames(self.sample[: draw.draw(st.integers(0, len(self.sample)))], self.suffix))

    @CAREFUL
    @given(st.data())
    def test_a_file_with_changed_bytes_ends_in_one_last_frame(self, draw: st.DataObject) -> None:
        damaged = bytearray(self.sample)
        for place in draw.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
            damaged[place] = draw.draw(st.integers(0, 255))
        assert_well_formed(frames(bytes(damaged), self.suffix))
