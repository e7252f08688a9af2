"""To which of the named folders a path belongs."""

import pytest

from pipeline.inbox.roots import Place, Roots

ROOTS = Roots((b"/in", b"/in/deep", b"/other/file.txt", b"/link/file.txt"))


@pytest.mark.parametrize(
    ("path", "root", "below"),
    [
        (b"/in/a/b.txt", b"/in", b"a/b.txt"),
        (b"/in/deep/a/b.txt", b"/in/deep", b"a/b.txt"),
        (b"/in/deeper/b.txt", b"/in", b"deeper/b.txt"),
        (b"/other/file.txt", b"/other", b"file.txt"),
        (b"/elsewhere/sub/b.txt", b"/elsewhere/sub", b"b.txt"),
        (b"/top", b"/", b"top"),
        (b"/in/\xff\n", b"/in", b"\xff\n"),
    ],
)
def test_a_path_belongs_to_the_innermost_folder_named_else_to_its_own(path: bytes, root: bytes, below: bytes) -> None:
    assert ROOTS.place(path) == Place(root, below)


def test_a_file_named_by_itself_belongs_to_its_folder_even_within_a_named_one() -> None:
    assert Roots((b"/in", b"/in/link/a.txt")).place(b"/in/link/a.txt") == Place(b"/in/link", b"a.txt")


def test_everything_lies_below_the_topmost_folder() -> None:
    assert Roots((b"/",)).place(b"/a/b") == Place(b"/", b"a/b")
