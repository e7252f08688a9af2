"""The scan: every regular file and nothing else."""

import os
import stat
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.inbox.scanner import scan
from tests.conftest import write


def names(folder: Path, *ignore: str) -> set[str]:
    return {os.fsdecode(path).removeprefix(f"{folder}/") for path in scan(folder, ignore).files}


def test_files_are_found_at_every_depth(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "a")
    write(tmp_path, "b/c/d.pdf", "d")
    assert names(tmp_path) == {"a.txt", "b/c/d.pdf"}


@pytest.mark.parametrize("name", [".hidden", "a.part", "A.TMP", "~$letter.docx", "x.crdownload", ".git/config"])
def test_hidden_and_temporary_files_are_left_alone(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "x")
    write(tmp_path, "kept", "x")
    assert names(tmp_path) == {"kept"}


def test_links_fifos_and_sockets_are_not_files(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.txt", "x")
    inbox = tmp_path / "inbox"
    write(inbox, "real.txt", "x")
    (inbox / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (inbox / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(inbox / "fifo")
    assert names(inbox) == {"real.txt"}


def test_a_name_may_be_any_bytes(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe \x1b[31m.txt"
    Path(os.fsdecode(path)).write_bytes(b"x")
    assert set(scan(tmp_path).files) == {path}


def test_patterns_match_names_and_paths_below_the_folder(tmp_path: Path) -> None:
    for name in ("a.bak", "drafts/b.txt", "final/c.txt", "final/d.bak"):
        write(tmp_path, name, "x")
    assert names(tmp_path, "*.bak", "drafts") == {"final/c.txt"}
    assert names(tmp_path, "final/*.txt") == {"a.bak", "drafts/b.txt", "final/d.bak"}


def test_a_single_file_is_its_own_scope(tmp_path: Path) -> None:
    file = write(tmp_path, ".even-hidden", "x")
    assert set(scan(file).files) == {os.fsencode(file)}


def test_a_missing_scope_is_an_error_and_names_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        scan(tmp_path / "patient-smith")
    assert "smith" not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "closed/a.txt", "x")
    (tmp_path / "closed").chmod(0)
    found = scan(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert (found.files, found.unreadable) == ({}, (os.fsencode(tmp_path / "closed"),))


def test_the_signature_changes_with_content_time_and_rights(tmp_path: Path) -> None:
    file = write(tmp_path, "a", "x")

    def signature() -> str:
        return scan(file).files[os.fsencode(file)].signature

    seen = [signature()]
    file.write_text("xy", encoding="utf-8")
    seen.append(signature())
    os.utime(file, ns=(1, 1))
    seen.append(signature())
    file.chmod(stat.S_IRUSR)
    seen.append(signature())
    assert len(set(seen)) == 4
    os.utime(file, ns=(2, 1))  # reading a file changes its access time only
    assert signature() == seen[-1]
