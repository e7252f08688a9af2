"""What the small files of a sentence-transformers directory say; a setting that is not understood is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from pipeline.errors import ModelError
from pipeline.registry.untrusted import content, malformed, own_code, parsed, unsupported

SENTENCE_CONFIGS = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)  # sentence-transformers reads the first that is there
MAX_TOKENS, MIN_TOKENS, USUAL_TOKENS = 8192, 8, 512
MAX_PROMPT = 500  # characters, as a manifest allows

Size = Annotated[int, Meta(ge=1, le=16_384)]

_MODULES = ("Transformer", "Pooling", "Dense", "Normalize")  # in the order in which they may come
_MODULE_TYPE = re.compile(rf"sentence_transformers(?:\.[A-Za-z_]\w*)*\.({'|'.join(_MODULES)})")
_LEGACY_POOLING = {
    "cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "weightedmean": "weightedmean_tokens", "lasttoken": "lasttoken",
}  # fmt: skip
_ACTIVATIONS = {"torch.nn.modules.linear.Identity"} | {
    f"torch.nn.modules.activation.{name}" for name in ("Tanh", "ReLU", "GELU", "SiLU", "Sigmoid")
}
_EMBEDDING = "sentence_embedding"
# What sentence_bert_config.json may say without changing a vector in a way that is not known here.
_UNDERSTOOD: Mapping[str, object] = {
    "transformer_task": "feature-extraction",
    "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    "module_output_name": "token_embeddings",
}
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,+()-]{0,63}")


class Module(Struct, frozen=True):
    """One line of modules.json: a class of sentence-transformers, and the folder of its settings."""

    type: str
    path: str = ""
    kwargs: list[object] | dict[str, object] | None = None


class Shape(Struct, frozen=True):
    """The keys of config.json that decide whether and how a model is imported."""

    model_type: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
    vocab_size: Annotated[int, Meta(ge=1)]
    hidden_size: Size | None = None
    dim: Size | None = None
    d_model: Size | None = None
    num_attention_heads: Size | None = None
    n_heads: Size | None = None
    num_hidden_layers: Size | None = None
    n_layers: Size | None = None
    max_position_embeddings: int | None = None
    pad_token_id: int | None = None
    layer_norm_eps: Annotated[float, Meta(gt=0, le=0.1)] = 1e-12
    is_decoder: bool = False
    auto_map: object | None = None
    quantization_config: object | None = None

    @property
    def width(self) -> int:
        """Components of a token's vector; 0 when config.json does not say."""
        return self.hidden_size or self.dim or self.d_model or 0

    @property
    def heads(self) -> int:
        """Attention heads; 1 when config.json does not say, as the architecture's default then holds."""
        return self.num_attention_heads or self.n_heads or 1

    @property
    def layers(self) -> int | None:
        """Layers of the encoder, if config.json says so."""
        return self.num_hidden_layers or self.n_layers


class Pooling(Struct, frozen=True):
    """How token vectors become one, as version 6 writes it or as earlier ones did."""

    embedding_dimension: Size | None = None
    word_embedding_dimension: Size | None = None
    pooling_mode: str | list[str] | None = None
    include_prompt: bool = True
    pooling_mode_cls_token: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False
    pooling_mode_weightedmean_tokens: bool = False
    pooling_mode_lasttoken: bool = False

    @property
    def width(self) -> int:
        """Components of the vectors that go in."""
        return self.embedding_dimension or self.word_embedding_dimension or 0

    @property
    def modes(self) -> tuple[str, ...]:
        """The ways that are concatenated, by the library's names. Raises ModelError for one that it does not have."""
        if self.pooling_mode is None:
            flagged = (mode for mode, name in _LEGACY_POOLING.items() if getattr(self, f"pooling_mode_{name}"))
            return tuple(flagged) or ("mean",)
        named = (self.pooling_mode,) if isinstance(self.pooling_mode, str) else tuple(self.pooling_mode)
        if not named or not set(named) <= set(_LEGACY_POOLING):
            raise unsupported("its pooling is not one that sentence-transformers has")
        return named

    @property
    def is_plain(self) -> bool:
        """Whether it is one of those that our own graph builder knows."""
        return self.modes in (("mean",), ("cls",), ("max",))


class Dense(Struct, frozen=True):
    """A layer behind the pooling."""

    in_features: Size
    out_features: Annotated[int, Meta(ge=1, le=8192)]
    activation_function: str = "torch.nn.modules.activation.Tanh"
    module_input_name: str = _EMBEDDING
    module_output_name: str | None = _EMBEDDING

    def check(self, width: int) -> None:
        """Raise ModelError unless it takes vectors of this width to others, through a function that is known."""
        if self.activation_function not in _ACTIVATIONS:
            raise unsupported("a Dense module names an activation function that is not known here")
        if self.module_input_name != _EMBEDDING or self.module_output_name not in (None, _EMBEDDING):
            raise unsupported("a Dense module works on something other than the sentence's vector")
        if self.in_features != width:
            raise malformed("the Dense module's config.json", "it is made for vectors of another size")


class _SentenceTransformers(Struct, frozen=True):
    model_type: str | None = None
    prompts: dict[str, str | None] = {}
    default_prompt_name: str | None = None
    similarity_fn_name: str | None = None


class _Tokenizer(Struct, frozen=True):
    auto_map: object | None = None
    model_max_length: float | None = None  # 1e30 where nobody set one


@dataclass(frozen=True, slots=True)
class Prompts:
    """What begins a question and what a passage, chosen as encode_query and encode_document choose."""

    query: str
    document: str
    notes: tuple[str, ...]


def modules(directory: Path, name: str) -> dict[str, list[Module]]:
    """The modules by their kind: one Transformer, one Pooling, any Dense, at most one Normalize, in that order."""
    listed = parsed(directory, name, list[Module])
    found: dict[str, list[Module]] = {kind: [] for kind in _MODULES}
    kinds: list[str] = []
    for module in listed:
        known = _MODULE_TYPE.fullmatch(module.type)
        if known is None:
            shown = re.sub(r"[^\w.]", "?", module.type.rsplit(".", 1)[-1])[:40]
            if module.type.startswith("sentence_transformers."):
                raise unsupported(f"{name} names the module {shown}")
            raise own_code(name)
        if module.kwargs or not re.fullmatch(r"\w*", module.path):
            raise unsupported(f"{name} gives a module arguments, or a path that is no folder's name")
        kinds.append(known[1])
        found[known[1]].append(module)
    if kinds != sorted(kinds, key=_MODULES.index) or [len(found[kind]) for kind in _MODULES[:2]] != [1, 1]:
        raise unsupported(f"{name} is not Transformer, Pooling, and then any Dense and Normalize")
    if found["Transformer"][0].path or not found["Pooling"][0].path or len(found["Normalize"]) > 1:
        raise unsupported(f"{name} lays the modules out in an old way", "Save it with sentence-transformers 6.")
    return found


def prompts(directory: Path) -> Prompts:
    """The prompts of config_sentence_transformers.json. Raises ModelError where it is not that of an encoder."""
    name = "config_sentence_transformers.json"
    said = parsed(directory, name, _SentenceTransformers, missing=_SentenceTransformers())
    if said.model_type not in (None, "SentenceTransformer"):
        raise unsupported(f"{name} says that it is no SentenceTransformer")
    other = said.prompts.get(said.default_prompt_name or "") or ""
    # Version 6 writes an empty `document` beside a `passage` that somebody gave: what is not empty was meant.
    query, document = (
        next((text for key in keys if (text := said.prompts.get(key))), other)
        for keys in (("query",), ("document", "passage", "corpus"))
    )
    if len(query) > MAX_PROMPT or len(document) > MAX_PROMPT:
        raise unsupported(f"a prompt is longer than {MAX_PROMPT} characters")
    if said.similarity_fn_name in (None, "cosine"):
        return Prompts(query, document, ())
    return Prompts(query, document, ("It was made for another similarity; here vectors are compared by cosine.",))


def longest(directory: Path) -> int:
    """The most tokens of a text that the model sees, as its settings say; the position table may allow fewer."""
    said = parsed(directory, "tokenizer_config.json", _Tokenizer, missing=_Tokenizer())
    if said.auto_map is not None:
        raise own_code("tokenizer_config.json")
    given = _sentence_config(directory).get("max_seq_length") or said.model_max_length
    if not isinstance(given, int | float) or given > MAX_TOKENS:
        return MAX_TOKENS if given else USUAL_TOKENS
    if given < MIN_TOKENS:
        raise unsupported(f"it sees fewer than {MIN_TOKENS} tokens of a text")
    return int(given)


def lowers(directory: Path) -> bool:
    """Whether sentence-transformers itself would make the text lower-case."""
    return bool(_sentence_config(directory).get("do_lower_case"))


def licence(directory: Path) -> str:
    """What the front matter of README.md says, else that there is a LICENSE, else that it is unknown."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - as in config.py
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    other = "see LICENSE" if (directory / "LICENSE").is_file() else "unknown"
    try:
        text = content(directory / "README.md").decode("utf-8", "replace")
        front = re.match(r"---\s*\n(.{0,65536}?)\n---", text, re.DOTALL)
        said = YAML(typ="safe", pure=True).load(front[1]).get("license") if front else None
    except (ModelError, YAMLError, ValueError, AttributeError, RecursionError):
        return other
    return said if isinstance(said, str) and _LICENCE.fullmatch(said) and said != "other" else other


def _sentence_config(directory: Path) -> dict[str, object]:
    name = next((name for name in SENTENCE_CONFIGS if (directory / name).exists()), SENTENCE_CONFIGS[0])
    said = parsed(directory, name, dict[str, object], missing={})
    for key, value in said.items():
        if key not in ("max_seq_length", "do_lower_case") and value and _UNDERSTOOD.get(key) != value:
            raise unsupported(f"{name} sets {re.sub(r'[^a-z_]', '?', key)[:40]}")
    return said
