"""The ledger: claimed by one, ended once, never blocked by one file."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pipeline.datatypes import FileSeen, Job
from pipeline.outcomes import Code, State
from pipeline.storage.database import Database
from pipeline.storage.jobs import Jobs, below


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def seen(name: str, size: int = 1, version: int = 0) -> FileSeen:
    return FileSeen(name.encode(), size, version, version, 7, 0o600)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Iterator[Jobs]:
    database = Database(tmp_path)
    yield Jobs(database, clock)
    database.close()


def claim(jobs: Jobs, owner: str = "me") -> Job:
    job = jobs.claim(owner, lease_s=60)
    assert job is not None
    return job


def test_files_are_claimed_in_the_order_in_which_they_came(jobs: Jobs) -> None:
    jobs.add([seen("b"), seen("a")])
    jobs.add([seen("c")])
    assert [claim(jobs).path for _ in range(3)] == [b"b", b"a", b"c"]
    assert jobs.claim("me", 60) is None


def test_a_file_tried_before_goes_behind_all_others(jobs: Jobs) -> None:
    jobs.add([seen("poison"), seen("good")])
    jobs.release(claim(jobs), delay_s=0, blameless=False)
    assert [claim(jobs).path for _ in range(2)] == [b"good", b"poison"]


def test_a_blameless_release_is_not_an_attempt(jobs: Jobs) -> None:
    jobs.add([seen("a")])
    assert [(job := claim(jobs)).attempt, jobs.release(job, 0, blameless=True)] == [1, True]
    assert [(job := claim(jobs)).attempt, jobs.release(job, 0, blameless=False)] == [1, True]
    assert claim(jobs).attempt == 2


def test_a_delayed_file_is_due_when_its_time_has_come(jobs: Jobs, clock: Clock) -> None:
    jobs.add([seen("a")])
    jobs.release(claim(jobs), delay_s=5, blameless=False)
    assert jobs.claim("me", 60) is None
    assert jobs.next_due_s() == 5
    clock.now += 5
    assert claim(jobs).path == b"a"


def test_a_lease_that_ran_out_lets_another_take_over_and_the_first_can_end_nothing(jobs: Jobs, clock: Clock) -> None:
    jobs.add([seen("a")])
    first = claim(jobs, "first")
    assert jobs.claim("second", 60) is None
    clock.now += 61
    second = claim(jobs, "second")
    assert not jobs.finish(first, Code.COMPLETE)
    assert jobs.finish(second, Code.BLANK)
    assert jobs.counts().ended == {State.NO_TEXT: 1}


def test_a_renewed_lease_holds(jobs: Jobs, clock: Clock) -> None:
    jobs.add([seen("a")])
    claim(jobs, "first")
    clock.now += 50
    jobs.renew("first", 60)
    clock.now += 50
    assert jobs.claim("second", 60) is None


def test_what_a_dead_process_held_is_free_at_once(jobs: Jobs) -> None:
    jobs.add([seen("a"), seen("b")])
    claim(jobs, "dead")
    claim(jobs, "alive")
    assert jobs.release_dead(lambda owner: owner == "alive") == 1
    assert claim(jobs).path == b"a"
    assert jobs.claim("me", 60) is None


def test_a_file_that_changed_while_in_work_is_not_ended_by_the_old_result(jobs: Jobs) -> None:
    jobs.add([seen("a", version=1)])
    old = claim(jobs)
    jobs.add([seen("a", version=2)])
    assert not jobs.finish(old, Code.COMPLETE)
    assert claim(jobs).signature == seen("a", version=2).signature


def test_a_file_that_left_while_in_work_is_not_ended(jobs: Jobs) -> None:
    jobs.add([seen("a")])
    job = claim(jobs)
    assert jobs.forget(b"a")
    assert not jobs.finish(job, Code.COMPLETE)
    assert jobs.counts().open == 0


def test_only_failed_and_refused_files_below_the_scope_are_tried_again(jobs: Jobs) -> None:
    jobs.add([seen("/in/a"), seen("/in/b"), seen("/in0/c"), seen("/in/d")])
    for code in (Code.PARSER_TIME, Code.COMPLETE, Code.PARSER_TIME, Code.OTHER_FILE_SYSTEM):
        jobs.finish(claim(jobs), code)
    assert len(jobs.retry((State.FAILED, State.REFUSED), b"/in")) == 2
    assert {claim(jobs).path, claim(jobs).path} == {b"/in/a", b"/in/d"}


def test_those_that_wait_are_told_from_those_in_hand_and_those_ended(jobs: Jobs) -> None:
    jobs.add([seen("a"), seen("b"), seen("c"), seen("d")])
    jobs.finish(claim(jobs), Code.COMPLETE)
    claim(jobs)
    assert jobs.waiting_among([b"d", b"a", b"b", b"x"]) == [b"d"]
    assert jobs.waiting_among([]) == []


def test_below_a_folder_is_all_inside_and_no_neighbour() -> None:
    low, high = below(b"/in")
    inside = [b"/in/a", b"/in/\x00", b"/in/\xff\xff", b"/in/z/y"]
    outside = [b"/in", b"/in.txt", b"/in0", b"/inn/a", b"/im/a"]
    assert all(low <= path < high for path in inside)
    assert not any(low <= path < high for path in outside)


def test_many_workers_claim_every_file_exactly_once(jobs: Jobs) -> None:
    jobs.add([seen(f"file{number}") for number in range(60)])

    def work(owner: str) -> list[bytes]:
        claimed = []
        while (job := jobs.claim(owner, 60)) is not None:
            claimed.append(job.path)
            jobs.finish(job, Code.COMPLETE)
        return claimed

    with ThreadPoolExecutor(4) as pool:
        claimed = Counter(path for paths in pool.map(work, "abcd") for path in paths)
    assert claimed == Counter({f"file{number}".encode(): 1 for number in range(60)})


class Ledger(RuleBasedStateMachine):
    """Whatever is done in whatever order: every file is in one place, and ended only by its claimant."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(Path(self.folder.name))
        self.clock = Clock()
        self.jobs = Jobs(self.database, self.clock)
        self.files: set[str] = set()
        self.held: list[Job] = []

    @rule(name=st.sampled_from("abc"), version=st.integers(0, 2))
    def arrive(self, name: str, version: int) -> None:
        self.jobs.add([seen(name, version=version)])
        self.files.add(name)

    @rule(owner=st.sampled_from(["x", "y"]))
    def take(self, owner: str) -> None:
        job = self.jobs.claim(owner, 10)
        if job is not None:
            self.held.append(job)

    @rule(passed=st.integers(0, 20))
    def wait(self, passed: int) -> None:
        self.clock.now += passed

    @rule(data=st.data(), code=st.sampled_from([Code.COMPLETE, Code.GAVE_UP]))
    def end(self, data: st.DataObject, code: Code) -> None:
        if self.held:
            job = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
            newest = max(other.attempt for other in [*self.held, job] if other.path == job.path)
            if self.jobs.finish(job, code):
                assert job.attempt <= newest
                assert not self.jobs.finish(job, code), "ended twice"

    @rule(name=st.sampled_from("abc"))
    def leave(self, name: str) -> None:
        assert self.jobs.forget(name.encode()) == (name in self.files)
        self.files.discard(name)

    @invariant()
    def every_file_is_in_exactly_one_state(self) -> None:
        counts = self.jobs.counts()
        assert counts.open + sum(counts.ended.values()) == len(self.files)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
