"""Documents in documents: where each lies, what leaves with what held it, which files hold one in a certain state."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.outcomes import Code, State
from pipeline.reports import MemberRow
from pipeline.storage import detail, listing, members, vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.jobs import Jobs
from pipeline.storage.members import Place
from tests.storage.test_documents import DIMENSION, Store, document

Lying = tuple[int, str, Code, int | None]


class Tree(Store):
    """A store whose documents may hold others."""

    def holding(self, sha256: str, *lying: Lying) -> int:
        """A document with these members."""
        document_id = self.put(document(sha256, f"text of {sha256}"))
        with self.database.atomic():
            self.documents.put_members(document_id, lying)
        return document_id

    def known(self) -> set[str]:
        """Ids of all documents."""
        return {row["sha256"] for row in self.database.rows("SELECT sha256 FROM documents")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Tree]:
    database = Database(tmp_path)
    model = vector_sets.register(database, name="m", sha256="0" * 64, dimension=DIMENSION, scale=508)
    yield Tree(database, Documents(database, Audit(database, lambda: 0.0), lambda: 0.0), model.id)
    database.close()


def lying(number: int, name: str, document_id: int | None, code: Code = Code.COMPLETE) -> Lying:
    return (number, name, code, document_id)


def nested(store: Tree) -> tuple[int, int, int]:
    """A letter in an archive in a mail."""
    letter = store.holding("letter")
    archive = store.holding("archive", lying(1, "letters/one.txt", letter))
    mail = store.holding("mail", lying(1, "papers.zip", archive), lying(2, "locked.pdf", None, Code.PASSWORD_NEEDED))
    store.attach("/in/mail.eml", mail)
    return letter, archive, mail


def test_a_member_lies_where_the_file_lies_that_holds_it(store: Tree) -> None:
    letter, archive, mail = nested(store)
    assert members.place(store.database, mail) == Place(b"/in/mail.eml")
    assert members.place(store.database, archive) == Place(b"/in/mail.eml", ("papers.zip",))
    assert members.place(store.database, letter) == Place(b"/in/mail.eml", ("papers.zip", "letters/one.txt"))


def test_a_member_that_also_lies_at_a_path_is_found_there(store: Tree) -> None:
    letter, _, _ = nested(store)
    store.attach("/in/one.txt", letter)
    assert members.place(store.database, letter) == Place(b"/in/one.txt")


def test_members_are_told_in_order_with_the_state_they_have_now(store: Tree) -> None:
    _, archive, mail = nested(store)
    store.database.run("UPDATE documents SET code = 'pages_failed' WHERE id = ?", (archive,))
    assert members.of(store.database, mail) == [
        MemberRow(1, "papers.zip", Code.PAGES_FAILED, "archive"),
        MemberRow(2, "locked.pdf", Code.PASSWORD_NEEDED, None),
    ]


def test_what_lies_only_in_a_file_leaves_with_it(store: Tree) -> None:
    nested(store)
    with store.database.atomic():
        store.documents.detach(b"/in/mail.eml")
    assert store.known() == set()
    assert store.counts() == {"documents": 0, "paths": 0, "pages": 0, "chunks": 0, "vectors": 0}
    assert store.database.rows("SELECT * FROM members") == []
    assert [event for event in store.audited() if event[0] == "forgotten"] == [
        ("forgotten", "mail"), ("forgotten", "archive"), ("forgotten", "letter"),
    ]  # fmt: skip


def test_what_also_lies_elsewhere_stays(store: Tree) -> None:
    letter, archive, _ = nested(store)
    store.attach("/in/other.eml", store.holding("other", lying(1, "papers.zip", archive)))
    store.attach("/in/one.txt", letter)
    with store.database.atomic():
        store.documents.detach(b"/in/mail.eml")
    assert store.known() == {"letter", "archive", "other"}
    with store.database.atomic():
        store.documents.detach(b"/in/other.eml")
    assert store.known() == {"letter"}


def test_members_of_a_document_that_is_read_anew_replace_those_of_before(store: Tree) -> None:
    _, _, mail = nested(store)
    other = store.holding("other letter")
    with store.database.atomic():
        store.documents.put_members(mail, [lying(1, "other.txt", other)])
    assert store.known() == {"mail", "other letter"}
    assert members.of(store.database, mail) == [MemberRow(1, "other.txt", Code.COMPLETE, "other letter")]


def test_a_member_that_stays_is_not_forgotten_when_its_holder_is_read_anew(store: Tree) -> None:
    letter, archive, _ = nested(store)
    with store.database.atomic():
        store.documents.put_members(archive, [lying(1, "renamed.txt", letter)])
    assert store.known() == {"letter", "archive", "mail"}


def test_documents_that_hold_one_another_do_not_hang(store: Tree) -> None:
    """It cannot come to be (processing.py knows the holders), and must not be fatal if it did."""
    first, second = store.holding("first"), store.holding("second")
    with store.database.atomic():
        store.documents.put_members(first, [lying(1, "second", second)])
        store.documents.put_members(second, [lying(1, "first", first)])
    assert members.place(store.database, first) is None
    assert {row.document for row in listing.documents(store.database)} == {"first", "second"}


def test_files_that_hold_a_document_in_a_state_are_read_anew_as_a_whole(store: Tree) -> None:
    jobs = Jobs(store.database, lambda: 0.0)
    _, archive, _ = nested(store)
    plain = store.holding("plain")
    store.attach("/in/plain.txt", plain)
    for path, code in ((b"/in/mail.eml", "members_unread"), (b"/in/plain.txt", "complete")):
        store.database.run(
            "INSERT INTO jobs (path, signature, size_bytes, status, attempts, not_before, queued, code) "
            "VALUES (?, '', 1, 'done', 3, 0, 0, ?)",
            (path, code),
        )
    assert jobs.retry([State.FAILED]) == []
    assert jobs.retry([State.ENCRYPTED], b"/elsewhere") == []
    assert jobs.retry([State.ENCRYPTED], b"/in") == [b"/in/mail.eml"]
    job = jobs.claim("me", 60)
    assert job is not None
    assert (job.path, job.attempt, job.anew) == (b"/in/mail.eml", 1, True)
    assert jobs.finish(job, Code.COMPLETE)
    store.database.run("UPDATE documents SET code = 'parser_time' WHERE id = ?", (archive,))
    assert jobs.retry([State.FAILED]) == [b"/in/mail.eml"]


def test_the_list_of_documents_says_where_members_lie(store: Tree) -> None:
    nested(store)
    rows = {row.document: (row.paths, row.inside) for row in listing.documents(store.database)}
    assert rows == {
        "mail": ((Path("/in/mail.eml"),), ()),
        "archive": ((Path("/in/mail.eml"),), ("papers.zip",)),
        "letter": ((Path("/in/mail.eml"),), ("papers.zip", "letters/one.txt")),
    }


def test_a_document_is_found_by_path_by_id_and_by_the_beginning_of_an_id(store: Tree) -> None:
    sha256 = "abcdef" + "0" * 58
    store.attach("/in/a.txt", store.put(document(sha256, "words", "")))
    for given in ("/in/a.txt", sha256, "abcd", " ABCDEF0 "):
        found = detail.find(store.database, given)
        assert found.row.document == sha256
        assert [(page.number, page.characters) for page in found.pages] == [(1, 5), (2, 0)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("abcd", "document_ambiguous"),
        ("abc", "document_unknown"),
        ("dead", "document_unknown"),
        ("%", "document_unknown"),
    ],
)
def test_an_id_of_no_document_or_of_several_is_told_apart(store: Tree, given: str, code: str) -> None:
    from pipeline.errors import UsageError

    for number in (1, 2):
        store.attach(f"/in/{number}", store.put(document(f"abcd{number}" + "0" * 59, f"text {number}")))
    with pytest.raises(UsageError, match=code):
        detail.find(store.database, given)
