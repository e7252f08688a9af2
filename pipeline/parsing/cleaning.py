"""What a child takes out of text before it sends it: control characters, half characters, other forms of one. Pure."""

from pipeline.parsing import normalisation

MAX_NAME_CHARACTERS = 255  # of a member


def clean_name(name: str) -> str:
    """A member's name for people: on one line, without control characters, its end kept where it is long."""
    return " ".join(clean(name).split())[-MAX_NAME_CHARACTERS:]


def clean(text: str) -> str:
    """Text that every later part can hold: line ends as \\n, no control characters or lone surrogates, normalised."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins pairs, replaces lone halves
    return normalisation.normalised(text.translate(_CONTROLS))


_CONTROLS = dict.fromkeys((*range(9), *range(14, 32), *range(127, 160))) | {0x85: "\n"}
