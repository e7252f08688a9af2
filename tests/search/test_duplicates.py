"""Groups of documents with nearly the same text, against a comparison of each with each; real files of many formats."""

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import Pipeline
from pipeline.datatypes import Filters
from pipeline.errors import Stopped, UsageError
from pipeline.insight import minhash, shingles
from pipeline.search.duplicates import Duplicates
from pipeline.search.findings import DuplicateGroup
from pipeline.storage import signatures
from tests.conftest import write
from tests.parsing.readers.odf_packages import odt
from tests.parsing.readers.packages import docx, paragraph
from tests.pdf_writer import PdfPage, pdf
from tests.storage.shelf import Given, Shelf, opened

CLAUSES = (
    "The Landlord lets to the Tenant the house at 12 Mill Lane with its garden and its cellar.",
    "The Tenant shall pay the monthly rent of 1,200 EUR in advance, on the third working day at the latest.",
    "The deposit is three monthly rents; it is returned within six months after the end of the lease.",
    "The Landlord maintains the roof, the heating and the pipes; small repairs are for the Tenant to pay.",
    "The Tenant may keep a cat, but no dog, and shall not sublet any part of the house without consent.",
    "Either party may terminate this lease with three months' notice to the end of any month, in writing.",
    "Any change of this lease needs the written form. Should a clause be void, the others remain in force.",
)
LEASE = "\n\n".join(CLAUSES)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def groups(shelf: Shelf, threshold: float = 0.6, filters: Filters | None = None) -> tuple[DuplicateGroup, ...]:
    found = Duplicates(shelf.database, lambda *_: None, lambda: False)
    return found.groups(threshold) if filters is None else found.groups(threshold, filters)


def ids(found: tuple[DuplicateGroup, ...]) -> list[list[str | None]]:
    return [[one.row.document for one in group.documents] for group in found]


def words(seed: int, count: int = 200) -> list[str]:
    chance = random.Random(seed)
    return [f"w{chance.randrange(5000)}" for _ in range(count)]


def revised(text: list[str], changes: int, seed: int) -> list[str]:
    places = random.Random(seed).sample(range(len(text)), min(changes, len(text)))
    return [f"x{seed}" if place in places else word for place, word in enumerate(text)]


def test_versions_of_versions_are_one_group_with_exact_similarities(shelf: Shelf) -> None:
    """Each is like the one before it; the last has little in common with the first, and says so."""
    text = words(1)
    texts = [text]
    for version in range(1, 8):
        text = [*text[: 10 * version], *words(100 + version, 10), *text[10 * version + 10 :]]
        texts.append(text)
    for number, one in enumerate(texts):
        shelf.put(Given(f"v{number}", (" ".join(one),)), f"/in/{number}.txt")
    shelf.put(Given("other", (" ".join(words(2)),)), "/in/other.txt")
    (group,) = groups(shelf, 0.8)
    assert ids((group,)) == [[f"v{number}" for number in range(8)]]
    runs = [shingles.of([" ".join(one)]) for one in texts]
    assert [one.similarity for one in group.documents] == [shingles.resemblance(runs[0], one) for one in runs]
    assert group.documents[-1].similarity < 0.6
    assert group.documents[1].similarity > 0.8
    assert groups(shelf, 0.95) == ()


@settings(deadline=None, derandomize=True, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000), threshold=st.sampled_from([0.4, 0.6, 0.8, 1.0]))
def test_groups_are_those_of_a_comparison_of_each_with_each(
    tmp_path_factory: pytest.TempPathFactory, seed: int, threshold: float
) -> None:
    chance = random.Random(seed)
    texts: list[list[str]] = []
    for number in range(30):
        if texts and chance.random() < 0.6:
            texts.append(revised(chance.choice(texts), chance.randrange(12), number))
        else:
            texts.append(words(seed * 100 + number, chance.choice([5, 60, 200])))
    with opened(tmp_path_factory.mktemp("shelf")) as shelf:
        for number, text in enumerate(texts):
            shelf.put(Given(f"{number:02}", (" ".join(text),)), f"/in/{number}.txt")
        found = {frozenset(one) for one in ids(groups(shelf, threshold))}
    assert found == plainly(texts, threshold)


def plainly(texts: list[list[str]], threshold: float) -> set[frozenset[str]]:
    """The connected parts of the graph of all pairs that resemble each other so much."""
    runs = [shingles.of([" ".join(one)]) for one in texts]
    group = list(range(len(texts)))
    for one, other in combinations(range(len(texts)), 2):
        if shingles.resemblance(runs[one], runs[other]) >= threshold:
            before, after = group[one], group[other]
            group = [after if place == before else place for place in group]
    parts = [frozenset(f"{one:02}" for one in range(len(texts)) if group[one] == root) for root in set(group)]
    return {part for part in parts if len(part) > 1}


def test_the_largest_group_comes_first_then_the_one_most_alike(shelf: Shelf) -> None:
    for number in range(3):
        shelf.put(Given(f"lease {number}", (f"{LEASE} Copy {number}.",)), f"/in/lease{number}.txt")
    for name, ending in (("c1", "one"), ("c2", "two")):
        shelf.put(Given(name, (" ".join([*words(5), ending]),)), f"/in/{name}.txt")
    for name in ("d1", "d2"):
        shelf.put(Given(name, (" ".join(words(6)),)), f"/in/{name}.txt")
    assert ids(groups(shelf)) == [["lease 0", "lease 1", "lease 2"], ["d1", "d2"], ["c1", "c2"]]


def test_within_a_group_what_is_most_like_the_first_comes_first(shelf: Shelf) -> None:
    text = words(1)
    for name, changes in (("first", 0), ("far", 9), ("near", 1), ("middle", 4)):
        shelf.put(Given(name, (" ".join(revised(text, changes, changes)),)), f"/in/{name}.txt")
    assert ids(groups(shelf)) == [["first", "near", "middle", "far"]]


def test_copies_of_the_same_bytes_are_told_with_their_places(shelf: Shelf) -> None:
    shelf.put(Given("one", ("A few words.",)), "/in/a.txt", "/in/b.txt", "/in/c.txt")
    shelf.put(Given("scan", ()), "/in/a.png", "/in/b.png")
    shelf.put(Given("single", (LEASE,)), "/in/lease.txt")
    found = groups(shelf)
    assert ids(found) == [["one"], ["scan"]]
    assert [len(group.documents[0].row.paths) for group in found] == [3, 2]
    assert [(group.places, group.similarity) for group in found] == [(3, 1.0), (2, 1.0)]


def test_documents_without_words_are_like_nothing(shelf: Shelf) -> None:
    for number in range(3):
        shelf.put(Given(f"dashes {number}", ("--- *** ---",)), f"/in/{number}.txt")
    assert groups(shelf) == ()
    assert signatures.missing(shelf.database) == []


def test_what_was_read_before_there_were_signatures_gets_one_now(shelf: Shelf) -> None:
    shelf.put(Given("old", (LEASE,)), "/in/old.txt")
    shelf.put(Given("older", (LEASE,)), "/in/older.txt")
    assert len(signatures.missing(shelf.database)) == 2
    assert ids(groups(shelf)) == [["old", "older"]]
    assert signatures.missing(shelf.database) == []
    stored, rows = signatures.every(shelf.database)
    assert stored.tolist() == [1, 2]
    assert rows[0].astype("<u4").tobytes() == minhash.signature(shingles.of([LEASE]))


def test_a_text_that_is_read_anew_or_forgotten_takes_its_signature_along(shelf: Shelf) -> None:
    shelf.put(Given("one", (LEASE,)), "/in/a.txt")
    shelf.put(Given("two", (LEASE,)), "/in/b.txt")
    assert len(groups(shelf)) == 1
    shelf.put(Given("two", (" ".join(words(1)),)), "/in/b.txt")
    assert groups(shelf) == ()
    shelf.put(Given("two", (LEASE,)), "/in/b.txt")
    assert len(groups(shelf)) == 1
    with shelf.database.atomic():
        shelf.documents.detach(b"/in/b.txt")
    assert groups(shelf) == ()
    assert len(shelf.database.rows("SELECT * FROM signatures")) == 1


def test_filters_leave_out_documents_before_they_are_compared(shelf: Shelf) -> None:
    for name, kind in (("a", "pdf"), ("b", "docx"), ("c", "pdf")):
        shelf.put(Given(name, (LEASE,), format=kind), f"/in/{name}", f"/copy/{name}")
    assert ids(groups(shelf, filters=Filters(formats=("pdf",)))) == [["a", "c"]]
    assert ids(groups(shelf, filters=Filters(formats=("docx",)))) == [["b"]]
    assert groups(shelf, filters=Filters(formats=("eml",))) == ()


@pytest.mark.parametrize("threshold", [-1.0, 0.0, 0.29, 1.01, 60.0, float("nan"), float("inf")])
def test_a_threshold_out_of_bounds_is_refused(shelf: Shelf, threshold: float) -> None:
    with pytest.raises(UsageError, match="threshold_bound"):
        groups(shelf, threshold)


def test_the_work_can_be_stopped_and_goes_on(shelf: Shelf) -> None:
    for number in range(150):
        shelf.put(Given(f"{number:03}", (LEASE,)), f"/in/{number}")
    told: list[tuple[str, int, int]] = []
    with pytest.raises(Stopped):
        Duplicates(shelf.database, lambda *one: told.append(one), lambda: len(told) > 1).groups()
    assert len(signatures.missing(shelf.database)) == 50 or told == [("signatures", 0, 150), ("signatures", 100, 150)]
    assert len(groups(shelf)[0].documents) == 150


def test_one_contract_in_many_formats_is_one_group(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    write(inbox, "lease.md", f"# Lease\n\n{LEASE}\n")
    write(inbox, "lease.html", "<html><body>" + "".join(f"<p>{one}</p>" for one in CLAUSES) + "</body></html>")
    (inbox / "lease.docx").write_bytes(docx("".join(paragraph(one) for one in CLAUSES)))
    (inbox / "lease.odt").write_bytes(odt("".join(f"<text:p>{one}</text:p>" for one in CLAUSES)))
    lines = [line for clause in CLAUSES for line in _wrapped(clause)]
    (inbox / "lease.pdf").write_bytes(pdf(PdfPage(tuple(lines[:9])), PdfPage(tuple(lines[9:]))))
    recognised = LEASE.replace("Landlord lets", "Land1ord lets").replace("cellar", "ce11ar").replace(". ", " . ")
    write(inbox, "scan.txt", recognised)
    write(inbox, "other.txt", "The crew hoisted the spinnaker as soon as the yacht had rounded the buoy. " * 5)
    pipeline.drain()
    assert signatures.missing(pipeline.database) == []  # they are made when a document is read
    (group,) = pipeline.duplicates()
    found = {one.row.paths[0].name: one.similarity for one in group.documents}
    assert set(found) == {"lease.txt", "lease.md", "lease.html", "lease.docx", "lease.odt", "lease.pdf", "scan.txt"}
    exact = [name for name in found if name not in ("scan.txt", "lease.md")]
    first = shingles.of([LEASE])
    others = {name: pytest.approx(found[exact[0]]) for name in exact}
    assert {name: found[name] for name in exact} == others
    assert len(pipeline.duplicates(threshold=1.0)[0].documents) == len(exact)
    assert 0.6 < shingles.resemblance(first, shingles.of([recognised])) < 0.95


def _wrapped(clause: str) -> list[str]:
    cut = clause.rindex(" ", 0, 60)
    return [clause[:cut], clause[cut + 1 :]]
