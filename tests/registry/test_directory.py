"""A sentence-transformers directory is read as data: understood, or refused with the file, the reason and a remedy."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.registry import directory
from tests.registry import directories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory that is as it should be."""
    return directories.bert(tmp_path / "tiny")


def change(folder: Path, name: str, **keys: object) -> None:
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps(content | keys), encoding="utf-8")


def refused(folder: Path) -> ModelError:
    before = directories.everything(folder)
    with pytest.raises(ModelError) as caught:
        directory.read(folder)
    assert directories.everything(folder) == before
    assert caught.value.exit_status == 4
    assert caught.value.advice != ModelError.default_advice
    return caught.value


def test_a_directory_says_all_that_a_manifest_needs(folder: Path) -> None:
    described = directory.read(folder)
    assert (described.model_type, described.layers, described.pooling) == ("bert", 2, ("mean",))
    assert (described.dimension, described.max_tokens, described.licence) == (32, 32, "mit")
    assert (described.query_prompt, described.document_prompt) == ("who ", "the ")
    assert described.buildable
    assert described.notes == ()
    assert "model.safetensors" in described.files
    assert "1_Pooling/config.json" in described.files


@pytest.mark.parametrize(
    ("tokenizer", "sentence", "expected"),
    [(30, None, 30), (512, None, 40), (1e30, 24, 24), (20, 24, 24), (None, None, 40)],
)
def test_the_longest_text_is_bounded_by_the_settings_and_by_the_position_table(
    folder: Path, tokenizer: float | None, sentence: int | None, expected: int
) -> None:
    """Version 6 writes it to tokenizer_config.json, earlier ones to sentence_bert_config.json, which goes first."""
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": sentence}), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": tokenizer}), encoding="utf-8")
    assert directory.read(folder).max_tokens == expected


def test_roberta_counts_positions_from_its_padding_on(folder: Path) -> None:
    change(folder, "config.json", model_type="xlm-roberta", pad_token_id=1)
    change(folder, "sentence_bert_config.json", max_seq_length=40)
    described = directory.read(folder)
    assert (described.max_tokens, described.buildable) == (38, False)


@pytest.mark.parametrize(
    ("said", "query", "document"),
    [
        ({}, "", ""),
        ({"prompts": {"query": "q: ", "document": "d: ", "passage": "p: "}}, "q: ", "d: "),
        ({"prompts": {"query": "", "document": "", "passage": "p: "}}, "", "p: "),
        ({"prompts": {"all": "a: "}, "default_prompt_name": "all"}, "a: ", "a: "),
        ({"prompts": {"query": "q: ", "all": "a: "}, "default_prompt_name": "all"}, "q: ", "a: "),
    ],
)
def test_prompts_are_those_that_a_question_and_a_passage_begin_with(
    folder: Path, said: object, query: str, document: str
) -> None:
    (folder / "config_sentence_transformers.json").write_text(json.dumps(said), encoding="utf-8")
    described = directory.read(folder)
    assert (described.query_prompt, described.document_prompt) == (query, document)


@pytest.mark.parametrize(
    ("readme", "expected"),
    [
        ("---\nlicense: apache-2.0\n---\n", "apache-2.0"),
        ("---\nlicense: [mit, x]\n---\n", "see LICENSE"),
        ("---\nlicense: !!python/object/apply:os.system [x]\n---\n", "see LICENSE"),
        ("---\nlicense: other\n---\n", "see LICENSE"),
        ("no front matter", "see LICENSE"),
        ("---\n- a list\n---\n", "see LICENSE"),
    ],
)
def test_the_licence_is_what_the_front_matter_says_if_it_is_plain(folder: Path, readme: str, expected: str) -> None:
    (folder / "LICENSE").write_text("Text of a licence", encoding="utf-8")
    (folder / "README.md").write_text(readme, encoding="utf-8")
    assert directory.read(folder).licence == expected


def test_another_similarity_is_told(folder: Path) -> None:
    change(folder, "config_sentence_transformers.json", similarity_fn_name="dot")
    assert "cosine" in directory.read(folder).notes[0]


class Boom:
    """Would run code when unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return (Path.touch, ("boom",))  # type: ignore[return-value]


def test_pickled_weights_are_neither_read_nor_accepted(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Boom()))
    error = refused(folder)
    assert error.code == "import_pickle"
    assert "model.safetensors" in error.advice


def test_pickled_weights_beside_good_ones_are_left_alone(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Boom()))
    assert "pytorch_model.bin" not in directory.read(folder).files


@pytest.mark.parametrize(
    "name", ["config.json", "modules.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"]
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    error = refused(folder)
    assert error.code == "import_missing"
    assert Path(name).name in error.message


@pytest.mark.parametrize("keep", [0, 4, 8, 100, 5000, -1])
def test_truncated_weights_are_refused(folder: Path, keep: int) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:keep])
    with pytest.raises(ModelError) as caught:
        directory.read(folder)
    assert caught.value.code == "model_tampered"
    assert "model.safetensors" in caught.value.message


def test_weights_in_several_files_are_refused_with_the_way_to_make_them_one(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    (folder / "model.safetensors.index.json").write_text("{}", encoding="utf-8")
    assert "max_shard_size" in refused(folder).advice


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none").code == "import_missing"


def module(kind: str, path: str = "1_Pooling", **keys: object) -> dict[str, object]:
    return {"type": kind, "path": path} | keys


ENCODER = module("sentence_transformers.models.Transformer", "")
POOLING = module("sentence_transformers.models.Pooling")


@pytest.mark.parametrize(
    ("modules", "code"),
    [
        ([ENCODER, POOLING, module("sentence_transformers.models.LSTM", "2_LSTM")], "import_unsupported"),
        ([ENCODER, POOLING, module("custom_st.Transformer", "2")], "import_code"),
        ([ENCODER, POOLING, module("os.system")], "import_code"),
        ([module("modeling_x.Transformer", ""), POOLING], "import_code"),
        ([module("sentence_transformers.models.Transformer.evil", ""), POOLING], "import_unsupported"),
        ([POOLING, ENCODER], "import_unsupported"),
        ([ENCODER], "import_unsupported"),
        ([], "import_unsupported"),
        ([ENCODER, POOLING, POOLING], "import_unsupported"),
        ([ENCODER, module("sentence_transformers.models.Pooling", "../1_Pooling")], "import_unsupported"),
        ([ENCODER, module("sentence_transformers.models.Pooling", "/etc")], "import_unsupported"),
        ([ENCODER, module("sentence_transformers.models.Pooling", kwargs={"x": 1})], "import_unsupported"),
        ([module("sentence_transformers.models.Transformer", "0_Transformer"), POOLING], "import_unsupported"),
        ({"type": "x"}, "import_malformed"),
        ([{"path": ""}], "import_malformed"),
    ],
)
def test_modules_that_are_not_known_are_refused(folder: Path, modules: object, code: str) -> None:
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    assert refused(folder).code == code


def test_an_unknown_module_is_named(folder: Path) -> None:
    listed = [ENCODER, POOLING, module("sentence_transformers.models.LSTM", "2_LSTM")]
    (folder / "modules.json").write_text(json.dumps(listed), encoding="utf-8")
    assert "LSTM" in refused(folder).message


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_of_the_models_own_is_refused(folder: Path, name: str) -> None:
    (folder / "tokenizer_config.json").write_text("{}", encoding="utf-8")
    change(folder, name, auto_map={"AutoModel": "modeling_evil.Evil"})
    (folder / "modeling_evil.py").write_text("raise SystemExit", encoding="utf-8")
    assert refused(folder).code == "import_code"


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("config.json", {"hidden_size": -1}),
        ("config.json", {"hidden_size": 10**9}),
        ("config.json", {"hidden_size": "32"}),
        ("config.json", {"hidden_size": 64}),
        ("config.json", {"num_attention_heads": 5}),
        ("config.json", {"num_attention_heads": 0}),
        ("config.json", {"num_hidden_layers": 10**6}),
        ("config.json", {"intermediate_size": 10**12}),
        ("config.json", {"vocab_size": 10**7}),
        ("config.json", {"vocab_size": 7}),
        ("config.json", {"layer_norm_eps": -1.0}),
        ("config.json", {"max_position_embeddings": 2**40}),
        ("config.json", {"model_type": "../../x"}),
        ("config.json", {"model_type": None}),
        ("config.json", {"is_decoder": True}),
        ("config.json", {"quantization_config": {"bits": 4}}),
        ("1_Pooling/config.json", {"pooling_mode": "attention"}),
        ("1_Pooling/config.json", {"word_embedding_dimension": 31}),
        ("1_Pooling/config.json", {"include_prompt": False}),
        ("sentence_bert_config.json", {"max_seq_length": 3}),
        ("sentence_bert_config.json", {"query_length": 5}),
        ("sentence_bert_config.json", {"model_args": {"trust_remote_code": True}}),
        ("sentence_bert_config.json", {"transformer_task": "fill-mask"}),
        ("config_sentence_transformers.json", {"model_type": "SparseEncoder"}),
        ("config_sentence_transformers.json", {"prompts": {"query": "x" * 501}}),
        ("config_sentence_transformers.json", {"prompts": ["x"]}),
    ],
)  # fmt: skip
def test_settings_out_of_bounds_or_not_understood_are_refused(folder: Path, name: str, keys: dict[str, object]) -> None:
    change(folder, name, **keys)
    assert refused(folder).code in ("import_malformed", "import_unsupported")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "null", '{"a": ' * 20_000, "\x00", '{"hidden_size": NaN}', "\ud800"]
)
def test_json_that_is_none_is_refused(folder: Path, content: str) -> None:
    (folder / "config.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert refused(folder).code == "import_malformed"


def test_a_tokenizer_that_does_not_fit_the_model_is_refused(folder: Path) -> None:
    tokenizer = directories.tokenizer()
    tokenizer.add_tokens(["brandnew"])
    tokenizer.save(str(folder / "tokenizer.json"))
    assert refused(folder).code == "import_malformed"


def test_a_tokenizer_without_special_tokens_is_refused_since_a_blank_text_would_have_no_vector(folder: Path) -> None:
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")) | {"post_processor": None}
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert refused(folder).code == "import_unsupported"


def test_lower_case_is_refused_where_only_sentence_transformers_would_make_it(folder: Path) -> None:
    change(folder, "sentence_bert_config.json", do_lower_case=True)
    assert directory.read(folder).max_tokens == 32  # this tokenizer does it itself
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")) | {"normalizer": None}
    content["model"]["vocab"]["Rhine"] = content["model"]["vocab"].pop("who")
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert refused(folder).code == "import_unsupported"


def test_a_dense_module_is_followed_to_its_size_and_its_function_must_be_known(folder: Path) -> None:
    listed = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    listed.insert(2, module("sentence_transformers.models.Dense", "2_Dense"))
    (folder / "modules.json").write_text(json.dumps(listed), encoding="utf-8")
    dense = {
        "in_features": 32,
        "out_features": 8,
        "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh",
    }
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "config.json").write_text(json.dumps(dense), encoding="utf-8")
    assert refused(folder).code == "import_pickle"
    (folder / "2_Dense" / "model.safetensors").write_bytes(safetensors.numpy.save({}))
    described = directory.read(folder)
    assert (described.dimension, described.buildable) == (8, False)
    for change_to in ({"activation_function": "torch.nn.Module"}, {"in_features": 16}, {"out_features": 0}):
        (folder / "2_Dense" / "config.json").write_text(json.dumps(dense | change_to), encoding="utf-8")
        assert refused(folder).code in ("import_unsupported", "import_malformed")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    (name, key)
    for name, content in directories.settings().items()
    if isinstance(content, dict)
    for key in [*content, "auto_map", "model_args", "prompts"]
]


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_any_value_in_any_setting_is_understood_or_refused(folder: Path, place: tuple[str, str], value: object) -> None:
    name, key = place
    original = (folder / name).read_bytes()
    try:
        change(folder, name, **{key: value})
        directory.read(folder)
    except ModelError as error:
        assert error.exit_status == 4
    finally:
        (folder / name).write_bytes(original)
