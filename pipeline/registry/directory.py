"""Looks into a local sentence-transformers directory, as data: what model it holds, or why that cannot be imported.

Nothing in it is executed, unpickled or followed: JSON is decoded strictly and within bounds, of the weights only names,
types and shapes are read, and every setting that would change a vector is either understood or refused by name.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from pipeline.errors import ModelError
from pipeline.registry import settings, weights
from pipeline.registry.build import CONFIG_FILE, WEIGHTS_FILE, architecture_problems
from pipeline.registry.settings import Dense, Module, Pooling, Shape
from pipeline.registry.untrusted import content, malformed, own_code, parsed, unsupported

TOKENIZER_FILE, MODULES_FILE = "tokenizer.json", "modules.json"
MAX_FLOAT_BYTES = 1_900_000_000  # as float32: a protobuf file, which ONNX is, ends at 2 GiB
MAX_LAYERS = 128
MAX_NUMBER = 1 << 24  # no count or size in a config.json is larger; a hostile one would make torch take all memory

_COPIED = (MODULES_FILE, CONFIG_FILE, WEIGHTS_FILE, TOKENIZER_FILE)
_COPIED_IF_THERE = (
    "config_sentence_transformers.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "README.md", "LICENSE", "NOTICE",
)  # fmt: skip
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.pickle", "*.ckpt", "*.h5", "*.joblib")
_SAVE_ANEW = "Load it where you trust it and save it with sentence-transformers 6, which writes model.safetensors."
# RoBERTa's heirs count positions from the padding token's number on: their table is that much longer than a text.
_POSITIONS_FROM_PADDING = {"roberta", "xlm-roberta", "camembert", "mpnet", "roberta-prelayernorm", "xlm-roberta-xl"}


@dataclass(frozen=True, slots=True)
class Described:
    """A model that can be imported. `files` are those that make it up, with paths below the directory.

    `buildable`: our own graph builder knows it, so that torch is not needed. `notes` are for the user.
    """

    files: tuple[str, ...]
    model_type: str
    layers: int | None
    pooling: tuple[str, ...]
    dimension: int
    max_tokens: int
    query_prompt: str
    document_prompt: str
    licence: str
    buildable: bool
    notes: tuple[str, ...]

    @property
    def own_pooling(self) -> Literal["mean", "cls", "max"]:
        """The pooling as a manifest says it; only for a model that is buildable."""
        return cast(Literal["mean", "cls", "max"], self.pooling[0])


def read(directory: Path) -> Described:
    """What lies in the directory. Raises ModelError, which names the file and the remedy."""
    if not directory.is_dir():
        raise ModelError("import_missing", "There is no such directory.", "Name a directory that can be read.")
    modules = settings.modules(directory, MODULES_FILE)
    shape, architecture = _shape(directory)
    prompts = settings.prompts(directory)
    tensors = _tensors(directory, shape)
    pooling = parsed(directory, f"{modules['Pooling'][0].path}/config.json", Pooling)
    dimension = _dimension(directory, shape, pooling, modules["Dense"])
    if not pooling.include_prompt and (prompts.query or prompts.document):
        raise unsupported("pooling leaves the prompt out (include_prompt: false)")
    longest = min(_positions(shape), settings.longest(directory))
    _check_tokenizer(directory, shape)
    return Described(
        files=tuple(_files(directory, modules)),
        model_type=shape.model_type,
        layers=shape.layers,
        pooling=pooling.modes,
        dimension=dimension,
        max_tokens=longest,
        query_prompt=prompts.query,
        document_prompt=prompts.document,
        licence=settings.licence(directory),
        buildable=not modules["Dense"] and pooling.is_plain and _is_plain_bert(architecture, shape, tensors),
        notes=prompts.notes,
    )


def _shape(directory: Path) -> tuple[Shape, Mapping[str, object]]:
    """config.json: the keys that matter here, and all of them."""
    shape = parsed(directory, CONFIG_FILE, Shape)
    described = parsed(directory, CONFIG_FILE, dict[str, object])
    if shape.auto_map is not None:
        raise own_code(CONFIG_FILE)
    if (directory / "adapter_config.json").exists():
        raise unsupported("it is an adapter (adapter_config.json)", "Merge it into its model and save that.")
    if shape.is_decoder or shape.quantization_config is not None:
        raise unsupported("config.json makes it a decoder, or quantized already")
    for key, value in described.items():
        limit = MAX_LAYERS if "layers" in key else MAX_NUMBER
        if isinstance(value, int) and not -1 <= value <= limit:
            raise malformed(CONFIG_FILE, f"`{key}` is out of bounds")
    if shape.width < 1 or shape.heads < 1 or shape.width % shape.heads:
        raise malformed(CONFIG_FILE, "its width is not a multiple of its heads")
    return shape, described


def _tensors(directory: Path, shape: Shape) -> Mapping[str, tuple[str, tuple[int, ...]]]:
    """Names, types and shapes of the weights, once they fit the configuration and our bounds."""
    if (directory / f"{WEIGHTS_FILE}.index.json").exists():
        raise unsupported("its weights are in several files", "Save it as one: max_shard_size='10GB'.")
    if not (directory / WEIGHTS_FILE).is_file():
        if any(True for pattern in _PICKLED for _ in directory.glob(pattern)):
            message = f"The weights are pickled, which can hold code; there is no {WEIGHTS_FILE}."
            raise ModelError("import_pickle", message, _SAVE_ANEW)
        raise ModelError("import_missing", f"There is no {WEIGHTS_FILE}.", _SAVE_ANEW)
    tensors = weights.shapes(directory / WEIGHTS_FILE)
    if sum(math.prod(sizes) for _, sizes in tensors.values()) * 4 > MAX_FLOAT_BYTES:
        raise unsupported(f"it is larger than {MAX_FLOAT_BYTES / 1e9:.1f} GB in float32", "Take a smaller model.")
    if not any(len(sizes) == 2 and sizes[0] == shape.vocab_size for _, sizes in tensors.values()):
        raise malformed(CONFIG_FILE, f"{WEIGHTS_FILE} has no table of the vocabulary that it promises")
    return tensors


def _dimension(directory: Path, shape: Shape, pooling: Pooling, dense: list[Module]) -> int:
    """How many components a vector has, following it through the modules."""
    if pooling.width != shape.width:
        raise malformed("the pooling's config.json", "it is made for vectors of another size")
    width = pooling.width * len(pooling.modes)
    for module in dense:
        layer = parsed(directory, f"{module.path}/config.json", Dense)
        layer.check(width)
        if not (directory / module.path / WEIGHTS_FILE).is_file():
            raise ModelError("import_pickle", f"{module.path} has no {WEIGHTS_FILE}.", _SAVE_ANEW)
        weights.shapes(directory / module.path / WEIGHTS_FILE)
        width = layer.out_features
    return width


def _positions(shape: Shape) -> int:
    """The longest text, in tokens, that the position table allows."""
    table = shape.max_position_embeddings
    if table is None or table < 0:
        return settings.MAX_TOKENS
    return table - (shape.pad_token_id or 0) - 1 if shape.model_type in _POSITIONS_FROM_PADDING else table


def _check_tokenizer(directory: Path, shape: Shape) -> None:
    from pipeline.registry.runtime import tokenizer  # noqa: PLC0415 - imports onnxruntime

    file = directory / TOKENIZER_FILE
    if not file.is_file():
        advice = "Save it with sentence-transformers 6 or AutoTokenizer, which write tokenizer.json."
        raise ModelError("import_missing", f"There is no {TOKENIZER_FILE}.", advice)
    words = tokenizer(content(file))
    if max(words.get_vocab(with_added_tokens=True).values(), default=0) >= shape.vocab_size:
        raise malformed(TOKENIZER_FILE, "it has more words than the model's table")
    if not words.encode("").ids:
        raise unsupported("its tokenizer adds no special tokens, so that a blank text would have no vector")
    if settings.lowers(directory) and words.encode("Rhine").ids != words.encode("rhine").ids:
        raise unsupported("do_lower_case is set, but tokenizer.json does not do it")


def _is_plain_bert(
    architecture: Mapping[str, object], shape: Shape, tensors: Mapping[str, tuple[str, tuple[int, ...]]]
) -> bool:
    """Whether our own graph builder knows it: its configuration, the names of its tensors, and types that numpy has."""
    names = {name.removeprefix("bert.") for name in tensors}
    return (
        not architecture_problems(architecture)
        and shape.num_attention_heads is not None
        and {"embeddings.word_embeddings.weight", "embeddings.LayerNorm.weight"} <= names
        and {kind for kind, _ in tensors.values()} <= {"F16", "F32", "F64", "I64"}
    )


def _files(directory: Path, modules: Mapping[str, list[Module]]) -> Iterator[str]:
    yield from _COPIED
    for name in (*settings.SENTENCE_CONFIGS, *_COPIED_IF_THERE):
        if (directory / name).is_file():
            yield name
    for kind in ("Pooling", "Dense", "Normalize"):
        for module in modules[kind]:
            if (directory / module.path / CONFIG_FILE).is_file():
                yield f"{module.path}/{CONFIG_FILE}"
            if kind == "Dense":
                yield f"{module.path}/{WEIGHTS_FILE}"
