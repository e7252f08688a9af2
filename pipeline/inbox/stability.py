"""Decides when a file is complete: its size and times have not changed for a while. The clocks are passed in."""

import sys
from collections.abc import Callable, Mapping

from pipeline.datatypes import FileSeen


class Stability:
    """Remembers what files looked like, until they have looked the same for `settle_s`.

    A file whose content and status times both lie further back than that is complete at first sight: while somebody
    writes to it, the kernel keeps its status time (ctime) at now, and no program can set that back. Where times cannot
    be compared with ours (a server's clock, a date in the future, Windows) the file is observed instead. What is never
    read (a link, a pipe) has nothing to complete: a pipe in use would never settle and hold up the run.
    """

    def __init__(self, settle_s: float, wall_s: Callable[[], float], monotonic_s: Callable[[], float]) -> None:
        self._settle_s = settle_s
        self._wall_s = wall_s
        self._monotonic_s = monotonic_s
        self._since: dict[bytes, tuple[str, float]] = {}

    def settled(self, candidates: Mapping[bytes, FileSeen]) -> list[FileSeen]:
        """Those of the new or changed files that are complete; the others are remembered until the next look."""
        now = self._monotonic_s()
        done: list[FileSeen] = []
        waiting: dict[bytes, tuple[str, float]] = {}
        for path, file in candidates.items():
            looks = f"{file.signature}:{file.changed_ns}"
            before = self._since.get(path)
            since = before[1] if before is not None and before[0] == looks else now
            if not file.is_readable or now - since >= self._settle_s or self._was_untouched(file):
                done.append(file)
            else:
                waiting[path] = (looks, since)
        self._since = waiting
        return done

    @property
    def waiting(self) -> bool:
        """Whether some file is being observed."""
        return bool(self._since)

    def _was_untouched(self, file: FileSeen) -> bool:
        if sys.platform == "win32":
            return self._settle_s == 0
        return self._wall_s() - max(file.modified_ns, file.changed_ns) / 1e9 >= self._settle_s
