"""Which model's vectors the index is searched with, and the sets of vectors that are kept: one per model.

Every vector is stored with its model. One set is active and complete: each chunk has its vector in it. Another may be
in the making (the target of an activation) and one is kept from before (previous), so that a switch can be undone.
All that changes here does so inside the caller's atomic(), or is one guarded statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipeline.datatypes import Codes, Vectors
from pipeline.storage.database import Database
from pipeline.storage.texts import StoredTexts


class Role(StrEnum):
    """What a set of vectors is to the index; the word is its key in the settings."""

    ACTIVE = "active_model"
    PREVIOUS = "previous_model"
    TARGET = "target_model"


_PASSAGE_TOKENS = "passage_tokens"


@dataclass(frozen=True, slots=True)
class VectorModel:
    """The model of a set of vectors. Vectors of two models never meet in one index or one ranking."""

    id: int
    name: str
    sha256: str
    dimension: int
    scale: float


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A passage that is to get a vector."""

    id: int
    text: str


def encode(vectors: Vectors, scale: float) -> Codes:
    """Unit rows (n, d) float32 as int8 codes; components beyond 127/scale are clipped."""
    codes: Codes = np.clip(np.rint(vectors * np.float32(scale)), -127, 127).astype(np.int8)
    return codes


def register(database: Database, *, name: str, sha256: str, dimension: int, scale: float) -> VectorModel:
    """The stored row of a model, made when its vectors are first kept."""
    with database.atomic():
        database.run(
            "INSERT INTO models (name, sha256, dimension, scale) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (sha256) DO UPDATE SET name = excluded.name",
            (name, sha256, dimension, scale),
        )
        row = database.row("SELECT id FROM models WHERE sha256 = ?", (sha256,))
        assert row is not None
        found = _model(database, int(row[0]))
        assert found is not None
    return found


def current(database: Database, role: Role) -> VectorModel | None:
    """The model that has this role, if any has."""
    row = database.row("SELECT value FROM settings WHERE name = ?", (role,))
    return None if row is None else _model(database, int(row[0]))


def is_active(database: Database, model: VectorModel) -> bool:
    """Whether new documents are to be embedded, and questions asked, with this model."""
    row = database.row("SELECT value FROM settings WHERE name = ?", (Role.ACTIVE,))
    return row is not None and int(row[0]) == model.id


def assign(database: Database, role: Role, model: VectorModel | None) -> None:
    """Give the role to this model, or to none."""
    if model is None:
        database.run("DELETE FROM settings WHERE name = ?", (role,))
    else:
        database.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (role, str(model.id)))


def adopt(database: Database, model: VectorModel) -> None:
    """Make this the active model of an index that has none: the first."""
    database.run("INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)", (Role.ACTIVE, str(model.id)))


def passage_tokens(database: Database) -> int | None:
    """The most tokens that a passage of this index may have, or None when it has none yet."""
    row = database.row("SELECT value FROM settings WHERE name = ?", (_PASSAGE_TOKENS,))
    return None if row is None else int(row[0])


def allow_passages(database: Database, tokens: int) -> None:
    """Record that passages are cut to this many tokens from now on; longer ones of before stay."""
    before = passage_tokens(database)
    if before is None or before < tokens:
        database.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (_PASSAGE_TOKENS, str(tokens)))


def missing(database: Database, model: VectorModel, after: int, limit: int) -> list[StoredChunk]:
    """Chunks with ids above `after` that have no vector of this model, by id."""
    rows = database.rows(
        "SELECT id FROM chunks WHERE id > ? AND NOT EXISTS "
        "(SELECT 1 FROM vectors WHERE model_id = ? AND chunk_id = chunks.id) ORDER BY id LIMIT ?",
        (after, model.id, limit),
    )
    return [StoredChunk(*one) for one in StoredTexts(database).of_chunks([row["id"] for row in rows]).items()]


def count_missing(database: Database, model: VectorModel) -> int:
    """How many chunks have no vector of this model."""
    row = database.row(
        "SELECT count(*) FROM chunks WHERE NOT EXISTS "
        "(SELECT 1 FROM vectors WHERE model_id = ? AND chunk_id = chunks.id)",
        (model.id,),
    )
    return int(row[0]) if row else 0


def add(database: Database, model: VectorModel, ids: Sequence[int], codes: Codes) -> None:
    """Store vectors of chunks, but for those that left meanwhile or got theirs from another process."""
    with database.atomic():
        database.run_many(
            "INSERT OR IGNORE INTO vectors (model_id, chunk_id, codes) SELECT ?, id, ? FROM chunks WHERE id = ?",
            [(model.id, row.tobytes(), chunk_id) for chunk_id, row in zip(ids, codes, strict=True)],
        )


def switch(database: Database, model: VectorModel) -> bool:
    """Make a complete set the active one and keep the one before; False, and nothing changed, when it has gaps.

    Sets that are neither are dropped. Call inside atomic().
    """
    if missing(database, model, 0, 1):
        return False
    before = current(database, Role.ACTIVE)
    if before is not None and before.id != model.id:
        assign(database, Role.PREVIOUS, before)
    assign(database, Role.ACTIVE, model)
    assign(database, Role.TARGET, None)
    kept = [kept.id for kept in (current(database, Role.ACTIVE), current(database, Role.PREVIOUS)) if kept]
    places = ", ".join("?" * len(kept))
    database.run(f"DELETE FROM vectors WHERE model_id NOT IN ({places})", kept)  # noqa: S608 - only question marks
    return True


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Names of the models of an index; None where it has none. `activation` is unfinished, or under way elsewhere."""

    active: str | None
    previous: str | None
    activation: str | None
    passages_left: int


def status(database: Database) -> ModelStatus:
    """Which models the index has, and how far a change is."""
    with database.snapshot():
        active, before, target = (current(database, role) for role in Role)
        left = count_missing(database, target) if target else 0
    return ModelStatus(
        active.name if active else None, before.name if before else None, target.name if target else None, left
    )


def _model(database: Database, model_id: int) -> VectorModel | None:
    row = database.row("SELECT id, name, sha256, dimension, scale FROM models WHERE id = ?", (model_id,))
    return None if row is None else VectorModel(row["id"], row["name"], row["sha256"], row["dimension"], row["scale"])
