"""The scan: every file, and whatever lies in the place of one, by name alone."""

import os
import stat
from pathlib import Path

import pytest

from pipeline.datatypes import FileKind
from pipeline.errors import UsageError
from pipeline.inbox.scanner import look, scan
from pipeline.isolation import beneath
from tests.conftest import make_socket, write


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


def kinds(folder: Path) -> dict[str, FileKind]:
    return {os.fsdecode(path).removeprefix(f"{folder}/"): file.kind for path, file in scan(folder).files.items()}


def test_links_pipes_and_sockets_are_seen_as_what_they_are_and_never_entered(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.txt", "x")
    inbox = tmp_path / "inbox"
    write(inbox, "real.txt", "x")
    (inbox / "second name.txt").hardlink_to(write(inbox, "first name.txt", "x"))
    (inbox / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (inbox / "broken").symlink_to("nowhere")
    (inbox / "folder").symlink_to(tmp_path / "outside")
    (inbox / ".hidden").symlink_to(tmp_path / "outside")
    os.mkfifo(inbox / "fifo")
    make_socket(inbox / "socket")
    assert kinds(inbox) == {
        "real.txt": FileKind.FILE,
        "first name.txt": FileKind.LINKED_FILE,
        "second name.txt": FileKind.LINKED_FILE,
        "link.txt": FileKind.SYMBOLIC_LINK,
        "broken": FileKind.SYMBOLIC_LINK,
        "folder": FileKind.SYMBOLIC_LINK,
        "fifo": FileKind.SPECIAL,
        "socket": FileKind.SPECIAL,
    }


@pytest.mark.skipif(not Path("/dev/shm").is_mount(), reason="needs a file system mounted below another")
def test_another_file_system_is_named_and_not_entered() -> None:
    found = scan(Path("/dev"))
    assert found.files[b"/dev/shm"].kind is FileKind.MOUNT
    assert found.files[b"/dev/null"].kind is FileKind.SPECIAL
    assert b"/dev/shm" in found.unreadable  # nothing is concluded of what lies there
    assert not any(path.startswith(b"/dev/shm/") for path in found.files)
    assert scan(Path("/dev/shm")).unreadable == ()


def test_a_link_that_takes_a_folder_s_place_while_it_is_listed_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "outside/secret.txt", "x")
    write(tmp_path, "inbox/sub/a.txt", "x")
    inbox, open_folder = tmp_path / "inbox", beneath.open_folder

    def swapped(root: bytes, below: bytes) -> int:
        if below == b"sub":
            (inbox / "sub").rename(tmp_path / "away")
            (inbox / "sub").symlink_to(tmp_path / "outside")
        return open_folder(root, below)

    monkeypatch.setattr(beneath, "open_folder", swapped)
    found = scan(inbox)
    assert (found.files, found.unreadable) == ({}, (os.fsencode(inbox / "sub"),))


def test_the_named_folder_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path, "real/a.txt", "x")
    (tmp_path / "named").symlink_to("real")
    assert set(scan(tmp_path / "named").files) == {os.fsencode(tmp_path / "named" / "a.txt")}


def test_a_named_link_to_a_file_is_seen_as_a_link(tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to(write(tmp_path, "a.txt", "x"))
    (seen,) = scan(tmp_path / "named").files.values()
    assert seen.kind is FileKind.SYMBOLIC_LINK


def test_a_look_at_one_path_agrees_with_the_scan(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "x")
    (tmp_path / "link").symlink_to("a.txt")
    os.mkfifo(tmp_path / "fifo")
    assert {path: look(path) for path in scan(tmp_path).files} == scan(tmp_path).files
    assert look(os.fsencode(tmp_path / "missing")) is None


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


def test_the_signature_tells_a_file_from_what_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a"

    def signature() -> str:
        found = look(os.fsencode(path))
        assert found is not None
        return found.signature

    write(tmp_path, "a", "x")
    seen = [signature()]
    (tmp_path / "b").hardlink_to(path)
    seen.append(signature())
    path.unlink()
    path.symlink_to("b")
    seen.append(signature())
    path.unlink()
    os.mkfifo(path)
    seen.append(signature())
    assert len(set(seen)) == 4
    os.utime(path, ns=(5, 5))  # a pipe in use has a new time every moment: it is refused once, not each time
    assert signature() == seen[-1]
