"""Labels by commands: reviewed, corrected, learned, measured, exported, taken back; people's words stand."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Configure, write

Run = Callable[..., subprocess.CompletedProcess[str]]
ANIMALS = ("the heron", "a badger", "the otter", "our hedgehog", "a swallow", "the beaver", "an adder", "the lynx")
SENTENCES = {
    "birdwatch": "At dawn {} was seen by the pond; wind from the west, few clouds, counted once near the reeds.",
    "recipe": "Take two eggs and flour, name the dish after {}, stir well, bake for forty minutes and serve warm.",
    "ledger": "Debit and credit were entered for {}; the balance carried forward is 310 in the column of expenses.",
}
CONFIG = (
    "labels:\n  more:\n    shelf:\n"
    "      - {name: birdwatch, description: notes of things seen}\n"
    "      - {name: recipe, description: notes of things done}\n"
    "      - {name: ledger, description: notes of things counted}\n"
)


@pytest.fixture
def run(configure: Configure, tmp_path: Path) -> Run:
    file = configure()
    file.write_text(file.read_text() + CONFIG)

    def call(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"NO_COLOR": "1"}, check=False, timeout=120,
        )  # fmt: skip
        assert ran.returncode == code, ran.stderr
        return ran

    return call


@pytest.fixture
def notes(run: Run, inbox: Path) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {}
    for kind, sentence in SENTENCES.items():
        for number, animal in enumerate(ANIMALS):
            files.setdefault(kind, []).append(write(inbox, f"{kind[0]}{number}.txt", sentence.format(animal)))
    run("watch", "--once")
    return files


def labels(run: Run) -> dict[str, int]:
    found: dict[str, int] = json.loads(run("labels", "list", "shelf", "--json").stdout)["labels"]
    return found


def test_examples_are_learned_from_and_what_was_learned_travels(
    run: Run, notes: dict[str, list[Path]], tmp_path: Path
) -> None:
    assert "examples_missing" in run("labels", "train", "shelf", code=2).stderr
    assert "head_missing" in run("labels", "export", "shelf", "--out", "a.labels", code=2).stderr
    for kind, files in notes.items():
        assert f"{7} labelled" in run("labels", "add", f"shelf={kind}", *map(str, files[:7])).stdout
    before = labels(run)
    measured = json.loads(run("labels", "evaluate", "shelf", "--json").stdout)
    assert (measured["set"], measured["examples"], measured["unknown"]) == ("shelf", 21, 0)
    assert measured["measured"]["accuracy"] > 0.9
    assert labels(run) == before
    learned = json.loads(run("labels", "train", "shelf", "--json").stdout)
    assert learned == measured
    run("watch", "--once")
    assert labels(run) == {"birdwatch": 8, "ledger": 8, "recipe": 8}
    told = run("labels", "train", "shelf").stdout
    assert "right on examples held back: " in told
    assert "labels.max_error: 5%" in told

    written = json.loads(run("labels", "export", "shelf", "--out", "a.labels", "--json").stdout)
    assert written == {"set": "shelf", "size_bytes": (tmp_path / "a.labels").stat().st_size}
    content = (tmp_path / "a.labels").read_bytes()
    assert not any(word in content for word in (b"heron", b"flour", b"balance"))
    assert "output_exists" in run("labels", "export", "shelf", "--out", "a.labels", code=2).stderr
    assert json.loads(run("labels", "import", "a.labels", "shelf", "--json").stdout)["examples"] == 21
    assert "head_of_other_labels" in run("labels", "import", "a.labels", "kind", code=2).stderr
    assert "head_unusable" in run("labels", "import", "config.yaml", "shelf", code=2).stderr
    assert "head_unreadable" in run("labels", "import", "nothing", "shelf", code=2).stderr


def test_a_persons_word_stands_until_it_is_taken_back(run: Run, notes: dict[str, list[Path]]) -> None:
    odd = str(notes["recipe"][0])
    run("labels", "add", "shelf=ledger", odd)
    for kind, files in notes.items():
        run("labels", "add", f"shelf={kind}", *map(str, files[1:]))
    run("labels", "train", "shelf")
    run("watch", "--once")
    before = labels(run)
    assert before["recipe"] == 7
    assert sum(before.values()) == 24
    assert json.loads(run("labels", "remove", "shelf", odd, "--json").stdout) == {"removed": 1}
    run("watch", "--once")
    assert labels(run)["ledger"] == before["ledger"] - 1
    assert "no_previous_head" in run("labels", "rollback", "shelf", code=2).stderr
    run("labels", "train", "shelf")
    assert "labels by what was learned before" in run("labels", "rollback", "shelf").stdout


def test_a_review_shows_what_a_document_may_be_and_no_personal_data(run: Run, inbox: Path) -> None:
    write(inbox, "x.txt", "Please pay to DE89 3704 0044 0532 0130 00, as agreed between us.")
    run("watch", "--once")
    (one,) = json.loads(run("labels", "review", "shelf", "--json").stdout)["documents"]
    assert sorted(option["label"] for option in one["alternatives"]) == ["birdwatch", "ledger", "recipe"]
    assert "[iban]" in one["snippet"]
    shown = run("labels", "review", "shelf")
    assert "may be: " in shown.stdout
    assert "DE89" not in shown.stdout
    run("labels", "add", "shelf=ledger", "inbox/x.txt")
    assert "There is nothing to review." in run("labels", "review", "shelf").stderr


def test_what_makes_no_sense_is_told(run: Run, notes: dict[str, list[Path]]) -> None:
    file = str(notes["recipe"][0])
    assert "label_form" in run("labels", "add", "recipe", file, code=2).stderr
    assert "label_unknown" in run("labels", "add", "shelf=poem", file, code=2).stderr
    assert "label_set_unknown" in run("labels", "add", "shelves=poem", file, code=2).stderr
    assert "document_unknown" in run("labels", "add", "shelf=recipe", file, "gone.txt", code=2).stderr
    assert json.loads(run("labels", "evaluate", "shelf", "--json").stdout)["examples"] == 0
    assert "label_set_unknown" in run("labels", "review", "poems", code=2).stderr
    assert "examples_missing" in run("labels", "train", code=2).stderr


def test_a_label_that_the_configuration_drops_stays_with_its_documents_and_teaches_nothing(
    run: Run, notes: dict[str, list[Path]], tmp_path: Path
) -> None:
    for kind, files in notes.items():
        run("labels", "add", f"shelf={kind}", *map(str, files[:7]))
    run("labels", "train", "shelf")
    file = tmp_path / "config.yaml"
    file.write_text(file.read_text().replace("name: ledger", "name: accounts"))
    run("watch", "--once")
    found = labels(run)
    assert found["ledger"] == 7
    told = json.loads(run("labels", "evaluate", "shelf", "--json").stdout)
    assert (told["examples"], told["unknown"]) == (14, 7)
    assert "7 labels are not in the configuration any more" in run("labels", "evaluate", "shelf").stdout
