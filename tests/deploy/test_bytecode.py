"""`make` compiles the program at set-up, since it may not do so itself later: once, and again after a change."""

import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAMP = ".venv/.bytecode"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile with a package of one module, in an environment that counts as set up."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pipeline", "requirements", ".venv/bin"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("requirements/runtime.txt", "requirements/build.txt", "pyproject.toml", "pipeline/module.py"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000_000_000, 1_000_000_000))
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / ".runtime").touch()
    return tmp_path


def make(folder: Path, *arguments: str) -> int:
    return subprocess.run(["make", "-s", *arguments, STAMP], cwd=folder, check=False, timeout=60).returncode


def test_a_source_is_compiled_once_and_again_when_it_changed(project: Path) -> None:
    source = project / "pipeline" / "module.py"
    assert make(project) == 0
    compiled = Path(cache_from_source(str(source)))
    first = compiled.read_bytes()
    assert make(project, "--question") == 0  # nothing left to do
    source.write_text("ANSWER = 42\n", encoding="utf-8")
    later = (project / STAMP).stat().st_mtime + 10
    os.utime(source, (later, later))
    assert make(project, "--question") == 1
    assert make(project) == 0
    assert compiled.read_bytes() != first


def test_every_command_that_runs_the_program_compiles_it_first() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nsetup: $(MODEL) $(NAMES) $(VENV)/.bytecode\n" in text
    for target in ("run", "search", "demo", "test", "check", "bench"):
        assert f"\n{target}: setup" in text, target
