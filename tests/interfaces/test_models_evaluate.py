"""`pipeline models evaluate` as a command: tables and files, refusals before minutes are spent, nothing private."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.interfaces.cli.models import dossier
from tests.conftest import Configure
from tests.evaluation import invented
from tests.evaluation.conftest import FLOAT, INT8, root

__all__ = ["root"]  # a fixture
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(configure: Configure, tmp_path: Path) -> Run:
    configure()

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipeline", "models", "evaluate", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env=os.environ, check=False, timeout=300
        )

    return call


def test_a_dossier_is_printed_and_written(run: Run, root: Path, tmp_path: Path) -> None:
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as file:
        file.write(f"model: {{path: {root}}}\n")
    ended = run(INT8, "--out", "report.html")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [FLOAT, INT8] in [line.split() for line in ended.stdout.splitlines()]
    assert "\x1b" not in ended.stdout, "colours belong on a terminal"
    assert "Can it be operated?" in ended.stdout
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert not (tmp_path / "store").exists(), "no index is made by looking at models"

    as_json = run(FLOAT, "--json", "--out", "report.JSON")
    assert (as_json.returncode, as_json.stderr) == (0, "")
    printed, written = json.loads(as_json.stdout), json.loads((tmp_path / "report.JSON").read_text(encoding="utf-8"))
    assert printed == written
    assert [one["name"] for one in printed["variants"]] == [FLOAT]


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["--out", "report.pdf"], 2, "out_format"),
        (["--out", "no/such/report.html"], 2, "out_folder"),
        (["--queries", "absent.jsonl"], 2, "does not exist"),
        (["--queries", "private.jsonl"], 2, "queries_invalid"),
        (["--on-my-documents"], 2, "nothing_indexed"),
        (["--sample", "0"], 2, "--sample"),
        (["no-such-model"], 4, "model_unknown"),
        (["../models"], 4, "model_unknown"),
    ],
)
def test_wrong_use_is_told_at_once(run: Run, tmp_path: Path, arguments: list[str], status: int, code: str) -> None:
    (tmp_path / "private.jsonl").write_text('{"query": "the kidney of Mr Quill", }', encoding="utf-8")
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert code in ended.stderr
    assert not [word for word in ("Traceback", "Quill", "kidney") if word in ended.stderr]
    assert not list(tmp_path.glob("report*"))


def test_people_see_every_figure_that_was_measured() -> None:
    shown = "\n".join(dossier.lines(invented.good()))
    for figure in ("overlap@10", "nDCG@10 to reference", "same label", "lists of names, mean", "23.", "pass", "FAIL"):
        assert figure in shown
    assert invented.good().recommendation.split()[0] in shown
    assert "sentence-transformers" not in shown, "a row without a figure is left out"
    assert max(len(line) for line in shown.splitlines() if "  " not in line) <= 100


def test_a_dossier_without_gate_or_fidelity_is_shown(root: Path) -> None:
    alone = replace(invented.good(), variants=(invented.reference(),), gate=())
    assert invented.REFERENCE in "\n".join(dossier.lines(alone))
