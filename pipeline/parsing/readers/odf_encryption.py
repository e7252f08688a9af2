"""Encrypted parts of OpenDocument packages: AES-256 of ODF 1.2, and the wholly encrypted packages of LibreOffice.

What is older (Blowfish) or encrypted with OpenPGP keys is refused. Passwords are tried, and never told.
"""

import base64
import binascii
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from pipeline.outcomes import Code
from pipeline.parsing.markup import Event, Markup, Start
from pipeline.parsing.parts import Package
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Blocks, Inflate, unpacked

_PREFIXES = {
    "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0": "manifest",
    "http://openoffice.org/2001/manifest": "manifest",
}
WHOLE = "encrypted-package"  # the part that holds a whole package (LibreOffice 24.8 and later)
_MANIFEST = "META-INF/manifest.xml"
_PACKAGE_BYTES = 256 << 20  # decrypted in memory
_MAX_ENCRYPTED = 10_000  # parts
_KEY_BYTES = 32
_GCM_BYTES = 12  # of its vector
_CHECKED_BYTES = 1024  # of a part, as it is deflated (ODF 1.2 part 3, 4.8.1)
_MAX_ITERATIONS = 5_000_000  # of PBKDF2: three seconds; LibreOffice takes 100,000
_MAX_PASSES, _MAX_MEMORY_KIB, _MAX_LANES = 20, 256 << 10, 64  # of Argon2: four seconds; LibreOffice takes 3, 65,536, 4


@dataclass(frozen=True, slots=True)
class Encryption:
    """How one part is encrypted, in the words of the manifest."""

    algorithm: str = ""
    vector: bytes = b""
    checksum_type: str = ""
    checksum: bytes = b""
    start_key: str = "SHA1"
    derivation: str = ""
    salt: bytes = b""
    iterations: int = 0
    memory_kib: int = 0
    lanes: int = 0

    @property
    def is_gcm(self) -> bool:
        """Whether a wrong key shows by itself (AES-GCM); else the checksum has to tell."""
        return self.algorithm.endswith("#aes256-gcm")

    @property
    def is_known(self) -> bool:
        """Whether a password is enough to undo it here, at a bearable cost."""
        if self.derivation.lower().endswith("argon2id"):
            is_bearable = self.memory_kib <= _MAX_MEMORY_KIB and 0 < self.lanes <= _MAX_LANES
            is_bearable = is_bearable and 0 < self.iterations <= _MAX_PASSES
        else:
            is_bearable = self.derivation.lower().endswith("pbkdf2") and 0 < self.iterations <= _MAX_ITERATIONS
        return is_bearable and (self.is_gcm or (self.algorithm.endswith("#aes256-cbc") and len(self.vector) == 16))


def opened(file: BinaryIO, passwords: Sequence[str]) -> BinaryIO:
    """The file itself where it is not encrypted, else a package in memory with its parts decrypted.

    Raises ReadingEnded: PASSWORD_NEEDED where no password fits, ENCRYPTION_UNKNOWN, or READER_LIMIT.
    """
    package = Package(file)
    manifest = package.open(_MANIFEST)
    encrypted = _encryptions(Markup(manifest, _PREFIXES)) if manifest is not None else {}
    probed = next((part for part in (WHOLE, "content.xml", *encrypted) if part in encrypted), None)
    if probed is None:
        if package.is_encrypted("content.xml"):  # as files in archives are, which no office program does
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
        return file
    if not encrypted[probed].is_known:
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
    stored = package.find(probed)
    content = _whole(package.blocks(stored)) if stored is not None else b""
    for password in ("", *passwords):
        plain = decrypted(content, encrypted[probed], password)
        if plain is not None and probed == WHOLE:
            return io.BytesIO(_whole(_inflated(plain)))
        if plain is not None:
            return _rewritten(package, encrypted, password)
    raise ReadingEnded(Code.PASSWORD_NEEDED)


def _encryptions(manifest: Iterable[Event]) -> dict[str, Encryption]:
    """How the parts are encrypted that are, by their names, from the events of the manifest."""
    found: dict[str, Encryption] = {}
    part = ""
    for event in manifest:
        if not isinstance(event, Start) or not event.tag.startswith("manifest:"):
            continue
        if event.tag == "manifest:file-entry":
            part = event.get("full-path") or ""
        elif event.tag == "manifest:encryption-data" and len(found) < _MAX_ENCRYPTED:
            checksum = _decoded(event.get("checksum"))
            found[part] = Encryption(checksum_type=(event.get("checksum-type") or "").lower(), checksum=checksum)
        elif part in found:
            found[part] = _with(found[part], event)
    return found


def decrypted(content: bytes, encryption: Encryption, password: str) -> bytes | None:
    """The deflated content of a part; None where the password is wrong. For an Encryption that is known."""
    try:
        key = _key(encryption, password)
        if encryption.is_gcm:
            return _decrypted_gcm(content, encryption, key)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(encryption.vector)).decryptor()
        padded = decryptor.update(content) + decryptor.finalize()
    except (ValueError, UnsupportedAlgorithm):  # not whole blocks; Argon2 that this OpenSSL does not have
        return None
    plain = padded[: -padded[-1]] if padded and 0 < padded[-1] <= 16 else b""
    return plain if plain and _is_right(plain, encryption) else None


def _rewritten(package: Package, encrypted: Mapping[str, Encryption], password: str) -> BinaryIO:
    """The package with all parts that can be decrypted, and those that are not encrypted; nothing is deflated."""
    file = io.BytesIO()
    left = _PACKAGE_BYTES
    with zipfile.ZipFile(file, "w") as target:
        for name in package.names:
            encryption = encrypted.get(name)
            try:
                content = _whole(package.blocks(name))
                if encryption is not None:
                    plain = decrypted(content, encryption, password) if encryption.is_known else None
                    content = _whole(_inflated(plain)) if plain is not None else b""
            except ReadingEnded:
                continue  # what is read later will miss it
            left -= len(content)
            if left < 0:
                raise ReadingEnded(Code.READER_LIMIT)
            target.writestr(zipfile.ZipInfo(name), content)
    file.seek(0)
    return file


def _whole(blocks: Blocks) -> bytes:
    """All of a part. Raises ReadingEnded(READER_LIMIT) where it is too large to be held in memory."""
    content = bytearray()
    for block in blocks:
        content += block
        if len(content) > _PACKAGE_BYTES:
            raise ReadingEnded(Code.READER_LIMIT)
    return bytes(content)


def _inflated(content: bytes) -> Blocks:
    return unpacked(iter([content]), Inflate(-zlib.MAX_WBITS))


def _with(encryption: Encryption, start: Start) -> Encryption:
    if start.tag == "manifest:algorithm":
        vector = _decoded(start.get("initialisation-vector"))
        return replace(encryption, algorithm=start.get("algorithm-name") or "", vector=vector)
    if start.tag == "manifest:start-key-generation":
        return replace(encryption, start_key=start.get("start-key-generation-name") or "")
    if start.tag == "manifest:key-derivation":
        return replace(
            encryption,
            derivation=start.get("key-derivation-name") or "",
            salt=_decoded(start.get("salt")),
            iterations=_number(start.get("iteration-count") or start.get("argon2-iterations")),
            memory_kib=_number(start.get("argon2-memory")),
            lanes=_number(start.get("argon2-lanes")),
        )
    return encryption


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "")
    except (binascii.Error, ValueError):
        return b""


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 12 else 0


def _key(encryption: Encryption, password: str) -> bytes:
    start_hash = "sha256" if encryption.start_key.lower().endswith("sha256") else "sha1"
    start = hashlib.new(start_hash, password.encode("utf-8", "surrogatepass")).digest()
    if not encryption.memory_kib:
        return hashlib.pbkdf2_hmac("sha1", start, encryption.salt, encryption.iterations, _KEY_BYTES)
    return Argon2id(
        salt=encryption.salt,
        length=_KEY_BYTES,
        iterations=encryption.iterations,
        lanes=encryption.lanes,
        memory_cost=encryption.memory_kib,
    ).derive(start)


def _decrypted_gcm(content: bytes, encryption: Encryption, key: bytes) -> bytes | None:
    """The vector stands before the content (XML Encryption 1.1, 5.2.4), and in the manifest."""
    cipher = AESGCM(key)
    for vector, rest in ((content[:_GCM_BYTES], content[_GCM_BYTES:]), (encryption.vector, content)):
        try:
            return cipher.decrypt(vector, rest, None)
        except InvalidTag:
            continue
    return None


def _is_right(plain: bytes, encryption: Encryption) -> bool:
    """Whether a part fits its checksum; without one, whether it can be inflated."""
    if encryption.checksum and "sha" in encryption.checksum_type:
        name = "sha256" if "sha256" in encryption.checksum_type else "sha1"
        return hashlib.new(name, plain[:_CHECKED_BYTES]).digest() == encryption.checksum
    try:
        return bool(zlib.decompressobj(-zlib.MAX_WBITS).decompress(plain, _CHECKED_BYTES))
    except zlib.error:
        return False
