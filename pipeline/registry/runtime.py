"""Runs a verified model: texts to unit vectors, one unpadded sequence per run on one thread each. Never downloads.

One session with intra_op_num_threads=1 is shared by one Python thread per core: fastest on a quiet machine, unharmed
on a busy one, and the only form whose vectors are bit-identical whatever the batch or the number of threads.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from pipeline.datatypes import Vectors
from pipeline.errors import ModelError, Stopped
from pipeline.isolation import environment
from pipeline.registry import manifest as manifests
from pipeline.registry import weights
from pipeline.registry.manifest import Manifest
from pipeline.registry.outputs import OUTPUT, STATES
from pipeline.registry.sealed import verified_model

# The fused operator took 27 % of the INT8 run time where Add and LayerNormalization take 6 %.
_DISABLED_OPTIMIZERS = ["SkipLayerNormFusion"]


Spans = Sequence[tuple[int, int]]
# Called in a thread with the place of a text in the list given, the character span in it of every token that the model
# saw, empty for special ones, and what its middle layer says of each: (tokens, hidden) float32.
Observer = Callable[[int, Spans, Vectors], None]

_UNKNOWN_TOKEN = "[UNK]"  # noqa: S105 - as WordPiece calls it; other kinds of tokenizer have none


class Embedder:
    """A loaded model. Threads may share it."""

    def __init__(self, folder: Path, threads: int = 0, stop: threading.Event | None = None) -> None:
        """Verify and load the model in `folder`; `threads` 0 means one per core. Raises ModelError."""
        self.folder = folder
        self.manifest: Manifest = manifests.read(folder)
        words = weights.verified(manifests.source_folder(folder, self.manifest), self.manifest.tokenizer)
        with verified_model(folder, self.manifest.model) as model:
            self._session = session(model)
        self._outputs = [output.name for output in self._session.get_outputs()]
        self._words = words
        self._tokenizer = tokenizer(words)
        self._tokenizer.enable_truncation(self.manifest.max_tokens)
        self._stop = stop or threading.Event()
        count = threads or available_cores()
        self._ahead = 4 * count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="embed")
        self._questions = ThreadPoolExecutor(count, thread_name_prefix="ask")  # they queue behind no passage

    @property
    def has_states(self) -> bool:
        """Whether it says something of single tokens: models that we build do, those exported by torch do not."""
        return STATES in self._outputs

    @property
    def max_passage_tokens(self) -> int:
        """How long a passage may be to be seen whole: the prompt that some models want before it takes its part."""
        return self.manifest.max_tokens - (
            len(self.token_spans(self.manifest.document_prompt)) if self.manifest.document_prompt else 0
        )

    def close(self) -> None:
        """End the threads; texts in hand are finished, those waiting are not begun."""
        self._pool.shutdown(cancel_futures=True)
        self._questions.shutdown(cancel_futures=True)

    def question(self, text: str) -> "Future[Vectors]":
        """The vector (dimension,) of a question, on its way while whoever asks does something else meanwhile.

        Like that of encode(), but that some models want a question begun in another way than a passage.
        """
        return self._questions.submit(self._encode_one, text, self.manifest.query_prompt)

    def encode(self, texts: Sequence[str], *, as_query: bool = False, observe: Observer | None = None) -> Vectors:
        """Embed texts: (n, dimension) float32, rows of length 1, in the order given. Raises Stopped when asked to stop.

        A text longer than max_tokens is seen up to there. Some models want a question begun in another way than a
        passage: `as_query` says which it is. Where the model has states, `observe` is called with those of each text.
        """
        prompt = self.manifest.query_prompt if as_query else self.manifest.document_prompt
        if not texts:
            return np.empty((0, self.manifest.dimension), np.float32)
        rows = np.empty((len(texts), self.manifest.dimension), np.float32)
        # Only a few texts wait at a time, so that a book in one thread does not keep a letter in another waiting.
        ahead: deque[tuple[int, Future[Vectors]]] = deque()
        for index, text in enumerate(texts):
            if len(ahead) >= self._ahead:
                done, future = ahead.popleft()
                rows[done] = future.result()
            ahead.append((index, self._pool.submit(self._encode_one, text, prompt, index, observe)))
        for done, future in ahead:
            rows[done] = future.result()
        return rows

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character span of every token of a text, without the two special tokens of a sequence; never truncated."""
        encoding = self._splitter.encode(_plain(text), add_special_tokens=False)
        return list(encoding.offsets)

    def characters_per_token(self, text: str) -> float:
        """Letters and digits of a text for each token it has: few where the model does not know its words.

        A token for what the model cannot tell apart at all counts three times. Unspaced scripts have about one. Only
        what the model sees counts.
        """
        encoding = self._tokenizer.encode(_plain(text), add_special_tokens=False)
        unknown = list(encoding.tokens).count(_UNKNOWN_TOKEN)
        seen = text[: encoding.offsets[-1][1]] if encoding.offsets else ""
        return sum(map(str.isalnum, seen)) / max(1, len(encoding.ids) + 2 * unknown)

    def is_seen_whole(self, text: str) -> bool:
        """Whether a passage, with its prompt, is no longer than max_tokens."""
        encoding = self._splitter.encode(_plain(self.manifest.document_prompt + text))
        return len(encoding.ids) <= self.manifest.max_tokens

    @cached_property
    def _splitter(self) -> Any:  # noqa: ANN401 - tokenizers has no types
        """A second tokenizer, that never truncates; a question needs none, and starts faster without."""
        return tokenizer(self._words)

    def _encode_one(self, text: str, prompt: str, index: int = 0, observe: Observer | None = None) -> Vectors:
        if self._stop.is_set():
            raise Stopped
        encoding = self._tokenizer.encode(_plain(prompt + text))
        ids = {"input_ids": np.array([encoding.ids], np.int32)}
        if observe is None or not self.has_states:
            vector: Vectors = self._session.run([OUTPUT], ids)[0][0]
            return vector
        vectors, states = self._session.run([OUTPUT, STATES], ids)
        begun = len(prompt)
        observe(index, [(max(0, a - begun), max(0, b - begun)) for a, b in encoding.offsets], states[0])
        single: Vectors = vectors[0]
        return single


def available_cores() -> int:
    """Cores this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _plain(text: str) -> str:
    """Text that can be encoded: a lone surrogate, as in a file name given as a query, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def session(model: bytes | str) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """An onnxruntime session of a model's bytes or file, both verified before. Raises ModelError.

    It is for one thread at a time per run; many threads may run it at once.
    """
    environment.silence_telemetry()
    import onnxruntime  # noqa: PLC0415 - it reads that switch when it is imported

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # its messages name paths; a failure is raised, and told, as ModelError
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"], disabled_optimizers=_DISABLED_OPTIMIZERS
        )
    except Exception as error:  # onnxruntime raises types of its own that share no base but this
        raise ModelError("model_unloadable", f"onnxruntime cannot load the model: {type(error).__name__}.") from None


def tokenizer(content: bytes) -> Any:  # noqa: ANN401 - tokenizers has no types
    """The tokenizer without the padding and truncation that its file has switched on. Raises ModelError."""
    try:
        made = Tokenizer.from_str(content.decode())
    except Exception as error:  # tokenizers raises bare Exception for a file that it does not understand
        raise ModelError("model_tokenizer", f"The tokenizer cannot be loaded: {type(error).__name__}.") from None
    made.no_padding()
    made.no_truncation()
    return made
