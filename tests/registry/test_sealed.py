"""What onnxruntime loads is what was verified, and it holds no second copy of it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry.manifest import FileEntry
from pipeline.registry.runtime import Embedder
from pipeline.registry.sealed import verified_model

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="sealed memory is a feature of Linux")


def descriptors() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def entry_of(folder: Path) -> FileEntry:
    return manifests.read(folder).model


@linux_only
def test_a_change_of_the_file_after_the_check_does_not_reach_the_loader(tmp_path: Path, model: Path) -> None:
    content = (model / "model.onnx").read_bytes()
    (tmp_path / "model.onnx").write_bytes(content)
    with verified_model(tmp_path, entry_of(model)) as verified:
        assert isinstance(verified, str)
        (tmp_path / "model.onnx").write_bytes(b"swapped")
        assert Path(verified).read_bytes() == content


@linux_only
def test_what_was_verified_cannot_be_written_to(model: Path) -> None:
    with verified_model(model, entry_of(model)) as verified:
        assert isinstance(verified, str)
        descriptor = int(verified.rpartition("/")[2])
        with pytest.raises(PermissionError):
            os.pwrite(descriptor, b"x", 0)
        with pytest.raises(PermissionError):
            os.ftruncate(descriptor, 1)


@linux_only
def test_the_copy_is_gone_once_the_model_is_loaded(model: Path) -> None:
    before = descriptors()
    embedder = Embedder(model, threads=1)
    try:
        assert descriptors() == before
    finally:
        embedder.close()


@linux_only
def test_a_refused_model_leaves_no_descriptor_behind(tmp_path: Path, model: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"another model")
    before = descriptors()
    with pytest.raises(ModelError) as caught, verified_model(tmp_path, entry_of(model)):
        pass
    assert caught.value.code == "model_tampered"
    assert descriptors() == before


@linux_only
def test_a_copy_that_memory_has_no_room_for_is_not_told_as_a_missing_model(model: Path) -> None:
    """The limit of RLIMIT_FSIZE lets the system write a part of what it is given, then nothing."""
    code = """
import resource, sys
from pathlib import Path
from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry.sealed import verified_model
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_001, 1_000_001))
try:
    with verified_model(Path(sys.argv[1]), manifests.read(Path(sys.argv[1])).model):
        print("loaded")
except ModelError as error:
    print(error.code)
"""
    done = subprocess.run([sys.executable, "-c", code, str(model)], capture_output=True, text=True, check=True)
    assert done.stdout == "model_unloadable\n"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize(
    ("content", "code"),
    [(b"PK\x03\x04zip", "model_format"), (b"\x80\x04pickle", "model_format"), (None, "model_missing")],
)
def test_a_file_is_looked_into_however_it_is_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, content: bytes | None, code: str
) -> None:
    if platform == "linux" and sys.platform != "linux":
        pytest.skip("sealed memory is a feature of Linux")
    monkeypatch.setattr(sys, "platform", platform)
    if content is not None:
        (tmp_path / "model.onnx").write_bytes(content)
    promised = FileEntry(path="model.onnx", sha256=hashlib.sha256(content or b"").hexdigest())
    with pytest.raises(ModelError) as caught, verified_model(tmp_path, promised):
        pass
    assert caught.value.code == code


def test_where_memory_cannot_be_sealed_the_verified_bytes_are_handed_over(
    monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with verified_model(model, entry_of(model)) as verified:
        assert verified == (model / "model.onnx").read_bytes()


@linux_only
def test_a_loaded_model_does_not_keep_its_file_in_memory(model: Path) -> None:
    """Resident anonymous memory with the product's way of loading, against handing the bytes over."""
    script = (
        "import sys; from pathlib import Path; from pipeline.registry import runtime, manifest, sealed\n"
        "folder = Path(sys.argv[1])\n"
        "if sys.argv[2] == 'bytes': loaded = runtime.session((folder / 'model.onnx').read_bytes())\n"
        "else:\n"
        "    with sealed.verified_model(folder, manifest.read(folder).model) as m: loaded = runtime.session(m)\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('RssAnon')).split()[1])\n"
    )

    def anonymous_kib(way: str) -> int:
        command = [sys.executable, "-c", script, str(model), way]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    saved = anonymous_kib("bytes") - anonymous_kib("sealed")
    assert saved > 0.8 * (model / "model.onnx").stat().st_size / 1024
