"""Cosines come from the stored codes, the same to the last bit wherever and beside whatever they are computed."""

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.datatypes import Codes
from pipeline.storage import vector_codes, vectors
from pipeline.storage.database import Database
from tests.storage.vector_store import DIMENSION, Store, register, unit, unit_rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database(tmp_path)
    yield Store(database, register(database))
    database.close()


def codes(count: int, seed: int) -> Codes:
    return np.random.default_rng(seed).integers(-127, 128, size=(count, DIMENSION)).astype(np.int8)


def test_a_cosine_is_that_of_exact_arithmetic() -> None:
    rows, query = codes(20, 1), unit_rows(1, 2)[0]
    for row, found in zip(rows.tolist(), vector_codes.cosines(query, rows), strict=True):
        product = sum(Fraction(float(one)) * code for one, code in zip(query, row, strict=True))
        exact = float(product) / math.sqrt(sum(code * code for code in row))
        assert found == pytest.approx(exact, abs=3e-8 * math.sqrt(DIMENSION))


def test_equal_rows_have_equal_cosines_whatever_is_beside_them() -> None:
    rows, query = codes(257, 3), unit_rows(1, 4)[0]
    alone = [float(vector_codes.cosines(query, rows[place : place + 1])[0]) for place in range(257)]
    for first in range(9):
        for count in (1, 2, 3, 8, 31, 240):
            part = rows[first : first + count]
            assert vector_codes.cosines(query, part).tolist() == alone[first : first + count]
    assert [vectors.cosine(query, row.tobytes()) for row in rows] == alone


def test_a_cosine_does_not_depend_on_the_order_of_its_sum() -> None:
    random = np.random.default_rng(5)
    rows = codes(200, 7)
    for _ in range(20):
        query = unit(random.normal(size=DIMENSION) * 10.0 ** random.uniform(-12, 0, DIMENSION))
        order = random.permutation(DIMENSION)
        turned = vector_codes.cosines(query[order], rows[:, order])
        assert turned.tolist() == vector_codes.cosines(query, rows).tolist()


def test_a_row_of_zeros_is_like_nothing() -> None:
    rows = np.zeros((2, DIMENSION), np.int8)
    assert vector_codes.cosines(unit_rows(1, 1)[0], rows).tolist() == [0.0, 0.0]
    assert vector_codes.unit(rows).tolist() == rows.tolist()


def test_unit_vectors_have_the_direction_of_their_codes() -> None:
    rows = codes(50, 6)
    expected = rows / np.sqrt((rows.astype(float) ** 2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(vector_codes.unit(rows), expected, atol=1e-6)


def test_rows_are_read_in_parts_and_by_id(store: Store) -> None:
    store.add(unit_rows(1203, 1))
    stored = {
        int(row[0]): bytes(row[1])
        for row in store.database.rows("SELECT chunk_id, codes FROM vectors WHERE model_id = 1")
    }
    seen: dict[int, bytes] = {}
    last = 0
    while rows := vector_codes.after(store.database, store.model, last, 500):
        assert len(rows) <= 500
        seen |= {one: row.tobytes() for one, row in zip(rows.ids.tolist(), rows.codes, strict=True)}
        last = int(rows.ids[-1])
    assert seen == stored
    wanted = [*range(1200, 100, -1), 7, 7, 90_000]
    rows = vector_codes.of(store.database, store.model, wanted)
    assert rows.ids.tolist() == [7, *range(101, 1201)]
    assert [row.tobytes() for row in rows.codes] == [stored[one] for one in rows.ids.tolist()]
    nothing = vector_codes.of(store.database, store.model, [])
    assert (len(nothing), nothing.codes.shape) == (0, (0, DIMENSION))


def test_vectors_of_another_model_are_not_read(store: Store) -> None:
    store.add(unit_rows(3, 1))
    store.database.run("INSERT INTO models (id, name, sha256, dimension, scale) VALUES (9, 'n', 'b', 32, 1)")
    store.database.run("UPDATE vectors SET model_id = 9 WHERE chunk_id = 2")
    assert vector_codes.of(store.database, store.model, [1, 2, 3]).ids.tolist() == [1, 3]
    assert vector_codes.after(store.database, store.model, 0, 9).ids.tolist() == [1, 3]
