"""A head that finds names: what was learned for one model, in its folder, verified before it is loaded."""

from pathlib import Path

from pipeline.datatypes import Vectors
from pipeline.insight.names.card import FILE, INPUT, Card
from pipeline.registry import inspection, weights
from pipeline.registry.manifest import FileEntry
from pipeline.registry.runtime import session


class Head:
    """A loaded head. Threads may share it."""

    def __init__(self, folder: Path, said: Card) -> None:
        """Verify and load the head in a model's folder. Raises ModelError."""
        content = weights.verified(folder, FileEntry(path=FILE, sha256=said.head))
        inspection.check(content)
        self.sha256 = said.head
        self._session = session(content)

    def probabilities(self, rows: Vectors) -> Vectors:
        """(words, inputs) float32, what is known of each word of a text, to (words, TAGS): how likely each tag is."""
        if not len(rows):
            return rows[:, :0]
        found: Vectors = self._session.run(None, {INPUT: rows})[0]
        return found
