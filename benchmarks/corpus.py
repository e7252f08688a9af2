"""The shared files of other projects and what is expected of each; texts by poppler, as an independent reader."""

import csv
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import SHARED

FILES = SHARED / "files"
MANIFEST = FILES / "MANIFEST.tsv"
_PASSWORD = re.compile(r"password='([^']*)'")
_MARKUP = re.compile(
    r"\{\\|<|&lt;|From \S|(?:Subject|Mime-Version|DKIM-Signature|X-[\w-]+|Newsgroups): |"
    r"(?:\S+ )?(?:\d{5,} ){2}|(?:false ){3}"
)
_POPPLER_S = 60.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the manifest. `snippet` is the beginning of its text, as another reader has it."""

    path: str
    kind: str
    poppler: str
    snippet: str
    password: str

    @property
    def is_markup(self) -> bool:
        """Whether the manifest's beginning is of the file's source: RTF, raw headers, numbers out of drawings."""
        return _MARKUP.match(self.snippet) is not None

    @property
    def folder(self) -> str:
        """The folder that it lies in."""
        return self.path.partition("/")[0]

    @property
    def suffix(self) -> str:
        """Its name's suffix, lower case, with the dot."""
        return Path(self.path).suffix.lower()

    @property
    def file(self) -> Path:
        """Where it lies."""
        return FILES / self.path


def entries() -> list[Entry]:
    """The manifest, in its order; empty when the files are not there."""
    if not MANIFEST.is_file():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Entry(row["path"], row["kind"], row["poppler"], row["expected_snippet"], _password(row)) for row in rows
        ]


def _password(row: dict[str, str]) -> str:
    found = _PASSWORD.search(f"{row['poppler']};{row['pypdf_7.1.0']}".replace(";", " "))
    return found[1] if found else ""


def poppler_text(file: Path, password: str = "") -> str | None:
    """What pdftotext reads; None when it fails or is not installed."""
    options = ["-upw", password] if password else []
    try:
        ended = subprocess.run(
            ["pdftotext", "-q", "-enc", "UTF-8", *options, str(file), "-"],
            capture_output=True, check=False, timeout=_POPPLER_S,
        )  # fmt: skip
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.decode("utf-8", "replace") if ended.returncode == 0 else None
