"""One picture as it was read once: the text of its lines, and what can be said of them together. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.parsing.ocr.lines import Line, Word, confidence
from pipeline.parsing.ocr.rows import Row, arranged, cells

_NEARLY_ALL = 0.9  # of the letters of a page that is in one language; the others are names and noise
_SURE = 50.0  # below, a word is as likely to be a pattern in a photograph


@dataclass(frozen=True, slots=True)
class Reading:
    """One picture as read once. Lines of less confidence than `noise` say nothing, by the engine that gave them."""

    lines: tuple[Line, ...]
    noise: float = 30.0

    @property
    def text(self) -> str:
        """The lines that say something, paragraphs apart."""
        parts: list[str] = []
        for row in self.rows:
            parts.append("\n" if parts and any(line.begins_paragraph for line in row) else "")
            parts.append("\t".join(cell for line in row for cell in cells(line)) + "\n")
        return "".join(parts).strip()

    @property
    def rows(self) -> list[Row]:
        """The lines that say something, those of one row together, in the order in which they are read."""
        return arranged([line for line in self.lines if line.says_something(self.noise)])

    @property
    def confidence(self) -> float:
        """The mean over letters and digits; 0 where there are none."""
        return confidence(self._words)

    @property
    def sure_letters(self) -> float:
        """How much was read, and how well: readings of one picture are compared by it."""
        return sum(word.letters * word.confidence / 100 for word in self._words if word.confidence >= _SURE)

    @property
    def letters(self) -> int:
        """How many letters and digits there are."""
        return sum(word.letters for word in self._words)

    @property
    def word_height(self) -> float:
        """That of most words in pixels; 0 where there are none."""
        return median(word.box.height for word in self._words) if self._words else 0.0

    @property
    def language(self) -> str:
        """The one that nearly all of it is in; empty where there are several, or the engine does not tell."""
        letters: Counter[str] = Counter()
        for word in self._words:
            letters[word.language] += word.letters
        if not letters:
            return ""
        language, most = letters.most_common(1)[0]
        return language if most >= _NEARLY_ALL * letters.total() else ""

    @property
    def _words(self) -> Sequence[Word]:
        return [word for line in self.lines for word in line.words if word.letters]
