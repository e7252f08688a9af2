"""The folders that the user named, and to which of them a path belongs. Pure: looks at no file."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_SEPARATOR = os.fsencode(os.sep)


@dataclass(frozen=True, slots=True)
class Place:
    """A path as a folder that was trusted enough to be named, and what lies below it, which was not."""

    root: bytes
    below: bytes


@dataclass(frozen=True, slots=True)
class Roots:
    """The inbox and whatever else a run was asked to read: absolute folders or single files."""

    scopes: tuple[bytes, ...]

    @classmethod
    def of(cls, scopes: Sequence[Path]) -> Self:
        """The scopes in the bytes of the file system."""
        return cls(tuple(os.fsencode(scope) for scope in scopes))

    def place(self, path: bytes) -> Place:
        """Where an absolute path lies: in the innermost of the scopes that hold it.

        A file that was itself named, or was queued by a run with other scopes, belongs to the folder that holds it.
        """
        holders = [] if path in self.scopes else [scope for scope in self.scopes if path.startswith(inside(scope))]
        root = max(holders, key=len) if holders else os.path.dirname(path)  # noqa: PTH120 - bytes
        return Place(root, path[len(inside(root)) :])


def inside(folder: bytes) -> bytes:
    """What the paths of everything in a folder begin with."""
    return folder.rstrip(_SEPARATOR) + _SEPARATOR
