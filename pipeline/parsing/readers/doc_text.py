"""From the characters of a Word document to text: of fields what they show, tabs for cells (MS-DOC 2.4.1). Pure."""

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_IN_RESULT = -1
# The field that writes the reading of characters above them: EQ \* jc2 \* hps11 \o\ad(\s\up 10(reading),characters)
_READING = re.compile(r"\s*EQ\s[^()]*\(\\s\\up ?\d*\(([^()]*)\)[,;]([^()]*)\)\s*")
_PLAIN = {
    "\x07": "\t", "\x0b": "\n", "\x0c": "\f", "\x0d": "\n", "\x0e": "\n", "\x1d": "\n", "\x1e": "-",
}  # fmt: skip


def plain(text: str) -> str:
    """Text without marks: of fields their results, of pages a form feed, a tab behind each cell."""
    parts: list[str] = []
    fields: list[int] = []  # that are open: where in `parts` the instructions began, until the result does
    at = 0
    for found in _CONTROL.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[0] == _FIELD:
            fields.append(len(parts))
        elif found[0] in (_RESULT, _FIELD_END) and fields:
            begun = fields.pop()
            if begun != _IN_RESULT:
                reading = _READING.fullmatch("".join(parts[begun:])) if found[0] == _FIELD_END else None
                parts[begun:] = [f"{reading[2]}({reading[1]})"] if reading else []
            if found[0] == _RESULT:
                fields.append(_IN_RESULT)
        else:
            parts.append(_PLAIN.get(found[0], ""))
    parts.append(text[at:])
    return "".join(parts)
