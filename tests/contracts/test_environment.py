"""What the runtime does without: training frameworks, HTTP clients, installers; and what a command does not import."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ABSENT = (
    "torch", "transformers", "sentence_transformers", "requests", "httpx", "httpx2", "httpcore", "urllib3",
    "aiohttp", "huggingface_hub", "pip",
)  # fmt: skip


@pytest.mark.parametrize("package", ABSENT)
def test_the_environment_does_not_contain(package: str) -> None:
    assert importlib.util.find_spec(package) is None


def test_the_runtime_lock_names_none_of_them() -> None:
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    locked = {name.lower().replace("-", "_") for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}
    assert not locked & set(ABSENT)
    assert "onnxruntime" in locked


def modules_after(statement: str) -> set[str]:
    """Top-level modules that a fresh Python has imported after a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_help_imports_no_heavy_library() -> None:
    loaded = modules_after("from pipeline.interfaces.cli.main import run; run(['--help'])")
    assert "click" in loaded
    assert not loaded & {"faiss", "onnxruntime", "numpy", "tokenizers", "pypdf", "sqlite_utils", "watchdog", "ruamel"}


def test_the_parser_child_imports_neither_store_nor_model() -> None:
    loaded = modules_after("import pipeline.parsing.worker as w; w.detection.warm_up()")
    assert "pypdf" in loaded
    assert not loaded & {"faiss", "onnxruntime", "sqlite3", "sqlite_utils", "tokenizers", "watchdog", "click"}


def test_the_coordinator_imports_no_parser_library() -> None:
    statement = (
        "import pipeline.app, pipeline.ingest, pipeline.runner, pipeline.search.searcher, pipeline.parsing.sandbox, "
        "pipeline.parsing.zygote, pipeline.registry.runtime, pipeline.insight.relabel"
    )
    loaded = modules_after(statement)
    assert "tokenizers" in loaded
    assert not loaded & {
        "pypdf",
        "selectolax",
        "lxml",
        "PIL",
        "pypdfium2",
        "torch",
        "transformers",
        "sentence_transformers",
    }
