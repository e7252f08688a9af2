"""Those who embed the same texts: sentence-transformers, onnxruntime, fastembed and the product. Times nothing.

All run all-MiniLM-L6-v2, cut at the same number of tokens, with one thread unless its name says otherwise, from texts
to unit vectors. Whoever cannot be had here (its packages are missing, or it fails) is absent, and says why.
"""

import importlib
import importlib.metadata
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from benchmarks import reference
from benchmarks.measure import tell
from pipeline.datatypes import Vectors
from pipeline.registry import runtime
from pipeline.registry.runtime import Embedder

TORCH, ONNX_FLOAT, ONNX_INT8, ONNX_INT8_SMALL, FASTEMBED = "torch", "onnx", "onnx-int8", "onnx-int8-small", "fastembed"
PRODUCT_FLOAT, PRODUCT_INT8, PRODUCT_TWO = "product-float32", "product-int8", "product-int8-two"
THREADS = 2  # of the last one
LARGE, SMALL = 32, 8  # texts in a batch; the larger is what sentence-transformers takes unless told otherwise
PACKAGES = ("torch", "sentence-transformers", "transformers", "onnx", "onnxruntime", "fastembed", "tokenizers", "numpy")

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Contender:
    """One of them. `name` says in words what it is; `embed` gives a row per text."""

    key: str
    name: str
    embed: Embed


@dataclass(frozen=True, slots=True)
class Absent:
    """One that could not be had, and why."""

    key: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where they find the published weights and the product's models, and where the files that they make may go."""

    source: Path
    max_tokens: int
    float32: Path
    int8: Path
    scratch: Path


def contenders(place: Place) -> tuple[list[Contender], list[Absent]]:
    """All that can be had here, and those that cannot."""
    here: list[Contender] = []
    missing: list[Absent] = []
    for key, name, make in _CONTENDERS:
        tell(f"  loading {name}")
        try:
            here.append(Contender(key, name, make(place)))
        except Exception as error:  # each library raises its own; the others must still be measured
            why = f"no package {error.name}" if isinstance(error, ModuleNotFoundError) else type(error).__name__
            missing.append(Absent(key, name, why))
            tell(f"    not measured: {next(iter(str(error).splitlines()), why)}")
    return here, missing


def use_all_cores() -> None:
    """Let torch have more than one thread from now on, for what is not timed."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(runtime.available_cores())


def packages() -> dict[str, str]:
    """The versions of what takes part."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _torch(place: Place) -> Embed:
    import torch

    torch.set_num_threads(1)
    model = reference.load(str(place.source), place.max_tokens)

    def embed(texts: Sequence[str]) -> Vectors:
        found: Vectors = model.encode(list(texts), batch_size=reference.BATCH_SIZE, show_progress_bar=False)
        return found

    return embed


def _onnx(file_name: str, batch_size: int) -> Callable[[Place], Embed]:
    return lambda place: _batches(_exported(place) / file_name, place, batch_size)


def _batches(file: Path, place: Place, batch_size: int) -> Embed:
    """Sorted by length, in padded batches, mean over what is not padding: as sentence-transformers drives a model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    tokenizer = runtime.tokenizer((place.source / "tokenizer.json").read_bytes())
    tokenizer.enable_truncation(place.max_tokens)

    def embed(texts: Sequence[str]) -> Vectors:
        sequences = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(sequences)), key=lambda one: len(sequences[one]))
        parts = [order[first : first + batch_size] for first in range(0, len(order), batch_size)]
        blocks = [_run(session, [sequences[one] for one in part]) for part in parts]
        rows = np.empty((len(texts), blocks[0].shape[1]), np.float32)
        rows[order] = np.concatenate(blocks)
        return rows

    return embed


def _run(session: Any, sequences: Sequence[Sequence[int]]) -> Vectors:  # noqa: ANN401 - onnxruntime has no types
    ids = np.zeros((len(sequences), max(map(len, sequences))), np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)], mask[row, : len(sequence)] = sequence, 1
    fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    hidden = session.run(None, fed)[0]
    total: Vectors = np.einsum("btd,bt->bd", hidden, mask.astype(np.float32))
    unit: Vectors = total / np.linalg.norm(total, axis=1, keepdims=True)  # the mean's divisor goes with the length
    return unit


def _exported(place: Place) -> Path:
    """The folder of the ordinary export and of its ordinary INT8 file; both are made when first asked for."""
    folder = place.scratch / "export"
    if folder.is_dir():
        return folder
    from onnxruntime.quantization import QuantType, quantize_dynamic

    making = place.scratch / "exporting"
    making.mkdir(exist_ok=True)
    _export(place.source, making / "float32.onnx")
    quantize_dynamic(making / "float32.onnx", making / "int8.onnx", per_channel=True, weight_type=QuantType.QInt8)
    return making.rename(folder)


def _export(source: Path, file: Path) -> None:
    import torch
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained(source, local_files_only=True, attn_implementation="eager").eval()
    names = ("input_ids", "attention_mask", "token_type_ids")

    class Hidden(torch.nn.Module):  # type: ignore[misc]
        """The encoder alone: onnxruntime's fusions know this form, which is what Hugging Face's exporter writes."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, ids: Any, mask: Any, types: Any) -> Any:  # noqa: ANN401
            return self.encoder(**dict(zip(names, (ids, mask, types), strict=True))).last_hidden_state

    example = torch.ones((2, 16), dtype=torch.int64)
    with torch.inference_mode():
        torch.onnx.export(
            Hidden().eval(), (example, example, torch.zeros_like(example)), str(file), input_names=list(names),
            output_names=["last_hidden_state"], opset_version=17, dynamo=False,
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in (*names, "last_hidden_state")},
        )  # fmt: skip


def _fastembed(place: Place) -> Embed:
    fastembed = importlib.import_module("fastembed")  # not `import`: it has no place in the environment of our tools
    described = importlib.import_module("fastembed.common.model_description")
    folder = place.scratch / "fastembed"
    folder.mkdir()
    shutil.copyfile(_exported(place) / "int8.onnx", folder / "model.onnx")
    for name in ("tokenizer.json", "config.json"):
        shutil.copyfile(place.source / name, folder / name)
    settings = {"model_max_length": place.max_tokens, "pad_token": "[PAD]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    name = "local/ordinary-int8"  # never looked up: the path says where it lies
    fastembed.TextEmbedding.add_custom_model(
        name, described.PoolingType.MEAN, True, described.ModelSource(hf=name), _dimension(place), "model.onnx"
    )
    model = fastembed.TextEmbedding(name, threads=1, cuda=False, specific_model_path=str(folder), local_files_only=True)
    return lambda texts: np.array(list(model.embed(list(texts), batch_size=SMALL)), np.float32)


def _dimension(place: Place) -> int:
    return int(json.loads((place.source / "config.json").read_text(encoding="utf-8"))["hidden_size"])


def _two(place: Place) -> Embed:
    if runtime.available_cores() < THREADS:
        raise RuntimeError("there is one core only")
    return Embedder(place.int8, THREADS).encode


_CONTENDERS: tuple[tuple[str, str, Callable[[Place], Embed]], ...] = (
    (TORCH, f"sentence-transformers, torch, float32, batches of {reference.BATCH_SIZE}", _torch),
    (ONNX_FLOAT, f"onnxruntime, float32 of torch.onnx, sorted batches of {SMALL}", _onnx("float32.onnx", SMALL)),
    (ONNX_INT8, f"onnxruntime, ordinary INT8 file, sorted batches of {LARGE}", _onnx("int8.onnx", LARGE)),
    (ONNX_INT8_SMALL, f"onnxruntime, ordinary INT8 file, sorted batches of {SMALL}", _onnx("int8.onnx", SMALL)),
    (FASTEMBED, f"fastembed, ordinary INT8 file, batches of {SMALL}", _fastembed),
    (PRODUCT_FLOAT, "Sealed Inbox, float32", lambda place: Embedder(place.float32, 1).encode),
    (PRODUCT_INT8, "Sealed Inbox, INT8", lambda place: Embedder(place.int8, 1).encode),
    (PRODUCT_TWO, f"Sealed Inbox, INT8, {THREADS} threads", _two),
)
