"""The process in which one model is loaded, makes one vector, and says what that cost: `python -m …trial FOLDER`.

Prints one line of JSON; knows nothing but the folder of the model.
"""

import json
import os
import sys
import time
from pathlib import Path

TEXT = "How long is the notice period?"


def main(folder: Path) -> None:
    """Load the model with one thread, embed a short text, print {"load_ms", "resident_bytes"}."""
    from pipeline.registry.runtime import Embedder  # noqa: PLC0415 - its import is part of the start, not of loading

    started = time.perf_counter()
    embedder = Embedder(folder, threads=1)
    load_ms = (time.perf_counter() - started) * 1000
    embedder.encode([TEXT])
    print(json.dumps({"load_ms": load_ms, "resident_bytes": peak_resident_bytes()}), flush=True)


def peak_resident_bytes() -> int:
    """The most memory that this process held at once; 0 where that cannot be known.

    On Linux not from getrusage, whose figure a process inherits from the larger one that forked it (getrusage(2)).
    """
    if sys.platform.startswith("linux"):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - exists on POSIX only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes on macOS, KiB elsewhere


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # the clock of the parent runs until this process ends: nothing is left to tidy up
