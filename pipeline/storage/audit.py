"""Records what happened to which document, in the same transaction as the fact itself. Ids and codes only."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from pipeline.outcomes import Code
from pipeline.storage.database import Database


class Event(StrEnum):
    """What can happen to a document."""

    INGESTED = "ingested"
    FORGOTTEN = "forgotten"
    RELABELLED = "relabelled"


def utc_text(clock: Callable[[], float]) -> str:
    """Now as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(clock(), UTC).isoformat(timespec="seconds")


class Audit:
    """The trail of events, oldest first; rows are only ever added."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def record(self, event: Event, document: str | None, code: Code | None = None) -> None:
        """Add one event. `document` is the sha256 of its bytes."""
        self._database.insert(
            "INSERT INTO audit (at, event, document, code) VALUES (?, ?, ?, ?)",
            (utc_text(self._clock), event, document, code),
        )
