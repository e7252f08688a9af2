"""The files of a store's word index: one for each segment, and a list of them, replaced as one."""

import contextlib
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.storage.lexicon import segment_file
from pipeline.storage.lexicon.parts import Part
from pipeline.storage.whole_file import write_whole

_LIST = "words.list"
_FORM = 2  # of the terms and of the files: raised whenever a text would be found by other terms


class SegmentFiles:
    """Reads and writes them. Several processes may: the list, below its own hash, names those of whoever saved last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashes: dict[str, str] = {}  # by file: what was read or written here

    def load(self) -> tuple[tuple[Part, ...], frozenset[str], int, int] | None:
        """The parts, languages, generation and highest chunk id; None when a file is missing or not as written."""
        try:
            sha256, _, content = (self._folder / _LIST).read_bytes().partition(b"\n")
            if hashlib.sha256(content).hexdigest().encode() != sha256:
                return None
            listed = json.loads(content)
            if listed["form"] != _FORM:
                return None
            parts = []
            for name, sha256 in listed["segments"]:
                segment = segment_file.read(self._folder / Path(name).name, sha256)
                self._hashes[name] = sha256
                parts.append(Part(segment, np.ones(len(segment), np.bool_), name))
            languages = frozenset(str(one) for one in listed["languages"])
            return tuple(parts), languages, int(listed["generation"]), int(listed["max_id"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, parts: Sequence[Part], languages: frozenset[str], generation: int, max_id: int) -> list[Part] | None:
        """Write what has no file yet, then the list; then remove files that it does not name. None when it failed."""
        kept: list[Part] = []
        try:
            for part in parts:
                name = part.saved
                if name is None or name not in self._hashes or not (self._folder / name).exists():
                    name = f"words-{secrets.token_hex(8)}.segment"
                    self._hashes[name] = segment_file.write(part.segment, self._folder / name)
                kept.append(replace(part, saved=name))
            names = [[part.saved, self._hashes[part.saved or ""]] for part in kept]
            listed = {
                "form": _FORM,
                "generation": generation,
                "max_id": max_id,
                "languages": sorted(languages),
                "segments": names,
            }
            content = json.dumps(listed).encode()
            write_whole(self._folder / _LIST, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        except OSError:
            return None
        named = {part.saved for part in kept}
        for file in self._folder.glob("words-*.segment*"):
            if file.name not in named:
                with contextlib.suppress(OSError):
                    file.unlink()
                self._hashes.pop(file.name, None)
        return kept
