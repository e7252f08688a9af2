"""Encrypts documents for tests as MS-OFFCRYPTO says: agile and standard packages, and workbooks, texts and slides.

The keys come from msoffcrypto-tool where it makes them, so that they are not ours on both sides.
"""

import base64
import hashlib
import io
import itertools
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.method.ecma376_standard import ECMA376Standard  # type: ignore[import-untyped]
from msoffcrypto.method.rc4 import DocumentRC4  # type: ignore[import-untyped]
from msoffcrypto.method.rc4 import _makekey as rc4_key
from msoffcrypto.method.rc4_cryptoapi import DocumentRC4CryptoAPI  # type: ignore[import-untyped]
from msoffcrypto.method.rc4_cryptoapi import _makekey as crypto_api_key
from msoffcrypto.method.xor_obfuscation import DocumentXOR  # type: ignore[import-untyped]

from pipeline.parsing.decryption import xor
from tests.ole_writer import compound_file

SALT = bytes(range(16))
SECRET = bytes(range(100, 132))
RC4, RC4_40, RC4_128, XOR = "rc4", "rc4-40", "rc4-128", "xor"


def agile(
    content: bytes, password: str, hash_name: str = "SHA512", key_bits: int = 256, *,
    spins: int = 20, said: int = 0, salt: bytes = SALT,
) -> bytes:  # fmt: skip
    """A package under agile encryption. It may say another number of spins than the key was made with."""
    key_bytes = key_bits // 8

    def hashed(what: bytes) -> bytes:
        return hashlib.new(hash_name.lower().replace("-", ""), what).digest()

    def vector_of(what: bytes) -> bytes:
        return what[:16].ljust(16, b"\x36")

    digest = hashed(salt + password.encode("utf-16-le"))
    for number in range(spins):
        digest = hashed(struct.pack("<I", number) + digest)

    def closed(what: bytes, block_key: str) -> str:
        key = hashed(digest + bytes.fromhex(block_key))[:key_bytes].ljust(key_bytes, b"\x36")
        return base64.b64encode(_aes(key, modes.CBC(vector_of(salt)), _filled(what))).decode()

    secret, verifier = SECRET[:key_bytes], b"sixteen letters!"[: len(salt)]
    cipher = (
        f'saltSize="{len(salt)}" blockSize="16" keyBits="{key_bits}" hashSize="{len(digest)}" cipherAlgorithm="AES" '
    )
    cipher += (
        f'cipherChaining="ChainingModeCBC" hashAlgorithm="{hash_name}" saltValue="{base64.b64encode(salt).decode()}"'
    )
    info = (
        '<?xml version="1.0" encoding="UTF-8"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption">'
        f"<keyData {cipher}/><keyEncryptors><keyEncryptor><p:encryptedKey "
        f'spinCount="{said or spins}" {cipher} encryptedVerifierHashInput="{closed(verifier, "fea7d2763b4b9e79")}" '
        f'encryptedVerifierHashValue="{closed(hashed(verifier), "d7aa0f6d3061344e")}" '
        f'encryptedKeyValue="{closed(secret, "146e0be7abacd0d6")}"/></keyEncryptor></keyEncryptors></encryption>'
    )
    segments = [struct.pack("<Q", len(content))]
    for number in range(-(-len(content) // 4096)):
        vector = hashed(salt + struct.pack("<I", number))[:16]
        segments.append(_aes(secret, modes.CBC(vector), _filled(content[4096 * number : 4096 * (number + 1)])))
    return package_file(struct.pack("<HHI", 4, 4, 0x40) + info.encode(), b"".join(segments))


def package_file(info: bytes, package: bytes) -> bytes:
    """The compound file around a package and what says how it is encrypted."""
    return compound_file({"EncryptionInfo": info, "EncryptedPackage": package})


def standard(content: bytes, password: str, key_bits: int = 128) -> bytes:
    """A package under standard encryption."""
    algorithm = {128: 0x660E, 192: 0x660F, 256: 0x6610}[key_bits]
    key = ECMA376Standard.makekey_from_password(password, algorithm, 0x8004, 0x18, key_bits, 16, SALT)
    key = bytes(key)
    verifier = b"sixteen letters!"
    header = struct.pack("<8I", 0x24, 0, algorithm, 0x8004, key_bits, 0x18, 0, 0) + "AES\x00".encode("utf-16-le")
    info = struct.pack("<HHII", 4, 2, 0x24, len(header)) + header
    info += struct.pack("<I16s16sI", 16, SALT, _aes(key, modes.ECB(), verifier), 20)
    info += _aes(key, modes.ECB(), _filled(hashlib.sha1(verifier).digest()))
    return package_file(info, struct.pack("<Q", len(content)) + _aes(key, modes.ECB(), _filled(content)))


def rc4_header(scheme: str, password: str) -> bytes:
    """What says how an older document is encrypted."""
    verifier = b"sixteen letters!"
    if scheme == RC4:
        closed = _rc4(rc4_key(password, SALT, 0), verifier + hashlib.md5(verifier).digest())
        return struct.pack("<HH", 1, 1) + SALT + closed
    bits = int(scheme.partition("-")[2])
    closed = _rc4(crypto_api_key(password, SALT, bits, 0), verifier + hashlib.sha1(verifier).digest())
    header = struct.pack("<8I", 4, 0, 0x6801, 0x8004, bits, 1, 0, 0) + "CSP\x00".encode("utf-16-le")
    info = struct.pack("<HHII", 4, 2, 4, len(header)) + header
    return info + struct.pack("<I16s16sI", 16, SALT, closed[:16], 20) + closed[16:]


def rc4(scheme: str, password: str, content: bytes, block_bytes: int, first: int = 0) -> bytes:
    """Content under the keys of a password; RC4 is its own inverse."""
    if scheme == RC4:
        return bytes(DocumentRC4.decrypt(password, SALT, io.BytesIO(content), block_bytes).read())
    bits = int(scheme.partition("-")[2])
    made = DocumentRC4CryptoAPI.decrypt(password, SALT, bits, io.BytesIO(content), block_bytes, first)
    return bytes(made.read())


def document(streams: dict[str, bytes], scheme: str, password: str) -> bytes:
    """A Word document, given as its streams, under RC4 (MS-DOC 2.2.6)."""
    info = rc4_header(scheme, password)
    word, table = bytearray(streams["WordDocument"]), info + streams["0Table"]
    struct.pack_into("<H", word, 10, 0x0100)
    struct.pack_into("<I", word, 14, len(info))
    for at in range(154, 154 + 8 * 93, 8):  # tables lie further behind, now that the header stands before them
        struct.pack_into("<I", word, at, struct.unpack_from("<I", word, at)[0] + len(info))
    closed = {"WordDocument": bytes(word[:68]) + rc4(scheme, password, bytes(word), 512)[68:]}
    closed["0Table"] = info + rc4(scheme, password, table, 512)[len(info) :]
    if "Data" in streams:
        closed["Data"] = rc4(scheme, password, streams["Data"], 512)
    return compound_file(closed)


def obfuscated(streams: dict[str, bytes], password: str, *, clear: int = 68) -> bytes:
    """A Word document under XOR obfuscation (MS-DOC 2.2.6.1)."""
    mask = DocumentXOR.create_xor_array_method1(password)

    def closed(content: bytes, start: int) -> bytes:
        mixed = ((byte, byte ^ mask[at % 16]) for at, byte in enumerate(content[start:], start))
        return content[:start] + bytes(new if old and new else old for old, new in mixed)

    word = bytearray(streams["WordDocument"])
    struct.pack_into("<H", word, 10, 0x8100)
    struct.pack_into("<HH", word, 14, _verifier(password), DocumentXOR.create_xor_key_method1(password))
    others = {name: closed(content, 0) for name, content in streams.items() if name != "WordDocument"}
    return compound_file({"WordDocument": closed(bytes(word), clear), **others})


def workbook(records: list[tuple[int, bytes]], scheme: str, password: str, *, is_old: bool = False) -> bytes:
    """A workbook whose second record becomes the one that says how it is encrypted (MS-XLS 2.2.10)."""
    if scheme == XOR:
        key = struct.pack("<HH", DocumentXOR.create_xor_key_method1(password), _verifier(password))
        declared = key if is_old else bytes(2) + key
    else:
        declared = struct.pack("<H", 1) + rc4_header(scheme, password)
    records = [records[0], (0x2F, declared), *records[1:]]
    plain = b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in records)
    closed = bytearray(plain if scheme == XOR else rc4(scheme, password, plain, 1024))
    at = 0
    for kind, content in records:
        start = at + 4
        closed[at:start] = plain[at:start]
        at = start + len(content)
        if scheme == XOR:
            mask = DocumentXOR.create_xor_array_method1(password)
            turned = bytes((byte >> 3 | byte << 5) & 0xFF for byte in content)
            closed[start:at] = bytes(byte ^ mask[(at + place) % 16] for place, byte in enumerate(turned))
        clear = len(content) if kind in (0x2F, 0x0809, 0x00E1) else 4 if kind == 0x85 else 0
        closed[start : start + clear] = content[:clear]
    return compound_file({"Book" if is_old else "Workbook": bytes(closed)})


def presentation(streams: dict[str, bytes], scheme: str, password: str) -> bytes:
    """A presentation, given as its streams, with each of its objects under a key of its own (MS-PPT 2.3.7)."""
    stream = bytearray(streams["PowerPoint Document"])
    directory = stream.index(struct.pack("<HH", 0, 0x1772))
    count = struct.unpack_from("<I", stream, directory + 8)[0] >> 20
    offsets = [*struct.unpack_from(f"<{count}I", stream, directory + 12), directory]
    for number, (start, end) in enumerate(itertools.pairwise(offsets), 1):
        stream[start:end] = rc4(scheme, password, bytes(stream[start:end]), 1 << 20, number)
    header = rc4_header(scheme, password)
    session = struct.pack("<HHI", 0xF, 0x2F14, len(header)) + header
    session_at = directory
    entries = struct.pack(f"<{count + 2}I", (count + 1) << 20 | 1, *offsets[:-1], session_at)
    rest = session + struct.pack("<HHI", 0, 0x1772, len(entries)) + entries
    edit = struct.pack("<HHI", 0, 0x0FF5, 32)
    edit += struct.pack("<8I", 0, 0, 0, directory + len(session), 1, 9, 0, count + 1)
    user = struct.pack("<HHI4xII", 0, 0x0FF6, 20, 0xF3D1C4DF, directory + len(rest))
    return compound_file({"PowerPoint Document": bytes(stream[:directory]) + rest + edit, "Current User": user})


def _verifier(password: str) -> int:
    """Ours, which the other program takes (test_xor.py): it has no function that makes one."""
    found = xor.verifier(password.encode("latin-1"))
    assert DocumentXOR.verifypw(password, found)
    return found


def _aes(key: bytes, mode: modes.CBC | modes.ECB, content: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), mode).encryptor()
    return encryptor.update(content) + encryptor.finalize()


def _rc4(key: bytes, content: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4

    return Cipher(ARC4(key), mode=None).encryptor().update(content)


def _filled(content: bytes) -> bytes:
    return content + bytes(-len(content) % 16)
