"""Learns the labels of a set from what people said of documents in the store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.config import LabelDescription, LabelsConfig
from pipeline.datatypes import Vectors
from pipeline.insight.labelling import head as heads_of
from pipeline.insight.labelling.features import Features, features
from pipeline.insight.labelling.head import Head
from pipeline.insight.labelling.training import Example, LabelSet, Report, train
from pipeline.storage import heads, labels, passage_vectors, texts
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import VectorModel

Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Learned:
    """A head and what was measured of it. `unknown` people's labels are not in the configuration, and taught nothing.

    `without_text` documents have nothing to learn from.
    """

    head: Head
    report: Report | None
    unknown: int = 0
    without_text: int = 0


class Learning:
    """The sets of a configuration and the examples of a store, for one model."""

    def __init__(self, database: Database, config: LabelsConfig, model: VectorModel, encode: Encode) -> None:
        self._database = database
        self._config = config
        self._model = model
        self._encode = encode

    def learn(self, set_name: str) -> Learned:
        """A head from all that people have said, and the descriptions."""
        described = self._config.sets[set_name]
        places = {label.name: place for place, label in enumerate(described)}
        examples, unknown, without_text = [], 0, 0
        for given in labels.by_people(self._database, set_name):
            found = self._features(given.document_id)
            if given.label.name not in places:
                unknown += 1
            elif found is None:
                without_text += 1
            else:
                examples.append(Example(given.document, found, places[given.label.name]))
        config = self._config
        head, report = train(
            self._label_set(set_name, described), examples, self._model.sha256,
            min_score=config.min_score, max_error=config.max_error,
        )  # fmt: skip
        return Learned(head, report, unknown, without_text)

    def current(self, set_name: str) -> Head:
        """The head in use, where it is of this model and these labels; else one that is learned now, and not kept."""
        content = heads.current(self._database, set_name)
        if content is not None:
            head = Head.decoded(content)
            if head.model == self._model.sha256 and head.names == tuple(
                one.name for one in self._config.sets[set_name]
            ):
                return head
        return self.learn(set_name).head if content is not None else self.described(set_name)

    def described(self, set_name: str) -> Head:
        """A head that knows only the descriptions."""
        labels_of = self._label_set(set_name, self._config.sets[set_name])
        config = self._config
        return train(labels_of, [], self._model.sha256, min_score=config.min_score, max_error=config.max_error)[0]

    def keep(self, head: Head, clock: Callable[[], float]) -> str:
        """Use this head from now on; returns its sha256. Call inside atomic()."""
        content = head.encoded()
        name = heads_of.sha256(content)
        heads.put(self._database, name, head.set_name, head.model, content, clock)
        return name

    def _label_set(self, set_name: str, described: Sequence[LabelDescription]) -> LabelSet:
        rows = self._encode([label.description for label in described])
        return LabelSet(set_name, tuple(label.name for label in described), rows)

    def _features(self, document_id: int) -> Features | None:
        passages = passage_vectors.of_document(self._database, self._model, document_id)
        if not len(passages):
            return None
        return features(passages.vectors, texts.of_pages(self._database, document_id).values())
