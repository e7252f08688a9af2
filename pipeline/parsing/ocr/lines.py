"""What an engine gives of a picture: its lines and their words, where they stand and how sure it is of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A place in a picture, in pixels from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """That of a word of some letters, also where it runs downwards."""
        return min(self.bottom - self.top, self.right - self.left)


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `confidence` is 0 to 100."""

    text: str
    confidence: float
    box: Box
    language: str = ""

    @property
    def letters(self) -> int:
        """How many letters and digits it has."""
        return sum(character.isalnum() for character in self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text as the engine joins words, its words, the number of its block, which follow each other."""

    text: str
    words: tuple[Word, ...]
    block: int
    box: Box
    begins_paragraph: bool = False

    def says_something(self, noise: float) -> bool:
        """Whether it is more than what engines make of patterns, which is less sure than `noise`."""
        return confidence(self.words) >= noise and any(word.letters for word in self.words)


def confidence(words: Sequence[Word]) -> float:
    """The mean over letters and digits; 0 where there are none."""
    letters = sum(word.letters for word in words)
    return sum(word.letters * word.confidence for word in words) / letters if letters else 0.0
