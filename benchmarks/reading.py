"""How right text is, how much of it is read, and how fast: beside poppler, pypdf alone and reference texts."""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import corpus, kept, measure, pypdf_alone, word_measures
from benchmarks.measure import CONTRACTS, Conditions, tell
from benchmarks.process_tree import await_quiet
from benchmarks.scans import Recognised, measure_scans
from pipeline import Pipeline
from pipeline.config import ParsingConfig
from pipeline.datatypes import ParsedDocument
from pipeline.outcomes import Code, State
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Zygote
from pipeline.storage import pairs

ROUNDS = 5
GLUED_KNOWN = 0.95  # of the words of pypdf alone, poppler knows fewer where it glues them
SPACELESS = 0.1  # of the characters of a text in scripts that put no spaces between words, where nothing can be glued
MIN_WORDS = 50  # of a file that is judged by its words: in fewer, one word decides


@dataclass(frozen=True, slots=True)
class Alike:
    """One file, and how alike its text is to another reader's, from 0 to 1."""

    path: str
    share: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Glued:
    """One PDF whose words pypdf glues: the share of words that poppler knows too, of pypdf alone and of the product."""

    path: str
    pages: int
    alone: float
    product: float


@dataclass(frozen=True, slots=True)
class Formats:
    """The files of one folder with one suffix: their states, and how many expected beginnings were found."""

    folder: str
    suffix: str
    states: dict[str, int]
    expected: int
    found: int
    missing: list[Alike] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """The result. Seconds have one entry per round."""

    conditions: Conditions
    contracts: list[Alike]
    glued: list[Glued]
    poppler: list[Alike]
    clean_pages: int
    clean_changed: int
    alone_s: list[float]
    product_s: list[float]
    stage_pages: int
    stage_s: dict[int, list[float]]
    scans: list[Recognised]
    formats: list[Formats]


def measure_reading(manuals: Sequence[Path], patience_s: float = 0.0) -> Reading:
    """All of it, over the shared files and further PDFs with glued words."""
    conditions = Conditions.now()
    with reader() as read:
        tell("reading: contracts")
        contracts = [
            Alike(path.stem, word_measures.f1(_text_of(path.with_suffix(".txt")), text(read(path))))
            for path in sorted(CONTRACTS.glob("*.pdf"))
        ]
        tell("reading: words beside poppler")
        beside = _beside_poppler(read)
        good = [entry.file for entry in corpus.entries() if entry.poppler.startswith("ok") and not entry.password]
        glued = _glued(read, [*manuals, *(path for path in good if path.suffix == ".pdf")])
    tell("reading: scans")
    scans = measure_scans(sorted(CONTRACTS.glob("*.pdf")))
    tell("reading: every format")
    formats = _formats()
    await_quiet(patience_s)
    tell("reading: clean PDFs")
    clean = sorted(CONTRACTS.glob("*.pdf"))
    pages, changed = pypdf_alone.compared(clean)
    alone_s, product_s = pypdf_alone.timed(clean, ROUNDS)
    await_quiet(patience_s)
    tell("reading: the stage alone")
    stage_pages, stage_s = _stage(measure.pdfs([]))
    return Reading(
        conditions.ended(), contracts, glued, beside, pages, changed, alone_s, product_s, stage_pages, stage_s, scans,
        formats,
    )  # fmt: skip


class Read:
    """Reads files through the product's own sandbox."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote

    def __call__(self, path: Path, password: str = "") -> ParsedDocument:
        """One file, as the product reads it, without text recognition."""
        sandbox = Sandbox(self._zygote, ParsingConfig(), threading.Event(), [password] if password else [])
        with path.open("rb") as file:
            return sandbox.parse(file.fileno(), path.suffix.lower())


@contextmanager
def reader() -> Iterator[Read]:
    """A parser process that is warm."""
    zygote = Zygote()
    try:
        yield Read(zygote)
    finally:
        zygote.close()


def text(document: ParsedDocument) -> str:
    """The text of all pages."""
    return "\n".join(page.text for page in document.pages)


def _text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _beside_poppler(read: Read) -> list[Alike]:
    """Every shared PDF in which poppler finds text: the share of its words that were read here."""
    found = []
    for entry in corpus.entries():
        if not entry.poppler.startswith("ok"):
            continue
        reference = corpus.poppler_text(entry.file, entry.password)
        if reference is None or not word_measures.words(reference):
            continue
        document = read(entry.file, entry.password)
        found.append(Alike(entry.path, word_measures.overlap(reference, text(document)), document.code))
    return found


def _glued(read: Read, paths: Sequence[Path]) -> list[Glued]:
    """The PDFs among them whose words pypdf alone glues: most that poppler does not know are several of poppler's."""
    found = []
    for path in paths:
        reference = corpus.poppler_text(path)
        alone = pypdf_alone.text(path) if reference is not None else None
        if reference is None or alone is None or len(word_measures.words(alone)) < MIN_WORDS:
            continue
        known = word_measures.known(reference, alone)
        spaced = pairs.letters(alone) < SPACELESS * len(alone)
        if known < GLUED_KNOWN and spaced and word_measures.are_glued(reference, alone):
            document = read(path)
            found.append(Glued(path.name, document.page_count, known, word_measures.known(reference, text(document))))
    return found


def _stage(paths: Sequence[Path]) -> tuple[int, dict[int, list[float]]]:
    """Pages, and the seconds that reading all files takes with one worker and with two, in turns."""
    seconds: dict[int, list[float]] = {1: [], 2: []}
    pages = 0
    with reader() as read:
        for number in range(ROUNDS + 1):
            for workers in (1, 2) if number % 2 else (2, 1):
                started = time.perf_counter()
                with ThreadPoolExecutor(workers) as pool:
                    pages = sum(len(document.pages) for document in pool.map(read, paths))
                if number:  # the first round fills the system's cache
                    seconds[workers].append(time.perf_counter() - started)
    return pages, seconds


def _formats() -> list[Formats]:
    """`pipeline ingest` of all shared files: states by folder and suffix, and the expected beginnings.

    It is given the passwords that are known of encrypted ones, all at once.
    """
    entries = corpus.entries()
    groups: dict[tuple[str, str], Formats] = {}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text("inbox: {settle_s: 0}\nparsing: {passwords_file: passwords.txt}\n", encoding="utf-8")
        passwords = Path(folder) / "passwords.txt"
        passwords.touch(mode=0o600)
        passwords.write_text("\n".join(sorted({entry.password for entry in entries})), encoding="utf-8")
        with Pipeline.open(config) as pipeline:
            pipeline.ingest(corpus.FILES)
            texts = _texts(pipeline)
            rows = {path: row for row in pipeline.documents() for path in row.paths if not row.inside}
    for entry in entries:
        row = rows.get(entry.file)
        state = row.state if row is not None else State.FAILED
        key = (entry.folder, entry.suffix)
        group = groups.get(key) or Formats(entry.folder, entry.suffix, {}, 0, 0)
        states = group.states | {state.value: group.states.get(state.value, 0) + 1}
        wanted = bool(word_measures.words(entry.snippet)) and not entry.is_markup
        has = wanted and word_measures.holds(texts.get(entry.file, ""), entry.snippet)
        missing = group.missing
        if wanted and not has:
            missing = [*missing, Alike(entry.path, 0.0, row.code if row is not None else Code.INTERNAL)]
        groups[key] = Formats(*key, states, group.expected + wanted, group.found + has, missing)
    return [groups[key] for key in sorted(groups)]


def _texts(pipeline: Pipeline) -> dict[Path, str]:
    """The text of every file, with that of all documents in it."""
    database = pipeline.database
    held: dict[int, list[int]] = {}
    for row in database.rows("SELECT container_id, document_id FROM members WHERE document_id IS NOT NULL"):
        held.setdefault(int(row[0]), []).append(int(row[1]))

    def whole(document_id: int) -> str:
        pages = kept.pages(database, document_id)
        return "\n".join([*pages, *(whole(member) for member in held.get(document_id, []))])

    return {
        Path(os.fsdecode(row["path"])): whole(int(row["document_id"]))
        for row in database.rows("SELECT path, document_id FROM paths")
    }


def manuals_of(folders: Sequence[Path]) -> list[Path]:
    """Further PDFs, such as Debian's manuals."""
    return sorted(path for folder in folders for path in folder.rglob("*.pdf"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--manuals", type=Path, nargs="+", default=[], metavar="DIR", help="further PDFs, by folder")
    options.add_argument("--patience", type=float, default=60.0, help="seconds to wait for quiet cores")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    chosen = options.parse_args()
    measure.write(measure_reading(manuals_of(chosen.manuals), chosen.patience), chosen.json)


if __name__ == "__main__":
    main()
