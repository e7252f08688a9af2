"""The key of this installation: made once, kept beside the index, for this user only. Secrets derive of it."""

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.errors import StoreError

FILE_NAME = "installation.key"


class InstallationKey:
    """An Ed25519 key (RFC 8032)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def of(cls, folder: Path) -> "InstallationKey":
        """The key in the store's folder, made when there is none. Raises StoreError."""
        file = folder / FILE_NAME
        try:
            if not file.exists():
                _write_private(file, Ed25519PrivateKey.generate())
            private = serialization.load_pem_private_key(file.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it is encrypted
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise StoreError("key_unusable", f"The installation's key {file} cannot be made or read.")
        return cls(private)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether the store's folder holds a key."""
        return (folder / FILE_NAME).is_file()

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    def derived(self, purpose: str) -> bytes:
        """A secret of 32 bytes for one purpose, always the same (HKDF-SHA256, RFC 5869)."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(self._private.private_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """A signature of 64 bytes."""
        return self._private.sign(message)


def fingerprint(public: bytes) -> str:
    """The name of a public key: 16 hexadecimal digits of its sha256, in fours."""
    digits = hashlib.sha256(public).hexdigest()[:16]
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


def is_signed(message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the signature is that of this message by the owner of the public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _write_private(file: Path, key: Ed25519PrivateKey) -> None:
    """Readable by this user only from its first byte on; another process that is faster wins."""
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
