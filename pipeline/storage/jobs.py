"""The ledger of files: one row per file seen, claimed by one worker at a time, ended under exactly one code.

Every change of state is one guarded statement that reports whether it happened, so that workers of several
processes may share the ledger. A worker that dies loses its lease; fewest attempts go first, so that a file
that keeps killing its workers never stands before the others.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pipeline.datatypes import FileSeen, Job
from pipeline.outcomes import Code, State
from pipeline.storage import members
from pipeline.storage.database import Database

Clock = Callable[[], float]  # seconds since the epoch, UTC


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Files by state; those not ended yet are waiting or working."""

    waiting: int
    working: int
    ended: dict[State, int]

    @property
    def open(self) -> int:
        """Files whose end is still to come."""
        return self.waiting + self.working


class Jobs:
    """Files to be processed and what became of them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, files: Sequence[FileSeen]) -> None:
        """Queue new or changed files; what was in hand for an earlier version of one is void."""
        with self._database.atomic():
            row = self._database.row("SELECT coalesce(max(queued), 0) FROM jobs")
            first = int(row[0]) + 1 if row else 1
            self._database.run_many(
                "INSERT INTO jobs (path, signature, size_bytes, status, attempts, not_before, queued) "
                "VALUES (?, ?, ?, 'waiting', 0, 0, ?) ON CONFLICT (path) DO UPDATE SET signature = excluded.signature, "
                "size_bytes = excluded.size_bytes, status = 'waiting', attempts = 0, not_before = 0, owner = NULL, "
                "lease_until = NULL, code = NULL, anew = 0, queued = excluded.queued",
                [(file.path, file.signature, file.size_bytes, first + index) for index, file in enumerate(files)],
            )

    def claim(self, owner: str, lease_s: float) -> Job | None:
        """Take the next file that is due, or whose worker's lease ran out."""
        now = self._clock()
        due = "(status = 'waiting' AND not_before <= ?) OR (status = 'working' AND lease_until < ?)"
        if self._database.row(f"SELECT 1 FROM jobs WHERE {due} LIMIT 1", (now, now)) is None:  # noqa: S608 - our own words
            return None  # an idle loop writes nothing
        with self._database.atomic():
            row = self._database.row(
                "UPDATE jobs SET status = 'working', owner = ?, lease_until = ?, attempts = attempts + 1 "
                "WHERE path = coalesce("
                "(SELECT path FROM jobs WHERE status = 'waiting' AND not_before <= ? "
                "ORDER BY attempts, queued LIMIT 1), "
                "(SELECT path FROM jobs WHERE status = 'working' AND lease_until < ? "
                "ORDER BY attempts, queued LIMIT 1)) "
                "RETURNING path, signature, size_bytes, attempts, anew",
                (owner, now + lease_s, now, now),
            )
        if row is None:
            return None
        return Job(row["path"], row["signature"], row["size_bytes"], row["attempts"], owner, anew=bool(row["anew"]))

    def finish(self, job: Job, code: Code) -> bool:
        """End a job; False when it is no longer this worker's (the file changed or left, or the lease was lost)."""
        return self._guarded(job, "status = 'done', owner = NULL, lease_until = NULL, anew = 0, code = ?", (code,))

    def release(self, job: Job, delay_s: float, *, blameless: bool) -> bool:
        """Put a job back for later; a blameless one does not count as an attempt."""
        change = "status = 'waiting', owner = NULL, lease_until = NULL, not_before = ?, attempts = attempts - ?"
        return self._guarded(job, change, (self._clock() + delay_s, int(blameless)))

    def renew(self, owner: str, lease_s: float) -> None:
        """Extend the leases of a process that is alive and working."""
        self._database.run(
            "UPDATE jobs SET lease_until = ? WHERE owner = ? AND status = 'working'", (self._clock() + lease_s, owner)
        )

    def release_dead(self, is_running: Callable[[str], bool]) -> int:
        """Put back what processes that have ended held, without waiting for their leases to run out."""
        released = 0
        for row in self._database.rows("SELECT DISTINCT owner FROM jobs WHERE status = 'working'"):
            if row["owner"] is not None and not is_running(row["owner"]):
                released += self._database.run(
                    "UPDATE jobs SET status = 'waiting', owner = NULL, lease_until = NULL "
                    "WHERE owner = ? AND status = 'working'",
                    (row["owner"],),
                )
        return released

    def retry(self, states: Collection[State], scope: bytes | None = None) -> list[bytes]:
        """Queue again, to be read anew, every file that ended in one of the states, or holds a document that did.

        Only those at or below `scope`, if there is one; returns their paths.
        """
        codes = [code for code in Code if code.state in states]
        holders, values = members.containers_with(codes)
        low, high = (b"", b"") if scope is None else below(scope)
        rows = self._database.rows(
            f"UPDATE jobs SET {_ANEW} WHERE status = 'done' AND (code IN ({', '.join('?' * len(codes))}) "  # noqa: S608 - our own words
            f"OR path IN (SELECT path FROM paths WHERE document_id IN ({holders}))) "
            "AND (? IS NULL OR path = ? OR (path >= ? AND path < ?)) RETURNING path",
            (*codes, *values, scope, scope, low, high),
        )
        return sorted(bytes(row["path"]) for row in rows)

    def forget(self, path: bytes) -> bool:
        """Remove a file from the ledger: it is gone."""
        return self._database.run("DELETE FROM jobs WHERE path = ?", (path,)) > 0

    def known(self, scope: bytes) -> dict[bytes, str]:
        """Path and signature of every file in the ledger at or below `scope`."""
        low, high = below(scope)
        sql = "SELECT path, signature FROM jobs WHERE path = ? OR (path >= ? AND path < ?)"
        return {row["path"]: row["signature"] for row in self._database.rows(sql, (scope, low, high))}

    def waiting_among(self, paths: Sequence[bytes]) -> list[bytes]:
        """Those of the paths that wait for a worker."""
        if not paths:
            return []
        waiting = {row["path"] for row in self._database.rows("SELECT path FROM jobs WHERE status = 'waiting'")}
        return [path for path in paths if path in waiting]

    def open_sizes(self) -> set[int]:
        """Sizes of all files still waiting or being worked on."""
        rows = self._database.rows("SELECT DISTINCT size_bytes FROM jobs WHERE status != 'done'")
        return {int(row[0]) for row in rows}

    def open_below(self, scope: bytes) -> bool:
        """Whether some file at or below `scope` has not come to its end."""
        low, high = below(scope)
        sql = "SELECT 1 FROM jobs WHERE status != 'done' AND (path = ? OR (path >= ? AND path < ?)) LIMIT 1"
        return self._database.row(sql, (scope, low, high)) is not None

    def next_due_s(self) -> float | None:
        """Seconds until the next waiting file is due (0: now); None when none waits."""
        row = self._database.row("SELECT min(not_before) FROM jobs WHERE status = 'waiting'")
        return None if row is None or row[0] is None else max(0.0, float(row[0]) - self._clock())

    def counts(self) -> JobCounts:
        """Files by state."""
        waiting = working = 0
        ended: dict[State, int] = {}
        for row in self._database.rows("SELECT status, code, count(*) AS files FROM jobs GROUP BY status, code"):
            files = int(row["files"])
            if row["status"] == "waiting":
                waiting += files
            elif row["status"] == "working":
                working += files
            else:
                state = Code(row["code"]).state
                ended[state] = ended.get(state, 0) + files
        return JobCounts(waiting, working, ended)

    def _guarded(self, job: Job, change: str, values: Sequence[str | float]) -> bool:
        changed = self._database.run(
            f"UPDATE jobs SET {change} WHERE path = ? AND status = 'working' AND owner = ? AND signature = ? "  # noqa: S608 - our own words
            "AND attempts = ?",
            (*values, job.path, job.owner, job.signature, job.attempt),
        )
        return changed == 1


_ANEW = "status = 'waiting', anew = 1, attempts = 0, not_before = 0, owner = NULL, lease_until = NULL, code = NULL"


def below(scope: bytes) -> tuple[bytes, bytes]:
    """Bounds of all paths inside a folder: from `folder/` up to `folder0`, as 0 is the byte after the slash."""
    folder = scope.rstrip(b"/\\")
    separator = b"\\" if b"\\" in folder and b"/" not in folder else b"/"
    return folder + separator, folder + bytes([separator[0] + 1])
