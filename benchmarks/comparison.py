"""The process of the reference: starts it in its own environment, describes it, and asks it to embed. Times nothing."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from benchmarks import product
from benchmarks.measure import tell
from pipeline import Pipeline
from pipeline.datatypes import Vectors

REFERENCE_VARIABLE = "SEALED_REFERENCE_PYTHON"


@dataclass(frozen=True, slots=True)
class Reference:
    """What the product is compared with, and how alike the vectors of both are (cosines)."""

    packages: dict[str, str]
    batch_size: int
    dtype: str
    mean_cosine: float
    least_cosine: float


def reference_python(given: str | None) -> str | None:
    """The Python that has torch and sentence-transformers: the one given, else the environment's, else none."""
    return given or os.environ.get(REFERENCE_VARIABLE) or None


class ReferenceProcess:
    """Embeds the same texts once for every time it is asked."""

    def __init__(self, process: "subprocess.Popen[str]", vectors_file: Path) -> None:
        self._process = process
        self._vectors_file = vectors_file
        self._description: dict[str, object] = json.loads(self._answer())

    def described(self, ours: Vectors) -> Reference:
        """What it is. `ours` are the product's vectors of the same texts, in the same order."""
        theirs: Vectors = np.load(self._vectors_file)
        cosines = np.einsum("ij,ij->i", ours, theirs)
        alike = {"mean_cosine": float(cosines.mean()), "least_cosine": float(cosines.min())}
        return msgspec.convert(self._description | alike, Reference)

    def embed(self) -> tuple[float, float]:
        """Seconds and processor seconds that embedding all texts took."""
        assert self._process.stdin is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        seconds, cpu_s = self._answer().split()
        return float(seconds), float(cpu_s)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the reference ended: does its Python have torch and sentence-transformers?")
        return answer


@contextmanager
def reference(python: str, pipeline: Pipeline, texts: Sequence[str], folder: Path) -> Iterator[ReferenceProcess]:
    """The reference, loaded with the weights from which the product's model was built. Its files go to `folder`."""
    texts_file, vectors_file = folder / "texts.json", folder / "reference.npy"
    texts_file.write_text(json.dumps(texts), encoding="utf-8")
    source, max_tokens = pipeline.config.model_path / "source", pipeline.embedder.manifest.max_tokens
    threads = len(os.sched_getaffinity(0))
    arguments = (source, max_tokens, threads, texts_file, vectors_file)
    tell("  the reference loads")
    process = subprocess.Popen(
        [python, str(Path(__file__).with_name("reference.py")), *map(str, arguments)],
        env=product.environment() | {"HF_HUB_OFFLINE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield ReferenceProcess(process, vectors_file)
        finally:
            process.kill()
