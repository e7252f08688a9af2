"""Small files that ask for enormous work, built anew each time and always the same: never stored, never copied.

A bomb says what must become of it; test_bombs.py lets it go off in the real sandbox.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.outcomes import State

INDEXED, PARTIAL, NO_TEXT, ENCRYPTED = State.INDEXED, State.PARTIAL, State.NO_TEXT, State.ENCRYPTED
UNSUPPORTED, TOO_LARGE, DAMAGED, FAILED = State.UNSUPPORTED, State.TOO_LARGE, State.DAMAGED, State.FAILED


@dataclass(frozen=True, slots=True)
class Bomb:
    """One file. `ends` are the states in which it may end."""

    name: str
    suffix: str
    build: Callable[[], bytes]
    ends: frozenset[State]


def bomb(name: str, build: Callable[[], bytes], *ends: State, suffix: str = ".pdf") -> Bomb:
    """A bomb, with its ends listed."""
    return Bomb(name, suffix, build, frozenset(ends))
