"""Opens the one SQLite file, brings its schema up to date, and runs transactions. Knows no table's meaning."""

import contextlib
import errno
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.errors import StoreError

FILE_NAME = "index.sqlite"
SCHEMA_VERSION = 12  # PRAGMA user_version; raised with every migration
APPLICATION_ID = 0x5EA1B0C5  # marks the file as ours (file(1), PRAGMA application_id)
_PAGE_BYTES = 8192  # five packed pages of text, or twenty vectors, lie in one; of 4096 a sixth would stay empty
BUSY_TIMEOUT_S = 30.0  # another process's transaction lasts milliseconds; this is for a stalled disk

Value = str | bytes | int | float | None


class Database:
    """One connection, shared by the threads of a process one at a time. Times are UTC, sizes bytes.

    WAL with synchronous=FULL: what was committed survives power loss (sqlite.org/pragma.html#pragma_synchronous).
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Open, creating folder (0700) and file (0600) if missing. Raises StoreError.

        With `read_only`, as a further connection of a process to a store that is open, no statement changes anything.
        """
        self.folder = folder
        self.path = folder / FILE_NAME
        self.read_only = read_only
        self._lock = threading.RLock()
        self._depth = 0
        try:
            _make_private(folder, self.path)
            self._connection = sqlite3.connect(
                self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            self._configure()
            if read_only:
                self._connection.execute("PRAGMA query_only=ON")
        except OSError as error:
            raise StoreError(
                "store_unwritable",
                f"The store's folder cannot be written: {error.strerror}.",
                "Check store.path in config.yaml and the permissions of that folder.",
            ) from None
        except sqlite3.DatabaseError as error:
            raise _translated(error) from None

    def close(self) -> None:
        """Close the connection. Safe to call twice."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """All statements inside are committed together, or none. Nested use joins the outer transaction."""
        with self._lock, _store_errors():
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see one state of the store, whatever other processes commit meanwhile."""
        with self._lock, _store_errors():
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock, _store_errors():
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Value] = ()) -> sqlite3.Row | None:
        """The first row of a query, if any."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Execute one statement and return how many rows it changed."""
        with self._lock, _store_errors():
            return self._connection.execute(sql, parameters).rowcount

    def insert(self, sql: str, parameters: Sequence[Value]) -> int:
        """Execute one INSERT and return the new row's id."""
        with self._lock, _store_errors():
            return self._connection.execute(sql, parameters).lastrowid or 0

    def run_many(self, sql: str, parameters: Sequence[Sequence[Value]]) -> None:
        """Execute one statement for each set of parameters."""
        with self._lock, _store_errors():
            self._connection.executemany(sql, parameters)

    def problems(self) -> list[str]:
        """What SQLite's own quick check and that of the names find wrong; empty when all is well."""
        found = [str(row[0]) for row in self.rows("PRAGMA quick_check(10)") if row[0] != "ok"]
        try:
            self.run("INSERT INTO names(names, rank) VALUES ('integrity-check', 1)")
        except StoreError:
            found.append("the index of names is damaged")
        return found

    def _configure(self) -> None:
        connection = self._connection
        connection.row_factory = sqlite3.Row
        for pragma in (
            f"page_size={_PAGE_BYTES}",  # of a new file; the others keep theirs
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # forgotten text is overwritten, not merely unlinked
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "temp_store=MEMORY",  # no document text in temporary files
            *(("fullfsync=ON", "checkpoint_fullfsync=ON") if sys.platform == "darwin" else ()),
        ):
            connection.execute(f"PRAGMA {pragma}")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise StoreError(
                "store_newer",
                f"The store was written by a newer version of this program (schema {version}, known {SCHEMA_VERSION}).",
                "Use that version, or name another folder as store.path.",
            )
        if version < SCHEMA_VERSION:
            from pipeline.storage import migrations  # noqa: PLC0415 - imports sqlite-utils, needed once per store

            migrations.apply(connection)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _make_private(folder: Path, file: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700)
    # A file that is there is not opened: closing it would drop the locks that other connections of this process have on
    # it (fcntl(2)), and the next process to close it would take itself for the last, and remove what they write to.
    if not file.exists():
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives -wal and -shm the same mode
    elif not os.access(file, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if sys.platform != "win32":
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)


@contextlib.contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a guard of the schema spoke; the caller decides
    except sqlite3.DatabaseError as error:
        raise _translated(error) from None


def _translated(error: sqlite3.Error) -> StoreError:
    """SQLite's error as ours; the name of SQLite's code, never its message, which may quote data."""
    name = str(getattr(error, "sqlite_errorname", "SQLITE_ERROR"))
    if "FULL" in name:
        return StoreError(
            "store_full", "The disk of the store is full.", "Free space and start again; nothing committed is lost."
        )
    if "BUSY" in name or "LOCKED" in name:
        return StoreError(
            "store_busy", "Another program holds the store.", "Close other programs that have index.sqlite open."
        )
    if "CORRUPT" in name or "NOTADB" in name:
        return StoreError(
            "store_damaged",
            "The store's database file is damaged.",
            "Restore it from a backup, or remove the store's folder: the inbox is read again from the start.",
        )
    return StoreError("store_failed", f"The store could not be used ({name}).")
