"""What differs between a scan and the ledger, and what may be forgotten."""

from pipeline.datatypes import FileSeen
from pipeline.inbox.reconcile import compare, departed
from pipeline.inbox.scanner import Scan


def file(path: bytes, size: int = 1) -> FileSeen:
    return FileSeen(path, size, 0, 0, 1, 0o600)


def test_new_changed_unchanged_and_gone_are_told_apart() -> None:
    files = {path: file(path) for path in (b"/new", b"/changed", b"/same")}
    known = {b"/changed": "other", b"/same": files[b"/same"].signature, b"/gone": "any"}
    difference = compare(Scan(files, ()), known)
    assert set(difference.changed) == {b"/new", b"/changed"}
    assert difference.gone == (b"/gone",)


def test_nothing_below_an_unreadable_folder_is_gone() -> None:
    known = {b"/in/closed/a": "x", b"/in/closed2/b": "x", b"/in/c": "x"}
    assert compare(Scan({}, (b"/in/closed",)), known).gone == (b"/in/closed2/b", b"/in/c")


def test_a_gone_file_waits_while_one_of_its_size_is_unidentified() -> None:
    sizes = {b"/old name": 10, b"/other": 20, b"/never read": None}
    assert departed(tuple(sizes), sizes.get, {10, 30}) == [b"/other", b"/never read"]
    assert departed(tuple(sizes), sizes.get, set()) == list(sizes)
