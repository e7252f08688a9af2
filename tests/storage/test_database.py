"""The one SQLite file: private, durable, versioned; transactions are whole or not at all."""

import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.storage import migrations, names, vector_sets
from pipeline.storage.database import FILE_NAME, SCHEMA_VERSION, Database
from pipeline.storage.lexicon.evidence import Sought, slots_of
from pipeline.storage.lexicon.lexicon import Lexicon
from pipeline.storage.texts import StoredTexts
from pipeline.storage.vector_sets import Role


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "store")
    yield opened
    opened.close()


def setting(database: Database, name: str) -> str | None:
    row = database.row("SELECT value FROM settings WHERE name = ?", (name,))
    return None if row is None else str(row[0])


def put(database: Database, name: str, value: str) -> None:
    database.run("INSERT INTO settings (name, value) VALUES (?, ?)", (name, value))


def test_folder_and_files_are_for_this_user_only(database: Database) -> None:
    assert stat.S_IMODE(database.folder.stat().st_mode) == 0o700
    files = [path for path in database.folder.iterdir() if path.name.startswith(FILE_NAME)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_rights_that_were_widened_are_narrowed_again(database: Database) -> None:
    database.close()
    database.folder.chmod(0o755)
    database.path.chmod(0o644)
    Database(database.folder).close()
    assert stat.S_IMODE(database.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600


def test_commits_are_durable_and_deleted_text_is_overwritten(database: Database) -> None:
    def pragma(name: str) -> object:
        return database.rows(f"PRAGMA {name}")[0][0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("secure_delete")) == ("wal", 2, 1)
    assert (pragma("foreign_keys"), pragma("trusted_schema"), pragma("user_version")) == (1, 0, SCHEMA_VERSION)


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.atomic():
            put(database, "a", "1")
            with database.atomic():
                put(database, "b", "2")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert (setting(database, "a"), setting(database, "b")) == (None, None)
    with database.atomic():
        put(database, "a", "3")
    assert setting(database, "a") == "3"


def test_a_killed_writer_leaves_the_last_commit(database: Database) -> None:
    code = (
        "import os, sys, pathlib; from pipeline.storage.database import Database\n"
        "d = Database(pathlib.Path(sys.argv[1]))\n"
        "d.run(\"INSERT INTO settings VALUES ('kept', '1')\")\n"
        "with d.atomic():\n"
        "    d.run(\"INSERT INTO settings VALUES ('lost', '1')\")\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(database.folder)], check=False)
    assert ended.returncode == -9
    assert (setting(database, "kept"), setting(database, "lost")) == ("1", None)


def test_a_snapshot_does_not_see_what_others_commit_meanwhile(database: Database) -> None:
    other = Database(database.folder)
    with database.snapshot():
        assert setting(database, "late") is None
        put(other, "late", "1")
        assert setting(database, "late") is None
    assert setting(database, "late") == "1"
    other.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_further_connection_of_a_process_leaves_the_locks_of_the_first(database: Database, read_only: bool) -> None:
    """Else another process that closes the store takes itself for the last, and removes the log that is written to."""
    other = Database(database.folder, read_only=read_only)
    code = (
        "import sys, pathlib; from pipeline.storage.database import Database\n"
        "Database(pathlib.Path(sys.argv[1])).close()"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code, str(database.folder)], check=True)
        assert (database.folder / f"{FILE_NAME}-wal").exists()
        other.close()
    put(database, "late", "1")
    seen = sqlite3.connect(database.path)
    with closing(seen):
        assert seen.execute("SELECT value FROM settings WHERE name = 'late'").fetchone() == ("1",)


def test_a_connection_that_only_reads_changes_nothing_and_sees_what_others_commit(database: Database) -> None:
    other = Database(database.folder, read_only=True)
    put(database, "a", "1")
    assert setting(other, "a") == "1"
    for change in ("DELETE FROM settings", "INSERT INTO settings VALUES ('b', '1')", "DROP TABLE settings"):
        with pytest.raises(StoreError):
            other.run(change)
    assert (setting(database, "a"), setting(other, "b")) == ("1", None)
    other.close()


def test_a_connection_that_only_reads_waits_for_no_commit_and_sees_none_before_its_end(database: Database) -> None:
    other = Database(database.folder, read_only=True)
    with database.atomic():
        put(database, "a", "1")
        assert setting(other, "a") is None
    with other.snapshot():
        assert setting(other, "a") == "1"
        with other.snapshot():
            put(database, "b", "1")
            assert setting(other, "b") is None
        assert setting(other, "b") is None, "a snapshot within another is the same"
    assert setting(other, "b") == "1"
    other.close()


def test_threads_do_not_mix_their_transactions(database: Database) -> None:
    def count(name: str) -> None:
        for number in range(25):
            with database.atomic():
                put(database, f"{name}{number}", "1")
                put(database, f"{name}{number}-twin", "1")

    threads = [threading.Thread(target=count, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("SELECT count(*) FROM settings WHERE value = '1'")[0][0] == 4 * 25 * 2


def test_a_newer_store_is_refused_and_left_alone(database: Database) -> None:
    database.run(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    database.close()
    before = database.path.read_bytes()
    with pytest.raises(StoreError) as refused:
        Database(database.folder)
    assert refused.value.code == "store_newer"
    assert database.path.read_bytes() == before


def test_a_file_that_is_no_database_is_told_apart_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"these are my notes, not a database" * 100)
    with pytest.raises(StoreError) as refused:
        Database(tmp_path)
    assert refused.value.code == "store_damaged"
    assert (tmp_path / FILE_NAME).read_bytes().startswith(b"these are my notes")


def test_an_error_never_quotes_data(database: Database) -> None:
    with pytest.raises(StoreError) as raised:
        database.run("INSERT INTO no_such_table VALUES ('a secret')")
    assert "secret" not in str(raised.value)
    assert "no_such_table" not in str(raised.value)


def test_an_index_of_names_that_is_damaged_is_a_problem(database: Database) -> None:
    database.run("INSERT INTO names (rowid, name) VALUES (1, 'lease.pdf')")
    assert database.problems() == []
    database.run("UPDATE names_content SET c0 = 'other.pdf'")
    assert database.problems() == ["the index of names is damaged"]


def test_the_schema_is_made_by_recorded_migrations(database: Database) -> None:
    database.close()
    with sqlite3.connect(database.path) as connection:
        applied = connection.execute("SELECT name FROM _sqlite_migrations").fetchall()
    assert [row[0] for row in applied] == [
        "m001_first_schema",
        "m002_sets_of_vectors",
        "m003_documents_in_documents",
        "m004_full_text_by_language",
        "m005_words_beside_the_store",
        "m006_days_of_documents",
        "m007_signatures_and_saved_searches",
        "m008_filters_by_one_index",
        "m009_texts_once",
        "m010_personal_data_and_sensitivity",
        "m011_labels_of_several_sets",
        "m012_findings_packed",
    ]


def test_an_index_of_the_first_version_keeps_everything_and_names_its_model(tmp_path: Path) -> None:
    """What version 1 wrote: the model stood in each document."""
    file = tmp_path / "index.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        migrations.apply(connection, stop_before="m002_sets_of_vectors")
        connection.executescript(
            "INSERT INTO models VALUES (1, 'old', 'aa', 4, 508), (2, 'other', 'bb', 4, 508);"
            "INSERT INTO documents (id, sha256, size_bytes, code, chunks, model_id) VALUES "
            "(1, 's1', 1, 'complete', 3, 2), (2, 's2', 1, 'complete', 1, 1), (3, 's3', 1, 'blank', 0, 1);"
            "INSERT INTO pages VALUES (1, 1, 'x', NULL);"
            "INSERT INTO chunks VALUES (1, 1, 1, 0, 1, 'x');"
            "INSERT INTO chunks_fts (rowid, text) VALUES (1, 'x');"
            "INSERT INTO audit (at, event, document, code) VALUES ('t', 'ingested', 's1', 'complete');"
            "PRAGMA user_version=1"
        )
    database = Database(tmp_path)
    active = vector_sets.current(database, Role.ACTIVE)
    assert active is not None
    assert (active.name, vector_sets.passage_tokens(database)) == ("other", 256)
    assert [row["sha256"] for row in database.rows("SELECT * FROM documents ORDER BY id")] == ["s1", "s2", "s3"]
    assert [tuple(row) for row in database.rows("SELECT event, model FROM audit")] == [("ingested", None)]
    assert database.rows("PRAGMA user_version")[0][0] == SCHEMA_VERSION
    assert database.problems() == []
    database.close()


def test_an_empty_index_of_the_first_version_has_no_model_yet(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)) as connection:
        migrations.apply(connection, stop_before="m002_sets_of_vectors")
    database = Database(tmp_path)
    assert vector_sets.current(database, Role.ACTIVE) is None
    assert vector_sets.passage_tokens(database) is None
    database.close()


@pytest.mark.parametrize("before", ["m004_full_text_by_language", "m005_words_beside_the_store"])
def test_an_index_of_before_finds_all_words_and_names(tmp_path: Path, before: str) -> None:
    """What versions 3 and 4 wrote: words were found by tables of the store."""
    texts = ("The tenants pay their rent.", "Die Firmen liefern.", "支付房租")
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)) as connection:
        migrations.apply(connection, stop_before=before)
        connection.execute(
            "INSERT INTO documents (id, sha256, size_bytes, code, chunks) VALUES (1, 's1', 1, 'complete', 3), "
            "(2, 's2', 1, 'complete', 0), (3, 's3', 1, 'blank', 0)"
        )
        connection.execute("INSERT INTO paths VALUES (?, 1), (?, 1)", (b"/in/Old_Lease.pdf", b"/in/\xff.pdf"))
        connection.execute("INSERT INTO members VALUES (1, 1, 'Attachment Zürich.doc', 'complete', 2)")
        for number, text in enumerate(texts, 1):
            connection.execute(
                "INSERT INTO chunks (id, document_id, page, start, end, text) VALUES (?, 1, ?, 0, ?, ?)",
                (number, number, len(text), text),
            )
            connection.execute("INSERT INTO pages (document_id, number, text) VALUES (1, ?, ?)", (number, text))
            if before == "m004_full_text_by_language":
                connection.execute("INSERT INTO chunks_fts (rowid, text) VALUES (?, ?)", (number, text))
            else:
                connection.execute("INSERT INTO stemmed_fts (rowid, text) VALUES (?, ?)", (number, text))
        if before != "m004_full_text_by_language":
            connection.execute("INSERT INTO chunk_pairs VALUES (3, '支付 付房 房租 租')")
        connection.execute("PRAGMA user_version=3")
    database = Database(tmp_path)
    assert StoredTexts(database).of_chunks([1, 2, 3]) == dict(enumerate(texts, 1))
    assert [row[0] for row in database.rows("SELECT characters FROM pages ORDER BY number")] == [*map(len, texts)]
    (part,) = Lexicon(database).catch_up().parts
    for term, slot in (("tenant", 0), ("firmen", 1), ("房租", 2)):
        assert slots_of(part, Sought((term,))).tolist() == [slot]
    assert names.called(database, "lease") == (1,)
    assert names.called(database, "zurich") == (2,)
    tables = {row[0] for row in database.rows("SELECT name FROM sqlite_master")}
    assert not {name for name in tables if "fts" in name or "pairs" in name or name.startswith("chunks_")}
    assert database.rows("PRAGMA user_version")[0][0] == SCHEMA_VERSION
    assert database.problems() == []
    database.close()
