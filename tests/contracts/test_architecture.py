"""The import contracts catch what they promise: each is broken on purpose in a copy, and exactly it must say so."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.parsing.formats import FORMATS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pipeline"
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}

DOWN = "Imports point down"
SANDBOX = "Untrusted bytes are parsed only in the sandbox child"
CHILD = "The sandbox child cannot reach stored data"
NETWORK = "Nothing speaks to a network"
TRAINING = "No training framework at run time; model building stays in its room"
INTERFACES = "Interfaces do not know each other"
COMMANDS = "Commands do not know each other"
MODEL_COMMANDS = "Commands about models do not know each other"
LABEL_COMMANDS = "Commands about labels do not know each other"

# Values and codes that everything shares; they import nothing, so there is no chain through them to a reader.
LEAVES = {"config", "datatypes", "outcomes", "errors", "kinds", "personal", "reports", "stopping"}


@dataclass(frozen=True, slots=True)
class Violation:
    """Code added to the end of a module of the copy (made if missing), and the one contract that it breaks."""

    contract: str
    module: str
    code: str


VIOLATIONS = (
    Violation(DOWN, "config/sections.py", "from pipeline.inbox import scanner"),
    Violation(DOWN, "storage/jobs.py", "from pipeline import chunking"),
    Violation(DOWN, "app.py", "from pipeline.service import client"),
    Violation(DOWN, "chunking.py", "from pipeline.inbox import stability"),  # side by side, and unknown to each other
    Violation(DOWN, "telepathy.py", '"""A module in no layer."""'),
    Violation(SANDBOX, "runner.py", "import pypdf"),
    Violation(SANDBOX, "inbox/claim.py", "import selectolax"),  # reached from above by a chain
    Violation(SANDBOX, "ingest.py", "from pipeline.parsing.readers import markdown"),
    Violation(SANDBOX, "parsing/sandbox.py", "def read() -> None:\n    from pipeline.parsing.readers import pdf"),
    Violation(CHILD, "parsing/worker.py", "from pipeline.storage import database"),
    Violation(CHILD, "parsing/protocol.py", "import sqlite3"),
    Violation(NETWORK, "search/snippets.py", "import socket"),
    Violation(NETWORK, "service/server.py", "import socket"),
    Violation(NETWORK, "registry/weights.py", "import urllib.request"),
    Violation(NETWORK, "parsing/readers/html.py", "def fetch() -> None:\n    from http import client"),
    Violation(TRAINING, "registry/runtime.py", "import torch"),
    Violation(TRAINING, "registry/manifest.py", "import onnx"),
    Violation(INTERFACES, "interfaces/web.py", "from pipeline.interfaces.cli import output"),
    Violation(COMMANDS, "interfaces/cli/status.py", "from pipeline.interfaces.cli import documents"),
    Violation(COMMANDS, "interfaces/cli/new.py", "from pipeline.interfaces.cli import search"),
    Violation(MODEL_COMMANDS, "interfaces/cli/models/verify.py", "from pipeline.interfaces.cli.models import build"),
    Violation(LABEL_COMMANDS, "interfaces/cli/labels/review.py", "from pipeline.interfaces.cli.labels import train"),
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder that holds this package's sources and the contracts, and nothing else."""
    shutil.copytree(PACKAGE, tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(folder: Path) -> set[str]:
    """Names of the contracts that the linter finds broken in the package below a folder; the others are kept."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    ran = subprocess.run(
        [*command, "--config", str(folder / "pyproject.toml")],
        cwd=folder, env={"PYTHONPATH": str(folder), "COLUMNS": "200"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)(?: \(.*\))?$", ran.stdout, re.MULTILINE))
    assert set(verdicts) == set(CONTRACTS), ran.stdout + ran.stderr
    broken = {name for name, verdict in verdicts.items() if verdict == "BROKEN"}
    assert ran.returncode == (1 if broken else 0)
    return broken


def test_the_package_as_it_is_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == set()


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda one: f"{one.module}: {one.code.splitlines()[-1].strip()}")
def test_a_planted_import_breaks_exactly_the_contract_it_violates(copy: Path, violation: Violation) -> None:
    with (copy / "pipeline" / violation.module).open("a", encoding="utf-8") as module:
        module.write(f"\n{violation.code}\n")
    assert broken_contracts(copy) == {violation.contract}


def test_every_contract_is_tried() -> None:
    assert {violation.contract for violation in VIOLATIONS} == set(CONTRACTS)


def test_every_reader_of_a_format_is_kept_out_of_the_coordinator() -> None:
    readers = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if defines_read(path)}
    assert "parsing/readers/pdf.py" in readers
    assert {name for name in readers if not name.startswith("parsing/readers/")} == {"parsing/worker.py"}
    assert {"pipeline.parsing.readers", "pipeline.parsing.worker"} <= set(CONTRACTS[SANDBOX]["forbidden_modules"])


def test_every_layer_but_the_readers_own_is_kept_from_reading() -> None:
    layers = {name.strip() for layer in CONTRACTS[DOWN]["layers"] for name in layer.split("|")}
    assert {f"pipeline.{name}" for name in layers - LEAVES - {"parsing"}} <= set(CONTRACTS[SANDBOX]["source_modules"])


def defines_read(path: Path) -> bool:
    """Whether a module has the function that makes it a reader of a format: of a file, as a request asks."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == "read"]
    return any([argument.arg for argument in one.args.args] == ["file", "request"] for one in functions)


# Imports by a computed name, which no contract sees: where they stand, and what is imported there.
COMPUTED = {
    ("__init__.py", "_HOMES[name]"),
    ("interfaces/cli/lazy.py", "f'{self._package}.{_MODULES.get(cmd_name, cmd_name)}'"),
    ("parsing/detection.py", "f'pipeline.parsing.readers.{FORMATS[name].reader}'"),
}
IMPORTING = {"import_module", "__import__", "spec_from_file_location", "run_module", "run_path", "load_module"}


def test_computed_imports_stay_in_a_short_list() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), ast.unparse(call.args[0]) if call.args else "")
        for path in PACKAGE.rglob("*.py")
        for call in calls(path, IMPORTING)
    }
    assert found == COMPUTED


def test_computed_imports_reach_only_this_package() -> None:
    assert all(name.startswith("pipeline.") for name in names_of_homes())
    assert packages_of_lazy_groups() == {
        "pipeline.interfaces.cli", "pipeline.interfaces.cli.labels", "pipeline.interfaces.cli.models",
    }  # fmt: skip


def test_every_format_has_its_reader_and_every_reader_a_format() -> None:
    readers = {path.stem for path in (PACKAGE / "parsing" / "readers").glob("*.py") if defines_read(path)}
    assert {one.reader for one in FORMATS.values()} == readers


def calls(path: Path, names: set[str]) -> list[ast.Call]:
    """Calls of functions of these names in a module, however they are imported."""
    every = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [node for node in every if called(node.func) in names]


def called(function: ast.expr) -> str:
    """The last part of what is called: `b` of `a.b(...)` and of `b(...)`."""
    return ast.unparse(function).rpartition(".")[2]


def names_of_homes() -> set[str]:
    """The values of pipeline._HOMES."""
    for node in ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOMES":
            return set(ast.literal_eval(node.value).values())
    raise AssertionError("there is no _HOMES")


def packages_of_lazy_groups() -> set[str]:
    """The package below which each LazyGroup finds its commands: a constant, or the module's own name."""
    found = set()
    for path in (PACKAGE / "interfaces").rglob("*.py"):
        for call in calls(path, {"group"}):
            package = {word.arg: word.value for word in call.keywords}["package"]
            own_name = ast.unparse(package) == "__name__" and path.name == "__init__.py"
            found.add(module_name(path.parent) if own_name else str(ast.literal_eval(package)))
    return found


def module_name(folder: Path) -> str:
    """The dotted name of a package's folder."""
    return ".".join(folder.relative_to(ROOT).parts)
