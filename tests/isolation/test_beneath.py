"""Opening below a folder: the same answers from the kernel's own call and from the way folder by folder."""

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import FileUnavailable
from pipeline.isolation import beneath, libc
from tests.conftest import make_socket

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows opens by path")
SECRET = b"not for you"


@pytest.fixture(params=["openat2", "no such call", "refused by a filter"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test runs with the kernel's call, and without it for either reason."""

    def refuse(_number: int, *_arguments: object) -> int:
        raise OSError(errno.ENOSYS if request.param == "no such call" else errno.EPERM, "")

    if request.param != "openat2":
        monkeypatch.setattr(libc, "syscall", refuse)
    elif sys.platform != "linux":
        pytest.skip("only Linux has openat2")
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a file in it, and a secret beside the folder."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_bytes(SECRET)
    folder = tmp_path / "root"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "sub" / "deep" / "a.txt").write_bytes(b"content")
    return folder


def content(root: Path, below: str | bytes) -> bytes:
    descriptor = beneath.open_file(os.fsencode(root), os.fsencode(below))
    try:
        return os.read(descriptor, 100)
    finally:
        os.close(descriptor)


def code(root: Path, below: str | bytes) -> str:
    with pytest.raises(FileUnavailable) as raised:
        content(root, below)
    return raised.value.code


def test_a_file_is_opened_for_reading_only_and_kept_from_children(root: Path) -> None:
    descriptor = beneath.open_file(os.fsencode(root), b"sub/deep/a.txt")
    assert os.read(descriptor, 100) == b"content"
    assert not os.get_inheritable(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(descriptor, b"x")
    os.close(descriptor)


def test_a_name_may_be_any_bytes(root: Path) -> None:
    name = b"\xff\n\x1b[2J"
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(b"odd")
    assert content(root, name) == b"odd"


def test_the_folder_itself_may_be_reached_through_links(root: Path, tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to("root")
    assert content(tmp_path / "named", "sub/deep/a.txt") == b"content"
    assert content(tmp_path / "named" / "sub", "deep/a.txt") == b"content"


@pytest.mark.parametrize("target", ["{outside}/a.txt", "../outside/a.txt", "sub/deep/a.txt", "nowhere"])
def test_a_link_to_a_file_is_not_followed_wherever_it_leads(root: Path, tmp_path: Path, target: str) -> None:
    (root / "link").symlink_to(target.format(outside=tmp_path / "outside"))
    assert code(root, "link") == "symbolic_link"


@pytest.mark.parametrize("target", ["{outside}", "../outside", "sub/deep"])
def test_a_link_to_a_folder_is_not_followed_wherever_it_leads(root: Path, tmp_path: Path, target: str) -> None:
    (root / "link").symlink_to(target.format(outside=tmp_path / "outside"))
    assert code(root, "link/a.txt") == "symbolic_link"
    (root / "sub" / "link").symlink_to(target.format(outside=tmp_path / "outside"))
    assert code(root, "sub/link/a.txt") == "symbolic_link"


@pytest.mark.parametrize(
    "below", ["../outside/a.txt", "sub/../../outside/a.txt", "sub/../sub/deep/a.txt", "..", "sub//deep/a.txt"]
)
def test_a_path_that_could_lead_out_is_refused(root: Path, below: str) -> None:
    with pytest.raises(FileUnavailable, match="other_file_system"):
        beneath.open_file(os.fsencode(root), os.fsencode(below))
    with pytest.raises(FileUnavailable, match="other_file_system"):
        beneath.open_folder(os.fsencode(root), os.fsencode(below))


def names(root: Path, below: bytes) -> list[str]:
    descriptor = beneath.open_folder(os.fsencode(root), below)
    try:
        return os.listdir(descriptor)  # noqa: PTH208 - of a descriptor
    finally:
        os.close(descriptor)


def test_a_folder_is_listed_where_no_link_leads_to_it(root: Path, tmp_path: Path) -> None:
    (root / "sub" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "named").symlink_to("root")
    before = open_descriptors()
    assert names(root, b"sub/deep") == ["a.txt"]
    assert names(tmp_path / "named", b"") == ["sub"]
    for below, expected in ((b"sub/link", "symbolic_link"), (b"sub/deep/a.txt", "file_gone"), (b"gone", "file_gone")):
        with pytest.raises(FileUnavailable, match=expected):
            beneath.open_folder(os.fsencode(root), below)
    assert open_descriptors() == before


def test_an_absolute_path_is_refused(root: Path, tmp_path: Path) -> None:
    assert code(root, str(tmp_path / "outside" / "a.txt")) == "other_file_system"


def test_no_error_names_the_file(root: Path) -> None:
    (root / "patient-smith").symlink_to("nowhere")
    for below in (b"patient-smith", b"patient-smith/a", b"patient-smith.pdf"):
        with pytest.raises(FileUnavailable) as raised:
            beneath.open_file(os.fsencode(root), below)
        assert "smith" not in str(raised.value)
        assert raised.value.__suppress_context__  # nor does a traceback that is logged show the system's own


def test_what_is_gone_is_told_apart(root: Path) -> None:
    assert code(root, "missing") == "file_gone"
    assert code(root, "missing/a.txt") == "file_gone"
    assert code(root, "sub/deep/a.txt/a.txt") == "file_gone"
    assert code(root, "sub") == "file_gone"  # a folder now: the scan looks into it
    assert code(root, "") == "file_gone"
    assert code(root / "missing", "a.txt") == "file_gone"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_what_may_not_be_read_is_told_apart(root: Path) -> None:
    (root / "sub" / "deep" / "a.txt").chmod(0)
    assert code(root, "sub/deep/a.txt") == "file_unreadable"


def test_a_name_that_is_too_long_is_unreadable(root: Path) -> None:
    assert code(root, "n" * 300) == "file_unreadable"


def test_a_pipe_is_refused_and_not_even_opened(root: Path) -> None:
    os.mkfifo(root / "fifo")
    written = threading.Event()

    def write() -> None:  # opening waits for a reader; a reader that merely looked in would let it go on
        os.close(os.open(root / "fifo", os.O_WRONLY))
        written.set()

    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(0.05)
    assert code(root, "fifo") == "special_file"
    assert not written.wait(0.1)
    os.close(os.open(root / "fifo", os.O_RDONLY | os.O_NONBLOCK))
    thread.join(10)
    assert written.is_set()


def test_a_socket_is_refused(root: Path) -> None:
    make_socket(root / "socket")
    assert code(root, "socket") == "special_file"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_a_device_is_refused(root: Path) -> None:
    os.mknod(root / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    assert code(root, "zero") == "special_file"


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a file system mounted below another")
def test_another_file_system_is_not_entered() -> None:
    before = open_descriptors()
    assert code(Path("/"), "proc/version") == "other_file_system"
    assert code(Path("/"), "proc") == "other_file_system"  # as the scan names it
    assert open_descriptors() == before
    assert content(Path("/proc"), "version").startswith(b"Linux")


@pytest.mark.parametrize("swapped_in", ["link", "fifo", "socket", "folder"])
def test_what_is_swapped_in_between_the_look_and_the_opening_is_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swapped_in: str
) -> None:
    make: dict[str, Callable[[Path], None]] = {
        "link": lambda path: path.symlink_to(tmp_path / "outside" / "a.txt"),
        "fifo": os.mkfifo,
        "socket": make_socket,
        "folder": Path.mkdir,
    }
    file, look = root / "a.txt", os.stat
    file.write_bytes(b"content")

    def look_then_swap(
        path: str | bytes | Path | int, *, dir_fd: int | None = None, follow_symlinks: bool = True
    ) -> os.stat_result:
        found = look(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        if path == b"a.txt":
            file.unlink()
            make[swapped_in](file)
        return found

    before = open_descriptors()
    monkeypatch.setattr(os, "stat", look_then_swap)
    expected = {"link": "symbolic_link", "folder": "file_gone"}.get(swapped_in, "special_file")
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(code(root, "a.txt")), daemon=True)
    thread.start()
    thread.join(10)  # a pipe without a writer must not hold us
    assert found == [expected]
    assert open_descriptors() == before


def test_no_renaming_in_a_race_ever_shows_the_secret(root: Path, tmp_path: Path) -> None:
    """Both the file and its folder are swapped with links to the secret while they are opened."""
    stop = threading.Event()
    (root / "sub" / "a.txt").write_bytes(b"content")
    (root / "spare").symlink_to(tmp_path / "outside")

    def rename() -> None:
        while not stop.is_set():
            (root / "new").symlink_to(tmp_path / "outside" / "a.txt")
            (root / "new").rename(root / "sub" / "a.txt")
            (root / "sub").rename(root / "away")
            (root / "spare").rename(root / "sub")
            (root / "sub").rename(root / "spare")
            (root / "away").rename(root / "sub")
            (root / "new").write_bytes(b"content")
            (root / "new").rename(root / "sub" / "a.txt")

    thread = threading.Thread(target=rename)
    thread.start()
    seen: set[str] = set()
    deadline = time.monotonic() + 1.0
    try:
        while time.monotonic() < deadline:
            try:
                seen.add(content(root, "sub/a.txt").decode())
            except FileUnavailable as unavailable:
                seen.add(unavailable.code)
    finally:
        stop.set()
        thread.join()
    assert {"content", "symbolic_link"} <= seen <= {"content", "symbolic_link", "file_gone"}


def open_descriptors() -> list[Path]:
    return sorted(Path("/dev/fd").iterdir())


def test_no_descriptor_stays_open_whatever_the_answer(root: Path) -> None:
    (root / "link").symlink_to("sub")
    os.mkfifo(root / "fifo")
    before = open_descriptors()
    for below in ("link", "link/deep/a.txt", "fifo", "sub/deep", "missing", "sub", "../a", "sub/deep/a.txt/a"):
        code(root, below)
    content(root, "sub/deep/a.txt")
    assert open_descriptors() == before


class TestKernelCall:
    """What only openat2 does."""

    @pytest.fixture(autouse=True)
    def only_with_the_call(self, way: str) -> None:
        if way != "openat2":
            pytest.skip("of the kernel's call alone")

    def test_a_race_or_a_lease_is_tried_again_and_not_for_ever(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        syscall, answers = libc.syscall, [errno.EAGAIN, errno.EINTR, errno.EAGAIN]

        def busy(number: int, *arguments: libc.Argument) -> int:
            if answers:
                raise OSError(answers.pop(), "")
            return syscall(number, *arguments)

        monkeypatch.setattr(libc, "syscall", busy)
        assert content(root, "sub/deep/a.txt") == b"content"
        answers.extend([errno.EAGAIN] * 10_000)
        assert code(root, "sub/deep/a.txt") == "file_changed"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
    def test_a_part_of_the_same_file_system_mounted_within_is_not_entered(self, root: Path, tmp_path: Path) -> None:
        (root / "bound").mkdir()
        mounting = f"mount --bind {tmp_path / 'outside'} {root / 'bound'} && cat {root / 'bound' / 'a.txt'} && echo"
        opening = (
            "import sys; from pipeline.isolation import beneath\n"
            "for call, below in ((beneath.open_file, b'bound/a.txt'), (beneath.open_file, b'bound'),\n"
            "                    (beneath.open_folder, b'bound')):\n"
            "    try: call(sys.argv[1].encode(), below)\n"
            "    except Exception as error: print(error.code)"
        )
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", f'{mounting} && "$0" -c "$1" "$2"', sys.executable, opening, str(root)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if "permitted" in done.stderr or "denied" in done.stderr:
            pytest.skip("mounting is not allowed here")
        assert done.stdout.split("\n") == [SECRET.decode(), *["other_file_system"] * 3, ""]
