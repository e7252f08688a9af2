"""Gives every stored document its label anew when the labels or the model have changed; reads no document again."""

import hashlib

import msgspec
import numpy as np

from pipeline.config import LabelsConfig
from pipeline.insight.classification import Classifier
from pipeline.storage.audit import Audit, Event
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import VectorModel

_SETTING = "labels"


def relabel(database: Database, audit: Audit, labels: LabelsConfig, classifier: Classifier, model: VectorModel) -> int:
    """Bring labels up to date with the configuration and the model; returns how many documents were looked at.

    `classifier` speaks the same model's language. Nothing to do: 0.
    """
    wanted = hashlib.sha256(msgspec.json.encode([labels, model.sha256])).hexdigest()
    with database.atomic():
        row = database.row("SELECT value FROM settings WHERE name = ?", (_SETTING,))
        if row is not None and row[0] == wanted:
            return 0
        documents = database.rows("SELECT id, sha256, label FROM documents WHERE chunks > 0")
        for document in documents:
            label = classifier.classify(_vectors(database, document["id"], model))
            if label is None:
                continue
            database.run(
                "UPDATE documents SET label = ?, label_score = ?, label_margin = ? WHERE id = ?",
                (label.name, label.score, label.margin, document["id"]),
            )
            if label.name != document["label"]:
                audit.record(Event.RELABELLED, document["sha256"])
        database.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (_SETTING, wanted))
    return len(documents)


def _vectors(database: Database, document_id: int, model: VectorModel) -> "np.typing.NDArray[np.float32]":
    rows = database.rows(
        "SELECT codes, length(codes) AS dimension FROM vectors JOIN chunks ON chunks.id = chunk_id "
        "WHERE document_id = ? AND model_id = ? ORDER BY chunk_id",
        (document_id, model.id),
    )
    if not rows:
        return np.empty((0, 0), np.float32)
    codes = np.frombuffer(b"".join(row["codes"] for row in rows), np.int8).reshape(len(rows), -1).astype(np.float32)
    lengths = np.linalg.norm(codes, axis=1, keepdims=True)
    unit: np.typing.NDArray[np.float32] = codes / np.maximum(lengths, 1e-12)
    return unit
