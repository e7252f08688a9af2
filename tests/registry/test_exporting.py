"""Encoders of other families, saved by sentence-transformers itself: the models made of them give its vectors."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import safetensors.numpy

from pipeline.errors import ModelError
from pipeline.registry import build, exporting, quantize, reference
from pipeline.registry import manifest as manifests
from pipeline.registry.importing import Imported, import_model
from pipeline.registry.runtime import Embedder
from tests.registry import directories

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]  # warnings of torch's own making

TEXTS = ("", "rent", "Who pays for the repair?", "Miete – 家賃 – аренда 🏠", "the tenant pays " * 40)
MOST_TOKENS = 34


@dataclass(frozen=True)
class Kind:
    """A family of encoders, and what lies behind the encoder."""

    name: str
    config: str
    settings: Mapping[str, object]
    pooling: str | tuple[str, ...] = "mean"
    dense: int = 0
    normalize: bool = True
    prompts: dict[str, str] | None = None
    architecture: str = "onnx"


SIZES = {"hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 2, "intermediate_size": 64}
LONGER = {"max_position_embeddings": 42, "pad_token_id": 0, "type_vocab_size": 1}
KINDS = (
    Kind("mpnet", "MPNetConfig", SIZES | LONGER),
    Kind("roberta-max", "RobertaConfig", SIZES | LONGER, pooling="max"),
    Kind("xlm-r-e5", "XLMRobertaConfig", SIZES | LONGER, prompts={"query": "who ", "passage": "the "}),
    Kind(
        "distilbert-dense", "DistilBertConfig", {"dim": 32, "n_heads": 4, "n_layers": 2, "hidden_dim": 64}, dense=24,
        prompts={"query": "who ", "document": ""}, normalize=False,
    ),
    Kind("bert-cls", "BertConfig", SIZES | {"max_position_embeddings": 40}, pooling="cls", architecture="bert"),
    Kind("bert-relu", "BertConfig", SIZES | {"max_position_embeddings": 40, "hidden_act": "relu"}),
    Kind("electra-both", "ElectraConfig", SIZES | {"embedding_size": 16}, pooling=("cls", "mean")),
)  # fmt: skip


def saved(kind: Kind, folder: Path) -> Path:
    """A directory with random weights."""
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense, Normalize, Pooling, Transformer

    torch.manual_seed(7)
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep")}
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=directories.tokenizer(), **special)
    config = getattr(transformers, kind.config)(vocab_size=len(directories.VOCABULARY), **kind.settings)
    encoder = transformers.AutoModel.from_config(config)
    for values in encoder.parameters():
        torch.nn.init.normal_(values, std=0.3)
    encoder.save_pretrained(folder / "encoder")
    tokenizer.save_pretrained(folder / "encoder")
    modules: list[Any] = [
        Transformer(str(folder / "encoder"), max_seq_length=MOST_TOKENS),
        Pooling(32, kind.pooling),
    ]
    if kind.dense:
        modules.append(Dense(32, kind.dense))
    if kind.normalize:
        modules.append(Normalize())
    SentenceTransformer(modules=modules, device="cpu", prompts=kind.prompts).save(str(folder / kind.name))
    return folder / kind.name


@dataclass(frozen=True)
class Case:
    """A directory, and the models made of it."""

    kind: Kind
    directory: Path
    root: Path
    imported: Imported


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One of each kind."""
    folder = tmp_path_factory.mktemp("import")
    with reference.quiet():
        directory = saved(request.param, folder)
    root = directories.root(folder / "models")
    return Case(request.param, directory, root, import_model(directory, root, None, say=lambda _line: None))


def expected(directory: Path, texts: tuple[str, ...], prompt: str) -> np.ndarray:
    """What the library gives for a directory as it is, loaded in the plainest way."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(directory), device="cpu", local_files_only=True)
    assert model.max_seq_length == MOST_TOKENS
    vectors: np.ndarray = model.encode(list(texts), prompt=prompt, normalize_embeddings=True, batch_size=1)
    return vectors


@pytest.mark.parametrize("as_query", [False, True])
def test_the_vectors_are_those_of_sentence_transformers(case: Case, as_query: bool) -> None:
    prompts = case.kind.prompts or {}
    prompt = prompts.get("query", "") if as_query else prompts.get("document") or prompts.get("passage", "")
    with reference.quiet():
        vectors = expected(case.directory, TEXTS, prompt)
    for name, least in zip(case.imported.names, (0.9, 0.9999), strict=True):
        embedder = Embedder(case.root / name, threads=1)
        cosines = (embedder.encode(TEXTS, as_query=as_query) * vectors).sum(axis=1)
        embedder.close()
        assert cosines.min() > least, name


def test_the_manifest_says_what_was_imported(case: Case) -> None:
    int8 = manifests.read(case.root / case.imported.names[0])
    assert int8.architecture == case.kind.architecture
    assert int8.dimension == (case.kind.dense or 32 * (2 if isinstance(case.kind.pooling, tuple) else 1))
    assert int8.max_tokens == MOST_TOKENS
    assert case.imported.variants.least_cosine is not None
    assert case.imported.variants.least_cosine > 0.9999


def test_both_models_can_be_built_again_without_torch(case: Case) -> None:
    for name in case.imported.names:
        folder = case.root / name
        assert build.build(folder) == manifests.read(folder).model.sha256


def test_every_multiplication_of_the_encoder_becomes_int8(case: Case) -> None:
    float32, int8 = (onnx.load(case.root / name / "model.onnx") for name in reversed(case.imported.names))
    found = len(list(quantize.linears(float32)))
    per_layer = 4 if case.kind.architecture == "bert" else 6  # query, key and value are one there
    assert found == 2 * per_layer + (case.kind.name == "electra-both")  # which projects its word vectors first
    kinds = [node.op_type for node in int8.graph.node]
    assert kinds.count("MatMulIntegerToFloat") + kinds.count("DynamicQuantizeMatMul") == found
    assert not list(quantize.linears(int8))


def test_exporting_again_gives_the_same_bytes(case: Case) -> None:
    if case.kind.architecture == "bert":
        pytest.skip("it is not exported")
    source = case.root / case.imported.names[0] / "source"
    assert exporting.export(source) == (source / "float.onnx").read_bytes()


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A directory that has to be exported."""
    with reference.quiet():
        return saved(KINDS[0], tmp_path)


def refused(directory: Path, root: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        import_model(directory, root, None, say=lambda _line: None)
    assert [path.name for path in root.iterdir()] == ["texts"]
    return caught.value


def test_weights_that_lack_a_tensor_are_refused_not_made_up(exported: Path, tmp_path: Path) -> None:
    file = exported / "model.safetensors"
    tensors = safetensors.numpy.load(file.read_bytes())
    lost = next(name for name in tensors if name.endswith("attn.q.weight"))
    file.write_bytes(safetensors.numpy.save({name: tensors[name] for name in tensors if name != lost}))
    error = refused(exported, directories.root(tmp_path / "models"))
    assert error.code == "model_architecture"
    assert "attn.q.weight" in error.message


def test_weights_of_another_shape_are_refused(exported: Path, tmp_path: Path) -> None:
    config = json.loads((exported / "config.json").read_text(encoding="utf-8")) | {"intermediate_size": 128}
    (exported / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert refused(exported, directories.root(tmp_path / "models")).code == "import_unsupported"


def test_an_unknown_architecture_is_refused(exported: Path, tmp_path: Path) -> None:
    config = json.loads((exported / "config.json").read_text(encoding="utf-8")) | {"model_type": "unheard-of"}
    (exported / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert refused(exported, directories.root(tmp_path / "models")).code == "import_unsupported"


def test_a_model_that_differs_from_sentence_transformers_is_not_kept(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = reference.encode
    monkeypatch.setattr(reference, "encode", lambda *given, **options: original(*given, **options)[:, ::-1])
    assert refused(exported, directories.root(tmp_path / "models")).code == "import_differs"


def test_the_command_exports_under_the_lock(tmp_path: Path) -> None:
    """torch and the hub's libraries come with clients for networks: the process that runs them is locked like all."""
    with reference.quiet():
        directory = saved(KINDS[0], tmp_path)
    directories.root(tmp_path / "models")
    (tmp_path / "config.yaml").write_text("model: {path: models}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "--config", str(tmp_path / "config.yaml"), "models", "import"]
    ran = subprocess.run([*command, str(directory), "--json"], capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["names"] == ["mpnet-int8", "mpnet-fp32"]
    assert not (tmp_path / "store").exists()
