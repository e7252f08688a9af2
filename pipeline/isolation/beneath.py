"""Opens what lies below a folder for reading: follows no link, waits for no pipe, enters no other file system.

The folder itself may be reached through links: naming it was the user's choice, what lies in it was not. Linux does it
in one call that no renaming can race (openat2(2), Linux 5.6); elsewhere, and where a filter refuses that call, each
folder on the way is opened from the one before. That way knows a mount only by its device number: it sees no bind
mount of the same file system, which openat2 does.
"""

import errno
import os
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import FileUnavailable

_OPENAT2 = 437  # its number on every architecture that Python's wheels are made for
_HOW = struct.Struct("=QQQ")  # struct open_how of linux/openat2.h: flags, mode, resolve
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08  # RESOLVE_* of linux/openat2.h
_RESOLVE = _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
_TRIES = 100  # EAGAIN: another process renamed on the way, or holds a lease that it is now asked to give back


def _flags(*names: str) -> int:
    """Those of the flags that this system has."""
    return sum(getattr(os, name, 0) for name in names)


# No link is followed, no FIFO waited for, no terminal taken over, and no child inherits the descriptor.
_READ = _flags("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT")
_FOLDER = _flags("O_PATH", "O_DIRECTORY", "O_CLOEXEC")
_LIST = _flags("O_RDONLY", "O_DIRECTORY", "O_CLOEXEC")

_GONE = ("file_gone", "The file is gone.")
_UNREADABLE = ("file_unreadable", "The file may not be opened by this user.")
_MEANINGS = {
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.EAGAIN: ("file_changed", "Another program is busy with the file."),
    errno.ELOOP: ("symbolic_link", "It is a symbolic link, or one leads to it."),
    errno.ENXIO: ("special_file", "It is a pipe, a socket or a device."),
    errno.EXDEV: ("other_file_system", "It lies outside the folder or on another file system."),
}


def open_file(root: bytes, below: bytes) -> int:
    """Descriptor, for reading, of the regular file at `below`, a path relative to the folder `root`.

    Raises FileUnavailable: `file_gone`, `file_changed` (try again later), `symbolic_link`, `special_file`,
    `other_file_system` (also when `..` or an absolute path would lead out of `root`) or `file_unreadable`.
    """
    with _explained():
        descriptor = _open_by_path(root, below) if sys.platform == "win32" else _open(root, below)
        try:
            _check_regular(os.fstat(descriptor))  # whatever was swapped in since the look before
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def open_folder(root: bytes, below: bytes) -> int:
    """Descriptor, for listing, of a folder below `root` (b"": of `root`). Raises like open_file(). Not on Windows."""
    with _explained(), _held(os.open(root, _FOLDER)) as start, _held(_descend(start, _parts(below))) as folder:
        return os.open(b".", _LIST, dir_fd=folder)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code, message = _MEANINGS.get(error.errno or 0, _UNREADABLE)
        raise FileUnavailable(code, message) from None


def _open(root: bytes, below: bytes) -> int:
    *folders, name = _parts(below) or [b""]
    with _held(os.open(root, _FOLDER)) as start, _held(_descend(start, folders)) as parent:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            os.close(_descend(parent, [name]))  # a scan names a folder only when this cannot be done
        _check_regular(found)  # before it is opened: merely opening a FIFO or a device has effects
        descriptor = _openat2(parent, name, _READ)
        return os.open(name, _READ, dir_fd=parent) if descriptor is None else descriptor


def _parts(below: bytes) -> list[bytes]:
    parts = below.split(b"/") if below else []
    if b"" in parts or b".." in parts:
        raise _error(errno.EXDEV)
    return parts


def _open_by_path(root: bytes, below: bytes) -> int:
    """Windows: no folder can be opened there, so that the path is looked up twice and only its end is checked."""
    path = os.path.join(root, below)  # noqa: PTH118 - bytes
    _check_regular(os.lstat(path))
    return os.open(path, _READ)


def _descend(start: int, folders: list[bytes]) -> int:
    """Descriptor of a folder below `start`."""
    descriptor = _openat2(start, b"/".join(folders) or b".", _FOLDER)
    return _walk(start, folders) if descriptor is None else descriptor


def _openat2(folder: int, path: bytes, flags: int) -> int | None:
    """openat2(2) from an open folder; None where the system has no such call or a filter (seccomp) refuses it."""
    if sys.platform != "linux":
        return None
    from pipeline.isolation import libc  # noqa: PLC0415 - Windows has no such library

    how = _HOW.pack(flags, 0, _RESOLVE)
    for _ in range(_TRIES):
        try:
            return libc.syscall(_OPENAT2, folder, path, how, len(how))
        except OSError as error:
            if error.errno in (errno.ENOSYS, errno.EPERM):
                return None
            if error.errno not in (errno.EAGAIN, errno.EINTR):
                raise
    raise _error(errno.EAGAIN)


def _walk(start: int, folders: list[bytes]) -> int:
    current, device = os.dup(start), os.fstat(start).st_dev
    for folder in folders:
        with _held(current) as outer:
            current = _enter(outer, folder, device)
    return current


def _enter(outer: int, folder: bytes, device: int) -> int:
    try:
        inner = os.open(folder, _FOLDER | _flags("O_NOFOLLOW"), dir_fd=outer)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(folder, dir_fd=outer, follow_symlinks=False).st_mode):
            raise _error(errno.ELOOP) from None  # Linux calls a link "not a directory" here
        raise
    # Only folders are compared: on overlayfs (containers) a file's device number may differ from its folder's.
    if os.fstat(inner).st_dev != device:
        os.close(inner)
        raise _error(errno.EXDEV)
    return inner


def _check_regular(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise _error(errno.ELOOP)
    if stat.S_ISDIR(found.st_mode):
        raise _error(errno.ENOENT)  # a folder took the file's place: the next scan looks into it
    if not stat.S_ISREG(found.st_mode):
        raise _error(errno.ENXIO)  # what the kernel says of a socket


def _error(code: int) -> OSError:
    return OSError(code, os.strerror(code))


@contextmanager
def _held(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)
