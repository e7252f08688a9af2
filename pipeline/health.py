"""Looks whether the installation, the model and the store are sound. Repairs nothing but what is only a cache."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.config import Config
from pipeline.errors import PipelineError
from pipeline.insight.names import card
from pipeline.parsing.ocr import engines
from pipeline.personal import NAMES
from pipeline.registry import catalogue
from pipeline.storage import texts, vector_sets
from pipeline.storage.database import Database

MIN_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `advice` says what to do when it is not ok."""

    name: str
    ok: bool
    finding: str
    advice: str = ""


def examine(config: Config, database: Database, vector_ids: Callable[[], list[int]]) -> list[Check]:
    """All checks, in the order in which one depends on the other."""
    return [
        *_system(), *_folders(config), _recognition(config), *_store(database), _texts(database),
        *_model(database), *_names(config, database), _vectors(database, vector_ids),
    ]  # fmt: skip


def _system() -> Iterator[Check]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Check("python", sys.version_info >= MIN_PYTHON, f"Python {version}", "Install Python 3.11 or newer.")
    with sqlite3.connect(":memory:") as connection:
        has_fts5 = any(row[0] == "ENABLE_FTS5" for row in connection.execute("PRAGMA compile_options"))
    advice = "Use a Python whose SQLite has FTS5."
    yield Check(
        "sqlite", has_fts5, f"SQLite {sqlite3.sqlite_version}, full-text search: {'yes' if has_fts5 else 'no'}", advice
    )


def _folders(config: Config) -> Iterator[Check]:
    inbox = config.inbox_path
    advice = "Create it, or set inbox.path; `pipeline watch` creates it too."
    yield Check("inbox", inbox.is_dir(), f"{inbox}{'' if inbox.is_dir() else ' does not exist'}", advice)
    store = config.store_path
    private = sys.platform == "win32" or not store.stat().st_mode & 0o077
    yield Check("store", private, f"{store}, readable by others: {'no' if private else 'yes'}", f"chmod 700 {store}")


def _recognition(config: Config) -> Check:
    """Which engine reads scans, told from its files. None is no fault: the documents say that they were not read."""
    found = engines.find(config)
    return Check("text recognition", found.engine is not None or not found.advice, found.finding, found.advice)


def _store(database: Database) -> Iterator[Check]:
    problems = database.problems()
    finding = "; ".join(problems) or "database and full-text index are sound"
    yield Check("database", not problems, finding, "Restore the store from a backup, or remove it and run again.")


def _texts(database: Database) -> Check:
    """Every page must have the text that was read of it."""
    lost = len(texts.incomplete(database))
    finding = f"documents that have lost text: {lost}" if lost else "every page has its text"
    return Check("texts", not lost, finding, "Restore the store from a backup, or remove it and run again.")


def _model(database: Database) -> Iterator[Check]:
    """Which model the index has; a change that was begun and not finished leaves the old one in use."""
    status = vector_sets.status(database)
    if status.active:
        before = f"; before: {status.previous}" if status.previous else ""
        yield Check("active model", True, f"{status.active}{before}")
    if status.activation:
        finding = f"a change to {status.activation} is unfinished: {status.passages_left} passages left"
        yield Check("change", False, finding, f"If none is running, `pipeline models activate {status.activation}`.")


def _names(config: Config, database: Database) -> Iterator[Check]:
    """Whether the active model was taught to find the names that the configuration asks for."""
    status = vector_sets.status(database)
    asked = config.personal_data.kinds
    if asked != "all" and not set(NAMES) & set(asked):
        return
    advice = "Teach it: `pipeline models names`."
    try:
        model = catalogue.find(config.models_path, status.active or config.model.name)
        said = card.read(model.folder, model.manifest)
    except PipelineError as error:
        yield Check("names", False, error.message, error.advice)
        return
    if said is not None:
        yield Check("names", True, f"learned from {said.passages} passages")
    elif model.manifest.architecture == "bert":
        yield Check("names", False, "the model was not taught to find names: they are not looked for", advice)
    else:
        yield Check("names", True, "this model cannot find names: they are not looked for")


def _vectors(database: Database, vector_ids: Callable[[], list[int]]) -> Check:
    """The model must load and the vector index must hold exactly the chunks that SQLite holds."""
    try:
        indexed = vector_ids()
    except PipelineError as error:
        return Check("model", False, error.message, error.advice)
    stored = [int(row[0]) for row in database.rows("SELECT id FROM chunks ORDER BY id")]
    ok = indexed == stored
    return Check("vectors", ok, f"{len(indexed)} vectors for {len(stored)} chunks", "Run `pipeline watch --once`.")
