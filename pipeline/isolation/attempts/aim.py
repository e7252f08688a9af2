"""What an attempt is aimed at, and how it makes a system call. Tries nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.isolation import libc, syscalls

TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Sink:
    """Where attempts are aimed: ports on the loopback, sockets in a folder, an abstract name, an inherited descriptor.

    `giver` is a program that hands a connection to whoever asks, `outsider` a process that is not part of the program,
    `outside_file` a file that is nobody's document.
    """

    tcp: int
    tcp6: int
    udp: int
    stream: str
    datagram: str
    abstract: str
    inherited: int
    outsider: int
    outside_file: str
    folder: str
    giver: str = ""


class Unavailable(Exception):  # noqa: N818 - no fault: this machine has not what the attempt would use
    """The attempt cannot be made here."""


Attempt = Callable[[Sink], None]


def call(name: str, *arguments: libc.Argument) -> int:
    """Make a system call past Python. Raises OSError, and Unavailable where its number is not known."""
    architecture = syscalls.here()
    if architecture is None:
        raise Unavailable
    return libc.syscall(architecture.numbers[name], *arguments)
