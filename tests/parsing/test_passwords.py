"""The file with passwords: private, small, one a line; whatever else it is gets a clear refusal that shows none."""

import os
import sys
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.parsing import passwords


def private(folder: Path, content: bytes) -> Path:
    file = folder / "passwords"
    file.write_bytes(content)
    file.chmod(0o600)
    return file


def test_without_a_file_there_are_no_passwords() -> None:
    assert passwords.load(None) == ()


def test_each_line_is_a_password_tried_once_in_its_order(tmp_path: Path) -> None:
    file = private(tmp_path, "\ufeffzeta\r\nalpha \n\nzeta\nпароль\n".encode())
    assert passwords.load(file) == ("zeta", "alpha ", "пароль")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    file = private(tmp_path, b"secret\n")
    file.chmod(mode)
    with pytest.raises(ConfigError, match="passwords_file") as refused:
        passwords.load(file)
    assert "secret" not in str(refused.value)
    assert "chmod 600" in refused.value.advice


@pytest.mark.parametrize("content", [b"x\n" * 20_000, b"\xff\xfe\xfd"])
def test_a_file_that_is_no_list_of_passwords_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigError, match="passwords_file"):
        passwords.load(private(tmp_path, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        passwords.load(tmp_path / "absent")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="passwords_file"):
        passwords.load(Path(os.devnull))
