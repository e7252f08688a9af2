"""What every benchmark shares: which documents, on which machine, how figures are kept. Measures nothing."""

import argparse
import dataclasses
import importlib.metadata
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
CONTRACTS = SHARED / "files" / "contracts_with_text"
GOOD_PDFS = SHARED / "files" / "pdf_good"
SAMPLES = ROOT / "tests" / "samples"
RESULTS = ROOT / "benchmarks" / "results"

_PACKAGES = ("onnxruntime", "tokenizers", "faiss-cpu", "pypdf", "numpy")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where, when and with what a figure was measured. Loads are the system's means over one minute."""

    date: str
    cpu: str
    cores: int
    memory_gb: float
    system: str
    python: str
    packages: dict[str, str]
    load_before: float
    load_after: float = 0.0

    @classmethod
    def now(cls) -> "Conditions":
        """The conditions as a measurement starts."""
        return cls(
            date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            cpu=_cpu(),
            cores=len(os.sched_getaffinity(0)),
            memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            packages={name: importlib.metadata.version(name) for name in _PACKAGES},
            load_before=load(),
        )

    def ended(self) -> "Conditions":
        """The same, with the load as the measurement ends."""
        return dataclasses.replace(self, load_after=load())


def load() -> float:
    """How many processes wanted a core, on average over the last minute."""
    return round(os.getloadavg()[0], 2)


def pdfs(folders: Sequence[Path]) -> list[Path]:
    """The PDFs of these folders; of the shared ones, or else of the project's samples, when none is named."""
    chosen = list(folders) or [folder for folder in (CONTRACTS, GOOD_PDFS) if folder.is_dir()] or [SAMPLES]
    found = sorted(path for folder in chosen for path in folder.rglob("*.pdf"))
    if not found:
        sys.exit(f"No PDF in {', '.join(str(folder) for folder in chosen)}: name folders with --documents.")
    return found


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which this many percent lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def tell(message: str) -> None:
    """Progress, for people."""
    print(message, file=sys.stderr, flush=True)


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--documents", type=Path, nargs="+", default=[], metavar="DIR", help="folders with PDFs")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    return made


def write(result: object, file: Path | None) -> None:
    """The result as JSON, on standard output or, when a file is named, in it."""
    content = msgspec.json.format(msgspec.json.encode(result), indent=2)
    if file is None:
        sys.stdout.write(content.decode() + "\n")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content + b"\n")


def read(file: Path, kind: type[Result]) -> Result | None:
    """An earlier result; None when there is none of this form."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.ValidationError):
        return None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    known = [fields.get("model name", platform.processor())]
    known += [f"{name} {fields[key]}" for name, key in (("family", "cpu family"), ("model", "model")) if key in fields]
    return ", ".join(known)
