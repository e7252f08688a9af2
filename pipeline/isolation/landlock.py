"""Limits which files this process may read, write and execute, through Landlock (landlock(7)). Never widens a limit."""

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.isolation import libc
from pipeline.isolation.syscalls import Architecture

# Access rights to files, linux/landlock.h; later kernels know more than the first thirteen.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(6))
_MAKE_DIR, _MAKE_REG = 1 << 7, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST = (1 << 13) - 1
_SINCE = ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV))
_BIND_AND_CONNECT_TCP, _ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_ATTRIBUTE_BYTES = ((4, 16), (6, 24))  # of struct landlock_ruleset_attr, by version; 8 before

READ = _READ_FILE | _READ_DIR
WRITE = READ | _WRITE_FILE | _TRUNCATE | _REFER | _MAKE_REG | _MAKE_DIR | _REMOVE_FILE | _REMOVE_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


@dataclass(frozen=True, slots=True)
class Files:
    """What may be done below which paths; a path that does not exist is left out. Everything else is refused.

    Below `write`, files and folders may be made, changed and removed, but no links, devices and sockets. Below
    `make_folders`, only folders may be made.
    """

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    execute: tuple[Path, ...] = ()
    make_folders: tuple[Path, ...] = ()


def version(architecture: Architecture) -> int:
    """The version of Landlock that this kernel offers; 0 where it has none or it is switched off."""
    try:
        return libc.syscall(architecture.numbers["landlock_create_ruleset"], None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def restrict(files: Files, architecture: Architecture) -> int:
    """Hold this thread, and all that it will start, to these files; no TCP, no signals to processes outside.

    Returns the version of Landlock, 0 where there is none and nothing was done. Raises OSError.
    """
    found = version(architecture)
    if not found:
        return 0
    handled = _FIRST | sum(right for since, right in _SINCE if found >= since)
    size = next((size for since, size in reversed(_ATTRIBUTE_BYTES) if found >= since), 8)
    attributes = struct.pack("QQQ", handled, _BIND_AND_CONNECT_TCP, _ABSTRACT_SOCKETS_AND_SIGNALS)[:size]
    ruleset = libc.syscall(architecture.numbers["landlock_create_ruleset"], attributes, size, 0)
    try:
        for paths, rights in (
            (files.read, READ),
            (files.write, WRITE),
            (files.execute, _EXECUTE | _READ_FILE),
            (files.make_folders, READ | _MAKE_DIR),
        ):
            _allow(ruleset, paths, rights & handled, architecture)
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        libc.syscall(architecture.numbers["landlock_restrict_self"], ruleset, 0)
    finally:
        os.close(ruleset)
    return found


def _allow(ruleset: int, paths: Iterable[Path], rights: int, architecture: Architecture) -> None:
    for path in paths:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]  # Linux
        except OSError:
            continue  # what is not there, or cannot be reached, needs no permission
        try:
            given = rights if path.is_dir() else rights & _OF_A_FILE
            rule = struct.pack("=Qi", given, descriptor)  # struct landlock_path_beneath_attr is packed
            libc.syscall(architecture.numbers["landlock_add_rule"], ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(descriptor)
