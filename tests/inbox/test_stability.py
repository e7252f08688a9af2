"""When a file counts as complete. Both clocks are ours to move."""

from pipeline.datatypes import FileKind, FileSeen
from pipeline.inbox.stability import Stability

NOW = 1_000_000.0


class Clocks:
    def __init__(self) -> None:
        self.passed = 0.0

    def wall(self) -> float:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed


def seen(*, size: int = 1, modified: float = NOW, changed: float = NOW) -> dict[bytes, FileSeen]:
    return {b"f": FileSeen(b"f", size, int(modified * 1e9), int(changed * 1e9), 1, 0o600)}


def test_a_file_untouched_for_long_is_complete_at_first_sight() -> None:
    clocks = Clocks()
    stability = Stability(2.0, clocks.wall, clocks.monotonic)
    assert stability.settled(seen(modified=NOW - 60, changed=NOW - 60)) != []
    assert not stability.waiting


def test_a_half_written_file_is_not_complete_even_with_an_old_modification_time() -> None:
    clocks = Clocks()
    stability = Stability(2.0, clocks.wall, clocks.monotonic)
    assert stability.settled(seen(modified=NOW - 60, changed=NOW)) == []
    assert stability.waiting


def test_a_file_is_complete_when_it_looked_the_same_for_long_enough() -> None:
    clocks = Clocks()
    stability = Stability(2.0, clocks.wall, clocks.monotonic)
    future = NOW + 10_000  # a clock that is ahead of ours: the times say nothing
    looks = []
    for _ in range(4):
        looks.append(len(stability.settled(seen(modified=future, changed=future))))
        clocks.passed += 0.9
    assert looks == [0, 0, 0, 1]


def test_a_file_that_grows_starts_anew() -> None:
    clocks = Clocks()
    stability = Stability(2.0, clocks.wall, clocks.monotonic)
    for step in range(5):
        written = clocks.wall()
        assert stability.settled(seen(size=step, modified=written, changed=written)) == []
        clocks.passed += 1.5
    clocks.passed += 0.6
    assert len(stability.settled(seen(size=4, modified=written, changed=written))) == 1


def test_a_file_that_left_is_no_longer_waited_for() -> None:
    clocks = Clocks()
    stability = Stability(2.0, clocks.wall, clocks.monotonic)
    stability.settled(seen())
    stability.settled({})
    assert not stability.waiting


def test_what_is_never_read_is_not_waited_for() -> None:
    clocks = Clocks()
    stability = Stability(2.0, clocks.wall, clocks.monotonic)
    pipe = FileSeen(b"f", 0, int(NOW * 1e9), int(NOW * 1e9), 1, 0o600, FileKind.SPECIAL)
    assert stability.settled({b"f": pipe}) == [pipe]
    assert not stability.waiting
