"""What is said between a search and a watcher: it arrives as it was, and what is anything else is refused."""

import json
import os
from dataclasses import fields
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.config import Config, SearchConfig, StoreConfig, load
from pipeline.datatypes import Filters, Query, SearchHit, SearchMode
from pipeline.outcomes import State
from pipeline.service import messages
from pipeline.service.messages import Answer, Question, Refusal
from pipeline.storage.database import SCHEMA_VERSION
from tests.conftest import Configure

HIT = SearchHit(
    document="ab" * 32, path=Path("/inbox/lease.txt"), page=3, start=0, end=10, snippet="rent", score=0.1,
    semantic_rank=None, cosine=1 / 3, keyword_rank=2, matched=("rent",), label=None, label_score=0.0,
    state=State.PARTIAL,
)  # fmt: skip
QUERY = Query("rent", SearchMode.SEMANTIC, 5, Filters(paths=(b"/a\xff/**",), after=date(2024, 2, 29)), True, 2)
# Whatever a file name, a document or a terminal may hold: also what is no UTF-8, and what ends a line.
ANY_TEXT = st.text(st.characters(codec="utf-8")) | st.binary(max_size=20).map(os.fsdecode)
st.register_type_strategy(Path, st.binary(min_size=1, max_size=20).map(lambda name: Path(os.fsdecode(name))))
st.register_type_strategy(str, ANY_TEXT)
st.register_type_strategy(float, st.floats(allow_nan=False))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.builds(Question, identity=ANY_TEXT, query=st.builds(Query, filters=st.builds(Filters))))
def test_a_question_arrives_as_it_was(question: Question) -> None:
    assert messages.question(messages.encoded(question)) == question


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.builds(Answer, hits=st.lists(st.builds(SearchHit), max_size=3).map(tuple)) | st.builds(Refusal))
def test_a_reply_arrives_as_it_was(reply: messages.Reply) -> None:
    arrived = messages.reply(messages.encoded(reply))
    assert arrived == reply
    assert repr(arrived) == repr(reply), "types, too: a list is no tuple, and a word no state"


def test_every_field_travels_whatever_its_type() -> None:
    """A new field of a type that does not travel is found here."""
    answer = Answer((HIT,), has_files=True, unfinished=False)
    arrived = messages.reply(messages.encoded(answer))
    assert isinstance(arrived, Answer)
    for field in fields(SearchHit):
        assert getattr(arrived.hits[0], field.name) == getattr(HIT, field.name), field.name
    question = messages.question(messages.encoded(Question("", QUERY)))
    for field in fields(Query):
        assert getattr(question.query, field.name) == getattr(QUERY, field.name), field.name


VALID = json.loads(messages.encoded(Question("who", QUERY)))
NOT_A_QUESTION = {
    "nothing": b"",
    "garbage": b"\x00\xff\xfe" * 100,
    "a list": b"[]",
    "a number": b"1" * 10_000,
    "no end": b'{"identity": "',
    "nesting": b"[" * 100_000,
    "another word": json.dumps(VALID | {"more": 1}).encode(),
    "a missing word": json.dumps({"query": VALID["query"]}).encode(),
    "an unknown mode": json.dumps(VALID | {"query": VALID["query"] | {"mode": "psychic"}}).encode(),
    "a text for a number": json.dumps(VALID | {"query": VALID["query"] | {"limit": "5"}}).encode(),
    "a number for a text": json.dumps(VALID | {"query": VALID["query"] | {"text": 5}}).encode(),
    "an answer": messages.encoded(Answer((), has_files=True, unfinished=True)),
}


@pytest.mark.parametrize("content", NOT_A_QUESTION.values(), ids=NOT_A_QUESTION)
def test_what_is_no_question_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        messages.question(content)
    assert "psychic" not in str(refused.value)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_a_refusal(content: bytes) -> None:
    for read in (messages.question, messages.reply):
        with pytest.raises(ValueError, match=r"."):
            read(content)


def test_a_reply_is_one_of_two_things() -> None:
    for content in (b"{}", b'{"type": "Question"}', messages.encoded(Question("who", QUERY))):
        with pytest.raises(ValueError, match=r"."):
            messages.reply(content)


CHANGES = {
    "a key": lambda config: msgspec.structs.replace(config, search=SearchConfig(limit=11)),
    "another store": lambda config: msgspec.structs.replace(config, store=StoreConfig(path="elsewhere")),
    "another folder": lambda config: msgspec.structs.replace(config, folder=config.folder / "other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_configuration_is_somebody_else(config: Config, change: str) -> None:
    assert messages.identity(CHANGES[change](config)) != messages.identity(config)


def test_another_version_or_schema_is_somebody_else(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    known = messages.identity(config)
    with monkeypatch.context() as patch:
        patch.setattr(messages, "__version__", pipeline.__version__ + ".1")
        assert messages.identity(config) != known
    with monkeypatch.context() as patch:
        patch.setattr(messages, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
        assert messages.identity(config) != known


def test_the_same_configuration_is_the_same_from_everywhere(
    configure: Configure, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = configure()
    monkeypatch.chdir(tmp_path / "inbox")
    assert messages.identity(load(file)) == messages.identity(config)
    monkeypatch.chdir(tmp_path)
    assert messages.identity(load(Path("config.yaml"))) == messages.identity(config)
    assert str(tmp_path) not in messages.identity(config)
