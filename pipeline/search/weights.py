"""How much each kind of evidence counts. Learned, not chosen: benchmarks/weights.py says from what, and how surely.

A passage's score is the weighted sum of what is listed in Weights. The parts that come of words are shares of what all
words of the question weigh together, so that they do not depend on the size of the index or the length of the question.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Weights:
    """Learned over all sets of questions together, rounded to where halving or doubling one changes little."""

    meaning: float = 1.0  # cosine of question and passage, times familiarity: 0 to 1
    words: float = 1.0  # BM25 over its most but for how often: 0 to 2.2
    within: float = 0.5  # the part of it that tells the passage among those of its document: 0 to 2.2
    document: float = 1.0  # what its document has of the question, anywhere, its name included: 0 to 1
    sentence: float = 1.0  # what one sentence has of the question: 0 to 1
    named: float = 2.0  # the document that is named before a colon: 0 to 1


LEARNED = Weights()
BY_WORD = replace(LEARNED, meaning=0.0)
BY_MEANING = Weights(meaning=1.0, words=0.0, within=0.0, document=0.0, sentence=0.0, named=LEARNED.named)

WANTED = 10.0  # the document that is asked for by its name alone comes first: more than all of the above together

# Characters per token of a question that a model knows the language of. MiniLM: English 3.8 to 4.6, German 2.6,
# Chinese 0.4. Of words that are cut to pieces a model knows little: meaning then counts as much less.
FAMILIAR_CHARACTERS = 3.0


def familiarity(characters_per_token: float) -> float:
    """How well a model knows the words of a question: 0 to 1."""
    return min(1.0, max(0.0, characters_per_token / FAMILIAR_CHARACTERS))
