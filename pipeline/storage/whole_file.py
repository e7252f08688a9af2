"""Replaces a file so that a crash leaves the old one or the new one, never a mixture."""

import os
from pathlib import Path


def write_whole(file: Path, content: bytes) -> None:
    """Write a file of mode 0600 that is on the disk when this returns. Raises OSError."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
