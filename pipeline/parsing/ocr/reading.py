"""What an engine makes of one picture: its lines and words, and what can be said of them together. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_NEARLY_ALL = 0.9  # of the letters of a page that is in one language; the others are names and noise
_SURE = 50.0  # below, a word is as likely to be a pattern in a photograph
_NOISE = 30.0  # below, a line says nothing: what engines make of photographs and of pages that lie on their side


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `confidence` is 0 to 100, `height` that of its letters in pixels."""

    text: str
    confidence: float
    height: int
    language: str = ""

    @property
    def letters(self) -> int:
        """How many letters and digits it has."""
        return sum(character.isalnum() for character in self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text as the engine joins words, and its words. `begins_paragraph`: it stands off those above."""

    text: str
    words: tuple[Word, ...]
    begins_paragraph: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One picture as read once."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines that say something, paragraphs apart."""
        parts: list[str] = []
        for line in self.lines:
            if _confidence(line.words) >= _NOISE and any(word.letters for word in line.words):
                parts.append(("\n" if line.begins_paragraph and parts else "") + line.text.strip())
        return "\n".join(parts)

    @property
    def confidence(self) -> float:
        """The mean over letters and digits; 0 where there are none."""
        return _confidence(self._words)

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
        return median(word.height for word in self._words) if self._words else 0.0

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


def _confidence(words: Sequence[Word]) -> float:
    letters = sum(word.letters for word in words)
    return sum(word.letters * word.confidence for word in words) / letters if letters else 0.0
