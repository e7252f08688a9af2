"""An index of a model's vectors, and how far it has followed the store. Waits for nobody, keeps nothing."""

import numpy as np

from pipeline.storage import generations, vector_codes
from pipeline.storage.database import Database
from pipeline.storage.vector_kinds import Kind
from pipeline.storage.vector_sets import VectorModel

_READ_ROWS = (
    2_000  # added at a time: 0.8 MB of codes, which the processor's cache holds; 10,000 take half as long again
)


class Replica:
    """It reflects a generation of the store, and the chunks up to an id. Not for several threads at once."""

    def __init__(self, kind: Kind, generation: int = 0, max_id: int = 0) -> None:
        self.kind = kind
        self.generation = generation
        self.max_id = max_id

    def can_follow(self, database: Database) -> bool:
        """Whether the store still knows what left since; not so when the store was replaced by an older one."""
        return generations.removed_from(database) <= self.generation <= generations.current(database)

    def follow(self, database: Database, model: VectorModel) -> None:
        """Drop what left and add what came. Call inside snapshot(), while it can follow."""
        generation = generations.current(database)
        rows = database.rows("SELECT chunk_id FROM removed_chunks WHERE generation > ?", (self.generation,))
        if rows and len(self.kind):
            self.kind.remove(np.array([row[0] for row in rows], np.int64))
        while added := vector_codes.after(database, model, self.max_id, _READ_ROWS):
            self.kind.add(added)
            self.max_id = int(added.ids[-1])
        self.generation = generation
