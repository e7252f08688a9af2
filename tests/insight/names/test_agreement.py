"""What speaks against a name once it is told."""

import pytest

from pipeline.datatypes import Finding
from pipeline.insight.names.agreement import LEAST, agreed, sound
from pipeline.insight.names.tags import Name
from pipeline.personal import PersonalKind


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Keller", "Keller"),
        (", Kestrel Freight, Inc.", "Kestrel Freight, Inc."),
        ("(Maria Keller)", "Maria Keller"),
        ("Maria Keller.", "Maria Keller"),
        ("Keller, Maria J.", "Keller, Maria J."),
        ("Novum S.A.", "Novum S.A."),
        ("Harbour Line Ltd..", "Harbour Line Ltd."),
        ("Drahtwerk Nord e.V.", "Drahtwerk Nord e.V."),
        ("Leeds.", "Leeds"),
        ("3M", None),
        ("K", None),
        ("K.", None),
        ("- .", None),
        ("", None),
    ],
)
def test_a_name_has_letters_and_no_marks_around_it(told: str, kept: str | None) -> None:
    text = f"x {told} y"
    found = sound(text, Name(2, 2 + len(told), PersonalKind.PERSON, 0.9))
    assert (None if found is None else text[found.start : found.end]) == kept


def test_an_uncertain_name_is_none() -> None:
    assert sound("Keller", Name(0, 6, PersonalKind.PERSON, LEAST - 0.01)) is None
    assert sound("Keller", Name(0, 6, PersonalKind.PERSON, LEAST)) == Name(0, 6, PersonalKind.PERSON, LEAST)


def test_a_name_is_of_one_kind_throughout_a_document() -> None:
    """Of that which it has most surely, not most often; how it is written or broken over lines does not matter."""
    texts = {1: "Metavante and METAVANTE", 2: "Metavante, Blue Fern and Blue\nFern"}
    found = [
        Finding("person", 1, 0, 9, 0.6, "names"),
        Finding("organisation", 1, 14, 23, 0.99, "names"),
        Finding("place", 2, 0, 9, 0.5, "names"),
        Finding("place", 2, 11, 20, 0.6, "names"),
        Finding("organisation", 2, 25, 34, 0.7, "names"),
    ]
    told = list(agreed(texts, found))
    assert [one.kind for one in told] == ["organisation"] * 5
    assert [(one.page, one.start, one.end, one.score) for one in told] == [
        (one.page, one.start, one.end, one.score) for one in found
    ]
