"""Markdown comes out as it was written."""

from typing import ClassVar

from tests.parsing.contract import ParserContract
from tests.parsing.support import frames, texts


class TestMarkdown(ParserContract):
    format = "markdown"
    suffix = ".md"
    golden: ClassVar[tuple[str, ...]] = (
        "# Lease\n\n- The **tenant** pays on the 3rd – always.",
        "| a | b |\n|---|---|",
    )
    sample = "# Lease\n\n- The **tenant** pays on the 3rd – always.\n\f| a | b |\n|---|---|\n".encode()

    def test_marks_and_tags_are_kept_as_written(self) -> None:
        source = "Use `<table>` here.\n\n    <p>code</p>\n\n[a link](https://example.org/?a=1&amp;b=2)"
        assert texts(frames(source.encode(), ".markdown")) == [source]
