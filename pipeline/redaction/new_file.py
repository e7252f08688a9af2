"""A file that is written whole or not at all, and never in place of another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import UsageError


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there, for this user only; it is removed where what writes it fails. Raises UsageError."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        message = "There is a file at this path already, which is left as it is."
        raise UsageError("output_exists", message, "Name a file that is not there.") from None
    except OSError as error:
        raise _unwritable(error) from None
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritable(error) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _unwritable(error: OSError) -> UsageError:
    return UsageError("output_unwritable", f"The copy cannot be written: {error.strerror}.", "Name another folder.")
