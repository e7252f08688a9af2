"""The word index of a store: segments in files and in memory that follow SQLite, and are rebuilt when lost or damaged.

As a log-structured merge tree (O'Neil et al. 1996): what is new is a small segment; neighbours are merged when they
are alike in size, so that there are few, and each passage is merged a few times only. What was erased is masked at
once, and leaves the files when they are saved.
"""

import threading
from collections.abc import Iterator

import numpy as np

from pipeline.storage import generations
from pipeline.storage.database import Database
from pipeline.storage.lexicon import segment as segments
from pipeline.storage.lexicon import terms
from pipeline.storage.lexicon.parts import LARGEST_SEGMENT, Part, Words, added, is_continued, tidied, without
from pipeline.storage.lexicon.segment import Segment
from pipeline.storage.lexicon.segment_files import SegmentFiles
from pipeline.storage.lexicon.tokens import Tokenizer
from pipeline.storage.texts import StoredTexts

_READ_ROWS = 2_000


class Lexicon:
    """Threads of a process share it; other processes have their own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._files = SegmentFiles(database.folder)
        self._tokenizer = Tokenizer()
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._parts: tuple[Part, ...] = ()
        self._languages: frozenset[str] = frozenset()
        self._generation = -1
        self._max_id = 0
        self._saved_generation = -1

    def catch_up(self) -> Words:
        """Bring the index to the generation that SQLite holds; returns it as it stays for whoever asked."""
        # The store first, as whoever searches holds it already: two threads never wait for what the other one has.
        with self._database.snapshot(), self._lock:
            first = self._generation < 0
            if first:
                self._load()
            generation = generations.current(self._database)
            if generation != self._generation or first:
                if not generations.removed_from(self._database) <= self._generation <= generation:
                    self._reset()  # too far behind to follow, or the store was replaced by an older one
                self._follow(generation)
                if first and sum(int(part.alive.sum()) for part in self._parts) != self._expected():
                    self._reset()  # the files cannot be trusted: build from the truth
                    self._follow(generation)
            return Words(self._parts, self._languages)

    @property
    def languages(self) -> frozenset[str]:
        """By the rules of which languages its words are stemmed."""
        return self._languages

    def save(self) -> None:
        """Keep the index for others to load, without what was erased; failing to is no harm, it is rebuilt."""
        with self._saving:
            with self._lock:
                parts, languages = self._parts, self._languages
                generation, max_id = self._generation, self._max_id
            if generation in (self._saved_generation, -1):
                return
            kept = self._files.save(tidied(parts), languages, generation, max_id)
            if kept is None:
                return
            with self._lock:
                if is_continued(self._parts, parts):
                    gone = [part.segment.chunks[~part.alive] for part in self._parts[: len(parts)]]
                    erased = np.concatenate([*gone, np.empty(0, np.int64)])
                    self._parts = (*(without(part, erased) for part in kept), *self._parts[len(parts) :])
                self._saved_generation = generation

    def _load(self) -> None:
        self._reset()
        found = self._files.load()
        if found is not None:
            self._parts, self._languages, self._generation, self._max_id = found
            self._saved_generation = self._generation

    def _reset(self) -> None:
        self._parts, self._generation, self._max_id = (), 0, 0
        self._languages = frozenset()

    def _follow(self, generation: int) -> None:
        rows = self._database.rows("SELECT chunk_id FROM removed_chunks WHERE generation > ?", (self._generation,))
        if rows:
            erased = np.array([row[0] for row in rows], np.int64)
            self._parts = tuple(without(part, erased) for part in self._parts)
        for segment in self._new():
            self._parts = added(self._parts, segment)
            self._max_id = int(segment.chunks[-1])
        self._generation = generation

    def _new(self) -> Iterator[Segment]:
        """Segments of the passages that came since, each of whole documents."""
        documents = self._database.rows(
            "SELECT min(chunks.id), max(chunks.id), count(*), documents.language FROM chunks "
            "JOIN documents ON documents.id = document_id WHERE chunks.id > ? GROUP BY document_id ORDER BY 1",
            (self._max_id,),
        )
        first = 0
        while first < len(documents):
            last, size = first, 0
            while last < len(documents) and (last == first or size + documents[last][2] <= LARGEST_SEGMENT):
                size += documents[last][2]
                last += 1
            yield self._made(documents[first][0], documents[last - 1][1])
            first = last

    def _made(self, first: int, last: int) -> Segment:
        """A segment of the chunks with these ids and all between."""
        self._tokenizer.forget()
        parts: list[segments.Occurrences] = []
        chunks: list[int] = []
        documents: list[int] = []
        while first <= last:
            rows = self._database.rows(
                "SELECT chunks.id, document_id, language FROM chunks JOIN documents "
                "ON documents.id = document_id WHERE chunks.id BETWEEN ? AND ? ORDER BY chunks.id LIMIT ?",
                (first, last, _READ_ROWS),
            )
            if not rows:
                break
            ids = [row[0] for row in rows]
            said = StoredTexts(self._database).of_chunks(ids)
            stemmed = np.array([terms.stemming(row[2]) for row in rows])
            self._languages |= set(stemmed.tolist())
            for language in dict.fromkeys(stemmed.tolist()):
                places = np.flatnonzero(stemmed == language)
                tokens = self._tokenizer.split([said[ids[place]] for place in places.tolist()], language)
                parts.append(segments.occurrences(tokens, places + len(chunks)))
            chunks += ids
            documents += [row[1] for row in rows]
            first = chunks[-1] + 1
        return segments.build(np.array(chunks, np.int64), np.array(documents, np.int64), parts, self._tokenizer.strings)

    def _expected(self) -> int:
        row = self._database.row("SELECT coalesce(sum(chunks), 0) FROM documents")
        return int(row[0]) if row else 0
