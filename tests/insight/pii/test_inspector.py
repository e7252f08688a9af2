"""What the configuration says about personal data: kinds, patterns of one's own, and values that are none."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.config import PersonalDataConfig, PersonalPattern, load
from pipeline.datatypes import PageText
from pipeline.errors import ConfigError
from pipeline.insight.pii.inspector import Inspector
from pipeline.personal import PersonalKind

TEXT = "Write to office@firm.example or anna@home.example, IBAN DE89 3704 0044 0532 0130 00, matter ABC-1234."


def kinds(config: PersonalDataConfig, text: str = TEXT) -> list[tuple[str, str]]:
    found = Inspector(config).inspect([PageText(1, text)]).findings
    return [(one.kind, text[one.start : one.end]) for one in found]


def test_all_kinds_are_looked_for_unless_some_are_named() -> None:
    everything = [
        ("email", "office@firm.example"),
        ("email", "anna@home.example"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
    ]
    assert kinds(PersonalDataConfig()) == everything
    assert kinds(PersonalDataConfig(kinds=(PersonalKind.IBAN,))) == everything[2:]
    assert kinds(PersonalDataConfig(kinds=())) == []


def test_what_is_allowed_is_no_finding_however_it_is_spaced() -> None:
    allow = ("OFFICE@firm.example", "DE89370400440532013000")
    assert kinds(PersonalDataConfig(allow=allow)) == [("email", "anna@home.example")]


def test_a_pattern_of_ones_own_may_ask_for_words_of_context() -> None:
    alone = PersonalPattern(name="matter-number", pattern=r"[A-Z]{3}-\d{4}")
    config = PersonalDataConfig(kinds=(), patterns=(alone,))
    assert kinds(config) == [("matter-number", "ABC-1234")]
    with_context = PersonalDataConfig(kinds=(), patterns=(replace(alone, context=("matter", "file (old)")),))
    assert kinds(with_context) == [("matter-number", "ABC-1234")]
    assert kinds(with_context, "order ABC-1234") == []
    assert kinds(with_context, "file (old) ABC-1234") == [("matter-number", "ABC-1234")]


def test_offsets_of_such_patterns_are_characters_not_bytes() -> None:
    config = PersonalDataConfig(kinds=(), patterns=(PersonalPattern(name="x", pattern="Akte [0-9]+"),))
    assert kinds(config, "Für Müller 🙂: Akte 17, ältere Akte 18") == [("x", "Akte 17"), ("x", "Akte 18")]


def test_a_pattern_that_matches_nothing_at_all_finds_nothing() -> None:
    assert kinds(PersonalDataConfig(kinds=(), patterns=(PersonalPattern(name="x", pattern="z*"),)), "abc") == []


def test_a_pattern_that_would_go_back_forever_does_not() -> None:
    """In Python's `re`, this one takes longer than the age of the universe."""
    config = PersonalDataConfig(kinds=(), patterns=(PersonalPattern(name="x", pattern=r"(a+)+$"),))
    begun = time.process_time()
    assert kinds(config, "a" * 50_000 + "!") == []
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("personal_data: {patterns: [{name: x, pattern: '(?=a)b'}]}", "personal_data.patterns[0].pattern"),
        ("personal_data: {patterns: [{name: x, pattern: '['}]}", "personal_data.patterns[0].pattern"),
        ("personal_data: {patterns: [{name: email, pattern: 'a'}]}", "two patterns have the same name"),
        ("personal_data: {patterns: [{name: X Y, pattern: 'a'}]}", "personal_data.patterns[0].name"),
        ("personal_data: {patterns: [{nam: x, pattern: 'a'}]}", "name"),
        ("personal_data: {kinds: [mails]}", "personal_data.kinds"),
        ("sensitivity: {default: secret}", "sensitivity.default"),
        ("sensitivity: {mask_from: secret}", "sensitivity.mask_from"),
        ("sensitivity: {levels: [internal, confidential, restricted, internal]}", "sensitivity.levels"),
        ("sensitivity: {rules: [{level: secret}]}", "sensitivity.rules[0].level"),
        ("sensitivity: {rules: [{level: public, label: [poem]}]}", "sensitivity.rules[0].label"),
        ("sensitivity: {rules: [{level: public, personal: [ibann]}]}", "sensitivity.rules[0].personal"),
        ("sensitivity: {rules: [{level: public, at_least: 0}]}", "sensitivity.rules[0].at_least"),
    ],
)
def test_a_mistake_in_the_configuration_is_told_with_its_place(tmp_path: Path, given: str, told: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(given)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert told in f"{caught.value.message} {caught.value.advice}"


def test_the_fingerprint_changes_with_what_would_be_found() -> None:
    prints = {
        Inspector(config).fingerprint
        for config in (
            PersonalDataConfig(),
            PersonalDataConfig(kinds=()),
            PersonalDataConfig(allow=("a",)),
            PersonalDataConfig(patterns=(PersonalPattern(name="x", pattern="y"),)),
        )
    }
    assert len(prints) == 4
    assert Inspector(PersonalDataConfig()).fingerprint in prints


def test_an_inspection_goes_through_all_pages_and_names_its_inspector() -> None:
    inspector = Inspector(PersonalDataConfig())
    found = inspector.inspect([PageText(1, TEXT), PageText(2, ""), PageText(5, "call +49 30 901820")])
    assert [(one.page, one.kind) for one in found.findings] == [(1, "email"), (1, "email"), (1, "iban"), (5, "phone")]
    assert found.by == inspector.fingerprint
