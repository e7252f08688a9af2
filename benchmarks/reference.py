"""Embeds texts with sentence-transformers on torch, CPU, FP32. Run by ingest.py in an environment that has both.

Usage: PYTHON reference.py SOURCE_FOLDER MAX_TOKENS THREADS TEXTS.json VECTORS.npy
Loads, writes the vectors once and says so in one line of JSON; then embeds all texts anew for every line that arrives,
and answers with the seconds and the processor seconds that it took. Loading and the first pass are not counted.
"""

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

BATCH_SIZE = (
    32  # the library's default, which sorts texts by length; 8 was an eighth faster, 4 a sixth, on the machine at hand
)


def load(source: str, max_tokens: int) -> Any:  # noqa: ANN401 - torch has no part in our types
    """The encoder, with the pooling and the length of the product's model."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    transformer = Transformer(source, max_seq_length=max_tokens)
    modules = [transformer, Pooling(transformer.get_word_embedding_dimension(), "mean"), Normalize()]
    return SentenceTransformer(modules=modules, device="cpu")


def main(source: str, max_tokens: int, threads: int, texts_file: Path, vectors_file: str) -> None:
    warnings.simplefilter("ignore")
    import numpy as np
    import sentence_transformers
    import torch

    torch.set_num_threads(threads)
    model = load(source, max_tokens)
    texts = json.loads(texts_file.read_text(encoding="utf-8"))

    def seconds() -> tuple[float, float]:
        started, cpu = time.perf_counter(), time.process_time()
        model.encode(texts, batch_size=BATCH_SIZE, show_progress_bar=False)
        return time.perf_counter() - started, time.process_time() - cpu

    np.save(vectors_file, model.encode(texts, batch_size=BATCH_SIZE, show_progress_bar=False))
    versions = {"torch": torch.__version__, "sentence-transformers": sentence_transformers.__version__}
    print(json.dumps({"packages": versions, "batch_size": BATCH_SIZE, "dtype": str(model.dtype)}), flush=True)
    for _ in sys.stdin:
        print(*seconds(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
