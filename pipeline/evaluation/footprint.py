"""What loading a model costs, each time in a fresh process that does nothing else and inherits nothing private."""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.evaluation.report import Footprint
from pipeline.isolation import environment
from pipeline.registry.catalogue import Installed

TRIALS = 3
TIMEOUT_S = 300.0  # a model of gigabytes on a slow disk is loaded within; what takes longer hangs

_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class _Trial:
    load_ms: float
    first_vector_ms: float
    resident_bytes: int


def footprint(model: Installed) -> Footprint:
    """Medians of three trials, and the size of the model's file. Raises ModelError when the model does not load."""
    trials = [_trial(model.folder) for _ in range(TRIALS)]
    return Footprint(
        file_bytes=(model.folder / model.manifest.model.path).stat().st_size,
        load_ms=statistics.median(trial.load_ms for trial in trials),
        first_vector_ms=statistics.median(trial.first_vector_ms for trial in trials),
        resident_bytes=int(statistics.median(trial.resident_bytes for trial in trials)),
    )


def _trial(folder: Path) -> _Trial:
    """One process, from its start to its answer. It dies with this call, whatever happens."""
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", "pipeline.evaluation.trial", str(folder.absolute())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment.scrubbed(os.environ) | {"PYTHONPATH": str(_PACKAGE_FOLDER)},
        cwd=Path(sys.executable).anchor,
    ) as child:
        try:
            answer, _ = child.communicate(timeout=TIMEOUT_S)
            answered_ms = (time.perf_counter() - started) * 1000
            said = json.loads(answer)
            return _Trial(float(said["load_ms"]), answered_ms, int(said["resident_bytes"]))
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            raise ModelError("model_unloadable", f"`{folder.name}` could not be loaded in a fresh process.") from None
        finally:
            child.kill()
