"""What stands in a copy where personal data stood: a block, the name of its kind, or a pseudonym."""

import base64
import hashlib
import hmac
from enum import StrEnum

from pipeline.redaction.places import Target


class Style(StrEnum):
    """How a value is replaced."""

    BLOCK = "block"  # a black bar of one length, which does not tell how long the value was
    LABEL = "label"  # [iban]
    PSEUDONYM = "pseudonym"  # [iban-K3F9QZ]: the same value has the same one in all copies of one store


_BLOCK = "█████"
_DIGITS = 6  # of 32 signs each: of a thousand values, two share a pseudonym once in two thousand stores


def replacement(target: Target, style: Style, key: bytes) -> str:
    """What stands in its place. `key` is the store's: who lacks it cannot try values until one fits (HMAC-SHA256)."""
    if style is Style.BLOCK:
        return _BLOCK
    if style is Style.LABEL:
        return f"[{target.kind}]"
    value = "".join(character for character in target.value.casefold() if character.isalnum())
    digest = hmac.digest(key, f"{target.kind}\0{value}".encode(), hashlib.sha256)
    return f"[{target.kind}-{base64.b32encode(digest).decode()[:_DIGITS]}]"
