"""The schema, one migration per change, applied through sqlite-utils in one transaction each.

A migration that was published is never edited; a change of the schema is a new one.
"""

import itertools
import sqlite3

from sqlite_utils import Database, Migrations

from pipeline.datatypes import Finding
from pipeline.storage import names, packed_findings, texts

_all = Migrations("sealed-inbox")


def apply(connection: sqlite3.Connection, stop_before: str | None = None) -> None:
    """Bring the database up to the newest schema, or to the one before a migration."""
    _all.apply(Database(connection), stop_before=stop_before)


@_all()
def m001_first_schema(db: Database) -> None:
    """Documents, their paths, pages, chunks, vectors and full text; the jobs, the audit trail, the index's changes."""
    db.table("documents").create(
        {
            "id": int, "sha256": str, "size_bytes": int, "format": str, "code": str, "pages": int,
            "pages_failed": int, "pages_without_text": int, "chunks": int, "label": str, "label_score": float,
            "label_margin": float, "model_id": int, "indexed_at": str,
        },
        pk="id", not_null={"sha256", "size_bytes", "code"},
    )  # fmt: skip
    db.table("documents").create_index(["sha256"], unique=True)
    db.table("documents").create_index(["label"])
    # The bytes that a path held when it was last processed. Paths are the file system's bytes.
    db.table("paths").create(
        {"path": bytes, "document_id": int},
        pk="path", not_null={"document_id"}, foreign_keys=[("document_id", "documents", "id")],
    )  # fmt: skip
    db.table("paths").create_index(["document_id"])
    # One row per file seen: waiting, working or done; when done, the code says how it ended.
    db.table("jobs").create(
        {
            "path": bytes, "signature": str, "size_bytes": int, "status": str, "attempts": int, "not_before": float,
            "owner": str, "lease_until": float, "code": str, "queued": int,
        },
        pk="path", not_null={"signature", "size_bytes", "status", "attempts", "not_before", "queued"},
    )  # fmt: skip
    db.table("jobs").create_index(["status", "attempts", "queued"])
    db.table("pages").create(
        {"document_id": int, "number": int, "text": str, "code": str},
        pk=("document_id", "number"), not_null={"text"}, foreign_keys=[("document_id", "documents", "id")],
    )  # fmt: skip
    # AUTOINCREMENT: an id is never given twice, so that the FAISS cache can tell what is new by number alone.
    db.execute(
        "CREATE TABLE chunks (id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "document_id INTEGER NOT NULL REFERENCES documents(id), page INTEGER NOT NULL, "
        "start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL)"
    )
    db.table("chunks").create_index(["document_id"])
    db.table("chunks").enable_fts(["text"], tokenize="porter unicode61 remove_diacritics 2")
    # No triggers: trusted_schema=OFF forbids them to reach a virtual table; fulltext.py keeps the two in step.
    db.table("models").create({"id": int, "name": str, "sha256": str, "dimension": int, "scale": float}, pk="id")
    db.table("models").create_index(["sha256"], unique=True)
    db.execute(
        "CREATE TABLE vectors (model_id INTEGER NOT NULL REFERENCES models(id), "
        "chunk_id INTEGER NOT NULL REFERENCES chunks(id), codes BLOB NOT NULL, "
        "PRIMARY KEY (model_id, chunk_id)) WITHOUT ROWID"
    )
    # What left the index, so that a FAISS cache of an earlier generation can follow.
    db.table("removed_chunks").create({"chunk_id": int, "generation": int}, pk="chunk_id", not_null={"generation"})
    db.table("removed_chunks").create_index(["generation"])
    db.table("audit").create({"id": int, "at": str, "event": str, "document": str, "code": str}, pk="id")
    db.table("settings").create({"name": str, "value": str}, pk="name", not_null={"value"})
    db.table("settings").insert_all([{"name": "generation", "value": "0"}])


@_all()
def m002_sets_of_vectors(db: Database) -> None:
    """Which model is active is a setting; a document no longer names one. The trail names the model of a change."""
    db.execute(
        "INSERT INTO settings (name, value) SELECT 'active_model', CAST(model_id AS TEXT) FROM documents "
        "WHERE model_id IS NOT NULL AND chunks > 0 GROUP BY model_id ORDER BY sum(chunks) DESC LIMIT 1"
    )
    db.execute("INSERT INTO settings (name, value) SELECT 'passage_tokens', '256' FROM chunks LIMIT 1")
    db.execute("ALTER TABLE documents DROP COLUMN model_id")
    db.execute("ALTER TABLE audit ADD COLUMN model TEXT")


@_all()
def m003_documents_in_documents(db: Database) -> None:
    """Members of documents, how each page was read, the language of a document, and files that are to be read anew."""
    # A document lies at paths, in other documents, or both; what holds nothing any more is forgotten. `document_id` is
    # null where the member was not read; `code` then says why.
    db.execute(
        "CREATE TABLE members (container_id INTEGER NOT NULL REFERENCES documents(id), number INTEGER NOT NULL, "
        "name TEXT NOT NULL, code TEXT NOT NULL, document_id INTEGER REFERENCES documents(id), "
        "PRIMARY KEY (container_id, number)) WITHOUT ROWID"
    )
    db.table("members").create_index(["document_id"])
    for column in (
        "language TEXT",
        "misnamed INTEGER NOT NULL DEFAULT 0",
        "members INTEGER NOT NULL DEFAULT 0",
        "members_unread INTEGER NOT NULL DEFAULT 0",
        "pages_recognised INTEGER NOT NULL DEFAULT 0",
        "pages_uncertain INTEGER NOT NULL DEFAULT 0",
    ):
        db.execute(f"ALTER TABLE documents ADD COLUMN {column}")
    for column in ("reader TEXT", "confidence REAL", "dpi INTEGER", "body_start INTEGER", "body_end INTEGER"):
        db.execute(f"ALTER TABLE pages ADD COLUMN {column}")
    db.execute("ALTER TABLE jobs ADD COLUMN anew INTEGER NOT NULL DEFAULT 0")


@_all()
def m004_full_text_by_language(db: Database) -> None:
    """An index for each way of making words findable; passages of before stay English, and their index is made anew.

    The rows of each are those of a view, so that SQLite itself can check an index against what it should hold.
    """
    db.execute("ALTER TABLE chunks ADD COLUMN analysis TEXT NOT NULL DEFAULT 'stemmed'")
    for analysis in ("stemmed", "whole"):
        db.execute(f"CREATE VIEW chunks_{analysis} AS SELECT id, text FROM chunks WHERE analysis = '{analysis}'")  # noqa: S608
    # Kept, not made anew when a passage leaves: an index must be told the very text that it forgets.
    db.execute("CREATE TABLE chunk_pairs (chunk_id INTEGER PRIMARY KEY REFERENCES chunks(id), text TEXT NOT NULL)")
    # Mn, Mc: the vowel signs of Indic scripts and of Thai are parts of words.
    words = "unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc''"
    for index, content, row_id, tokenize in (
        ("stemmed_fts", "chunks_stemmed", "id", f"porter {words}"),
        ("whole_fts", "chunks_whole", "id", words),
        ("pairs_fts", "chunk_pairs", "chunk_id", f"porter {words}"),
    ):
        db.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5(text, content='{content}', content_rowid='{row_id}', "
            f"tokenize='{tokenize}')"
        )
    db.execute("DROP TABLE chunks_fts")
    db.execute("INSERT INTO stemmed_fts (stemmed_fts) VALUES ('rebuild')")
    db.table("documents").create_index(["language"])


@_all()
def m005_words_beside_the_store(db: Database) -> None:
    """Words are found by an index in files beside the store, which is made of the passages (storage/lexicon/).

    At a hundred thousand passages SQLite's took 60 ms to rank a question, and 700 bytes a passage. What documents are
    called is still found by SQLite.
    """
    for index in ("stemmed_fts", "whole_fts", "pairs_fts"):
        db.execute(f"DROP TABLE {index}")
    for analysis in ("stemmed", "whole"):
        db.execute(f"DROP VIEW chunks_{analysis}")
    db.execute("DROP TABLE chunk_pairs")
    db.execute("ALTER TABLE chunks DROP COLUMN analysis")
    db.execute(
        "CREATE VIRTUAL TABLE names USING fts5(name, tokenize='porter unicode61 remove_diacritics 2 "
        "categories ''L* N* Co Mn Mc''')"
    )
    for (document_id,) in db.execute("SELECT id FROM documents").fetchall():
        paths = [row[0] for row in db.execute("SELECT path FROM paths WHERE document_id = ?", (document_id,))]
        called = [row[0] for row in db.execute("SELECT name FROM members WHERE document_id = ?", (document_id,))]
        if text := names.searchable(paths, called):
            db.execute("INSERT INTO names (rowid, name) VALUES (?, ?)", (document_id, text))


@_all()
def m006_days_of_documents(db: Database) -> None:
    """The day that a document says it is of, as YYYY-MM-DD; null where it says none, and until it is read anew."""
    db.execute("ALTER TABLE documents ADD COLUMN dated TEXT")
    db.table("documents").create_index(["dated"])


@_all()
def m007_signatures_and_saved_searches(db: Database) -> None:
    """What tells texts that are nearly the same; searches that are kept, and when a document first had passages.

    `arrived` is a generation of the index; null: no passage yet. `mark` is the one up to which a search was reported.
    """
    # Made when it is first asked for, for documents of before; empty for what has no word.
    db.table("signatures").create(
        {"document_id": int, "minhash": bytes},
        pk="document_id", not_null={"minhash"}, foreign_keys=[("document_id", "documents", "id")],
    )  # fmt: skip
    db.execute("ALTER TABLE documents ADD COLUMN arrived INTEGER")
    db.execute("UPDATE documents SET arrived = 0 WHERE chunks > 0")
    db.table("documents").create_index(["arrived"])
    db.table("saved_searches").create(
        {"name": str, "query": str, "mark": int, "saved_at": str},
        pk="name", not_null={"query", "mark", "saved_at"},
    )  # fmt: skip


@_all()
def m008_filters_by_one_index(db: Database) -> None:
    """All that a search may ask of a document in one index, so that no row is read for it: 25 ms of 33,000 rows."""
    for column in ("label", "language", "dated"):
        db.execute(f"DROP INDEX idx_documents_{column}")
    db.table("documents").create_index(["label", "language", "format", "code", "dated", "indexed_at", "arrived"])


@_all()
def m009_texts_once(db: Database) -> None:
    """The text of a page is kept once, and packed; what a passage says is read there. It was kept in both, as it was.

    2,600 bytes a passage became 600. A store of before becomes no smaller by itself: what became free is used anew.
    """
    db.table("texts").create(
        {"id": int, "document_id": int, "page": int, "start": int, "content": bytes},
        pk="id", not_null={"document_id", "page", "start", "content"},
        foreign_keys=[("document_id", "documents", "id")],
    )  # fmt: skip
    db.table("texts").create_index(["document_id", "page", "start"], unique=True)
    db.execute("ALTER TABLE pages ADD COLUMN characters INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE pages SET characters = length(text)")
    for document_id, page, text in db.execute("SELECT document_id, number, text FROM pages"):
        for start, content in texts.packed(text):
            db.execute(
                "INSERT INTO texts (document_id, page, start, content) VALUES (?, ?, ?, ?)",
                (document_id, page, start, content),
            )
    for table in ("pages", "chunks"):
        db.execute(f"ALTER TABLE {table} DROP COLUMN text")


@_all()
def m010_personal_data_and_sensitivity(db: Database) -> None:
    """Where personal data stands, and how sensitive a document is: by the rules, and by a person over the rules' level.

    `inspected` is what a document was looked through by; null: not yet, which a run does for documents of before.
    """
    db.table("findings").create(
        {"document_id": int, "page": int, "start": int, "end": int, "kind": str, "score": float, "detector": str},
        not_null={"document_id", "page", "start", "end", "kind", "score", "detector"},
        foreign_keys=[("document_id", "documents", "id")],
    )  # fmt: skip
    db.table("findings").create_index(["document_id", "page", "start"])
    db.table("findings").create_index(["kind", "document_id"])
    for column in ("inspected", "sensitivity", "sensitivity_ruled", "sensitivity_chosen", "sensitivity_over"):
        db.execute(f"ALTER TABLE documents ADD COLUMN {column} TEXT")
    db.execute("DROP INDEX idx_documents_label_language_format_code_dated_indexed_at_arrived")
    db.table("documents").create_index(
        ["label", "language", "format", "code", "dated", "indexed_at", "arrived", "sensitivity"]
    )


@_all()
def m011_labels_of_several_sets(db: Database) -> None:
    """Every document's label in each set, who gave it and why; and what was learned of the labels that people gave.

    `labelled` is what labelled a document; null: a run does it anew. `given_by` is `person` or `head`. The label in the
    set `kind` stands in `documents`, too, for filters and lists.
    """
    db.table("labels").create(
        {
            "document_id": int, "set_name": str, "name": str, "score": float, "margin": float, "threshold": float,
            "given_by": str, "head": str, "alternatives": str, "evidence": str, "decided_at": str,
        },
        pk=("document_id", "set_name"), not_null={"name", "score", "margin", "threshold", "given_by", "decided_at"},
        foreign_keys=[("document_id", "documents", "id")],
    )  # fmt: skip
    db.table("labels").create_index(["set_name", "name"])
    db.table("heads").create(
        {"sha256": str, "set_name": str, "model": str, "content": bytes, "trained_at": str},
        pk="sha256", not_null={"set_name", "model", "content", "trained_at"},
    )  # fmt: skip
    db.execute("ALTER TABLE documents ADD COLUMN labelled TEXT")


@_all()
def m012_findings_packed(db: Database) -> None:
    """The findings of a page in one row, and how many of each kind a document has.

    Names of persons, firms and places made them too many for a row and two entries of an index each.
    """
    db.execute("ALTER TABLE findings RENAME TO findings_apart")
    db.execute(
        "CREATE TABLE findings (document_id INTEGER NOT NULL REFERENCES documents(id), page INTEGER NOT NULL, "
        "packed BLOB NOT NULL, PRIMARY KEY (document_id, page)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE finding_counts (document_id INTEGER NOT NULL REFERENCES documents(id), kind TEXT NOT NULL, "
        "found INTEGER NOT NULL, PRIMARY KEY (document_id, kind)) WITHOUT ROWID"
    )
    db.table("finding_counts").create_index(["kind", "document_id", "found"])
    rows = db.execute(
        "SELECT document_id, page, start, end, kind, score, detector FROM findings_apart "
        "ORDER BY document_id, page, start"
    )
    for (document_id, page), those in itertools.groupby(rows.fetchall(), lambda row: row[:2]):
        found = [Finding(kind, page, start, end, score, by) for _, _, start, end, kind, score, by in those]
        db.execute("INSERT INTO findings VALUES (?, ?, ?)", (document_id, page, packed_findings.packed(found)))
    db.execute(
        "INSERT INTO finding_counts SELECT document_id, kind, count(*) FROM findings_apart GROUP BY document_id, kind"
    )
    db.execute("DROP TABLE findings_apart")
