"""From bytes to text: which encoding they are in, and whether they are text at all. Reads no more than is asked for."""

import codecs
import re
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.readers.legacy_encodings import guess
from pipeline.parsing.reading import ReadingEnded

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARABLE = re.compile(
    r"(us-)?ascii|utf-?8|iso-?8859-\d{1,2}(-[ie])?|latin-?\d{1,2}|windows-(125\d|874)|cp(125\d|437|85\d|86[0-9]|874|9\d\d)|"
    r"koi8-[ru]|gbk|gb2312|gb18030|big5(-?hkscs)?|shift[_-]?jis|euc-(jp|kr)|iso-2022-(jp|kr)|tis-620|mac(intosh|-roman)",
    re.IGNORECASE,
)
# What is declared by the first is written in the second, which has more characters (WHATWG Encoding Standard, 4.2).
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "big5": "big5hkscs", "euc_kr": "cp949", "shift_jis": "cp932",
}  # fmt: skip
_SAMPLE_BYTES = 128 << 10  # an encoding shows early, and looking for it costs
_MAX_CONTROL_SHARE = 0.02  # text holds next to no control characters; binary data is full of them
_MAX_ZERO_SHARE = 0.25  # but programs that write records of fixed length fill these up with zeros
_MAX_REPLACED_SHARE = 0.3  # of bytes that no known encoding explains; more is no text
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_HOLE = re.compile(rb"\x00{16,}")  # where a file was being written when the machine stopped
_ISO_2022 = re.compile(rb"\x1b\$(?:[@B]|\)C)")
# The scripts that people write in; of other characters, such as private ones, real text has next to none.
_WRITTEN = re.compile(
    "[\t\n\r\x0c -~\xa0-\u058f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0eff\u10a0-\u11ff\u1e00-\u206f\u20a0-\u22ff"
    "\u2500-\u26ff\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef\U0001f300-\U0001faff]"
)
_EVERYWHERE = re.compile("[\t\n\r -~、。，]")  # frequent in all of them: what decides between two byte orders
_LEAST_WRITTEN, _LEAST_EVERYWHERE = 0.95, 0.02
# Bold and underlined text for a typewriter's terminal, and colours: the text is the same without.
_OVERSTRUCK = re.compile(r"([^\x08])\x08(?=\1)|_\x08")
_COLOURS = re.compile(r"\x1b\[[0-?]{0,40}[ -/]{0,4}[@-~]")


def read_at_most(file: BinaryIO, limit: int) -> tuple[bytes, bool]:
    """The first `limit` bytes, ending with a whole line where there is one, and whether anything was cut off."""
    data = file.read(limit + 1)
    if len(data) <= limit:
        return data, False
    if b"\x00" in data[:_SAMPLE_BYTES]:  # lines are not to be found byte by byte where two or four make a character
        return data[: limit // 4 * 4 or limit], True
    end = data.rfind(b"\n", limit // 2, limit)
    if end < 0:
        end = limit
        while end > limit - 4 and data[end] & 0xC0 == 0x80:  # within a character of UTF-8
            end -= 1
        return data[:end], True
    return data[: end + 1], True


def decode(data: bytes, declared: str | None = None) -> tuple[str, bool]:
    """Text and whether characters had to be replaced: byte order mark, else UTF-8, else as declared, else a guess.

    Raises ReadingEnded(BINARY_CONTENT) when the bytes are no text.
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if encoding is None:
        encoding = _stateful(data) or _wide(data[:_SAMPLE_BYTES])
    text, lossy = _of_bytes(data, declared) if encoding is None else _as(encoding, data)
    if "\x1b" in text or "\x08" in text:
        text = _COLOURS.sub("", _OVERSTRUCK.sub("", text))
    beginning = text[:_SAMPLE_BYTES]
    zeros, controls = beginning.count("\0"), len(_CONTROLS.findall(beginning))
    if controls > _MAX_CONTROL_SHARE * len(beginning) or zeros > _MAX_ZERO_SHARE * len(beginning):
        raise ReadingEnded(Code.BINARY_CONTENT)
    return text, lossy


def _as(encoding: str, data: bytes) -> tuple[str, bool]:
    """Text, and whether characters had to be replaced; those that say so in the source were not."""
    try:
        return data.decode(encoding), False
    except UnicodeDecodeError:
        return data.decode(encoding, "replace"), True


def _stateful(data: bytes) -> str | None:
    """Encodings that announce each change of script by an escape sequence, and are ASCII otherwise."""
    found = _ISO_2022.search(data[:_SAMPLE_BYTES])
    if found is None or not data.isascii():
        return None
    return "iso2022_kr" if found[0].endswith(b"C") else "iso2022_jp_ext"


def _wide(sample: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark. Read byte by byte, each is full of control characters."""
    few = len(sample.translate(None, bytes((*range(9), *range(14, 27), *range(28, 32)))))
    if len(sample) - few <= _MAX_CONTROL_SHARE * len(sample):
        return None
    scores = {"": _LEAST_EVERYWHERE}
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        if text and len(_WRITTEN.findall(text)) > _LEAST_WRITTEN * len(text):
            scores[encoding] = len(_EVERYWHERE.findall(text)) / len(text)
    return max(scores, key=scores.__getitem__) or None


def _of_bytes(data: bytes, declared: str | None) -> tuple[str, bool]:
    """Text of one byte or more a character, and whether characters had to be replaced."""
    if b"\x00" in data:
        data = _HOLE.sub(b"\n", data)
        if data.isspace():
            raise ReadingEnded(Code.BINARY_CONTENT)  # there were zeros only
    text, lossy = _as("utf-8", data)
    if not lossy:
        return text, False
    if _is_utf8(text):
        return _line_by_line(data)
    encoding = _known(declared) or guess(data)
    if encoding is not None:
        return _as(encoding, data)
    if text.count("\ufffd") > _MAX_REPLACED_SHARE * len(text):
        raise ReadingEnded(Code.BINARY_CONTENT)
    return text, True


def _is_utf8(text: str) -> bool:
    """Whether more characters outside ASCII were right than replaced: by chance, no other text looks like UTF-8."""
    replaced = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - replaced
    return right > 0 and right >= replaced


def _line_by_line(data: bytes) -> tuple[str, bool]:
    """UTF-8, parts of which are damaged, or were put together from files in another encoding."""
    lines = data.split(b"\n")
    others = {}
    for number, line in enumerate(lines):
        text, lossy = _as("utf-8", line)
        if lossy and not _is_utf8(text):
            others[number] = line
    encoding = guess(b"\n".join(others.values())) if others else None
    read = [_as(encoding if encoding and number in others else "utf-8", line) for number, line in enumerate(lines)]
    return "\n".join(text for text, _ in read), any(lossy for _, lossy in read)


def _known(declared: str | None) -> str | None:
    """A declared encoding that a page of bytes can have; `hex` and `utf-16` are codecs too, and cannot be meant."""
    name = (declared or "").strip()
    try:
        found = codecs.lookup(name).name if _DECLARABLE.fullmatch(name) else None
    except LookupError:
        return None
    return _MEANT.get(found, found) if found else None
