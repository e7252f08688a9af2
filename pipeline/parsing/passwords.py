"""Reads the file with the passwords that are tried on encrypted documents. Shows none of them to anybody."""

import os
import stat
import sys
from pathlib import Path

from pipeline.errors import ConfigError

MAX_BYTES = 32 << 10  # they travel with every request to the parser, which has room for 64 KiB
_KEY = "parsing.passwords_file"


def load(path: Path | None) -> tuple[str, ...]:
    """The passwords, one a line, in their order; none without a file.

    Raises ConfigError when the file cannot be read, is open to other users, or is not a list of passwords.
    """
    if path is None:
        return ()
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ConfigError("passwords_file", f"{_KEY}: it is not a regular file.", "Name a text file.")
            if sys.platform != "win32" and status.st_mode & 0o077:
                raise ConfigError("passwords_file", f"{_KEY}: other users may read it.", f"chmod 600 {path}")
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            "passwords_file", f"{_KEY}: it cannot be read ({error.strerror}).", "Check the path and its permissions."
        ) from None
    if len(content) > MAX_BYTES:
        raise ConfigError("passwords_file", f"{_KEY}: it is larger than 32 KiB.", "Keep one password a line.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("passwords_file", f"{_KEY}: it is not UTF-8.", "Save it as UTF-8 text.") from None
    return tuple(dict.fromkeys(line for line in text.splitlines() if line))
