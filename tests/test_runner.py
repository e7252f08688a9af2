"""The loop over real files, the real parser and the real model: what a folder does, the index follows."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.datatypes import Job, ProcessedDocument
from pipeline.errors import StoreError, UsageError
from pipeline.outcomes import Code, State
from pipeline.processing import Source
from pipeline.reports import FileGone, FileOutcome
from pipeline.tools import Tools
from tests.conftest import Configure, every_page, write

LEASE = "The tenant shall pay the monthly rent in advance to the landlord."
RECIPE = "Whisk the eggs with sugar and fold in the flour before baking the cake."


def names(pipeline: Pipeline) -> dict[str, State]:
    return {path.name: row.state for row in pipeline.documents() for path in row.paths}


def top(pipeline: Pipeline, question: str) -> list[str]:
    return [hit.path.name for hit in pipeline.search(question, limit=1)]


def consistent(pipeline: Pipeline) -> bool:
    rows = pipeline.database.rows("SELECT id FROM chunks ORDER BY id")
    return pipeline.vector_ids() == [row[0] for row in rows] and pipeline.database.problems() == []


def audited(pipeline: Pipeline) -> list[str]:
    return [row["event"] for row in pipeline.database.rows("SELECT event FROM audit ORDER BY id")]


def test_a_dropped_file_becomes_searchable_by_meaning(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    write(inbox, "sub/cake.txt", RECIPE)
    report = pipeline.drain()
    assert (report.files, report.states[State.INDEXED], report.complete) == (2, 2, True)
    assert top(pipeline, "who owes money for the flat") == ["lease.txt"]
    assert top(pipeline, "dessert") == ["cake.txt"]


def test_originals_stay_as_they_are(pipeline: Pipeline, inbox: Path) -> None:
    file = write(inbox, "lease.txt", LEASE)
    before = file.stat()
    pipeline.drain()
    after = file.stat()
    assert file.read_text(encoding="utf-8") == LEASE
    assert (before.st_mtime_ns, before.st_ino, before.st_mode) == (after.st_mtime_ns, after.st_ino, after.st_mode)


def test_two_copies_are_one_document_with_two_paths(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "a.txt", LEASE)
    write(inbox, "b.txt", LEASE)
    pipeline.drain()
    (row,) = pipeline.documents()
    assert [path.name for path in row.paths] == ["a.txt", "b.txt"]
    assert pipeline.totals()["vectors"] == 1


def test_a_rename_moves_the_path_and_embeds_nothing(pipeline: Pipeline, inbox: Path) -> None:
    file = write(inbox, "old.txt", LEASE)
    pipeline.drain()
    ids = pipeline.vector_ids()
    file.rename(inbox / "new.txt")
    pipeline.drain()
    assert names(pipeline) == {"new.txt": State.INDEXED}
    assert pipeline.vector_ids() == ids
    assert audited(pipeline) == ["ingested"]


def test_a_renamed_folder_moves_all_its_paths(pipeline: Pipeline, inbox: Path) -> None:
    for number in range(5):
        write(inbox, f"old/{number}.txt", f"{LEASE} {number}")
    pipeline.drain()
    ids = pipeline.vector_ids()
    (inbox / "old").rename(inbox / "new")
    pipeline.drain()
    assert {path.parent.name for row in pipeline.documents() for path in row.paths} == {"new"}
    assert pipeline.vector_ids() == ids


def test_a_changed_file_replaces_its_old_version(pipeline: Pipeline, inbox: Path) -> None:
    file = write(inbox, "a.txt", LEASE)
    pipeline.drain()
    file.write_text(RECIPE, encoding="utf-8")
    pipeline.drain()
    assert pipeline.totals() == {"documents": 1, "pages": 1, "chunks": 1, "vectors": 1}
    assert pipeline.search("landlord", mode="keyword") == ()
    assert top(pipeline, "dessert") == ["a.txt"]
    assert consistent(pipeline)


def test_a_deleted_file_leaves_the_index(pipeline: Pipeline, inbox: Path) -> None:
    file = write(inbox, "a.txt", LEASE)
    write(inbox, "b.txt", RECIPE)
    pipeline.drain()
    file.unlink()
    events: list[FileOutcome | FileGone] = []
    pipeline.drain(events.append)
    assert names(pipeline) == {"b.txt": State.INDEXED}
    assert events == [FileGone(file)]
    assert consistent(pipeline)


def test_a_deleted_file_stays_searchable_when_configured(configure: Configure, inbox: Path) -> None:
    with Pipeline.open(configure(on_delete="keep")) as pipeline:
        file = write(inbox, "a.txt", LEASE)
        pipeline.drain()
        file.unlink()
        pipeline.drain()
        assert top(pipeline, "rent") == ["a.txt"]


def test_a_file_that_leaves_unread_does_not_hold_up_a_run_that_keeps_documents(
    configure: Configure, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.isolation import beneath

    file, open_file = write(inbox, "a.txt", LEASE), beneath.open_file

    def too_late(root: bytes, below: bytes) -> int:
        file.unlink(missing_ok=True)
        return open_file(root, below)

    monkeypatch.setattr(beneath, "open_file", too_late)
    with Pipeline.open(configure(on_delete="keep")) as pipeline:
        rescue = threading.Timer(20.0, pipeline.stop)
        rescue.start()
        assert pipeline.drain().files == 0
        rescue.cancel()


def test_a_missing_inbox_is_not_taken_for_an_emptied_one(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "a.txt", LEASE)
    pipeline.drain()
    inbox.rename(inbox.with_name("unmounted"))
    with pytest.raises(UsageError, match="inbox_missing"):
        pipeline.drain()
    assert not inbox.exists()
    assert names(pipeline) == {"a.txt": State.INDEXED}


def test_an_inbox_that_goes_away_while_it_is_watched_is_waited_for(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "a.txt", LEASE)
    pipeline.drain()
    with watching(pipeline) as seen:
        inbox.rename(inbox.with_name("unmounted"))
        time.sleep(1.0)
        inbox.with_name("unmounted").rename(inbox)
        write(inbox, "b.txt", RECIPE)
        assert eventually(lambda: set(names(pipeline)) == {"a.txt", "b.txt"})
    assert [event.path.name for event in seen] == ["b.txt"]


def test_every_kind_of_trouble_ends_in_its_state_and_blocks_nothing(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "good.txt", LEASE)
    write(inbox, "empty.txt", "")
    write(inbox, "broken.pdf", "%PDF-1.7\nnot much of a PDF")
    (inbox / "random.bin").write_bytes(bytes(range(256)) * 40)
    (inbox / "archive.rar").write_bytes(b"Rar!\x1a\x07\x01" + b"\x00" * 100)
    with (inbox / "giant.txt").open("wb") as giant:
        giant.truncate(300 << 20)
    report = pipeline.drain()
    found = {one.path.name: one.code for one in report.incomplete}
    assert found == {
        "empty.txt": Code.EMPTY_FILE,
        "broken.pdf": Code.STRUCTURE_DAMAGED,
        "random.bin": Code.BINARY_CONTENT,
        "archive.rar": Code.FORMAT_NOT_READ,
        "giant.txt": Code.FILE_TOO_LARGE,
    }
    assert sum(report.states.values()) == report.files == 6
    assert names(pipeline)["good.txt"] is State.INDEXED


def test_stopping_and_starting_catches_up_with_all_that_happened(configure: Configure, inbox: Path) -> None:
    kept, moved, gone, changed = (write(inbox, f"{name}.txt", f"{LEASE} {name}") for name in ("k", "m", "g", "c"))
    with Pipeline.open(configure()) as first:
        first.drain()
    moved.rename(inbox / "moved.txt")
    gone.unlink()
    changed.write_text(RECIPE, encoding="utf-8")
    write(inbox, "new.txt", "Minutes of the annual meeting.")
    with Pipeline.open(configure()) as second:
        second.drain()
        assert set(names(second)) == {kept.name, "moved.txt", "c.txt", "new.txt"}
        assert audited(second).count("ingested") == 4 + 2
        assert consistent(second)


@contextmanager
def watching(pipeline: Pipeline) -> Iterator[list[FileOutcome | FileGone]]:
    """Run the watcher in a thread while the body changes files."""
    ready = threading.Event()
    seen: list[FileOutcome | FileGone] = []
    thread = threading.Thread(target=pipeline.watch, args=(lambda _events: ready.set(), seen.append))
    thread.start()
    assert ready.wait(30)
    try:
        yield seen
    finally:
        pipeline.stop()
        thread.join(30)
    assert not thread.is_alive()


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_the_watcher_follows_drops_renames_and_deletions(pipeline: Pipeline, inbox: Path) -> None:
    with watching(pipeline) as seen:
        file = write(inbox, "a.txt", LEASE)
        assert eventually(lambda: names(pipeline) == {"a.txt": State.INDEXED})
        file.rename(inbox / "b.txt")
        assert eventually(lambda: names(pipeline) == {"b.txt": State.INDEXED})
        (inbox / "b.txt").unlink()
        assert eventually(lambda: names(pipeline) == {})
    assert sum(isinstance(event, FileOutcome) and not event.known for event in seen) == 1


def test_a_file_dropped_right_behind_a_scan_does_not_wait_for_the_next_tick(
    configure: Configure, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.runner._IDLE_TICK_S", 600.0)
    monkeypatch.setattr("pipeline.runner._MIN_SCAN_GAP_S", 2.0)  # the drop surely falls into the gap
    with Pipeline.open(configure(rescan_s=600)) as pipeline, watching(pipeline):
        time.sleep(0.3)  # the first scan is over
        write(inbox, "a.txt", LEASE)
        assert eventually(lambda: names(pipeline) == {"a.txt": State.INDEXED})


def test_without_events_the_periodic_scan_sees_everything(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.inbox.watcher.Watcher.start", lambda _self: False)
    with watching(pipeline):
        write(inbox, "a.txt", LEASE)
        assert eventually(lambda: names(pipeline) == {"a.txt": State.INDEXED})


def test_a_file_still_being_written_is_taken_once_and_whole(configure: Configure, inbox: Path) -> None:
    with Pipeline.open(configure(settle_s=0.6)) as pipeline, watching(pipeline) as seen:
        with (inbox / "slow.txt").open("w", encoding="utf-8") as slow:
            for _ in range(12):
                slow.write(LEASE + "\n")
                slow.flush()
                time.sleep(0.1)
            assert seen == []
        assert eventually(lambda: len(seen) == 1)
        (text,) = every_page(pipeline.database)
        assert text.count("tenant") == 12


def test_a_fault_of_ours_is_tried_again_and_costs_only_that_file(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline import runner
    from pipeline.ingest import handle

    tries: list[bytes] = []

    def faulty(job: Job, tools: Tools) -> FileOutcome | None:
        if job.path.endswith(b"poison.txt"):
            tries.append(job.path)
            raise ZeroDivisionError
        return handle(job, tools)

    monkeypatch.setattr(runner, "handle", faulty)
    write(inbox, "a poison.txt", LEASE)
    write(inbox, "b.txt", RECIPE)
    report = pipeline.drain()
    assert len(tries) == pipeline.config.jobs.max_attempts
    assert [(one.path.name, one.code) for one in report.incomplete] == [("a poison.txt", Code.INTERNAL)]
    assert names(pipeline)["b.txt"] is State.INDEXED


def test_a_store_that_fails_ends_the_run_and_loses_no_file(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.storage.documents import Documents

    def full(*_arguments: object) -> int:
        raise StoreError("store_full", "The disk of the store is full.")

    for number in range(4):
        write(inbox, f"{number}.txt", f"{LEASE} {number}")
    with monkeypatch.context() as broken:
        broken.setattr(Documents, "put", full)
        with pytest.raises(StoreError):
            pipeline.drain()
    counts = pipeline.counts()
    assert (counts.waiting, counts.working, counts.ended) == (4, 0, {})
    assert pipeline.drain().states[State.INDEXED] == 4


def test_a_failed_file_is_tried_again_only_when_asked(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.parsing import verdict

    file = write(inbox, "a.txt", LEASE)
    with monkeypatch.context() as unlucky:
        unlucky.setattr(verdict, "of", lambda _pages, _end: Code.PARSER_TIME)
        assert pipeline.drain().states[State.FAILED] == 1
    assert pipeline.drain().states[State.FAILED] == 1
    assert pipeline.ingest(file).states[State.INDEXED] == 1


def test_ingest_takes_files_from_anywhere_and_leaves_other_scopes_alone(
    pipeline: Pipeline, inbox: Path, tmp_path: Path
) -> None:
    write(inbox, "in.txt", RECIPE)
    elsewhere = write(tmp_path / "elsewhere", "lease.txt", LEASE)
    assert pipeline.ingest(elsewhere.parent).files == 1
    assert names(pipeline) == {"lease.txt": State.INDEXED}
    pipeline.drain()
    assert names(pipeline) == {"lease.txt": State.INDEXED, "in.txt": State.INDEXED}
    elsewhere.unlink()
    pipeline.ingest(elsewhere.parent)
    assert names(pipeline) == {"in.txt": State.INDEXED}


def test_two_processes_share_one_store_without_doing_anything_twice(configure: Configure, inbox: Path) -> None:
    for number in range(20):
        write(inbox, f"{number}.txt", f"{LEASE} Flat number {number}.")
    events: list[FileOutcome | FileGone] = []
    with Pipeline.open(configure()) as one, Pipeline.open(configure()) as two:
        threads = [threading.Thread(target=each.drain, args=(events.append,)) for each in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert audited(one).count("ingested") == 20
        assert consistent(one)
        assert consistent(two)
    assert len(events) == 20


def test_changed_labels_are_applied_without_reading_anything_again(configure: Configure, inbox: Path) -> None:
    file = configure()
    write(inbox, "cake.txt", RECIPE)
    with Pipeline.open(file) as pipeline:
        pipeline.drain()
        assert pipeline.documents()[0].label != "recipe"
    kinds = (
        "[{name: recipe, description: A recipe for cooking or baking food.}, {name: letter, description: A letter.}]"
    )
    file.write_text(file.read_text(encoding="utf-8") + f"labels: {{kind: {kinds}}}\n", encoding="utf-8")
    with Pipeline.open(file) as pipeline:
        pipeline.drain()
        assert pipeline.documents()[0].label == "recipe"
        assert audited(pipeline) == ["ingested", "relabelled"]


def test_a_name_of_any_bytes_goes_all_the_way(pipeline: Pipeline, inbox: Path) -> None:
    path = os.fsencode(inbox) + b"/\xff\x1b[2J.txt"
    Path(os.fsdecode(path)).write_text(LEASE, encoding="utf-8")
    pipeline.drain()
    (hit,) = pipeline.search("rent")
    assert os.fsencode(hit.path) == path


def test_copies_processed_at_the_same_time_are_stored_once(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.processing import process

    together = threading.Barrier(2, timeout=30)

    def in_step(source: Source, tools: Tools, *, anew: bool) -> ProcessedDocument:
        together.wait()  # both copies have been found unknown
        return process(source, tools, anew=anew)

    monkeypatch.setattr("pipeline.ingest.process", in_step)
    write(inbox, "a.txt", LEASE)
    write(inbox, "b.txt", LEASE)
    pipeline.drain()
    assert audited(pipeline) == ["ingested"]
    assert names(pipeline) == {"a.txt": State.INDEXED, "b.txt": State.INDEXED}
