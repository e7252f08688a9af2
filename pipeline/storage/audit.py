"""Records what happened to which document, in the same transaction as the fact itself. Ids and codes only."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from pipeline.outcomes import Code
from pipeline.storage.database import Database


class Event(StrEnum):
    """What can happen to a document, or to the index as a whole."""

    INGESTED = "ingested"
    FORGOTTEN = "forgotten"
    RELABELLED = "relabelled"
    LABEL_CHOSEN = "label_chosen"  # by a person
    LABELS_LEARNED = "labels_learned"  # what gives labels from now on was learned, imported or gone back to
    SENSITIVITY_RULED = "sensitivity_ruled"  # the rules gave a document another level
    SENSITIVITY_CHOSEN = "sensitivity_chosen"  # a person did
    REVEALED = "revealed"  # personal data in it was shown as it stands
    REDACTED = "redacted"  # a copy without personal data was written
    MODEL_ACTIVATED = "model_activated"
    MODEL_ROLLED_BACK = "model_rolled_back"


def utc_text(clock: Callable[[], float]) -> str:
    """Now as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(clock(), UTC).isoformat(timespec="seconds")


class Audit:
    """The trail of events, oldest first; rows are only ever added."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def record(
        self, event: Event, document: str | None = None, code: Code | None = None, model: str | None = None
    ) -> None:
        """Add one event. `document` is the sha256 of its bytes, `model` that of a model's file."""
        self._database.insert(
            "INSERT INTO audit (at, event, document, code, model) VALUES (?, ?, ?, ?, ?)",
            (utc_text(self._clock), event, document, code, model),
        )
