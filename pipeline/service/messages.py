"""What is said over the line between a search and a running watcher: one question, one reply. JSON, read strictly.

A new field of Query or SearchHit travels by itself. Text and paths may hold what is no UTF-8, as file names do: JSON's
escapes keep it.
"""

import hashlib
import json
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from pipeline import __version__
from pipeline.config import Config
from pipeline.datatypes import Filters, Query, SearchHit
from pipeline.storage.database import SCHEMA_VERSION

SOCKET = "search.socket"  # in the store's folder
MAX_QUESTION_BYTES = 256 << 10  # Linux gives one argument 128 KiB; a longer question is not asked of others
MAX_REPLY_BYTES = 64 << 20  # a thousand passages with their surroundings take less


class Answer(Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """The passages, best first; whether files have come to an end, and whether others are still being processed."""

    hits: tuple[SearchHit, ...]
    has_files: bool
    unfinished: bool


class Refusal(Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Why the question makes no sense: a UsageError, as whoever asks would have met it himself."""

    code: str
    message: str
    advice: str


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """A query, and the `identity` of whoever asks."""

    identity: str
    query: Query


Reply = Answer | Refusal
T = TypeVar("T")


def identity(config: Config) -> str:
    """The same only for processes that would answer a query alike: same program, same schema, same configuration."""
    shapes = [tuple(field.name for field in fields(kind)) for kind in (Query, Filters, SearchHit)]
    told = repr((__version__, SCHEMA_VERSION, shapes, config))
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()


def encoded(message: Question | Reply) -> bytes:
    """A message as it travels."""
    return json.dumps(msgspec.to_builtins(message, enc_hook=_plain)).encode("ascii")


def question(content: bytes) -> Question:
    """The question in a message. Raises ValueError."""
    return _decoded(content, Question)


def reply(content: bytes) -> Reply:
    """The reply in a message. Raises ValueError."""
    return _decoded(content, Answer | Refusal)  # type: ignore[arg-type]  # a union is no type to mypy


def _decoded(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.convert(json.loads(content), kind, dec_hook=_typed)
    except (msgspec.MsgspecError, RecursionError):
        raise ValueError("not a message of this program") from None


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError


def _typed(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError
