"""What was learned of labels: each head by its sha256, which is in use for a set, and which was before."""

from collections.abc import Callable

from pipeline.storage.audit import utc_text
from pipeline.storage.database import Database


def put(database: Database, sha256: str, set_name: str, model: str, content: bytes, clock: Callable[[], float]) -> None:
    """Keep a head and use it from now on; the one that was in use is kept for going back. Inside atomic()."""
    database.run(
        "INSERT OR IGNORE INTO heads (sha256, set_name, model, content, trained_at) VALUES (?, ?, ?, ?, ?)",
        (sha256, set_name, model, content, utc_text(clock)),
    )
    before = _setting(database, "head", set_name)
    if before != sha256:
        _set(database, "head_before", set_name, before)
        _set(database, "head", set_name, sha256)
    database.run(
        "DELETE FROM heads WHERE set_name = ? AND sha256 NOT IN (SELECT value FROM settings WHERE name IN (?, ?))",
        (set_name, f"head:{set_name}", f"head_before:{set_name}"),
    )


def current(database: Database, set_name: str) -> bytes | None:
    """The head that is in use for a set."""
    return _content(database, _setting(database, "head", set_name))


def roll_back(database: Database, set_name: str) -> bool:
    """Use the head of before, and keep this one in its place; False where there is none. Inside atomic()."""
    now, before = _setting(database, "head", set_name), _setting(database, "head_before", set_name)
    if before is None:
        return False
    _set(database, "head", set_name, before)
    _set(database, "head_before", set_name, now)
    return True


def _content(database: Database, sha256: str | None) -> bytes | None:
    row = None if sha256 is None else database.row("SELECT content FROM heads WHERE sha256 = ?", (sha256,))
    return None if row is None else bytes(row["content"])


def _setting(database: Database, name: str, set_name: str) -> str | None:
    row = database.row("SELECT value FROM settings WHERE name = ?", (f"{name}:{set_name}",))
    return None if row is None else str(row["value"])


def _set(database: Database, name: str, set_name: str, value: str | None) -> None:
    if value is None:
        database.run("DELETE FROM settings WHERE name = ?", (f"{name}:{set_name}",))
    else:
        database.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (f"{name}:{set_name}", value))
