"""Compares what a scan saw with what the ledger knows, and says what to queue and what has left. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.datatypes import FileSeen
from pipeline.inbox.scanner import Scan


@dataclass(frozen=True, slots=True)
class Difference:
    """New or changed files, and paths at which nothing lies any more."""

    changed: dict[bytes, FileSeen]
    gone: tuple[bytes, ...]


def compare(scan: Scan, known: Mapping[bytes, str]) -> Difference:
    """What differs. Nothing below a folder that could not be read is taken to be gone."""
    changed = {path: file for path, file in scan.files.items() if known.get(path) != file.signature}
    hidden = tuple(folder.rstrip(b"/\\") + b"/" for folder in scan.unreadable)
    gone = tuple(path for path in known if path not in scan.files and not path.startswith(hidden))
    return Difference(changed, gone)


def departed(gone: tuple[bytes, ...], size_of: Callable[[bytes], int | None], arriving_sizes: set[int]) -> list[bytes]:
    """The gone paths that may be forgotten now.

    A renamed file is a path gone and a new one with the same number of bytes. While a file of that size still waits
    to be identified, the old path is kept, so that a rename moves the document instead of reading it again.
    """
    return [path for path in gone if (size := size_of(path)) is None or size not in arriving_sizes]
