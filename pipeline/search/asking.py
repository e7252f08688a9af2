"""A question as the word index sees it: which words are to be in a passage, which name the document it lies in."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.search import candidates
from pipeline.search.candidates import Floats, Index
from pipeline.search.question import Phrase, Question, Scoped, Word
from pipeline.storage.lexicon import evidence
from pipeline.storage.lexicon.evidence import Evidence, Sought

Called = Callable[[str], tuple[int, ...]]  # the ids of the documents that have a word in a name


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, with the evidence of its words.

    `named` is by document how much a part before a colon names it, None where there is none that does. `phrases` are
    those of the whole question.
    """

    question: Question
    words: tuple[Sought, ...]
    found: Evidence
    named: tuple[Floats, ...] | None
    phrases: tuple[Phrase, ...]

    @property
    def weights(self) -> list[float]:
        """What each word weighs."""
        return [weight.whole for weight in self.found.weights]


def asked(scoped: Scoped, index: Index, languages: frozenset[str], called: Called) -> Asked:
    """Weigh the words of a question. What stands before a colon counts as a part of it unless it names a document."""
    if scoped.document is not None and scoped.rest is not None:
        naming = evidence.weigh(index.parts, _sought(scoped.document, languages, called))
        named = candidates.named(index, naming)
        if named is not None:
            return _asked(scoped.rest, scoped, index, languages, called, named)
    return _asked(scoped.whole, scoped, index, languages, called, None)


def _asked(
    question: Question,
    scoped: Scoped,
    index: Index,
    languages: frozenset[str],
    called: Called,
    named: tuple[Floats, ...] | None,
) -> Asked:
    words = _sought(question, languages, called)
    return Asked(question, words, evidence.weigh(index.parts, words), named, scoped.whole.phrases)


def _sought(question: Question, languages: frozenset[str], called: Called) -> tuple[Sought, ...]:
    return tuple(sought(word, languages, called(word.text)) for word in question.words)


def sought(word: Word, languages: frozenset[str], names: tuple[int, ...] = ()) -> Sought:
    """A word as it is looked for in texts of all these languages."""
    return Sought(word.terms(languages), word.beginning, names)
