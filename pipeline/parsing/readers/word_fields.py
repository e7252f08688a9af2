"""Fields and form controls of a WordprocessingML story: what they show, never how it is computed. Runs nothing."""

from pipeline.parsing.markup import Start

OFF = frozenset({"0", "false", "off"})  # ECMA-376 part 1, 22.9.2.7; any other value, or none, means on
_CHECKED, _UNCHECKED = "☒", "☐"


def is_on(start: Start) -> bool:
    """What a switch such as w:pageBreakBefore says."""
    return (start.get("val") or "").lower() not in OFF


class Fields:
    """The fields that are open. Their instructions, such as `IF a = "b"`, stand in the text; their results count."""

    def __init__(self) -> None:
        self._has_result: list[bool] = []  # of each field that is open: whether its result has begun
        self._options: list[str] = []  # of a list in a form
        self._choice: str | None = None  # in a list or a box of a form

    @property
    def are_shown(self) -> bool:
        """Whether what comes now is shown, being part of no instruction."""
        return all(self._has_result)

    def mark(self, start: Start) -> None:
        """A field begins, comes to its result or ends (w:fldChar)."""
        kind = start.get("fldCharType")
        if kind == "begin":
            self._has_result.append(False)
        elif kind == "separate" and self._has_result:
            self._has_result[-1] = True
        elif kind == "end" and self._has_result:
            self._has_result.pop()

    def end_paragraph(self) -> None:
        """What follows is read, even if an instruction seems to go on: its end may be lost."""
        self._has_result = [True] * len(self._has_result)

    def begin_control(self) -> None:
        """A list or a box of a form begins."""
        self._options, self._choice = [], None

    def offer(self, start: Start) -> None:
        """One of the entries that the list offers."""
        self._options.append(start.get("val") or "")

    def choose(self, start: Start) -> None:
        """What is chosen, or chosen unless something else is."""
        self._choice = start.get("val") or ""

    def list_text(self) -> str:
        """The entry of the list that is chosen."""
        index = int(self._choice) if self._choice and self._choice.isdecimal() else 0
        return self._options[index] if index < len(self._options) else ""

    def box_text(self) -> str:
        """The box, checked or not."""
        return _UNCHECKED if self._choice is None or self._choice.lower() in OFF else _CHECKED
