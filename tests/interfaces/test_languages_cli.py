"""Languages on the command line, in the locked process that a user has."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import write

TEXTS = {
    "de.txt": "Der Mieter zahlt die Miete im Voraus. Die Firmen liefern das Heizöl im Winter an die Mieter.",
    "zh.txt": "承租人应当在每月三日支付房租。任何一方提前三个月通知，都可以终止合同。",
    "codes.txt": "AB-12 199.90",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inbox that `pipeline watch --once` has worked off."""
    made = tmp_path_factory.mktemp("cli")
    (made / "config.yaml").write_text("inbox: {settle_s: 0.0}\n", encoding="utf-8")
    for name, text in TEXTS.items():
        write(made / "inbox", name, text)
    assert run(made, "watch", "--once").returncode == 0
    return made


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"COLUMNS": "100"},
        check=False,
        timeout=120,
    )


def test_documents_say_their_language_and_are_listed_by_it(folder: Path) -> None:
    listed = json.loads(run(folder, "documents", "--json").stdout)["documents"]
    told = {Path(one["paths"][0]).name: one["language"] for one in listed}
    assert told == {"de.txt": "de", "zh.txt": "zh", "codes.txt": None}
    german = json.loads(run(folder, "documents", "--language", "de", "--json").stdout)["documents"]
    assert [Path(one["paths"][0]).name for one in german] == ["de.txt"]


def test_hits_say_their_language_and_are_found_by_it(folder: Path) -> None:
    hits = json.loads(run(folder, "search", "合同", "--language", "zh", "--json").stdout)["hits"]
    assert [(Path(hit["path"]).name, hit["language"], hit["matched"]) for hit in hits] == [("zh.txt", "zh", ["合同"])]
    assert json.loads(run(folder, "search", "合同", "--language", "fr", "--json").stdout)["hits"] == []


def test_a_language_that_is_not_known_is_wrong_use(folder: Path) -> None:
    for command in (["search", "x"], ["documents"]):
        ended = run(folder, *command, "--language", "klingon")
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "language_unknown" in ended.stderr
        assert "ISO 639-1" in ended.stderr
