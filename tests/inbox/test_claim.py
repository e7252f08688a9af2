"""One file held open: what is hashed is what is parsed, and no link is followed."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from pipeline.datatypes import Job
from pipeline.errors import FileUnavailable
from pipeline.inbox.claim import opened
from pipeline.inbox.roots import Roots
from tests.conftest import write

NO_ROOTS = Roots(())  # each file belongs to the folder that holds it
STRANGER = 54_321  # a user id that nobody has


def job(path: Path) -> Job:
    """The job that a scan of the path as it is now would have made."""
    return Job(os.fsencode(path), "", path.lstat().st_size if path.exists() else 0, 1, "me")


def code_of(path: Path, roots: Roots = NO_ROOTS) -> str:
    with pytest.raises(FileUnavailable) as raised, opened(job(path), roots):
        pass
    return raised.value.code


def give_away(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a file another user's: as root in truth, else in what the kernel answers about open files."""
    if os.geteuid() == 0:
        os.chown(file, STRANGER, -1)
        return
    fstat = os.fstat

    def strange(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        times = {"st_mtime_ns": found.st_mtime_ns, "st_ctime_ns": found.st_ctime_ns}
        return os.stat_result((*found[:4], STRANGER, *found[5:10]), times)

    monkeypatch.setattr(os, "fstat", strange)


def test_the_hash_is_that_of_the_bytes_whatever_was_read_before(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    file = tmp_path / "a.PDF"
    file.write_bytes(content)
    with opened(job(file), NO_ROOTS) as held:
        os.read(held.descriptor, 1000)
        assert held.sha256() == held.sha256() == hashlib.sha256(content).hexdigest()
        assert (held.name, held.size_bytes) == (file.name, len(content))
        held.check_unchanged()


def test_a_write_while_the_file_is_held_is_noticed(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "before")
    with opened(job(file), NO_ROOTS) as held:
        file.write_text("after!", encoding="utf-8")
        os.utime(file, ns=(1, 1))
        with pytest.raises(FileUnavailable, match="file_changed"):
            held.check_unchanged()


def test_a_replaced_path_does_not_change_what_is_held(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "first")
    with opened(job(file), NO_ROOTS) as held:
        write(tmp_path, "b.txt", "second").replace(file)
        assert held.sha256() == hashlib.sha256(b"first").hexdigest()


def test_links_pipes_folders_and_missing_files_are_not_opened(tmp_path: Path) -> None:
    target = write(tmp_path, "target", "x")
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "fifo")
    assert code_of(tmp_path / "link") == "symbolic_link"
    assert code_of(tmp_path / "fifo") == "special_file"
    assert code_of(tmp_path) == "file_gone"
    assert code_of(tmp_path / "missing") == "file_gone"


def test_a_link_is_followed_on_the_way_to_the_named_folder_and_not_below_it(tmp_path: Path) -> None:
    file = write(tmp_path, "real/sub/a.txt", "x")
    named = tmp_path / "named"
    named.symlink_to(tmp_path / "real")
    with opened(job(named / "sub" / "a.txt"), Roots.of([named])) as held:
        assert os.fstat(held.descriptor).st_ino == file.stat().st_ino
    assert code_of(named / "sub" / "a.txt", Roots.of([tmp_path])) == "symbolic_link"


def test_a_file_that_grew_since_it_was_scanned_is_not_read(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "small")
    scanned = job(file)
    os.truncate(file, 5 << 30)
    with pytest.raises(FileUnavailable, match="file_changed"), opened(scanned, NO_ROOTS):
        pass


def test_a_file_that_grows_while_it_is_hashed_is_given_up(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "small")
    with opened(job(file), NO_ROOTS) as held:
        os.truncate(file, 5 << 30)
        with pytest.raises(FileUnavailable, match="file_changed"):
            held.sha256()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners by number")
class TestHardLinks:
    """A second name of a file: whose it is decides."""

    def test_one_to_the_file_of_another_user_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        victim = write(tmp_path, "home/secret.txt", "x")
        link = tmp_path / "inbox" / "a.txt"
        link.parent.mkdir()
        link.hardlink_to(victim)
        give_away(victim, monkeypatch)
        assert code_of(link) == "foreign_hard_link"

    def test_one_to_a_file_of_our_own_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "b.txt").hardlink_to(write(tmp_path, "a.txt", "x"))
        with opened(job(tmp_path / "b.txt"), NO_ROOTS) as held:
            assert os.read(held.descriptor, 9) == b"x"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_one_to_a_file_of_our_own_is_read_in_the_folder_of_another(self, tmp_path: Path) -> None:
        (tmp_path / "b.txt").hardlink_to(write(tmp_path / "inbox", "a.txt", "x"))
        os.chown(tmp_path / "inbox", STRANGER, -1)
        with opened(job(tmp_path / "inbox" / "a.txt"), NO_ROOTS) as held:
            assert os.read(held.descriptor, 9) == b"x"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_one_to_a_file_of_the_folder_s_owner_is_read(self, tmp_path: Path) -> None:
        inbox = tmp_path / "inbox"
        (tmp_path / "b.txt").hardlink_to(write(inbox, "a.txt", "x"))
        os.chown(inbox / "a.txt", STRANGER, -1)
        os.chown(inbox, STRANGER, -1)
        with opened(job(inbox / "a.txt"), NO_ROOTS) as held:
            assert os.read(held.descriptor, 9) == b"x"

    def test_a_foreign_file_with_one_name_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = write(tmp_path, "a.txt", "x")
        give_away(file, monkeypatch)
        with opened(job(file), NO_ROOTS) as held:
            assert os.read(held.descriptor, 9) == b"x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_the_right_to_read_is_unreadable(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "x")
    file.chmod(0)
    assert code_of(file) == "file_unreadable"


def test_no_child_process_inherits_the_descriptor(tmp_path: Path) -> None:
    with opened(job(write(tmp_path, "a.txt", "x")), NO_ROOTS) as held:
        assert not os.get_inheritable(held.descriptor)
