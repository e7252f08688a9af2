"""What people say of labels, and what is learned of it: examples, learning, its measures, going back."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Config
from pipeline.errors import UsageError
from pipeline.insight.labelling import head as heads_of
from pipeline.insight.labelling.head import MAX_BYTES, Head
from pipeline.insight.labelling.learning import Learned, Learning
from pipeline.insight.sensitivity import Assessor
from pipeline.redaction.new_file import new_file
from pipeline.registry.active import ActiveModel
from pipeline.reports import DocumentRow
from pipeline.search.masking import Masker
from pipeline.search.snippets import snippet
from pipeline.storage import detail, heads, labels, listing
from pipeline.storage.audit import Audit, Event
from pipeline.storage.database import Database
from pipeline.storage.labels import GivenLabel
from pipeline.storage.texts import Place, StoredTexts


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A document whose label is not certain: what it may be, and a passage that spoke for the likeliest, masked."""

    row: DocumentRow
    given: GivenLabel
    snippet: str


class LabelSets:
    """The labels of one store. `active` is called when a model is needed."""

    def __init__(self, database: Database, audit: Audit, config: Config, active: Callable[[], ActiveModel]) -> None:
        self._database = database
        self._audit = audit
        self._config = config
        self._active = active

    def add(self, set_name: str, name: str, documents: Iterable[str]) -> int:
        """Say that documents have a label; it stands, and is an example. Returns how many. Raises UsageError."""
        self._check(set_name)
        names = [label.name for label in self._config.labels.sets[set_name]]
        if name not in names:
            raise UsageError("label_unknown", "There is no such label.", f"Choose one of: {', '.join(names)}.")
        return self._choose(set_name, name, documents)

    def remove(self, set_name: str, documents: Iterable[str]) -> int:
        """Take back what was said of documents; the next run labels them again. Raises UsageError."""
        self._check(set_name)
        return self._choose(set_name, None, documents)

    def review(self, set_name: str, limit: int) -> list[Reviewed]:
        """The documents of which a person's word would teach most, the least certain first. Raises UsageError."""
        self._check(set_name)
        masker, texts = Masker(self._database, self._config.sensitivity), StoredTexts(self._database)
        found = []
        with self._database.snapshot():
            for given in labels.least_certain(self._database, set_name, limit):
                row = listing.document(self._database, given.document_id)
                shown = ""
                if given.label.evidence:
                    place = Place(given.document_id, *given.label.evidence[0])
                    said = masker.masked(texts.at([place])[0], place, row.sensitivity)
                    shown = snippet(said.text, ()).text
                found.append(Reviewed(row, given, shown))
        return found

    def counts(self, set_name: str) -> dict[str, int]:
        """How many documents have each label. Raises UsageError."""
        self._check(set_name)
        return labels.counts(self._database, set_name)

    def evaluate(self, set_name: str) -> Learned:
        """What would be learned of all examples, and how good that is; nothing is kept. Raises UsageError."""
        self._check(set_name)
        return self._learning().learn(set_name)

    def train(self, set_name: str) -> Learned:
        """Learn from all examples; the next run gives labels by it. Raises UsageError, ModelError."""
        learned = self.evaluate(set_name)
        if not learned.head.examples:
            advice = (
                f"Give some: `pipeline labels add {set_name}=LABEL DOCUMENT ...`; `labels review` proposes documents."
            )
            raise UsageError("examples_missing", "There is no example to learn from.", advice)
        self._keep(learned.head)
        return learned

    def roll_back(self, set_name: str) -> None:
        """Give labels by what was learned before. Raises UsageError."""
        self._check(set_name)
        with self._database.atomic():
            if not heads.roll_back(self._database, set_name):
                raise UsageError("no_previous_head", "There is nothing learned before to go back to.")
            self._audit.record(Event.LABELS_LEARNED)

    def export(self, set_name: str, out: Path) -> None:
        """Write what was learned to a new file: weights, no text. Raises UsageError."""
        self._check(set_name)
        content = heads.current(self._database, set_name)
        if content is None:
            advice = f"`pipeline labels train {set_name}` learns from examples."
            raise UsageError("head_missing", "Nothing was learned of this set yet.", advice)
        with new_file(out) as file:
            file.write(content)

    def take(self, set_name: str, file: Path) -> Head:
        """Use what was learned elsewhere, of the same model and the same labels. Raises UsageError, ModelError."""
        self._check(set_name)
        head = Head.decoded(_content(file))
        names = tuple(label.name for label in self._config.labels.sets[set_name])
        if (head.set_name, head.names) != (set_name, names):
            advice = "Give the set the same labels, in the same order, as where it was learned."
            raise UsageError("head_of_other_labels", "This was learned of other labels.", advice)
        if head.model != self._active().model.sha256:
            advice = "Activate the model with which it was learned, or learn again."
            raise UsageError("head_of_other_model", "This was learned with another model.", advice)
        self._keep(head)
        return head

    def _choose(self, set_name: str, name: str | None, documents: Iterable[str]) -> int:
        assessor = Assessor(self._database, self._audit, self._config.sensitivity)
        with self._database.atomic():
            ids = {detail.identify(self._database, document) for document in documents}
            for document_id in sorted(ids):
                labels.choose(self._database, document_id, set_name, name, time.time)
                sha256 = self._database.rows("SELECT sha256 FROM documents WHERE id = ?", (document_id,))[0]["sha256"]
                self._audit.record(Event.LABEL_CHOSEN, sha256)
                assessor.assess(document_id)
        return len(ids)

    def _keep(self, head: Head) -> None:
        with self._database.atomic():
            self._learning().keep(head, time.time)
            self._audit.record(Event.LABELS_LEARNED, model=heads_of.sha256(head.encoded()))

    def _learning(self) -> Learning:
        active = self._active()
        return Learning(self._database, self._config.labels, active.model, active.embedder.encode)

    def _check(self, set_name: str) -> None:
        sets = self._config.labels.sets
        if set_name not in sets:
            raise UsageError("label_set_unknown", "There is no such set of labels.", f"Choose of: {', '.join(sets)}.")


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError("head_unreadable", f"The file cannot be read: {error.strerror}.") from None
    if len(content) > MAX_BYTES:
        raise UsageError("head_unusable", "These are no learned labels that this version can use.")
    return content
