"""The real model: unit vectors that never depend on company, order or threads, and that mean something."""

import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ModelError, Stopped
from pipeline.registry.runtime import Embedder

TEXTS = (
    "The tenant may terminate the lease with three months' notice.",
    "How can the renter end the contract?",
    "Ferritin was measured in the blood sample.",
    "中文合同", "naïve café 😀", "a", "word " * 600, "x" * 3000, "", "\ud800 lone",
)  # fmt: skip


def test_rows_are_unit_vectors_in_the_order_given(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), embedder.manifest.dimension), np.dtype(np.float32))
    np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1.0, atol=1e-5)
    for text, row in zip(TEXTS, vectors, strict=True):
        np.testing.assert_array_equal(embedder.encode([text])[0], row)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, embedder.manifest.dimension)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_vectors_are_bit_identical_whatever_the_order_the_batch_and_the_threads(
    embedder: Embedder, model: Path, threads: int
) -> None:
    expected = dict(zip(TEXTS, embedder.encode(TEXTS), strict=True))
    shuffled = [*TEXTS, *TEXTS]
    random.Random(threads).shuffle(shuffled)
    other = Embedder(model, threads=threads)
    try:
        for text, row in zip(shuffled, other.encode(shuffled), strict=True):
            np.testing.assert_array_equal(row, expected[text])
    finally:
        other.close()


def test_threads_may_share_a_model(embedder: Embedder) -> None:
    expected = embedder.encode(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(embedder.encode, [TEXTS] * 8):
            np.testing.assert_array_equal(found, expected)


def test_the_scale_with_which_vectors_are_stored_keeps_their_direction(embedder: Embedder) -> None:
    for vector in embedder.encode(TEXTS):
        stored = np.clip(np.rint(vector * embedder.manifest.vector_scale), -127, 127)
        assert float(stored @ vector) / float(np.linalg.norm(stored)) > 0.99


def test_text_beyond_the_limit_is_not_seen_and_text_within_it_is(embedder: Embedder) -> None:
    words = [f"word{number}" for number in range(300)]
    long, longer, other = (embedder.encode([" ".join(part)])[0] for part in (words[:200], words, ["other", *words]))
    np.testing.assert_array_equal(long, embedder.encode([" ".join([*words[:200], *["tail"] * 50])])[0])
    np.testing.assert_array_equal(long, longer)
    assert not np.array_equal(longer, other)


def test_a_short_text_is_not_padded(embedder: Embedder) -> None:
    assert embedder.token_spans("Rent is due.") == [(0, 4), (5, 7), (8, 11), (11, 12)]
    assert embedder.token_spans("") == []


@settings(deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=())))
def test_token_spans_lie_within_the_text_in_order(embedder: Embedder, text: str) -> None:
    spans = embedder.token_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


def test_a_long_text_is_split_into_all_its_tokens(embedder: Embedder) -> None:
    assert len(embedder.token_spans("word " * 5000)) == 5000


def test_work_in_hand_is_given_up_when_asked_to_stop(model: Path) -> None:
    stop = Event()
    stoppable = Embedder(model, threads=1, stop=stop)
    stop.set()
    with pytest.raises(Stopped):
        stoppable.encode(["text"])
    stoppable.close()


@pytest.mark.parametrize("file", ["model.onnx", "source/tokenizer.json"])
def test_a_tampered_model_is_never_loaded(model: Path, tmp_path: Path, file: str) -> None:
    folder = tmp_path / model.name
    (folder / "source").mkdir(parents=True)
    for name in ("manifest.yaml", "model.onnx", "source/tokenizer.json"):
        shutil.copy(model / name, folder / name)
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    with pytest.raises(ModelError) as caught:
        Embedder(folder)
    assert caught.value.code == "model_tampered"
    (folder / file).unlink()
    with pytest.raises(ModelError) as caught:
        Embedder(folder)
    assert caught.value.code == "model_missing"


def test_a_question_is_embedded_as_one_text_would_be(embedder: Embedder) -> None:
    asked = "how long is the notice period"
    assert np.array_equal(embedder.question(asked).result(), embedder.encode([asked], as_query=True)[0])


def test_a_question_does_not_queue_behind_passages(model: Path) -> None:
    embedder = Embedder(model, threads=1)
    passages = Thread(target=embedder.encode, args=(["a clause of a contract " * 200] * 100,))
    passages.start()
    embedder.question("notice").result()
    assert passages.is_alive()
    passages.join()
    embedder.close()


def test_words_that_are_not_known_have_few_characters_a_token(embedder: Embedder) -> None:
    known = embedder.characters_per_token("the notice period of this agreement")
    assert known > 4
    assert embedder.characters_per_token("Kündigungsfrist zvěřinec qxzjw") < known / 1.5
    assert embedder.characters_per_token("") == 0
    endless = embedder.characters_per_token("the notice period of this agreement " * 300)
    assert endless == pytest.approx(known, abs=0.1), "what is beyond the limit counts on neither side"
