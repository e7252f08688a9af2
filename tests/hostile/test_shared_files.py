"""Real files of other projects, many broken or hostile, when they are there: each ends in a state, none is lost.

They lie beside a developer's checkout (../shared/data/files) and are never part of this repository.
"""

import csv
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.config import ParsingConfig
from pipeline.outcomes import Code, State
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Zygote
from pipeline.reports import DocumentRow, IngestReport
from tests.conftest import Configure
from tests.parsing.conftest import started

FILES = Path(__file__).parents[3] / "shared" / "data" / "files"
HOSTILE = (
    "pdf_broken", "pdf_encrypted", "pdf_tika", "hostile_other", "hostile_xml", "text_hostile", "names_and_types",
    "office_other", "eml",
)  # fmt: skip
MOST_S = 30.0
OUR_KINDS = {"pdf", "txt", "txt_reference", "md", "html", "text", "renamed_copy", "hostile_pdf", "ocr"}
# Poppler gives text for these; neither pypdf nor pdfium can reach it, even with the cross-reference table rebuilt.
KNOWN_EXCEPTIONS = {"pdf_broken/bad35.pdf": Code.STRUCTURE_DAMAGED}  # no catalogue

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not FILES.is_dir(), reason="the shared files are not beside this checkout"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IngestReport, dict[str, DocumentRow]]]:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "config.yaml").write_text("inbox: {settle_s: 0}\n", encoding="utf-8")
    with Pipeline.open(folder / "config.yaml") as pipeline:
        report = pipeline.ingest(FILES)
        yield (
            report,
            {str(path.relative_to(FILES)): row for row in pipeline.documents() if not row.inside for path in row.paths},
        )


def manifest() -> list[dict[str, str]]:
    if not (FILES / "MANIFEST.tsv").is_file():
        return []
    with (FILES / "MANIFEST.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_file_has_exactly_one_state(run: tuple[IngestReport, dict[str, DocumentRow]]) -> None:
    report, documents = run
    on_disk = {str(path.relative_to(FILES)) for path in FILES.rglob("*") if path.is_file()}
    assert set(documents) == on_disk
    assert report.files == sum(report.states.values()) == len(on_disk)
    assert report.states[State.FAILED] == 0


def test_what_another_reader_can_read_is_read(run: tuple[IngestReport, dict[str, DocumentRow]]) -> None:
    _, documents = run
    expected = [row for row in manifest() if row["poppler"].startswith("ok") and row["kind"] in OUR_KINDS]
    assert len(expected) > 200
    unread = {row["path"]: documents[row["path"]].code for row in expected if documents[row["path"]].chunks == 0}
    locked = {row["path"] for row in expected if "password=" in row["poppler"]}
    assert {path for path, code in unread.items() if code is Code.PASSWORD_NEEDED} == locked
    assert {path: code for path, code in unread.items() if path not in locked} == KNOWN_EXCEPTIONS


def test_text_formats_are_read_whole(run: tuple[IngestReport, dict[str, DocumentRow]]) -> None:
    _, documents = run
    kinds = {"txt", "txt_reference", "md", "html", "text"}
    states = {row["path"]: documents[row["path"]].state for row in manifest() if row["kind"] in kinds}
    assert {path for path, state in states.items() if state is not State.INDEXED} == set()


def test_reading_again_changes_nothing(run: tuple[IngestReport, dict[str, DocumentRow]], configure: Configure) -> None:
    report, _ = run
    with Pipeline.open(configure()) as pipeline:
        first = pipeline.ingest(FILES / "pdf_broken")
        second = pipeline.ingest(FILES / "pdf_broken")
        assert (first.states, first.files) == (second.states, second.files)
        assert (
            pipeline.database.rows("SELECT max(times) FROM (SELECT count(*) AS times FROM audit GROUP BY document)")[0][
                0
            ]
            == 1
        )
    assert report.files > first.files


def test_each_hostile_file_ends_in_time(record_property: Callable[[str, object], None]) -> None:
    """The parser alone, with today's limits; the times go into the report (`pytest --junitxml`)."""
    paths = [path for folder in HOSTILE for path in sorted((FILES / folder).rglob("*")) if path.is_file()]
    assert len(paths) > 250
    with started(Zygote()) as zygote:
        sandbox = Sandbox(zygote, ParsingConfig(), threading.Event())

        def read(path: Path) -> tuple[float, Code]:
            begun = time.monotonic()
            with path.open("rb") as file:
                code = sandbox.parse(file.fileno(), path.suffix.lower()).code
            return time.monotonic() - begun, code

        with ThreadPoolExecutor(2) as pool:
            ends = dict(zip(paths, pool.map(read, paths), strict=True))
    for path, (took_s, code) in ends.items():
        record_property(str(path.relative_to(FILES)), f"{took_s:.2f} s, {code}")
    late = {str(path): took_s for path, (took_s, _) in ends.items() if took_s > MOST_S}
    assert late == {}
    assert [str(path) for path, (_, code) in ends.items() if code.state is State.FAILED] == []
