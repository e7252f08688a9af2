"""Lists what lies below a folder as it is now. Follows no link, opens only folders, changes nothing."""

import contextlib
import fnmatch
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.datatypes import FileKind, FileSeen
from pipeline.errors import FileUnavailable, UsageError
from pipeline.inbox.roots import inside
from pipeline.isolation import beneath

_TEMPORARY_SUFFIXES = (b".part", b".tmp", b".crdownload", b".partial")
_TEMPORARY_PREFIXES = (b".", b"~$")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one look found: files, and what must be refused in their place (links, pipes, mounts).

    `unreadable` folders are those whose files may still exist: nothing is concluded of them.
    """

    files: dict[bytes, FileSeen]
    unreadable: tuple[bytes, ...]


def scan(scope: Path, ignore: Iterable[str] = ()) -> Scan:
    """Everything at or below `scope` (absolute), but hidden and temporary names and those that match `ignore`.

    Patterns match a file's or folder's name, or its path below the scope. The scope may be reached through links: it
    was named by the user. Raises UsageError when nothing is there.
    """
    root = os.fsencode(scope)
    patterns = [os.fsencode(pattern) for pattern in ignore]
    try:
        status = os.lstat(root)
    except OSError:
        raise UsageError(
            "path_missing", "There is no such file or folder.", "Check the path that was given, or inbox.path."
        ) from None
    if not os.path.isdir(root):  # noqa: PTH112 - bytes
        return Scan({root: _seen(root, status)}, ())
    unreadable: list[bytes] = []
    files = {path: _seen(path, found) for path, found in _walk(root, patterns, unreadable)}
    return Scan(files, tuple(unreadable))


def look(path: bytes) -> FileSeen | None:
    """What a scan that listed `path` would see there now; None when it is gone."""
    try:
        return _seen(path, os.lstat(path))
    except OSError:
        return None


def _walk(root: bytes, patterns: list[bytes], unreadable: list[bytes]) -> Iterator[tuple[bytes, os.stat_result]]:
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            with _entries(root, folder) as entries:
                for entry in entries:
                    name = os.fsencode(entry.name)
                    path = inside(folder) + name
                    if _left_alone(name) or _ignored(name, path[len(inside(root)) :], patterns):
                        continue
                    with contextlib.suppress(FileNotFoundError):  # it left while we looked
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(path)
                        else:
                            yield path, entry.stat(follow_symlinks=False)
        except FileUnavailable as unavailable:
            if unavailable.code == "file_gone":
                continue
            unreadable.append(folder)  # what was read of a mounted folder when it was named itself stays, too
            if unavailable.code == "other_file_system":
                with contextlib.suppress(OSError):
                    yield folder, os.lstat(folder)
        except OSError:
            unreadable.append(folder)


@contextmanager
def _entries(root: bytes, folder: bytes) -> Iterator[Iterator["os.DirEntry[bytes] | os.DirEntry[str]"]]:
    """What lies in a folder, opened from the root, so that no link that takes its place meanwhile is followed."""
    if sys.platform == "win32":
        with os.scandir(folder) as entries:
            yield entries
        return
    descriptor = beneath.open_folder(root, folder[len(inside(root)) :])
    try:
        with os.scandir(descriptor) as entries:
            yield entries
    finally:
        os.close(descriptor)


def _left_alone(name: bytes) -> bool:
    return name.startswith(_TEMPORARY_PREFIXES) or name.lower().endswith(_TEMPORARY_SUFFIXES)


def _ignored(name: bytes, below: bytes, patterns: list[bytes]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(below, pattern) for pattern in patterns)


def _seen(path: bytes, status: os.stat_result) -> FileSeen:
    return FileSeen(
        path=path,
        size_bytes=status.st_size,
        modified_ns=status.st_mtime_ns,
        changed_ns=status.st_ctime_ns,
        inode=status.st_ino,
        mode=stat.S_IMODE(status.st_mode),
        kind=_kind(status),
    )


def _kind(status: os.stat_result) -> FileKind:
    if stat.S_ISREG(status.st_mode):
        return FileKind.LINKED_FILE if status.st_nlink > 1 else FileKind.FILE
    if stat.S_ISLNK(status.st_mode):
        return FileKind.SYMBOLIC_LINK
    return FileKind.MOUNT if stat.S_ISDIR(status.st_mode) else FileKind.SPECIAL
