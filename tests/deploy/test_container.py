"""The image holds what it should and nothing else, and its folders, command and options are the program's."""

import json
import re
from pathlib import Path

import pytest

from pipeline.config import find, load
from pipeline.interfaces.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
README = (DEPLOY / "README.md").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Name and arguments of each instruction of the Containerfile, continued lines joined."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", "", "".join(line for line in text.splitlines(keepends=True) if line[0] != "#"))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines() if line]


def arguments_of(name: str) -> list[str]:
    return [arguments for instruction, arguments in instructions() if instruction == name]


def last(name: str) -> str:
    return arguments_of(name)[-1]


def test_images_are_named_without_a_registry() -> None:
    assert arguments_of("FROM") == ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE} AS trimmed", "scratch"]
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.1[1-4]-slim", arguments_of("ARG")[0])


def test_no_file_of_the_deployment_names_an_address() -> None:
    for file in (*DEPLOY.iterdir(), ROOT / ".dockerignore"):
        assert "://" not in file.read_text(encoding="utf-8"), file.name


def test_packages_come_by_hash_and_no_installer_stays() -> None:
    installs = [step for run in arguments_of("RUN") for step in run.split("&&") if "pip " in step and "install" in step]
    assert len(installs) == 2
    assert all("--require-hashes" in step or "--no-index" in step for step in installs)
    build, environment, trim = arguments_of("RUN")
    assert "requirements/install.sh" in build
    assert "venv --without-pip .venv" in environment
    for left in ("site-packages/*", "ensurepip", "/usr/local/bin/pip*", "chmod a-s"):
        assert left in trim
    after_scratch = [
        name for name, _ in instructions()[len(instructions()) - instructions()[::-1].index(("FROM", "scratch")) :]
    ]
    assert "RUN" not in after_scratch  # one layer, of what the step before left over
    assert after_scratch.count("COPY") == 1


def test_it_runs_as_nobody_in_particular_and_watches() -> None:
    assert last("USER") == "10001"
    assert "--uid 10001 " in arguments_of("RUN")[-1]
    assert last("HEALTHCHECK") == "NONE"
    assert json.loads(last("ENTRYPOINT")) == ["pipeline"]
    (command,) = json.loads(last("CMD"))
    assert command in COMMANDS
    variables = dict(word.split("=", 1) for word in last("ENV").split())
    assert variables["ORT_DISABLE_TELEMETRY"] == "1"
    assert variables["PYTHONDONTWRITEBYTECODE"] == "1"
    assert variables["PATH"].startswith("/opt/sealed-inbox/.venv/bin:")


def test_the_configuration_is_found_without_naming_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    variables = dict(word.split("=", 1) for word in last("ENV").split())
    source, target = next(a.split() for a in arguments_of("COPY") if a.startswith("docs/deploy/config.yaml"))
    folder = tmp_path / variables["XDG_CONFIG_HOME"].lstrip("/")
    file = tmp_path / target.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes((ROOT / source).read_bytes())
    assert last("WORKDIR") == "/"  # no config.yaml lies there, which would come first
    assert load(find(None, {"XDG_CONFIG_HOME": str(folder)})) == load(file)


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if not line.startswith("#")]
    assert rules[0] == "*"  # nothing but what is named below: no inbox, no store
    for sources in (a.split()[:-1] for a in arguments_of("COPY") if not a.startswith("--from")):
        for source in sources:
            assert (ROOT / source).exists()
            assert {f"!{source}", f"!{Path(source).parent}"} & set(rules), source
    assert not {"!inbox", "!store", "!."} & set(rules)
    assert {"models/*/*.onnx", "**/__pycache__"} <= set(rules)  # built in the image, from verified weights


def test_the_line_that_runs_it_takes_everything_away() -> None:
    config = load(DEPLOY / "config.yaml")
    (line,) = re.findall(r"^\$ (podman run (?:.*\\\n)*.*)$", README, re.MULTILINE)
    for part in (
        "--network none", "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges", "--pids-limit ",
        "--memory ", "--memory-swap ", "--user ",
        f"/inbox:{config.inbox_path}:ro", f"/store:{config.store_path}:rw",
    ):  # fmt: skip
        assert part in line, part
