"""The highest level that a rule gives counts, until a person decides; nothing lowers it by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import SensitivityConfig, SensitivityRule
from pipeline.datatypes import Finding
from pipeline.insight import sensitivity
from pipeline.insight.sensitivity import Assessor
from pipeline.storage import findings
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database

DEFAULT = SensitivityConfig()
OWN = SensitivityConfig(
    levels=("low", "mid", "high"),
    default="low",
    mask_from="mid",
    rules=(
        SensitivityRule(level="mid", personal=("email", "phone"), at_least=3),
        SensitivityRule(level="high", label=("payslip",), personal=("iban",)),
        SensitivityRule(level="mid", label=("payslip",)),
    ),
)


@pytest.mark.parametrize(
    ("label", "personal", "before", "level"),
    [
        (None, {}, None, "low"),
        ("payslip", {}, None, "mid"),
        ("payslip", {"iban": 1}, None, "high"),
        ("letter", {"iban": 9}, None, "low"),
        (None, {"email": 2}, None, "low"),
        (None, {"email": 2, "phone": 1}, None, "mid"),
        (None, {}, "mid", "mid"),
        (None, {}, "a level of before", "high"),
    ],
)
def test_the_rules(label: str | None, personal: dict[str, int], before: str | None, level: str) -> None:
    assert sensitivity.ruled(OWN, label, personal, before) == level


@pytest.mark.parametrize(
    ("by_rules", "chosen", "over", "level"),
    [
        ("mid", None, None, "mid"),
        ("mid", "low", "mid", "low"),
        ("high", "low", "mid", "high"),  # the rules rose since
        ("mid", "high", "low", "high"),
        ("low", "gone", "low", "high"),  # a level that the configuration no longer names
    ],
)
def test_a_person_decides_until_the_rules_rise(by_rules: str, chosen: str | None, over: str | None, level: str) -> None:
    assert sensitivity.effective(OWN, by_rules, chosen, over) == level


@given(
    st.sampled_from([None, "contract", "law"]),
    st.dictionaries(st.sampled_from(["email", "iban", "password"]), st.integers(1, 40)),
    st.dictionaries(st.sampled_from(["email", "iban", "password"]), st.integers(1, 40)),
)
def test_more_findings_never_lower_a_level(label: str | None, some: dict[str, int], others: dict[str, int]) -> None:
    rank = DEFAULT.levels.index
    more = {kind: some.get(kind, 0) + others.get(kind, 0) for kind in {*some, *others}}
    before = sensitivity.ruled(DEFAULT, label, some, None)
    assert rank(sensitivity.ruled(DEFAULT, label, more, None)) >= rank(before)
    assert sensitivity.ruled(DEFAULT, None, {}, before) == before


def test_what_is_masked_and_an_unknown_level_is() -> None:
    assert [DEFAULT.masks(level) for level in (*DEFAULT.levels, "gone", None)] == [False, False, True, True, True, True]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "store")
    opened.run("INSERT INTO documents (id, sha256, size_bytes, code, label, indexed_at) VALUES "
               "(1, 'aa', 1, 'complete', 'contract', ''), (2, 'bb', 1, 'complete', 'law', '')")  # fmt: skip
    yield opened
    opened.close()


def assessor(database: Database, config: SensitivityConfig = DEFAULT) -> Assessor:
    return Assessor(database, Audit(database, lambda: 0.0), config)


def level(database: Database, document_id: int) -> str:
    return str(database.rows("SELECT sensitivity FROM documents WHERE id = ?", (document_id,))[0][0])


def events(database: Database) -> list[tuple[str, str]]:
    return [(row["event"], row["document"]) for row in database.rows("SELECT event, document FROM audit")]


def test_levels_are_stored_and_changes_are_recorded(database: Database) -> None:
    one = assessor(database)
    assert one.assess_all() == 2
    assert one.assess_all() == 0
    assert [level(database, 1), level(database, 2)] == ["confidential", "internal"]
    assert events(database) == []
    assert one.choose(1, "public") == "public"
    assert events(database) == [("sensitivity_chosen", "aa"), ("sensitivity_ruled", "aa")]
    findings.put(database, 1, "x", [Finding("passport", 1, 0, 5, 0.9, "x")])
    assert one.assess(1) == "restricted"
    assert one.choose(1, "internal") == "internal"
    assert one.choose(1, None) == "restricted"


def test_other_rules_raise_what_is_stored_and_lower_nothing(database: Database) -> None:
    assessor(database).assess_all()
    strict = SensitivityConfig(rules=(SensitivityRule(level="restricted", label=("law",)),))
    assert assessor(database, strict).assess_all() == 2
    assert [level(database, 1), level(database, 2)] == ["confidential", "restricted"]
