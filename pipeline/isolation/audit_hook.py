"""Says in plain words that a part of this program tried to reach a network. The kernel's lock is what prevents it.

An audit hook (sys.addaudithook, PEP 578) sees Python's own calls only; native code and other programs pass it by.
"""

import sys

from pipeline.errors import LockError

# https://docs.python.org/3/library/audit_events.html: those that aim a socket or ask for a name
_EVENTS = frozenset(
    {
        "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.getnameinfo",
        "socket.gethostbyname", "socket.gethostbyaddr",
    }
)  # fmt: skip
_LOCAL_FAMILIES = (-1, 1)  # that of a descriptor inherited, and AF_UNIX: both carry the line to the parser process


def install() -> None:
    """From now on, such a call raises LockError before it reaches the kernel. It cannot be taken back."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS or (event == "socket.__new__" and arguments[1] not in _LOCAL_FAMILIES):
        raise LockError(
            "network_refused",
            f"A part of the program asked for `{event}`, which could lead to a network. It was refused.",
            "Nothing was sent. Report which command this was; `pipeline prove-offline` shows whether the lock holds.",
        )
