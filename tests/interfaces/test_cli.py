"""The command line: stdout is data, stderr is talk, exit codes mean something, no traceback reaches the user."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Configure, write

Run = Callable[..., subprocess.CompletedProcess[str]]
LEASE = "The tenant shall pay the monthly rent in advance to the landlord."


@pytest.fixture
def run(configure: Configure, tmp_path: Path) -> Run:
    """Run `pipeline` in tmp_path, where config.yaml lies."""
    configure()

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | environment,
            check=False,
            timeout=120,
        )

    return call


def test_the_whole_way_by_commands(run: Run, inbox: Path, tmp_path: Path) -> None:
    file = write(inbox, "lease.txt", LEASE)
    drained = run("watch", "--once", "--json")
    assert (drained.returncode, drained.stderr) == (0, "")
    report = json.loads(drained.stdout)
    assert (report["files"], report["states"]["indexed"], report["incomplete"]) == (1, 1, [])

    answer = json.loads(run("search", "monthly", "rent", "--json").stdout)
    assert (answer["query"], answer["mode"]) == ("monthly rent", "hybrid")
    (hit,) = answer["hits"]
    assert hit["path"] == str(file)
    assert LEASE[hit["start"] : hit["end"]] == hit["snippet"] == LEASE
    keys = (
        "document path inside page start end snippet highlights relevant named score semantic_rank cosine keyword_rank "
        "words matched passages also before after reader confidence label label_score language sensitivity masked state"
    )
    assert list(hit) == keys.split()

    (document,) = json.loads(run("documents", "--json").stdout)["documents"]
    assert document["document"] == hit["document"]
    assert (document["paths"], document["state"], document["code"]) == ([str(file)], "indexed", "complete")
    assert {"label", "pages", "chunks"} <= set(document)

    status = json.loads(run("status", "--json").stdout)
    assert (status["states"]["indexed"], status["files"], status["waiting"]) == (1, 1, 0)
    assert json.loads(run("doctor", "--json").stdout)["ok"] is True


def test_people_see_where_why_and_which_kind(run: Run, inbox: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    run("watch", "--once")
    shown = run("search", "rent").stdout
    assert "inbox/lease.txt, page 1" in shown
    assert "why: meaning #1 (cosine" in shown
    assert "words #1 (rent)" in shown
    assert "\x1b" not in shown, "colours belong on a terminal"


def test_incomplete_documents_are_listed_and_exit_3(run: Run, inbox: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    write(inbox, "locked.rar", "Rar!\x1a\x07\x01")
    for command in (["watch", "--once"], ["ingest", str(inbox)]):
        ended = run(*command)
        assert ended.returncode == 3
        assert "2 files: 1 indexed, 1 unsupported" in ended.stdout
        assert "locked.rar: Files of this format are not read yet." in ended.stdout
    report = json.loads(run("ingest", str(inbox), "--json").stdout)
    assert [(one["state"], one["code"]) for one in report["incomplete"]] == [("unsupported", "format_not_read")]


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["search", ""], 2, "query_empty"),
        (["search", "x", "--mode", "fuzzy"], 2, "fuzzy"),
        (["search", "x", "--label", "no such"], 2, "label_unknown"),
        (["search", "x", "--limit", "0"], 2, "limit_bound"),
        (["ingest", "not/there"], 2, "path_missing"),
        (["nonsense"], 2, "nonsense"),
        (["status", "--config", "absent.yaml"], 2, "config_missing"),
    ],
)
def test_wrong_use_exits_2_with_a_code_and_a_next_step(run: Run, arguments: list[str], status: int, says: str) -> None:
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_misspelt_key_is_told_with_its_path_and_a_suggestion(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("inbox: {setle_s: 1}\n", encoding="utf-8")
    ended = run("status")
    assert ended.returncode == 2
    assert "inbox.setle_s: there is no such key" in ended.stderr
    assert "Did you mean `settle_s`?" in ended.stderr


def test_config_may_stand_before_or_behind_the_command(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "my.yaml").write_text("store: {path: elsewhere}\n", encoding="utf-8")
    for arguments in (
        ["--config", "other/my.yaml", "status", "--json"],
        ["status", "--json", "--config", "other/my.yaml"],
    ):
        assert json.loads(run(*arguments).stdout)["store"] == str(other / "elsewhere")


def test_a_tampered_model_is_refused_with_exit_4(run: Run, inbox: Path, tmp_path: Path) -> None:
    from pipeline.config import load

    real = load(tmp_path / "config.yaml").model_path
    fake = tmp_path / "models" / real.name
    (fake / "source").mkdir(parents=True)
    for name in ("manifest.yaml", "source/tokenizer.json"):
        (fake / name).write_bytes((real / name).read_bytes())
    content = bytearray((real / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (fake / "model.onnx").write_bytes(content)
    write(inbox, "lease.txt", LEASE)
    for command in (["watch", "--once"], ["models", "verify"]):
        ended = run(*command)
        assert (ended.returncode, "model_tampered" in ended.stderr) == (4, True)
    assert json.loads(run("status", "--json").stdout)["files"] == 0
    assert run("doctor").returncode == 1


def test_doctor_finds_that_text_is_lost(run: Run, inbox: Path, tmp_path: Path) -> None:
    from pipeline.config import load

    write(inbox, "lease.txt", LEASE)
    run("watch", "--once")
    with closing(sqlite3.connect(load(tmp_path / "config.yaml").store_path / "index.sqlite")) as store, store:
        store.execute("DELETE FROM texts")
    ended = run("doctor", "--json")
    (check,) = [one for one in json.loads(ended.stdout)["checks"] if one["name"] == "texts"]
    assert (ended.returncode, check["ok"], check["finding"]) == (1, False, "documents that have lost text: 1")


def test_a_name_cannot_write_to_the_terminal(run: Run, inbox: Path) -> None:
    write(inbox, os.fsdecode(b"evil\x1b]52;c;x\x07\xff\n.txt"), LEASE)
    run("watch", "--once")
    for command in (["documents"], ["search", "rent"]):
        ended = run(*command)
        assert "evil\\u001b]52;c;x\\u0007\\xff\\u000a.txt" in ended.stdout
        assert "\x1b" not in ended.stdout
    assert json.loads(run("documents", "--json").stdout)["documents"][0]["paths"][0].endswith("\\xff\n.txt")


def test_a_document_cannot_write_to_the_terminal(run: Run, inbox: Path) -> None:
    write(inbox, "a.html", "<p>rent &#x1b;[2J\u202egnihton\u202c rent &#155;31m</p>")
    run("watch", "--once")
    shown = run("search", "rent").stdout
    assert "rent" in shown
    assert not {character for character in shown if character < " " and character != "\n"}
    assert not set("\u202e\u202c\x9b") & set(shown)


def test_a_query_of_any_bytes_is_answered(run: Run, inbox: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    run("watch", "--once")
    ended = run("search", "--json", os.fsdecode(b"rent \xff\xfe"))
    assert (ended.returncode, len(json.loads(ended.stdout)["hits"])) == (0, 1)


def test_a_reader_that_leaves_early_is_no_fault(run: Run, inbox: Path, tmp_path: Path) -> None:
    for number in range(300):
        write(inbox, f"{number:03}.bin", "PK\x03\x04" + str(number))
    run("watch", "--once")
    piped = subprocess.run(
        f"{sys.executable} -m pipeline documents | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert piped.stdout.count("\n") == 1
    assert piped.stderr in ("", "300 documents\n")


def test_nothing_personal_is_in_errors(run: Run, inbox: Path, tmp_path: Path) -> None:
    write(inbox, "miller-diagnosis.txt", "Mrs Miller has a secret illness.")
    run("watch", "--once")
    (tmp_path / "store" / "index.sqlite").write_bytes(b"rubbish" * 1000)
    for leftover in (tmp_path / "store").glob("*-*al"):
        leftover.unlink()
    ended = run("search", "secret illness of miller")
    assert ended.returncode == 1
    assert "store_damaged" in ended.stderr
    assert not [word for word in ("miller", "Miller", "illness", "Traceback") if word in ended.stderr]


def test_help_names_every_command_and_each_has_its_own(run: Run) -> None:
    from pipeline.interfaces.cli.main import COMMANDS

    assert all(name in run("--help").stdout for name in COMMANDS)
    for name in COMMANDS:
        ended = run(name, "--help")
        assert ended.returncode == 0
        assert "--config" in ended.stdout
