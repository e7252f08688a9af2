"""Moves this process into a network namespace of its own, which has no device but a loopback that is down.

A second wall behind the filter of system calls: many hosts and containers do not allow it (user_namespaces(7)).
"""

import os
import struct
from pathlib import Path

from pipeline.isolation import libc
from pipeline.isolation.syscalls import Architecture

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER of unshare(2)
_CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3, capset(2)
# What root may keep, of capabilities(7): to reach files of others. Nothing for networks, mounts or processes.
READ_FILES = 0b0100  # CAP_DAC_READ_SEARCH
CHANGE_FILES = 0b1111  # CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def enter_own_network(architecture: Architecture) -> bool:
    """Whether this process is now in a network of its own. It must have one thread only.

    Root needs no user namespace for it, in which files of other users would be out of its reach. Others try it in a
    child first: some systems allow the namespace and then no user in it (Ubuntu's AppArmor), for which there is no way
    back.
    """
    user = os.geteuid()  # type: ignore[attr-defined,unused-ignore]  # called on Linux only
    try:
        if user == 0:
            libc.syscall(architecture.numbers["unshare"], _NEW_NETWORK)
        elif _succeeds_in_child(architecture):
            _enter_as_user(architecture)
        else:
            return False
    except OSError:
        return False
    return True


def _enter_as_user(architecture: Architecture) -> None:
    user, group = os.geteuid(), os.getegid()  # type: ignore[attr-defined,unused-ignore]
    libc.syscall(architecture.numbers["unshare"], _NEW_NETWORK | _NEW_USER)
    for name, content in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path(f"/proc/self/{name}").write_text(content, encoding="ascii")


def _succeeds_in_child(architecture: Architecture) -> bool:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _enter_as_user(architecture)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def drop_capabilities(architecture: Architecture, kept_by_root: int) -> None:
    """Give up every power of root but these, and all of the owner of a namespace. Raises OSError."""
    is_root = os.geteuid() == 0  # type: ignore[attr-defined,unused-ignore]
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    permitted = _permitted() & kept_by_root if is_root else 0
    sets = struct.pack("=IIIIII", permitted, permitted, 0, 0, 0, 0)  # effective, permitted, inheritable; low, high
    libc.syscall(architecture.numbers["capset"], header, sets)


def _permitted() -> int:
    """The low half of the capabilities that this process has, from proc(5)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapPrm:"):
            return int(line.split()[1], 16) & 0xFFFFFFFF
    return 0
