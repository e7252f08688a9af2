"""Searches that a user keeps under a name, each with the generation up to which it was reported. Runs none.

They are the user's words: they live in the store alone, and are told on demand only.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from pipeline.datatypes import Query
from pipeline.storage.audit import utc_text
from pipeline.storage.database import Database


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search under its name. Documents that arrived after generation `mark` were not reported yet."""

    name: str
    query: Query
    mark: int
    saved_at: str


def add(database: Database, name: str, query: Query, mark: int, clock: Callable[[], float]) -> bool:
    """Keep a search; False, and nothing changed, where there is one of this name."""
    encoded = msgspec.json.encode(query).decode()
    kept = database.run(
        "INSERT OR IGNORE INTO saved_searches (name, query, mark, saved_at) VALUES (?, ?, ?, ?)",
        (name, encoded, mark, utc_text(clock)),
    )
    return kept == 1


def remove(database: Database, name: str) -> bool:
    """Forget a search; False where there is none of this name."""
    return database.run("DELETE FROM saved_searches WHERE name = ?", (name,)) == 1


def every(database: Database) -> list[SavedSearch]:
    """All that are kept, by name."""
    return [
        SavedSearch(row["name"], msgspec.json.decode(row["query"], type=Query), row["mark"], row["saved_at"])
        for row in database.rows("SELECT name, query, mark, saved_at FROM saved_searches ORDER BY name")
    ]


def report(database: Database, name: str, before: int, through: int) -> bool:
    """Move the mark of a search; False where it was moved by somebody else, or the search was removed meanwhile."""
    sql = "UPDATE saved_searches SET mark = ? WHERE name = ? AND mark = ?"
    return database.run(sql, (through, name, before)) == 1


def arrived(database: Database, after: int, through: int) -> frozenset[str]:
    """The sha256 of the documents of which something can be found since one generation, up to another."""
    rows = database.rows("SELECT sha256 FROM documents WHERE arrived > ? AND arrived <= ?", (after, through))
    return frozenset(row["sha256"] for row in rows)
