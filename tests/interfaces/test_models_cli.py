"""`pipeline models`: every command as a user runs it, and every damaged model refused with exit 4 and a remedy."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from pipeline.registry import manifest as manifests
from pipeline.registry import pinning, weights
from tests.conftest import MODELS, Configure, write

INT8, FLOAT = "all-minilm-l6-v2-int8", "all-minilm-l6-v2-fp32"
LEASE = "The tenant shall pay the monthly rent in advance to the landlord."
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(configure: Configure, tmp_path: Path) -> Run:
    """Run `pipeline` in tmp_path, where config.yaml lies."""
    configure()

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipeline", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=300)

    return call


@pytest.fixture
def models(tmp_path: Path, float_model: Path) -> Path:
    """A folder of models beside config.yaml: copies whose large files are links, to be damaged at will."""
    root = tmp_path / "models"
    for real in (MODELS / INT8, float_model):
        for file in [path for path in real.rglob("*") if path.is_file()]:
            copied = root / real.name / file.relative_to(real)
            copied.parent.mkdir(parents=True, exist_ok=True)
            if file.stat().st_size > 1 << 20:
                copied.symlink_to(file)
            else:
                shutil.copy(file, copied)
    (root / "texts").symlink_to(MODELS / "texts")
    (root / "names" / "text").mkdir(parents=True)
    (root / "names" / "lists").symlink_to(MODELS / "names" / "lists")
    for little in ("mixed_1.txt", "mixed_2.txt"):  # to learn from all takes long
        (root / "names" / "text" / little).symlink_to(MODELS / "names" / "text" / little)
    return root


def first_of(damages: Iterable[str]) -> list[ParameterSet | str]:
    """The first two now, the others in the long run: that each is told is tested where it is made (tests/registry)."""
    return [one if index < 2 else pytest.param(one, marks=pytest.mark.long) for index, one in enumerate(damages)]


def replaced(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0x10
    replaced(file, bytes(content))


def test_a_model_is_listed_verified_and_built(run: Run, models: Path) -> None:
    listed = {one["name"]: one for one in json.loads(run("models", "list", "--json").stdout)["models"]}
    assert {name: one["precision"] for name, one in listed.items()} == {INT8: "int8-static", FLOAT: "float32"}
    assert [name for name, one in listed.items() if one["active"]] == [INT8]
    assert run("models", "list").stdout.count("built") == 2
    (models / INT8 / "model.onnx").unlink()
    assert run("models", "verify").returncode == 4
    built = json.loads(run("models", "build", "--json").stdout)
    assert built == {"name": INT8, "sha256": listed[INT8]["sha256"]}
    assert json.loads(run("models", "verify", "--json").stdout)["ok"] is True
    assert run("models", "verify", FLOAT).returncode == 0


def test_a_model_is_taught_to_find_names(run: Run, inbox: Path, models: Path) -> None:
    """Without that they are not looked for, and the doctor says so; afterwards stored documents are looked through."""
    write(inbox, "note.txt", "Please ask Mrs. Ingrid Solheim of Whitfield Marine Ltd about the berth in Rotterdam.")
    for file in ("names.json", "names.onnx"):
        (models / INT8 / file).unlink()
    run("watch", "--once")
    assert json.loads(run("documents", "--json").stdout)["documents"][0]["personal"] == {}
    doctor = run("doctor")
    assert (doctor.returncode, "pipeline models names" in doctor.stdout) == (1, True)
    taught = run("models", "names", "--json")
    assert taught.returncode == 0, taught.stderr
    said = json.loads(taught.stdout)
    assert (said["name"], list(said["recall"])) == (INT8, ["person", "organisation", "place"])
    assert run("models", "names", "--if-needed").stdout == ""
    assert run("doctor").returncode == 0
    run("watch", "--once")
    found = json.loads(run("documents", "--json").stdout)["documents"][0]["personal"]
    assert {"person", "place"} <= set(found) <= {"person", "place", "organisation"}
    (models / "names" / "lists").unlink()
    refused = run("models", "names", "--if-needed")
    assert (refused.returncode, "names_material" in refused.stderr) == (4, True)


def test_a_model_is_activated_and_rolled_back(run: Run, inbox: Path, models: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    run("watch", "--once")
    activated = run("models", "activate", FLOAT, "--json")
    assert (activated.returncode, f"pipeline models names {FLOAT}" in activated.stderr) == (0, True)
    report = json.loads(activated.stdout)
    assert list(report) == ["model", "sha256", "embedded", "cut_short", "seconds", "finds_names"]
    assert report["finds_names"] is False, "it was not taught to"
    assert (report["model"], report["embedded"], report["cut_short"]) == (FLOAT, 1, 0)
    status = json.loads(run("status", "--json").stdout)
    assert (status["model"], status["previous_model"], status["activation"]) == (FLOAT, INT8, None)
    assert f"{FLOAT} (before: {INT8})" in run("status").stdout
    assert f"* {FLOAT}" in run("models", "list").stdout
    assert json.loads(run("search", "rent", "--json").stdout)["hits"][0]["semantic_rank"] == 1
    assert "not taught to find names" in run("doctor").stdout
    back = run("models", "rollback")
    assert (back.returncode, f"{INT8} is active again: 0 passages embedded" in back.stdout) == (0, True)
    assert (back.stderr, run("doctor").returncode) == ("", 0)


@pytest.mark.long
def test_a_model_below_the_gate_is_not_activated(run: Run, inbox: Path, models: Path, tmp_path: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    run("watch", "--once")
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "models: {gate: {cosine_mean: 0.9999}}\n", encoding="utf-8")
    refused = run("models", "activate", INT8)
    assert (refused.returncode, refused.stdout) == (4, "")
    assert "gate_refused" in refused.stderr
    assert "below 0.9999" in refused.stderr
    assert run("models", "activate", INT8, "--without-gate").returncode == 0
    assert run("models", "activate", FLOAT).returncode == 0, "float32 is its own reference"


def nothing_to_roll_back(run: Run) -> None:
    refused = run("models", "rollback")
    assert (refused.returncode, "no_previous_model" in refused.stderr) == (2, True)


def test_unknown_names_are_refused(run: Run, models: Path) -> None:
    nothing_to_roll_back(run)
    for command in ("verify", "build", "activate", "calibrate", "names"):
        for name in ("none", "../models/" + INT8):
            refused = run("models", command, name)
            assert (refused.returncode, "model_unknown" in refused.stderr) == (4, True), command


def external_data(folder: Path) -> None:
    import onnx

    model = onnx.load(folder / "model.onnx")
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/hostname")
    replaced(folder / "model.onnx", model.SerializeToString())
    pinning.pin(folder, "model", weights.sha256_of(folder / "model.onnx"))


def another_architecture(folder: Path) -> None:
    text = (folder / "manifest.yaml").read_text(encoding="utf-8")
    (folder / "manifest.yaml").write_text(text.replace("architecture: bert", "architecture: t5"), encoding="utf-8")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of the model": (lambda folder: flipped(folder / "model.onnx"), "model_tampered"),
    "a bit of the tokenizer": (lambda folder: flipped(folder / "source" / "tokenizer.json"), "model_tampered"),
    "no tokenizer": (lambda folder: (folder / "source" / "tokenizer.json").unlink(), "model_missing"),
    "no model": (lambda folder: (folder / "model.onnx").unlink(), "model_missing"),
    "another architecture": (another_architecture, "model_manifest"),
    "external data": (external_data, "model_external"),
}


@pytest.mark.parametrize("damage", first_of(DAMAGES))
def test_a_damaged_model_is_refused_before_use_and_the_index_stays(
    run: Run, inbox: Path, models: Path, tmp_path: Path, damage: str
) -> None:
    write(inbox, "lease.txt", LEASE)
    run("watch", "--once")
    before = run("documents", "--json").stdout
    change, code = DAMAGES[damage]
    change(models / INT8)
    write(inbox, "more.txt", "More text.")
    for command in (["search", "rent"], ["watch", "--once"], ["models", "activate", INT8, "--without-gate"]):
        refused = run(*command)
        assert refused.returncode == 4, (command, refused.stderr)
        assert code in refused.stderr or "model_replaced" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert run("documents", "--json").stdout == before
    assert run("search", "rent", "--mode", "keyword").returncode == 0


def truncated(file: Path) -> None:
    replaced(file, file.read_bytes()[: 1 << 20])


SOURCES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of the weights": (lambda folder: flipped(folder / "source" / "model.safetensors"), "model_tampered"),
    "weights cut short": (lambda folder: truncated(folder / "source" / "model.safetensors"), "model_tampered"),
    "no weights": (lambda folder: (folder / "source" / "model.safetensors").unlink(), "model_missing"),
    "a bit of the ranges": (lambda folder: flipped(folder / "ranges.json"), "model_tampered"),
}


@pytest.mark.parametrize("damage", first_of(SOURCES))
def test_damaged_sources_are_not_built_from_and_the_model_that_is_there_stays(
    run: Run, models: Path, damage: str
) -> None:
    change, code = SOURCES[damage]
    change(models / INT8)
    refused = run("models", "build")
    assert (refused.returncode, code in refused.stderr) == (4, True)
    named = "ranges.json" if "ranges" in damage else "model.safetensors"
    assert named in refused.stderr
    manifest = manifests.read(models / INT8)
    assert weights.sha256_of(models / INT8 / "model.onnx") == manifest.model.sha256
    names = sorted(file.name for file in (models / INT8).iterdir())
    assert names == ["manifest.yaml", "model.onnx", "names.json", "names.onnx", "ranges.json", "source"]


def test_help_names_every_command(run: Run) -> None:
    from pipeline.interfaces.cli.models import COMMANDS

    assert all(name in run("models", "--help").stdout for name in COMMANDS)
    for name in COMMANDS:
        assert run("models", name, "--help").returncode == 0
