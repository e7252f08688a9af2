"""Names of documents within documents, made fit for people to read. Nothing is ever opened or written by them."""

import re
import unicodedata

_UNNAMED = "unnamed"
_DRIVE = re.compile(r"^[A-Za-z]:(?=[/\\])")
# They change the order in which the characters around them are shown: `exe.txt` may be read where `txt.exe` stands.
_DIRECTIONS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# Chinese and Japanese text, and what shows that it is some: one such character may be two bytes of a European name.
_EASTERN = re.compile("[\x00-\x7f\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]*")
_CERTAINLY_EASTERN = re.compile("[\u3041-\u30fa]|[\u4e00-\u9fff]{2}")


def display_name(name: str) -> str:
    """A path as `folder/file`: no drive, no way up, no beginning at the root, nothing that turns the order around."""
    path = _DRIVE.sub("", name.translate(_DIRECTIONS).replace("\x00", "")).replace("\\", "/")
    steps = [step for step in path.split("/") if step.strip() not in ("", ".", "..")]
    return unicodedata.normalize("NFC", "/".join(steps)) or _UNNAMED


def decoded_name(name: bytes, otherwise: str) -> str:
    """UTF-8 where the bytes are; Shift JIS or GBK where that gives words; else in the encoding `otherwise`."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for encoding in ("cp932", "gbk"):
        text = name.decode(encoding, "replace")
        if _EASTERN.fullmatch(text) and _CERTAINLY_EASTERN.search(text):
            return text
    return name.decode(otherwise, "replace")
