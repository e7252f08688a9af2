"""One file held open: what is hashed is what is parsed, and no link is followed."""

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.datatypes import Job
from pipeline.errors import FileUnavailable
from pipeline.inbox.claim import opened
from tests.conftest import write


def job(path: Path) -> Job:
    return Job(os.fsencode(path), "", 0, 1, "me")


def code_of(path: Path) -> str:
    with pytest.raises(FileUnavailable) as raised, opened(job(path)):
        pass
    return raised.value.code


def test_the_hash_is_that_of_the_bytes_whatever_was_read_before(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    file = tmp_path / "a.PDF"
    file.write_bytes(content)
    with opened(job(file)) as held:
        os.read(held.descriptor, 1000)
        assert held.sha256() == held.sha256() == hashlib.sha256(content).hexdigest()
        assert (held.suffix, held.size_bytes) == (".pdf", len(content))
        held.check_unchanged()


def test_a_write_while_the_file_is_held_is_noticed(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "before")
    with opened(job(file)) as held:
        file.write_text("after!", encoding="utf-8")
        os.utime(file, ns=(1, 1))
        with pytest.raises(FileUnavailable, match="file_changed"):
            held.check_unchanged()


def test_a_replaced_path_does_not_change_what_is_held(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "first")
    with opened(job(file)) as held:
        write(tmp_path, "b.txt", "second").replace(file)
        assert held.sha256() == hashlib.sha256(b"first").hexdigest()


def test_links_fifos_folders_and_missing_files_are_not_opened(tmp_path: Path) -> None:
    target = write(tmp_path, "target", "x")
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "fifo")
    assert code_of(tmp_path / "link") == "file_unreadable"
    assert code_of(tmp_path / "fifo") == "file_gone"
    assert code_of(tmp_path) == "file_gone"
    assert code_of(tmp_path / "missing") == "file_gone"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_the_right_to_read_is_unreadable(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "x")
    file.chmod(0)
    assert code_of(file) == "file_unreadable"


def test_no_child_process_inherits_the_descriptor(tmp_path: Path) -> None:
    with opened(job(write(tmp_path, "a.txt", "x"))) as held:
        assert not os.get_inheritable(held.descriptor)
