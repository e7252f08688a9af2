"""The house rules that a reader can run: sizes, words, settings, lock files."""

import ast
import re
from pathlib import Path

import msgspec
import pytest

from pipeline.config import Config, load
from pipeline.outcomes import Code

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
MAX_MODULE_LINES = 400


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_opens_with_a_sentence(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    assert source.count("\n") <= MAX_MODULE_LINES
    opening = ast.get_docstring(ast.parse(source)) or ""
    assert re.search(r"[.?:]$", opening.splitlines()[0] if opening else ""), "the first line is not a sentence"


def test_config_yaml_documents_every_key_with_its_default() -> None:
    written = load(ROOT / "config.yaml")
    assert msgspec.structs.replace(written, folder=Path()) == Config()
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    for section in msgspec.structs.fields(Config):
        if section.name == "folder":
            continue
        assert re.search(rf"^{section.name}:", text, re.MULTILINE)
        for key in msgspec.structs.fields(section.type):
            assert re.search(rf"^  {key.name}:.*#", text, re.MULTILINE), f"{section.name}.{key.name} has no comment"


def test_every_code_has_a_state_and_a_sentence() -> None:
    for code in Code:
        assert code.state
        assert re.fullmatch(r"[A-Z].*\.", code.sentence), code


def test_every_code_is_documented_with_its_sentence() -> None:
    text = (ROOT / "docs" / "interfaces.md").read_text(encoding="utf-8")
    for code in Code:
        assert f"| `{code.state}` | `{code}` | {code.sentence} |" in text


def test_lock_files_hold_hashes_and_no_address() -> None:
    for name in ("runtime", "build", "dev", "models", "weights"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        assert "://" not in text
        pinned = re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)
        assert pinned
        for block in re.split(r"\n(?=[a-z])", text.strip()):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_direct_dependency_has_its_sentence() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for name in ("runtime", "build", "dev", "models", "weights"):
        for line in (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                package = re.split(r"[=<>]", line)[0]
                assert f"**{package}**" in text, package
