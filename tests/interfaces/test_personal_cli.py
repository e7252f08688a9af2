"""Personal data by commands: found, counted, filtered by, masked, revealed with a record, and taken out of copies."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from tests.conftest import Configure, write
from tests.pdf_writer import PdfPage, pdf

Run = Callable[..., subprocess.CompletedProcess[str]]
IBAN = "DE89 3704 0044 0532 0130 00"
LETTER = f"Dear tenant, please pay the monthly rent to our account {IBAN}. Questions: landlord@house.example."


@pytest.fixture
def run(configure: Configure, tmp_path: Path) -> Run:
    configure()

    def call(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"NO_COLOR": "1"}, check=False, timeout=120,
        )  # fmt: skip
        assert ran.returncode == code, ran.stderr
        return ran

    return call


@pytest.fixture
def letter(run: Run, inbox: Path) -> Path:
    file = write(inbox, "letter.txt", LETTER)
    write(inbox, "plain.txt", "The monthly rent is due on the first day of each month.")
    run("watch", "--once")
    return file


def audit(tmp_path: Path) -> list[str]:
    from contextlib import closing
    from sqlite3 import connect

    with closing(connect(tmp_path / "store" / "index.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT event FROM audit ORDER BY id")]


def test_a_finding_is_counted_shown_and_filtered_by_and_its_value_is_kept_nowhere(run: Run, letter: Path) -> None:
    (found,) = json.loads(run("documents", "--personal", "iban", "--json").stdout)["documents"]
    assert (found["paths"], found["personal"]) == ([str(letter)], {"email": 1, "iban": 1})
    assert found["sensitivity"] == "confidential"
    assert len(json.loads(run("documents", "--personal", "any", "--json").stdout)["documents"]) == 1
    assert json.loads(run("documents", "--personal", "phone", "--json").stdout)["documents"] == []
    run("sensitivity", str(letter.with_name("plain.txt")), "internal")
    (plain,) = json.loads(run("documents", "--sensitivity", "internal", "--json").stdout)["documents"]
    assert plain["personal"] == {}
    listed = json.loads(run("show", str(letter), "--json").stdout)["finding_list"]
    assert [(one["kind"], LETTER[one["start"] : one["end"]]) for one in listed] == [
        ("iban", IBAN), ("email", "landlord@house.example"),
    ]  # fmt: skip
    told = json.loads(run("status", "--json").stdout)["personal_data"]
    assert told == {"email": {"findings": 1, "documents": 1}, "iban": {"findings": 1, "documents": 1}}
    people = run("show", str(letter)).stdout
    assert "level     confidential" in people
    assert "1  iban, on page 1" in people
    assert IBAN not in people


def test_a_search_masks_and_reveals_only_with_a_record(run: Run, letter: Path, tmp_path: Path) -> None:
    masked = run("search", "pay rent account", "--json")
    first = next(hit for hit in json.loads(masked.stdout)["hits"] if hit["path"] == str(letter))
    assert "account [iban]. Questions: [email]." in first["snippet"]
    assert (first["masked"], first["sensitivity"]) == (2, "confidential")
    assert [first["snippet"][start:end] for start, end in first["highlights"]] == ["pay", "rent", "account"]
    assert "DE89" not in run("search", "DE89*").stdout
    assert "--reveal shows it" in run("search", "pay rent account").stderr
    assert "revealed" not in audit(tmp_path)
    assert IBAN in run("search", "pay rent account", "--reveal", "--json").stdout
    assert "revealed" in audit(tmp_path)
    similar = run("similar", str(letter.with_name("plain.txt"))).stdout
    assert "[iban]" in similar
    assert "DE89" not in similar


def test_a_person_decides_how_sensitive_a_document_is(run: Run, letter: Path) -> None:
    assert run("sensitivity", str(letter), "public").stdout == "public\n"
    assert IBAN in run("search", "pay rent account", "--json").stdout  # lines for people may break within it
    assert json.loads(run("show", str(letter), "--json").stdout)["sensitivity_chosen"] == "public"
    assert json.loads(run("sensitivity", str(letter), "--by-rules", "--json").stdout) == {"sensitivity": "confidential"}
    assert "sensitivity_unknown" in run("sensitivity", str(letter), "secret", code=2).stderr
    assert "level_missing" in run("sensitivity", str(letter), code=2).stderr
    assert "level_missing" in run("sensitivity", str(letter), "public", "--by-rules", code=2).stderr
    assert "document_unknown" in run("sensitivity", "nothing.txt", "public", code=2).stderr


def test_a_copy_is_written_without_what_was_found(run: Run, letter: Path, tmp_path: Path) -> None:
    before = letter.read_bytes()
    copy = tmp_path / "copy.txt"
    told = json.loads(run("redact", str(letter), "--out", str(copy), "--json").stdout)
    assert told == {"pages": 1, "taken_out": {"email": 1, "iban": 1}, "unread": 0, "complete": True}
    assert copy.read_text() == LETTER.replace(IBAN, "[iban]").replace("landlord@house.example", "[email]") + "\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert letter.read_bytes() == before
    assert "redacted" in audit(tmp_path)
    run("redact", str(letter), "--out", "some.md", "--kinds", "email", "--style", "block")
    assert IBAN in (tmp_path / "some.md").read_text()
    assert "landlord" not in (tmp_path / "some.md").read_text()
    run("redact", str(letter), "--out", "same.txt", "--style", "pseudonym")
    assert "[iban-" in (tmp_path / "same.txt").read_text()


def test_a_pdf_is_written_anew_with_black_places_and_without_its_metadata(
    run: Run, inbox: Path, tmp_path: Path
) -> None:
    file = inbox / "letter.pdf"
    file.write_bytes(pdf(PdfPage(lines=(f"Pay to {IBAN} in May",))))
    run("watch", "--once")
    told = json.loads(run("redact", str(file), "--out", "copy.pdf", "--kinds", "iban", "--json").stdout)
    assert told == {"pages": 1, "taken_out": {"iban": 1}, "unread": 0, "complete": True}
    copy = pypdf.PdfReader(tmp_path / "copy.pdf")
    assert copy.pages[0].extract_text().split() == ["Pay", "to", "[iban]", "in", "May"]
    assert copy.metadata is None
    assert b"3704" not in (tmp_path / "copy.pdf").read_bytes()
    write(inbox, "note.txt", LETTER)
    run("watch", "--once")
    assert "redaction_format" in run("redact", str(inbox / "note.txt"), "--out", "note.pdf", code=2).stderr
    file.unlink()
    assert "original_missing" in run("redact", str(file), "--out", "gone.pdf", code=2).stderr
    assert not (tmp_path / "gone.pdf").exists()
    assert run("redact", str(file), "--out", "gone.txt").returncode == 0


def test_what_cannot_be_written_is_told_and_nothing_is_replaced(run: Run, letter: Path, tmp_path: Path) -> None:
    write(tmp_path, "there.txt", "mine")
    assert "output_exists" in run("redact", str(letter), "--out", "there.txt", code=2).stderr
    assert (tmp_path / "there.txt").read_text() == "mine"
    assert "redaction_format" in run("redact", str(letter), "--out", "copy.docx", code=2).stderr
    assert "personal_unknown" in run("redact", str(letter), "--out", "a.txt", "--kinds", "ibans", code=2).stderr
    assert "output_unwritable" in run("redact", str(letter), "--out", "no/folder/a.txt", code=2).stderr
    assert not (tmp_path / "a.txt").exists()


def test_what_the_configuration_adds_is_found_in_what_was_read_before(run: Run, letter: Path, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        file.read_text() + "personal_data: {kinds: [email], patterns: [{name: rent, pattern: 'monthly rent'}]}\n"
    )
    assert run("watch", "--once").returncode == 0
    personal = {
        Path(row["paths"][0]).name: row["personal"]
        for row in json.loads(run("documents", "--json").stdout)["documents"]
    }
    assert personal == {"letter.txt": {"email": 1, "rent": 1}, "plain.txt": {"rent": 1}}
    assert len(json.loads(run("documents", "--personal", "rent", "--json").stdout)["documents"]) == 2
