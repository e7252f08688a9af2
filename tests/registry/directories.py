"""Writes tiny sentence-transformers directories from scratch: random weights, without torch."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors.numpy
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from tests.conftest import MODELS

_TEXT = (
    "the of and to in a is that for it as was with be by on not this are or at from under rent lease tenant landlord "
    "pays notice months contract invoice amount due days blood sample result patient bank account statement city who"
)
WORDS = _TEXT.split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
VOCABULARY = {word: number for number, word in enumerate([*SPECIAL, *WORDS])}
HIDDEN, INNER, LAYERS, HEADS, POSITIONS = 32, 64, 2, 4, 40

Files = Mapping[str, object]


def tokenizer() -> Tokenizer:
    """A word a token, in lower case, between [CLS] and [SEP]."""
    made = Tokenizer(models.WordLevel(VOCABULARY, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", VOCABULARY["[CLS]"]), ("[SEP]", VOCABULARY["[SEP]"])]
    )
    return made


def tensors(seed: int = 0) -> dict[str, np.ndarray]:
    """The weights of a BERT of two layers."""
    random = np.random.default_rng(seed)
    made: dict[str, np.ndarray] = {}

    def norm(name: str) -> None:
        made[f"{name}.weight"] = random.normal(1, 0.1, HIDDEN)
        made[f"{name}.bias"] = random.normal(0, 0.1, HIDDEN)

    def linear(name: str, outputs: int, inputs: int) -> None:
        made[f"{name}.weight"] = random.normal(0, 0.3, (outputs, inputs))
        made[f"{name}.bias"] = random.normal(0, 0.1, outputs)

    for table, rows in (("word", len(VOCABULARY)), ("position", POSITIONS), ("token_type", 2)):
        made[f"embeddings.{table}_embeddings.weight"] = random.normal(0, 1, (rows, HIDDEN))
    norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        for name in ("query", "key", "value"):
            linear(f"{prefix}attention.self.{name}", HIDDEN, HIDDEN)
        linear(f"{prefix}attention.output.dense", HIDDEN, HIDDEN)
        norm(f"{prefix}attention.output.LayerNorm")
        linear(f"{prefix}intermediate.dense", INNER, HIDDEN)
        linear(f"{prefix}output.dense", HIDDEN, INNER)
        norm(f"{prefix}output.LayerNorm")
    return {name: values.astype(np.float32) for name, values in made.items()}


def config() -> dict[str, object]:
    """Its config.json."""
    return {
        "model_type": "bert", "architectures": ["BertModel"], "hidden_size": HIDDEN, "intermediate_size": INNER,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "max_position_embeddings": POSITIONS,
        "vocab_size": len(VOCABULARY), "type_vocab_size": 2, "hidden_act": "gelu", "pad_token_id": 0,
        "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
    }  # fmt: skip


def settings(pooling: str = "mean") -> dict[str, object]:
    """Its other JSON files, by path."""
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    return {
        "config.json": config(),
        "modules.json": [
            {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for place, (kind, path) in enumerate(zip(kinds, paths, strict=True))
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": HIDDEN,
            "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean",
            "pooling_mode_max_tokens": pooling == "max",
        },
        "sentence_bert_config.json": {"max_seq_length": 32, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "who ", "passage": "the "}},
    }


def bert(folder: Path, files: Files | None = None, seed: int = 0) -> Path:
    """A whole directory; `files` replace JSON files by path."""
    for name, content in (settings() | dict(files or {})).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(safetensors.numpy.save(tensors(seed)))
    tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "README.md").write_text("---\nlicense: mit\ntags: [x]\n---\n# Tiny\n", encoding="utf-8")
    return folder


def root(folder: Path, passages: int = 12) -> Path:
    """A folder of models with nothing in it but the first of the texts that come with the project."""
    (folder / "texts").mkdir(parents=True)
    for kind in ("calibration", "evaluation"):
        parts = (MODELS / "texts" / f"{kind}.txt").read_text(encoding="utf-8").split("\n---\n")
        (folder / "texts" / f"{kind}.txt").write_text("\n---\n".join(parts[:passages]), encoding="utf-8")
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
