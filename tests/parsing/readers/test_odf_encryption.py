"""Encrypted OpenDocument files: read with a password that fits, refused with a reason where none does."""

import base64
import hashlib
import zlib

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted
from pipeline.parsing.protocol import Finished, Opened
from pipeline.parsing.readers import odf_encryption
from tests.parsing.readers.odf_packages import TEXT, URN, content, master, odt
from tests.parsing.readers.packages import package
from tests.parsing.support import REQUEST, end, frames, texts

PASSWORD = "hemmelig ord"
HEADED = master("<style:header><text:p>Lund &amp; Dahl</text:p></style:header>")
SALT, VECTOR = bytes(range(16)), bytes(range(16, 32))


def deflated(source: str | bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(source.encode() if isinstance(source, str) else source) + packer.flush()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def manifest(*entries: str) -> str:
    root = f'manifest:manifest xmlns:manifest="{URN}manifest:1.0" xmlns:loext="urn:x"'
    return f"<{root}>{''.join(entries)}</manifest:manifest>"


def cbc(name: str, source: str, *, checksum: str = "sha256-1k", iterations: int = 10) -> tuple[bytes, str]:
    """A part as ODF 1.2 encrypts it, and its entry in the manifest."""
    plain = deflated(source)
    key = hashlib.pbkdf2_hmac("sha1", hashlib.sha256(PASSWORD.encode()).digest(), SALT, iterations, 32)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(VECTOR)).encryptor()
    padding = 16 - len(plain) % 16
    digest = encoded(hashlib.sha256(plain[:1024]).digest())
    checked = f"manifest:checksum-type='{URN}manifest:1.0#{checksum}' manifest:checksum='{digest}'" if checksum else ""
    entry = (
        f"<manifest:file-entry manifest:full-path='{name}'><manifest:encryption-data {checked}>"
        "<manifest:algorithm manifest:algorithm-name='http://www.w3.org/2001/04/xmlenc#aes256-cbc'"
        f" manifest:initialisation-vector='{encoded(VECTOR)}'/><manifest:key-derivation"
        f" manifest:key-derivation-name='PBKDF2' manifest:key-size='32' manifest:iteration-count='{iterations}'"
        f" manifest:salt='{encoded(SALT)}'/><manifest:start-key-generation manifest:key-size='32'"
        " manifest:start-key-generation-name='http://www.w3.org/2000/09/xmldsig#sha256'/>"
        "</manifest:encryption-data></manifest:file-entry>"
    )
    return encryptor.update(plain + bytes(padding - 1) + bytes([padding])) + encryptor.finalize(), entry


def encrypted(checksum: str = "sha256-1k") -> bytes:
    body, entry = cbc("content.xml", content("<text:p>Secret terms.</text:p>"), checksum=checksum)
    styles, other = cbc("styles.xml", HEADED, checksum=checksum)
    return package(
        {"mimetype": TEXT, "content.xml": body, "styles.xml": styles, "META-INF/manifest.xml": manifest(entry, other)},
        stored=True,
    )


def test_an_encrypted_document_is_read_with_its_password() -> None:
    request = msgspec.structs.replace(REQUEST, passwords=("wrong", PASSWORD))
    for checksum in ("sha256-1k", ""):
        answer = frames(encrypted(checksum), ".odt", request)
        assert texts(answer) == ["Lund & Dahl\n\nSecret terms."]
        assert end(answer) is None


@pytest.mark.parametrize("passwords", [(), ("wrong", "", "hemmelig")])
def test_without_its_password_an_encrypted_document_says_that_it_needs_one(passwords: tuple[str, ...]) -> None:
    request = msgspec.structs.replace(REQUEST, passwords=passwords)
    assert frames(encrypted(), ".odt", request) == [Finished(Code.PASSWORD_NEEDED)]


def test_a_part_that_does_not_fit_its_check_sum_was_encrypted_with_another_password() -> None:
    body, entry = cbc("content.xml", content("<text:p>Secret terms.</text:p>"))
    other = entry.replace(
        encoded(hashlib.sha256(deflated(content("<text:p>Secret terms.</text:p>"))[:1024]).digest()), encoded(bytes(32))
    )
    assert other != entry
    document = package({"mimetype": TEXT, "content.xml": body, "META-INF/manifest.xml": manifest(other)}, stored=True)
    request = msgspec.structs.replace(REQUEST, passwords=(PASSWORD,))
    assert frames(document, ".odt", request) == [Finished(Code.PASSWORD_NEEDED)]


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        (b"xmlenc#aes256-cbc", b"Blowfish CFB"),
        (b"'PBKDF2'", b"'PGP'"),
        (b"iteration-count='10'", b"iteration-count='999999999'"),
        (b"iteration-count='10'", b"iteration-count='0'"),
        (b"initialisation-vector='", b"initialisation-vector='AAAA"),
    ],
)
def test_an_encryption_that_is_not_known_or_costs_too_much_is_refused(known: bytes, unknown: bytes) -> None:
    body, entry = cbc("content.xml", content("<text:p>Secret terms.</text:p>"))
    other = manifest(entry).encode().replace(known, unknown)
    document = package({"mimetype": TEXT, "content.xml": body, "META-INF/manifest.xml": other}, stored=True)
    request = msgspec.structs.replace(REQUEST, passwords=(PASSWORD,))
    assert frames(document, ".odt", request) == [Finished(Code.ENCRYPTION_UNKNOWN)]


def gcm(inner: bytes, *, vector_first: bool) -> bytes:
    """A package as LibreOffice encrypts it as a whole."""
    start = hashlib.sha256(PASSWORD.encode()).digest()
    key = Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=64).derive(start)
    vector = VECTOR[:12]
    sealed = AESGCM(key).encrypt(vector, deflated(inner), None)
    entry = (
        "<manifest:file-entry manifest:full-path='encrypted-package'><manifest:encryption-data><manifest:algorithm"
        " manifest:algorithm-name='http://www.w3.org/2009/xmlenc11#aes256-gcm'"
        f" manifest:initialisation-vector='{encoded(vector)}'/><manifest:start-key-generation"
        " manifest:start-key-generation-name='http://www.w3.org/2001/04/xmlenc#sha256' manifest:key-size='32'/>"
        "<manifest:key-derivation manifest:key-derivation-name='urn:org:documentfoundation:names:experimental:office:"
        f"manifest:argon2id' manifest:salt='{encoded(SALT)}' loext:argon2-iterations='1' loext:argon2-memory='64'"
        " loext:argon2-lanes='1'/></manifest:encryption-data></manifest:file-entry>"
    )
    whole = vector + sealed if vector_first else sealed
    return package(
        {"mimetype": TEXT, "encrypted-package": whole, "META-INF/manifest.xml": manifest(entry)}, stored=True
    )


@pytest.mark.parametrize("vector_first", [True, False])
def test_a_package_that_is_encrypted_as_a_whole_is_read_with_its_password(vector_first: bool) -> None:
    inner = odt("<text:p>Secret terms.</text:p>", {"Object 1": b"PK sheet"})
    document = gcm(inner, vector_first=vector_first)
    assert frames(document, ".odt") == [Finished(Code.PASSWORD_NEEDED)]
    request = msgspec.structs.replace(REQUEST, passwords=(PASSWORD,))
    answer = frames(document, ".odt", request)
    assert answer[0] == Opened("odt", 1, 1)
    assert texts(answer) == ["Secret terms."]


def test_an_encrypted_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odf_encryption, "_PACKAGE_BYTES", 2_000_000)
    document = gcm(odt("<text:p>a</text:p>", {"large": b"x" * 3_000_000}), vector_first=True)
    request = msgspec.structs.replace(REQUEST, passwords=(PASSWORD,))
    assert texts(frames(document, ".odt", request)) == ["a"]
    bomb, entry = cbc("content.xml", content(f"<text:p>{' ' * 5_000_000}</text:p>"))
    packed = package({"mimetype": TEXT, "content.xml": bomb, "META-INF/manifest.xml": manifest(entry)}, stored=True)
    assert frames(packed, ".odt", request) == [Finished(Code.STRUCTURE_DAMAGED)]


def test_finding_the_password_may_take_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> bytes:
        raise Exhausted

    monkeypatch.setattr(odf_encryption, "decrypted", exhausted)
    assert frames(encrypted(), ".odt") == [Finished(Code.READER_LIMIT)]
