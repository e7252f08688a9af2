"""XOR obfuscation: verifier, key and mask as another program makes them, and content back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msoffcrypto.method.xor_obfuscation import DocumentXOR  # type: ignore[import-untyped]

from pipeline.parsing.decryption import xor
from tests.parsing.support import CAREFUL

PASSWORDS = st.text(st.characters(min_codepoint=1, max_codepoint=126), min_size=1, max_size=15)


@CAREFUL
@given(PASSWORDS)
def test_verifier_key_and_mask_are_those_of_another_program(password: str) -> None:
    usable = xor.usable(password)
    assert usable is not None
    assert DocumentXOR.verifypw(password, xor.verifier(usable))
    assert xor.key(usable) == DocumentXOR.create_xor_key_method1(password)
    assert list(xor.mask_of(usable)) == DocumentXOR.create_xor_array_method1(password)


@pytest.mark.parametrize("password", ["", "sixteen letters!", "\U0001f512"])
def test_what_cannot_be_a_password_is_not_tried(password: str) -> None:
    assert xor.usable(password) is None


def test_of_a_character_the_lower_byte_counts_unless_it_is_zero() -> None:
    assert xor.usable("aß密Ā") == bytes([0x61, 0xDF, 0xC6, 0x01])


@CAREFUL
@given(st.binary(max_size=100), st.integers(0, 100))
def test_a_record_comes_back_as_it_was(content: bytes, start: int) -> None:
    mask = bytes(range(200, 216))
    turned = bytes((byte >> 3 | byte << 5) & 0xFF for byte in content)  # what turning left by three bits undoes
    closed = bytes(byte ^ mask[(start + at) % 16] for at, byte in enumerate(turned))
    assert xor.sheet_decrypted(closed, mask, start) == content


@CAREFUL
@given(st.binary(max_size=100), st.integers(0, 100))
def test_a_text_comes_back_as_it_was(content: bytes, start: int) -> None:
    mask = bytes(range(200, 216))
    closed = bytearray(content)
    for at, byte in enumerate(content):
        if byte and byte ^ mask[(start + at) % 16]:  # neither is a zero changed, nor does one come about
            closed[at] = byte ^ mask[(start + at) % 16]
    assert xor.text_decrypted(bytes(closed), mask, start) == content
