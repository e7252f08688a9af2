"""The states and codes are promises to scripts and audits: they change only together with this table."""

import re

from pipeline.outcomes import Code, State

STATES = {
    "indexed": {"complete"},
    "partial": {
        "pages_failed", "pages_without_text", "time_limit", "text_limit", "page_limit", "reader_limit",
        "structure_repaired", "undecodable_characters", "member_limit", "members_unread", "recognition_uncertain",
    },
    "no_text": {"images_only", "blank", "empty_file", "nothing_recognised"},
    "encrypted": {"password_needed", "encryption_unknown"},
    "unsupported": {"format_not_read", "binary_content", "nested_too_deep", "holds_itself"},
    "too_large": {"file_too_large", "no_text_within_limits", "no_text_within_reader_limits"},
    "damaged": {"structure_damaged", "all_pages_failed"},
    "refused": {"symbolic_link", "special_file", "foreign_hard_link", "other_file_system"},
    "failed": {
        "parser_time", "parser_memory", "parser_crashed", "parser_answer_refused", "file_unreadable", "gave_up",
        "internal",
    },
}  # fmt: skip


def test_every_code_leads_to_the_promised_state() -> None:
    found: dict[str, set[str]] = {str(state): set() for state in State}
    for code in Code:
        found[str(code.state)].add(str(code))
    assert found == STATES


def test_every_sentence_is_one_and_its_own() -> None:
    sentences = [code.sentence for code in Code]
    assert all(re.fullmatch(r"[A-Z][^\n]*\.", sentence) for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_a_sentence_that_names_a_setting_names_one_that_exists() -> None:
    from pipeline.config import Config

    config = Config()
    for code in Code:
        for section, key in re.findall(r"\b(parsing|jobs)\.(\w+)", code.sentence):
            assert hasattr(getattr(config, section), key), code
