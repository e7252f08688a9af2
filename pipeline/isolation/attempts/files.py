"""Ways to files that are not the program's, and to its neighbours by ordinary means."""

import errno
import os
from pathlib import Path

from pipeline.isolation.attempts.aim import Attempt, Sink, Unavailable


def read_outside(sink: Sink) -> None:
    """Reading a file that is nobody's document and no library."""
    Path(sink.outside_file).read_bytes()


def list_outside(sink: Sink) -> None:
    """Listing a folder that is not the program's."""
    os.listdir(sink.folder)  # noqa: PTH208 - one system call, as an attacker would


def write_outside(sink: Sink) -> None:
    """Writing a file outside the store, such as into a folder of a cloud."""
    Path(sink.folder, "write_outside").write_bytes(b"")


def attribute_outside(sink: Sink) -> None:
    """Writing into an attribute of a file outside the store."""
    try:
        os.setxattr(sink.outside_file, "user.attribute_outside", b"x")
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            raise Unavailable from None
        raise


ALL: tuple[Attempt, ...] = (read_outside, list_outside, write_outside, attribute_outside)
