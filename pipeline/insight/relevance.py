"""Whether a passage answers a question at all, judged by how near the index comes to questions that it cannot answer.

How near the nearest passage is by chance depends on the model and on what the index is about. So some questions about
everything under the sun are asked of it; the median of their best cosines is its usual one. A passage is relevant that
is nearer than that, or has more of the question's words, by a margin. Learned from four sets of questions, each asked
of its own texts and of the others' (benchmarks/relevance.py).
"""

import statistics
from dataclasses import dataclass

from pipeline.errors import Stopped
from pipeline.registry.active import ActiveModel
from pipeline.storage.database import Database

_WORDS = 0.4  # what a whole question in one sentence is worth, as a cosine
_MARGIN = 0.213  # above the usual cosine; exceeded by 5 of 100 questions that have no answer
_WORDS_ALONE = 0.5  # of a question in one sentence, where the model does not know its words, or is not asked
_ALL_WORDS = 0.95  # of a question in one sentence: it was looked for, whatever else the passage is about
_KNOWN = 0.5  # familiarity of a question from which on the model is believed
_USUAL = 0.26  # of an index that was not measured yet
_GROWN = 1.25  # times the passages at the last time: measured anew
STRANGERS = (
    "Who painted the ceiling of the chapel?",
    "How do I change the oil of a motorcycle?",
    "What is the boiling point of water at high altitude?",
    "Which team won the cup final in 1974?",
    "How long should bread dough rest before baking?",
    "What are the symptoms of a vitamin deficiency?",
    "Who wrote the first novel about a journey to the moon?",
    "How is the area of a circle computed?",
    "What causes the tides of the sea?",
    "When was the telephone invented?",
    "How many strings does a cello have?",
    "Which metals are used to make bronze?",
    "What is the capital of the province in the north?",
    "How do bees find their way back to the hive?",
    "What is the fine for parking without a ticket?",
    "Who is responsible for repairs of the roof?",
    "How do I reset the password of my account?",
    "Which medicines must not be taken together?",
    "What did the committee decide about the budget?",
    "When does the summer timetable begin?",
    "How are employees paid for overtime?",
    "What is the warranty period of the machine?",
    "Which documents are needed to register a birth?",
    "How deep is the harbour at low tide?",
    "Why do leaves turn red in autumn?",
    "What is the interest rate of the loan?",
    "Who inherits if there is no will?",
    "How fast does the fastest train run?",
    "Which language has the most speakers?",
    "What temperature does the freezer need?",
    "How do volcanoes form?",
    "Which chess opening is best for beginners?",
    "What is the recommended dose for children?",
    "How tall is the highest mountain in the country?",
    "Who discovered the structure of the cell?",
    "When is the tax return due?",
    "What colour is the flag of the island?",
    "How does a transistor amplify a signal?",
    "Which route avoids the mountain pass?",
    "What was the cause of the accident?",
    "How much does a ticket to the museum cost?",
    "Who plays the lead role in the film?",
    "What is the difference between sleet and hail?",
    "Which students passed the examination?",
    "How do I cancel my subscription?",
    "What is the depth of the foundation?",
    "Where were the coins found?",
    "How many calories does an apple have?",
    "Which judge heard the appeal?",
    "What is the population of the village?",
)


@dataclass(frozen=True, slots=True)
class Closeness:
    """How near a passage is: its cosine, None where meaning was not asked, and what one sentence has of the question.

    `familiarity` is how well the model knows the question's words. Both shares are from 0 to 1.
    """

    cosine: float | None
    sentence: float
    familiarity: float = 1.0


def is_relevant(near: Closeness, usual: float) -> bool:
    """Whether a passage is nearer to its question than chance brings it, in an index of this usual cosine."""
    if near.sentence >= _ALL_WORDS:
        return True
    if near.cosine is None or near.familiarity < _KNOWN:
        return near.sentence >= _WORDS_ALONE
    return near.cosine - usual + _WORDS * near.sentence >= _MARGIN


def usual(database: Database, model_id: int) -> float:
    """The median of the best cosines of questions that an index was not made for, as it was last measured."""
    row = database.row("SELECT value FROM settings WHERE name = ?", (_name(model_id),))
    return float(row[0].split()[0]) if row is not None else _USUAL


def measure(database: Database, active: ActiveModel) -> None:
    """Measure the usual cosine of an index that has grown or shrunk since it was measured last."""
    size = len(active.index)
    row = database.row("SELECT value FROM settings WHERE name = ?", (_name(active.model.id),))
    before = int(row[0].split()[1]) if row is not None else 0
    if not size or (before <= size * _GROWN and size <= before * _GROWN):
        return
    try:
        vectors = active.embedder.encode(STRANGERS, as_query=True)
    except Stopped:
        return  # it is measured when it is next brought up to date
    nearest = [max(active.index.search(vector, 1).values(), default=0.0) for vector in vectors]
    value = f"{statistics.median(nearest):.4f} {size}"
    with database.atomic():
        database.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (_name(active.model.id), value))


def _name(model_id: int) -> str:
    return f"usual_cosine_{model_id}"
