"""The installation's key: made once for this user only, whoever asks first, and never silently replaced."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline.errors import StoreError
from pipeline.storage import keys
from pipeline.storage.keys import FILE_NAME, InstallationKey
from tests.isolation.conftest import ROOT

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
TELL_KEY = "import sys; from pathlib import Path; from pipeline.storage.keys import InstallationKey; \
    sys.stdin.readline(); print(InstallationKey.of(Path(sys.argv[1])).public.hex())"


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    assert not InstallationKey.exists(tmp_path)
    made = InstallationKey.of(tmp_path)
    assert InstallationKey.exists(tmp_path)
    content = (tmp_path / FILE_NAME).read_bytes()
    assert InstallationKey.of(tmp_path).public == made.public
    assert (tmp_path / FILE_NAME).read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


@POSIX
@pytest.mark.parametrize("mask", [0, 0o077])
def test_only_this_user_can_read_it_whatever_the_usual_mode(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        InstallationKey.of(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


@POSIX
def test_processes_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TELL_KEY, tmp_path],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(6)
    ]
    found = set()
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in started:
        found.add(one.communicate(timeout=60)[0].strip())
    assert found == {InstallationKey.of(tmp_path).public.hex()}
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


@POSIX
def test_one_that_is_slower_takes_the_key_of_the_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other's key appears between the look and the writing."""
    (tmp_path / "other").mkdir()
    faster = InstallationKey.of(tmp_path / "other")
    generate = Ed25519PrivateKey.generate

    def meanwhile() -> Ed25519PrivateKey:
        os.link(tmp_path / "other" / FILE_NAME, tmp_path / FILE_NAME)
        return generate()

    monkeypatch.setattr(Ed25519PrivateKey, "generate", meanwhile)
    assert InstallationKey.of(tmp_path).public == faster.public
    assert sorted(file.name for file in tmp_path.iterdir()) == [FILE_NAME, "other"]


def pem(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


DAMAGED = {
    "empty": b"",
    "rubbish": b"rubbish" * 100,
    "cut short": pem(Ed25519PrivateKey.generate())[:60],
    "of another kind": pem(ec.generate_private_key(ec.SECP256R1())),
    "encrypted": pem(Ed25519PrivateKey.generate(), b"password"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_key_is_an_error_and_is_left_as_it_is(tmp_path: Path, damage: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(DAMAGED[damage])
    with pytest.raises(StoreError, match="key_unusable"):
        InstallationKey.of(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == DAMAGED[damage]


def test_a_folder_that_cannot_hold_one_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="key_unusable"):
        InstallationKey.of(tmp_path / "missing")
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreError, match="key_unusable"):
        InstallationKey.of(tmp_path)
    assert not InstallationKey.exists(tmp_path)


def test_what_a_killed_process_of_the_same_number_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    """In a container a process often has the number that the last one had."""
    (tmp_path / f"{FILE_NAME}.{os.getpid()}").write_bytes(b"half a k")
    assert InstallationKey.of(tmp_path).public == InstallationKey.of(tmp_path).public


def test_a_signature_is_of_one_message_and_one_key(tmp_path: Path) -> None:
    key = InstallationKey.of(tmp_path)
    signature = key.sign(b"message")
    assert (len(key.public), len(signature)) == (32, 64)
    assert keys.is_signed(b"message", signature, key.public)
    assert not keys.is_signed(b"messagE", signature, key.public)
    assert not keys.is_signed(b"message", signature[:-1], key.public)
    assert not keys.is_signed(b"message", b"", key.public)
    assert not keys.is_signed(b"message", signature, b"")
    assert not keys.is_signed(b"message", signature, bytes(32))
    assert not keys.is_signed(b"message", signature, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_a_fingerprint_names_a_key_in_four_groups_of_four() -> None:
    assert keys.fingerprint(bytes(32)) == "6668-7aad-f862-bd77"  # sha256 of 32 zeros
    assert re.fullmatch(r"([0-9a-f]{4}-){3}[0-9a-f]{4}", keys.fingerprint(b"\x01" * 32))
    assert keys.fingerprint(b"\x01" * 32) != keys.fingerprint(bytes(32))
