"""Every command and example of README.md is executed here, so that it stays true."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config import load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)
PIPELINE_COMMANDS = [command for command in COMMANDS if command.startswith("pipeline ")]
MAKE_COMMANDS = ["make run", 'make search Q="termination for convenience"', "make test", "make demo", "make clean"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and the samples as `letters/` and in the inbox; all indexed."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "config.yaml").write_text("inbox: {path: inbox, settle_s: 0}\nstore: {path: store}\n", encoding="utf-8")
    samples = ROOT / "tests" / "samples"
    ignore = shutil.ignore_patterns("README.md", "*.yaml")
    shutil.copytree(samples, folder / "inbox", ignore=ignore)
    shutil.copytree(samples, folder / "letters", ignore=ignore)
    shell("pipeline watch --once", folder)
    return folder


def shell(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path} | variables
    return subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_no_command_is_left_out() -> None:
    assert set(COMMANDS) == {*PIPELINE_COMMANDS, *MAKE_COMMANDS, "rm -rf store"}


@pytest.mark.parametrize("command", dict.fromkeys(PIPELINE_COMMANDS))
def test_the_command_works(command: str, home: Path) -> None:
    ended = shell(command, home)
    assert (ended.returncode, ended.stderr.count("Traceback")) == (0, 0), ended.stderr
    assert ended.stdout or "documents" in ended.stderr or "No file" in ended.stderr


def test_make_search_answers(home: Path) -> None:
    ended = shell(MAKE_COMMANDS[1], ROOT, CONFIG=str(home / "config.yaml"))
    assert ended.returncode == 0, ended.stderr
    assert "contract-building-services.pdf, page" in ended.stdout


def test_make_run_watches_until_ctrl_c(home: Path) -> None:
    environment = os.environ | {"CONFIG": str(home / "config.yaml")}
    with subprocess.Popen(
        ["make", "run"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stderr is not None
        assert any(line.startswith("Watching ") for line in running.stderr)
        os.killpg(running.pid, signal.SIGINT)
        assert "Stopped." in running.stderr.read()


def without_figures(line: str) -> str:
    """A cosine may differ in its last digit from one kind of processor to another."""
    return re.sub(r"cosine \d\.\d\d", "cosine", line)


def test_make_demo_ends_well_and_the_excerpt_is_what_it_prints() -> None:
    ended = shell("make demo", ROOT, COLUMNS="100")  # passages are wrapped to the terminal, which may be narrower
    assert ended.returncode == 0, ended.stderr
    excerpt = README.split("$ make demo\n")[1].split("```")[0]
    printed = [without_figures(line) for line in ended.stdout.splitlines()]
    for line in excerpt.splitlines():
        assert line == "…" or without_figures(line) in printed


def test_make_test_is_what_ci_runs_and_make_clean_keeps_documents_and_store() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    removal = shell("make -n clean", ROOT).stdout
    assert ".venv" in removal
    assert not re.search(r"\b(inbox|store|config\.yaml)\b", removal)


def test_the_python_example_runs(home: Path) -> None:
    example = README.split("```python\n")[1].split("```")[0]
    ended = subprocess.run([sys.executable, "-c", example], cwd=home, capture_output=True, text=True, check=True)
    lines = ended.stdout.splitlines()
    assert re.fullmatch(r"\d+ files, 0 not fully examined", lines[0])
    assert len(lines) == 1 + 3


def test_the_configuration_example_is_valid(tmp_path: Path) -> None:
    example = README.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "config.yaml").write_text(example, encoding="utf-8")
    assert load(tmp_path / "config.yaml").inbox_path == Path.home() / "Documents" / "Inbox"
    assert example.count("\n") == 2


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()
