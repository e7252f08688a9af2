"""Filters, similar documents, duplicates and saved searches on the command line, in the locked process of a user."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write
from tests.parsing.readers.packages import docx, paragraph

LEASE = (
    "The tenant shall pay the monthly rent in advance to the landlord. The deposit is three monthly rents. "
    "The landlord maintains the heating and the roof of the rented house at twelve Mill Lane."
)
MAIL = (
    "From: ada@example.org\nTo: bob@example.org\nDate: Fri, 1 Mar 2024 23:30:00 -0800\nSubject: Rent\n\n"
    "The rent is due."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inbox that `pipeline watch --once` has worked off."""
    made = tmp_path_factory.mktemp("finding")
    (made / "config.yaml").write_text("inbox: {settle_s: 0.0}\n", encoding="utf-8")
    write(made / "inbox", "lease.txt", LEASE)
    (made / "inbox" / "lease.docx").write_bytes(docx(paragraph(LEASE)))
    write(made / "inbox", "letters/rent.eml", MAIL)
    write(made / "inbox", "cake.txt", "Whisk the eggs with sugar, fold in the flour and bake the cake until golden.")
    os.utime(made / "inbox" / "cake.txt", (1_600_000_000, 1_600_000_000))  # 13 September 2020
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


def told(folder: Path, *arguments: str) -> Any:  # noqa: ANN401 - what JSON holds
    ended = run(folder, *arguments, "--json")
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    return json.loads(ended.stdout)


def names(listed: list[dict[str, Any]]) -> list[str]:
    return sorted(Path(one["paths"][0] if "paths" in one else one["path"]).name for one in listed)


@pytest.mark.parametrize(
    ("filters", "those"),
    [
        (["--type", "eml"], ["rent.eml"]),
        (["--type", "eml", "--type", ".DOCX"], ["lease.docx", "rent.eml"]),
        (["--path", "letters"], ["rent.eml"]),
        (["--path", "inbox/lease.*"], ["lease.docx", "lease.txt"]),  # as a list shows it, from here
        (["--path", "./*.txt"], ["cake.txt", "lease.txt"]),  # from the inbox
        (["--after", "2024-03-01", "--before", "2024-03"], ["rent.eml"]),
        (["--before", "2020"], ["cake.txt"]),
        (["--before", "1999"], []),
        (["--indexed-before", "2020"], []),
        (["--state", "indexed", "--state", "partial", "--language", "en", "--path", "*.docx"], ["lease.docx"]),
    ],
)
def test_filters_hold_for_lists_and_searches_alike(folder: Path, filters: list[str], those: list[str]) -> None:
    assert names(told(folder, "documents", *filters)["documents"]) == those
    hits = told(folder, "search", "rent or cake", "--limit", "20", "--group", "document", *filters)["hits"]
    assert names(hits) == those
    similar = told(folder, "similar", "inbox/lease.txt", "--limit", "20", *filters)["hits"]
    assert names(similar) == [name for name in those if name != "lease.txt"]


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        (["--after", "2024-13"], "date_invalid"),
        (["--indexed-before", "soon"], "date_invalid"),
        (["--after", "2025", "--before", "2024"], "dates_crossed"),
        (["--type", "exe"], "format_unknown"),
        (["--label", "no such"], "label_unknown"),
        (["--language", "klingon"], "language_unknown"),
        (["--path", ""], "path_pattern"),
        ([f"--path={number}" for number in range(500)], "paths_too_many"),
        (["--state", "lost"], "lost"),
    ],
)
@pytest.mark.parametrize("command", [["documents"], ["search", "x"], ["similar", "inbox/lease.txt"], ["duplicates"]])
def test_a_filter_that_makes_no_sense_is_wrong_use(
    folder: Path, command: list[str], filters: list[str], code: str
) -> None:
    ended = run(folder, *command, *filters)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert code in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_day_of_a_document_is_told(folder: Path) -> None:
    listed = {Path(one["paths"][0]).name: one["dated"] for one in told(folder, "documents")["documents"]}
    assert listed == {"lease.txt": None, "lease.docx": None, "rent.eml": "2024-03-01", "cake.txt": None}
    assert told(folder, "show", "inbox/letters/rent.eml")["dated"] == "2024-03-01"
    assert "dated     2024-03-01\n" in run(folder, "show", "inbox/letters/rent.eml").stdout
    assert "dated     it says no date of itself\n" in run(folder, "show", "inbox/cake.txt").stdout


def test_similar_tells_documents_and_what_is_alike(folder: Path) -> None:
    first = told(folder, "similar", "inbox/lease.txt")["hits"][0]
    keys = "document path inside page start end snippet score whole part label language dated sensitivity masked state"
    assert list(first) == keys.split()
    assert (Path(first["path"]).name, first["page"], first["start"], first["end"]) == ("lease.docx", 1, 0, len(LEASE))
    assert first["score"] == pytest.approx(1.0, abs=1e-3)
    shown = run(folder, "similar", "inbox/lease.txt", "--limit", "1").stdout
    assert "inbox/lease.docx, page 1" in shown
    assert "alike 1.00 (as a whole 1.00, passage by passage 1.00)" in shown


def test_what_a_hit_says_names_a_passage(folder: Path) -> None:
    hit = told(folder, "search", "who maintains the heating", "--path", "lease.txt")["hits"][0]
    place = [hit["document"][:12], "--page", str(hit["page"]), "--start", str(hit["start"])]
    found = told(folder, "similar", *place)["hits"]
    assert (Path(found[0]["path"]).name, found[0]["whole"], found[0]["part"]) == ("lease.docx", None, None)
    for arguments, code in ((["--start", "0"], "page_missing"), (["--page", "9"], "passage_unknown")):
        ended = run(folder, "similar", "inbox/lease.txt", *arguments)
        assert (ended.returncode, code in ended.stderr) == (2, True)
    assert run(folder, "similar", "inbox/nothing.txt").returncode == 2


def test_duplicates_are_groups_with_percentages(folder: Path) -> None:
    found = told(folder, "duplicates")
    (group,) = found["groups"]
    assert (found["threshold"], group["places"], group["similarity"]) == (60.0, 2, 100.0)
    assert names(group["documents"]) == ["lease.docx", "lease.txt"]
    keys = "document similarity paths inside format pages dated indexed_at state"
    assert list(group["documents"][0]) == keys.split()
    shown = run(folder, "duplicates")
    assert shown.stdout.startswith("2 places, 100 % alike\n  100 %  ")
    assert shown.stderr == "1 groups\n"
    assert told(folder, "duplicates", "--type", "docx")["groups"] == []
    for threshold in ("0", "29.9", "100.1", "-5", "nan", "1e9"):
        ended = run(folder, "duplicates", "--threshold", threshold)
        assert (ended.returncode, ended.stdout, "threshold_bound" in ended.stderr) == (2, "", True)


def test_a_saved_search_tells_each_new_document_once(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("inbox: {settle_s: 0.0}\n", encoding="utf-8")
    write(tmp_path / "inbox", "lease.txt", LEASE)
    assert run(tmp_path, "watch", "--once").stderr == ""
    assert "There are no saved searches" in run(tmp_path, "alerts").stderr
    saved = run(tmp_path, "search", "monthly", "rent", "--mode", "keyword", "--type", "txt", "--save", "rents of 2026")
    assert saved.returncode == 0
    assert "lease.txt" in saved.stdout
    assert "Saved" in saved.stderr
    again = run(tmp_path, "search", "cake", "--save", "rents of 2026")
    assert (again.returncode, again.stdout, "search_exists" in again.stderr) == (2, "", True)
    assert told(tmp_path, "alerts") == {"searches": [{"name": "rents of 2026", "hits": [], "more": False}]}
    assert run(tmp_path, "alerts").stderr == "Nothing new for 1 saved searches.\n"

    write(tmp_path / "inbox", "new.txt", "Another monthly rent, of another flat.")
    write(tmp_path / "inbox", "new.md", "# A monthly rent that is not of the wanted format\n")
    watched = run(tmp_path, "watch", "--once")
    assert watched.stderr == "1 new matches for 1 saved searches: `pipeline alerts` shows them.\n"
    for _ in range(2):
        (alert,) = told(tmp_path, "alerts", "--peek")["searches"]
        assert (alert["name"], names(alert["hits"]), alert["more"]) == ("rents of 2026", ["new.txt"], False)
    shown = run(tmp_path, "alerts")
    assert shown.stdout.startswith("rents of 2026: 1 new\n 1. inbox/new.txt, page 1")
    assert told(tmp_path, "alerts")["searches"][0]["hits"] == []


def test_saved_searches_are_listed_on_demand_and_removed(folder: Path) -> None:
    run(folder, "search", "the\x1b[2J rent", "--after", "2024-01", "--path", "letters", "--save", "rents")
    (search,) = told(folder, "alerts", "--list")["searches"]
    assert list(search) == ["name", "query", "mode", "filters", "saved_at"]
    assert (search["query"], search["mode"]) == ("the\x1b[2J rent", "hybrid")
    assert search["filters"] == {
        "label": [], "language": [], "format": [], "state": [], "path": ["/**/letters"], "after": "2024-01-01",
        "before": None, "indexed_after": None, "indexed_before": None,
    }  # fmt: skip
    shown = run(folder, "alerts", "--list").stdout
    assert re.match(r"rents: the \[2J rent\n    hybrid; path \['/\*\*/letters'\]; after 2024-01-01; since 20", shown)
    assert run(folder, "alerts", "--remove", "other").returncode == 2
    assert run(folder, "alerts", "--remove", "rents", "--list").returncode == 2
    assert told(folder, "alerts", "--remove", "rents") == {"removed": 1}
    assert told(folder, "alerts", "--list") == {"searches": []}


def test_a_report_that_cannot_be_printed_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("inbox: {settle_s: 0.0}\n", encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    run(tmp_path, "search", "rent", "--save", "rents")
    write(tmp_path / "inbox", "lease.txt", LEASE)
    run(tmp_path, "watch", "--once")
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ended = subprocess.run(
            [sys.executable, "-m", "pipeline", "alerts"], cwd=tmp_path, stdout=full, check=False, timeout=120
        )
    assert ended.returncode == 1
    assert names(told(tmp_path, "alerts")["searches"][0]["hits"]) == ["lease.txt"]
