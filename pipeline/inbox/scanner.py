"""Lists the regular files below a folder as they are now. Follows no link, opens no file, changes nothing."""

import fnmatch
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.datatypes import FileSeen
from pipeline.errors import UsageError

_TEMPORARY_SUFFIXES = (b".part", b".tmp", b".crdownload", b".partial")
_TEMPORARY_PREFIXES = (b".", b"~$")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one look found. `unreadable` folders are those whose files may still exist: nothing is concluded of them."""

    files: dict[bytes, FileSeen]
    unreadable: tuple[bytes, ...]


def scan(scope: Path, ignore: Iterable[str] = ()) -> Scan:
    """Every regular file at or below `scope` (absolute), but hidden and temporary ones and those that match `ignore`.

    Patterns match a file's or folder's name, or its path below the scope. Raises UsageError when nothing is there.
    """
    root = os.fsencode(scope)
    patterns = [os.fsencode(pattern) for pattern in ignore]
    try:
        status = os.lstat(root)
    except OSError:
        raise UsageError(
            "path_missing", "There is no such file or folder.", "Check the path that was given, or inbox.path."
        ) from None
    if not stat.S_ISDIR(status.st_mode):
        seen = {root: _seen(root, status)} if stat.S_ISREG(status.st_mode) else {}
        return Scan(seen, ())
    files: dict[bytes, FileSeen] = {}
    unreadable: list[bytes] = []
    for path, found in _walk(root, root, patterns, unreadable):
        files[path] = _seen(path, found)
    return Scan(files, tuple(unreadable))


def _walk(
    root: bytes, folder: bytes, patterns: list[bytes], unreadable: list[bytes]
) -> Iterator[tuple[bytes, os.stat_result]]:
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if _left_alone(entry.name) or _ignored(root, entry, patterns):
                        continue
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(entry.path)
                        elif entry.is_file(follow_symlinks=False):
                            yield entry.path, entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # it left while we looked
        except FileNotFoundError:
            continue
        except OSError:
            unreadable.append(current)


def _left_alone(name: bytes) -> bool:
    return name.startswith(_TEMPORARY_PREFIXES) or name.lower().endswith(_TEMPORARY_SUFFIXES)


def _ignored(root: bytes, entry: "os.DirEntry[bytes]", patterns: list[bytes]) -> bool:
    below = entry.path[len(root) :].lstrip(b"/\\")
    return any(fnmatch.fnmatchcase(entry.name, pattern) or fnmatch.fnmatchcase(below, pattern) for pattern in patterns)


def _seen(path: bytes, status: os.stat_result) -> FileSeen:
    return FileSeen(
        path=path,
        size_bytes=status.st_size,
        modified_ns=status.st_mtime_ns,
        changed_ns=status.st_ctime_ns,
        inode=status.st_ino,
        mode=stat.S_IMODE(status.st_mode),
    )
