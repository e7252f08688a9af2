"""One process of the isolation benchmark: `python -m benchmarks.isolation_process VARIANT CONFIG`; prints JSON.

Variants: `locked` is the product; `unlocked` lacks the lock of service and parser; `one-process` reads documents in
threads of the service, without lock and without a parser process. `lock` measures nothing but taking the lock.
"""

import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

from pipeline import config as configuration
from pipeline.config import Config
from pipeline.isolation import sealing

VARIANTS = ("locked", "unlocked", "one-process")


class _Thread:
    """A `parser` that is only a thread of this process."""

    def __init__(self, document: int, request: object) -> None:
        from pipeline.parsing.protocol import Request

        assert isinstance(request, Request)
        read_end, write_end = os.pipe()
        self.answer: BinaryIO = os.fdopen(read_end, "rb")
        copy = os.dup(document)
        threading.Thread(target=self._read, args=(copy, write_end, request), daemon=True).start()

    @staticmethod
    def _read(document: int, write_end: int, request: object) -> None:
        from pipeline.parsing import worker
        from pipeline.parsing.protocol import Request, write_frame

        assert isinstance(request, Request)
        with os.fdopen(document, "rb") as file, os.fdopen(write_end, "wb") as stream:
            file.seek(0)
            for frame in worker.read(file, request):
                write_frame(stream, frame)

    def kill(self) -> None:
        """A thread cannot be ended: one of the reasons why the product uses processes."""


class _Threads:
    def start(self, document: int, request: object) -> _Thread:
        return _Thread(document, request)

    def close(self) -> None:
        """Nothing to end."""


def _ingest(config: Config, variant: str) -> dict[str, float]:
    """Seconds and processor seconds of one whole ingest, model loaded before, parser started within."""
    if variant == "locked":
        sealing.seal(config)
    from pipeline.app import Pipeline
    from pipeline.parsing import detection, zygote

    if variant == "unlocked":
        unlocked = zygote.Worker("benchmarks.unlocked_worker")
        zygote.launcher = lambda *_: zygote.Zygote(worker=unlocked)
    elif variant == "one-process":
        detection.warm_up()
        zygote.launcher = lambda *_: _Threads()
    with Pipeline(config) as pipeline:
        pipeline.embed(["warm"])
        started, cpu = time.perf_counter(), _cpu_s()
        report = pipeline.ingest(config.inbox_path)
        return {"seconds": time.perf_counter() - started, "cpu_s": _cpu_s() - cpu, "files": report.files}


def _lock(config: Config) -> dict[str, float]:
    started = time.perf_counter()
    sealing.take_lock(config)
    taken = time.perf_counter()
    return {"lock_ms": (taken - started) * 1e3}


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(variant: str, config_file: str) -> None:
    config = configuration.load(Path(config_file))
    config.store_path.mkdir(parents=True, exist_ok=True)
    print(json.dumps(_lock(config) if variant == "lock" else _ingest(config, variant)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
