"""The claim loop: scan, queue, process, until drained (once) or until stopped (watch). The only place that waits.

One thread scans, claims and reports; a pool of workers processes. Whatever a document does, the loop goes on; when
the store or the parser cannot be used at all, the run ends with that error and every file in hand is put back.
"""

import contextlib
import logging
import os
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from pipeline.config import Config
from pipeline.datatypes import FileSeen, Job
from pipeline.errors import PipelineError, Stopped, UsageError
from pipeline.inbox.reconcile import compare, departed
from pipeline.inbox.scanner import Scan, scan
from pipeline.inbox.stability import Stability
from pipeline.inbox.watcher import Watcher
from pipeline.ingest import handle, refuse
from pipeline.isolation import process
from pipeline.outcomes import Code
from pipeline.registry.runtime import available_cores
from pipeline.reports import FileGone, FileOutcome
from pipeline.tools import Tools

Report = Callable[[FileOutcome | FileGone], None]

_TICK_S = 0.5  # the longest the loop sleeps while work is open
_IDLE_TICK_S = 5.0  # the longest it sleeps when nothing is open: heartbeats and due jobs are looked at
_SCAN_SHARE = 5  # a scan may take at most a sixth of the time, however many events arrive
_MIN_SCAN_GAP_S = 0.2
_log = logging.getLogger("pipeline.runner")


class Runner:
    """Brings the files of some folders to their ends. One run at a time; several processes may run on one store."""

    def __init__(self, tools: Tools, config: Config, stop: threading.Event, report: Report) -> None:
        self._tools = tools
        self._config = config
        self._stop = stop
        self._report = report
        self._owner = process.own_token()
        self._stability = Stability(config.inbox.settle_s, tools.clock, time.monotonic)
        self._wake = threading.Event()
        self._changed = threading.Event()
        self._working: dict[Future[FileOutcome | None], Job] = {}
        self._last_scan = self._last_scan_s = self._last_renewal = 0.0
        self._steady = False

    def once(self, scopes: Sequence[Path]) -> None:
        """Run until every file at or below the scopes has come to its end. Raises UsageError, Stopped, StoreError."""
        for scope in scopes:
            scan(scope, self._config.inbox.ignore)  # a scope that does not exist is told before anything is done
        self._run(scopes, until=lambda: self._steady and not self._working)
        if self._stop.is_set():
            raise Stopped

    def watch(self, folder: Path, on_ready: Callable[[bool], None]) -> None:
        """Run until stopped. `on_ready` is told whether the system reports changes or only the scan sees them."""
        watcher = Watcher(folder, self._on_change)
        try:
            on_ready(watcher.start())
            self._run([folder], until=lambda: False)
        finally:
            watcher.stop()

    def wake(self) -> None:
        """Let the loop look at once whether it shall stop. Safe in a signal handler.

        A handler runs within the loop's own thread, which may hold the event's lock: another thread must set it.
        """
        threading.Thread(target=self._wake.set, daemon=True).start()

    def _on_change(self) -> None:
        self._changed.set()
        self._wake.set()

    def _run(self, scopes: Sequence[Path], until: Callable[[], bool]) -> None:
        workers = self._config.jobs.workers or available_cores() + 1  # one reads or commits while the others embed
        self._tools.jobs.release_dead(process.is_running)
        with ThreadPoolExecutor(workers, thread_name_prefix="document") as pool:
            try:
                while not self._stop.is_set():
                    if self._scan_due():
                        self._scan(scopes)
                    self._claim(pool, workers)
                    if until():
                        break
                    self._rest(workers)
                    self._collect()
                    self._renew()
            except BaseException:
                self._stop.set()  # the other workers give up what they have in hand
                raise
            finally:
                self._put_back()
        self._tools.save()

    def _scan_due(self) -> bool:
        since = time.monotonic() - self._last_scan
        if not self._last_scan or since >= self._config.inbox.rescan_s:
            return True
        if since < max(_MIN_SCAN_GAP_S, _SCAN_SHARE * self._last_scan_s):
            return False
        unsettled = self._stability.waiting and since >= min(1.0, self._config.inbox.settle_s / 4)
        return self._changed.is_set() or unsettled or not (self._steady or self._open())

    def _open(self) -> bool:
        return bool(self._working) or self._tools.jobs.next_due_s() is not None

    def _scan(self, scopes: Sequence[Path]) -> None:
        """Look at all scopes as one, so that a file renamed from one to the other is recognised."""
        started = time.monotonic()
        self._changed.clear()
        files: dict[bytes, FileSeen] = {}
        unreadable: list[bytes] = []
        known: dict[bytes, str] = {}
        for scope in scopes:
            try:
                found = scan(scope, self._config.inbox.ignore)
            except UsageError:
                found = Scan({}, (os.fsencode(scope),))  # an unmounted or removed inbox: nothing is concluded
            files.update(found.files)
            unreadable.extend(found.unreadable)
            known.update(self._tools.jobs.known(os.fsencode(scope)))
        difference = compare(Scan(files, tuple(unreadable)), known)
        settled = self._stability.settled(difference.changed)
        if settled:
            self._tools.jobs.add(settled)
        arriving = self._tools.jobs.open_sizes() | {file.size_bytes for file in difference.changed.values()}
        left = self._forget(difference.gone, arriving)
        is_open = any(self._tools.jobs.open_below(os.fsencode(scope)) for scope in scopes)
        self._steady = not (is_open or self._stability.waiting or left)
        self._last_scan = time.monotonic()
        self._last_scan_s = self._last_scan - started

    def _forget(self, gone: tuple[bytes, ...], arriving: set[int]) -> int:
        """Forget what left for good; returns how many gone files may yet turn out to be renamed."""
        tools = self._tools
        if self._config.inbox.on_delete == "keep":
            for path in tools.jobs.waiting_among(gone):
                tools.jobs.forget(path)  # it left unread: waiting for it would never end
            return 0
        leaving = departed(gone, tools.documents.size_at, arriving)
        for path in leaving:
            with tools.database.atomic():
                tools.documents.detach(path)
                tools.jobs.forget(path)
            self._report(FileGone(Path(os.fsdecode(path))))
        if leaving:
            tools.index()
        return len(gone) - len(leaving)

    def _claim(self, pool: ThreadPoolExecutor, workers: int) -> None:
        while len(self._working) < workers and not self._stop.is_set():
            job = self._tools.jobs.claim(self._owner, self._config.jobs.lease_s)
            if job is None:
                return
            self._working[pool.submit(self._work, job)] = job

    def _work(self, job: Job) -> FileOutcome | None:
        """One job, in a worker thread. What the file cannot help is raised; everything else is the file's outcome."""
        try:
            if job.attempt > self._config.jobs.max_attempts:
                return refuse(job, Code.GAVE_UP, self._tools)
            return handle(job, self._tools)
        except PipelineError:
            with contextlib.suppress(PipelineError):
                self._tools.jobs.release(job, delay_s=0.0, blameless=True)
            raise
        except Exception as error:  # a fault of ours must cost one file, not the run
            return self._fault(job, error)
        finally:
            self._wake.set()

    def _fault(self, job: Job, error: Exception) -> FileOutcome | None:
        place = traceback.extract_tb(error.__traceback__)[-1]
        _log.error("internal fault %s at %s:%s", type(error).__name__, Path(place.filename).name, place.lineno)
        if job.attempt >= self._config.jobs.max_attempts:
            return refuse(job, Code.INTERNAL, self._tools)
        delay_s = self._config.jobs.backoff_s * 2 ** (job.attempt - 1)
        self._tools.jobs.release(job, delay_s, blameless=False)
        return None

    def _rest(self, workers: int) -> None:
        """Sleep until a worker ends, an event arrives, or something is due."""
        if self._working and len(self._working) >= workers:
            wait(self._working, _TICK_S, FIRST_COMPLETED)
            return
        due_s = self._tools.jobs.next_due_s()
        if not self._working and due_s is None and self._steady:
            self._tools.save()
            # A change reported too soon after the last scan is still to be looked at: not after the idle tick.
            timeout_s = _MIN_SCAN_GAP_S if self._changed.is_set() else min(_IDLE_TICK_S, self._config.inbox.rescan_s)
        else:
            timeout_s = min(_TICK_S, self._config.inbox.settle_s / 4 or _TICK_S, due_s or _TICK_S)
        self._wake.wait(max(0.01, timeout_s))
        self._wake.clear()

    def _collect(self) -> None:
        for future in [future for future in self._working if future.done()]:
            del self._working[future]
            with contextlib.suppress(Stopped):  # its file was put back; the loop ends by itself
                outcome = future.result()
                if outcome is not None:
                    self._report(outcome)
            if not self._working:
                self._steady = False  # look again: something may have come or gone meanwhile

    def _renew(self) -> None:
        now = time.monotonic()
        if self._working and now - self._last_renewal > self._config.jobs.lease_s / 4:
            self._last_renewal = now
            self._tools.jobs.renew(self._owner, self._config.jobs.lease_s)

    def _put_back(self) -> None:
        """Let workers end what they have in hand, quickly when asked to stop; what they give up is queued again."""
        for future in list(self._working):
            with contextlib.suppress(PipelineError):
                outcome = future.result()
                if outcome is not None:
                    self._report(outcome)
        self._working.clear()
