"""Which documents lie in which: attachments of mails, files of archives. A tree by content; paths hold its roots."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.outcomes import Code
from pipeline.reports import MemberRow
from pipeline.storage.database import Database

_MAX_DEPTH = 200  # parsing.max_depth ends at 100: a longer way up is a fault, and no reason to hang


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document lies: at a path, or within the file at that path, named from the outermost to the innermost."""

    path: bytes
    inside: tuple[str, ...] = ()


def replace(database: Database, container_id: int, members: Sequence[tuple[int, str, Code, int | None]]) -> list[int]:
    """Set what lies in a document: number, name, code, document id. Returns who lay in it before. Inside atomic()."""
    before = [
        int(row[0])
        for row in database.rows(
            "SELECT DISTINCT document_id FROM members WHERE container_id = ? AND document_id IS NOT NULL",
            (container_id,),
        )
    ]
    database.run("DELETE FROM members WHERE container_id = ?", (container_id,))
    database.run_many(
        "INSERT INTO members (container_id, number, name, code, document_id) VALUES (?, ?, ?, ?, ?)",
        [(container_id, number, name, code, document_id) for number, name, code, document_id in members],
    )
    return before


def holds(database: Database, document_id: int) -> bool:
    """Whether some other document holds this one."""
    return database.row("SELECT 1 FROM members WHERE document_id = ? LIMIT 1", (document_id,)) is not None


def of(database: Database, container_id: int) -> list[MemberRow]:
    """What lies in a document, in order."""
    rows = database.rows(
        "SELECT number, name, sha256, coalesce(documents.code, members.code) AS code FROM members "
        "LEFT JOIN documents ON documents.id = document_id WHERE container_id = ? ORDER BY number",
        (container_id,),
    )
    return [MemberRow(row["number"], row["name"], Code(row["code"]), row["sha256"]) for row in rows]


def place(database: Database, document_id: int) -> Place | None:
    """Where a document lies: its first path, else its place in the first document that holds it."""
    inside: list[str] = []
    for _ in range(_MAX_DEPTH):
        row = database.row("SELECT min(path) FROM paths WHERE document_id = ?", (document_id,))
        if row is not None and row[0] is not None:
            return Place(bytes(row[0]), tuple(reversed(inside)))
        row = database.row(
            "SELECT container_id, name FROM members WHERE document_id = ? ORDER BY container_id, number LIMIT 1",
            (document_id,),
        )
        if row is None:
            return None
        document_id = int(row["container_id"])
        inside.append(row["name"])
    return None


def within(database: Database, holders: Collection[int]) -> set[int]:
    """These documents, and all that lie in them, at any depth."""
    held: dict[int, list[int]] = {}
    for row in database.rows("SELECT container_id, document_id FROM members WHERE document_id IS NOT NULL"):
        held.setdefault(row["container_id"], []).append(row["document_id"])
    found, pending = set(holders), list(holders)
    while pending:
        inner = [one for one in held.get(pending.pop(), ()) if one not in found]
        found.update(inner)
        pending += inner
    return found


def containers_with(codes: Iterable[Code]) -> tuple[str, tuple[Code, ...]]:
    """SQL, and its parameters, that gives the ids of documents with one of the codes, and of all that hold such."""
    values = tuple(codes)
    marks = ", ".join("?" * len(values))
    sql = (
        f"WITH RECURSIVE found(id) AS (SELECT id FROM documents WHERE code IN ({marks}) UNION "  # noqa: S608 - our own words
        f"SELECT container_id FROM members WHERE document_id IS NULL AND code IN ({marks}) UNION "
        "SELECT container_id FROM members JOIN found ON members.document_id = found.id) SELECT id FROM found"
    )
    return sql, values + values
