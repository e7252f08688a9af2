"""What every format module agrees on: the Reader type, and the ways to end early. No behaviour.

A new format is one module with a `read` of this type and one line in detection.py.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Opened, Page, Request

# Yields Opened once, then its pages in order from request.first_page on. May raise anything: each exception is
# caught in worker.py, and ReadingEnded says which outcome it is.
Reader = Callable[[BinaryIO, Request], Iterator[Opened | Page]]


class ReadingEnded(Exception):  # noqa: N818 - an outcome, not a fault of the program
    """The document ends here, for the reason in `code`; pages yielded before are kept."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code
