"""The number of the index's state: it grows with every change of what is searchable, within the change's transaction.

A cache of generation g follows to a later one by adding chunks with higher ids and dropping those listed as removed
since g. The list is pruned now and then; a cache older than the list's beginning is built anew.
"""

from pipeline.storage.database import Database

MAX_REMOVED_ROWS = 100_000  # 2 MB; a cache so far behind is rebuilt faster than it follows


def current(database: Database) -> int:
    """The generation of what is committed, or of what the running transaction has done so far."""
    return _setting(database, "generation")


def advance(database: Database) -> int:
    """Count one change and return its generation. Call inside atomic()."""
    database.run("UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE name = 'generation'")
    return current(database)


def removed_from(database: Database) -> int:
    """The oldest generation from which the list of removed chunks is complete."""
    return _setting(database, "removed_from")


def prune(database: Database, through: int) -> None:
    """Shorten a long list of removed chunks, once a cache of generation `through` is saved."""
    row = database.row("SELECT count(*) FROM removed_chunks")
    if row is None or int(row[0]) <= MAX_REMOVED_ROWS:
        return
    with database.atomic():
        if through <= removed_from(database):  # another process was faster, and has saved more
            return
        database.run("DELETE FROM removed_chunks WHERE generation <= ?", (through,))
        database.run("INSERT OR REPLACE INTO settings (name, value) VALUES ('removed_from', ?)", (str(through),))


def _setting(database: Database, name: str) -> int:
    row = database.row("SELECT value FROM settings WHERE name = ?", (name,))
    return int(row[0]) if row else 0
