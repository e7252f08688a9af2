"""Text under construction: paragraphs on lines, cells between tabs, rows. Knows no pages and no format."""


class Lines:
    """Paragraphs on lines of their own; the cells of a row separated by tabs. Breaks are written before the next text.

    So the last paragraph of a cell is followed by a tab, not by an empty line, and nothing ends with a break.
    """

    def __init__(self) -> None:
        self.size = 0  # characters so far
        self.paragraphs = 0  # that ended
        self._pieces: list[str] = []
        self._held: list[str] = []  # boxes, which stand behind the paragraph that they are anchored in
        self._break = ""
        self._tabs = 0
        self._is_cell_blank = False
        self._is_paragraph_blank = True

    def write(self, text: str) -> None:
        """More of the current paragraph."""
        if not text:
            return
        if self._break or self._tabs:
            text = (self._break if self._pieces else "") + "\t" * self._tabs + text
            self._break, self._tabs = "", 0
        self._pieces.append(text)
        self.size += len(text)
        self._is_cell_blank = self._is_paragraph_blank = False

    def end_paragraph(self) -> None:
        """The paragraph ends; one without text leaves a blank line, but at the beginning of a cell."""
        self.paragraphs += 1
        if not self._is_cell_blank:
            self._break = "\n\n" if self._is_paragraph_blank else "\n"
            self._is_paragraph_blank = True
        while self._held:
            self.write(self._held.pop(0))
            self._break, self._is_paragraph_blank = "\n", True

    def hold(self, text: str) -> None:
        """Something that stands beside the current paragraph; it follows behind it."""
        if text.strip():
            self._held.append(text)

    def start_row(self) -> None:
        """A row begins, and with it its first cell."""
        self._is_cell_blank = True

    def end_cell(self) -> None:
        """The cell ends, be it empty."""
        if not self._is_cell_blank:
            self._break = ""
        self._tabs += 1
        self._is_cell_blank = self._is_paragraph_blank = True

    def end_row(self) -> None:
        """The row ends; empty cells at its end leave nothing."""
        self._break, self._tabs = "\n", 0
        self._is_cell_blank = False

    def set_apart(self) -> None:
        """A blank line, as before and behind a table."""
        if not self._is_cell_blank:
            self._break = "\n\n"

    def __str__(self) -> str:
        return "".join([*self._pieces, *("\n\n" + text for text in self._held)]).strip("\n")
