"""The text that names are learned from: how it is written, that what we ship is sound, and how it is varied."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.insight.names import material
from pipeline.insight.names.material import LISTS, Passage, passage
from pipeline.insight.names.variation import together, varied
from pipeline.personal import PersonalKind

SHIPPED = Path(__file__).parents[3] / "models" / "names"
NAMES = {"given": ("Ada",), "surname": ("Njoroge",), "firm": ("Blue Lantern Ltd",), "place": ("Quito",)}


def write(folder: Path, text: str) -> Path:
    (folder / "text").mkdir()
    (folder / "lists").mkdir()
    (folder / "text" / "one.txt").write_text(text, encoding="utf-8")
    for name in LISTS:
        (folder / "lists" / f"{name}.txt").write_text("\n".join(NAMES[name]) + "\n\n", encoding="utf-8")
    return folder


def test_passages_are_read_with_their_names(tmp_path: Path) -> None:
    read = material.read(write(tmp_path, "{P:Bo Li} left.\nTwice.\n\n \nNo name.\n"))
    assert read.passages == (
        Passage("Bo Li left.\nTwice.", ((0, 5, PersonalKind.PERSON),)),
        Passage("No name.", ()),
    )
    assert read.lists == NAMES


def test_the_hash_changes_with_any_of_it(tmp_path: Path) -> None:
    folder = write(tmp_path, "{P:Bo Li} left.")
    hashes = {material.read(folder).sha256}
    (folder / "lists" / "place.txt").write_text("Lima\n", encoding="utf-8")
    hashes.add(material.read(folder).sha256)
    (folder / "text" / "one.txt").write_text("{P:Bo Li} came.", encoding="utf-8")
    hashes.add(material.read(folder).sha256)
    assert len(hashes) == 3


@pytest.mark.parametrize("marked", ["{P:Bo Li left.", "Bo} Li", "{X:Bo Li}", "{P:}", "{P:{O:x}}"])
def test_a_malformed_mark_is_refused(marked: str) -> None:
    with pytest.raises(ModelError) as caught:
        passage(marked)
    assert caught.value.code == "names_material"


def test_missing_material_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        material.read(tmp_path)
    empty = write(tmp_path, "")
    with pytest.raises(ModelError, match="missing"):
        material.read(empty)


def test_what_is_shipped_is_sound() -> None:
    read = material.read(SHIPPED)
    texts = [one.text for one in read.passages]
    assert len(set(texts)) == len(texts)
    assert sum(not one.names for one in read.passages) > len(texts) / 6  # what is no name must be learned, too
    for one in read.passages:
        for start, end, _ in one.names:
            name = one.text[start:end]
            assert name == name.strip(), name
            assert any(map(str.isalpha, name)), name
            assert "@" not in name, name
    for name, entries in read.lists.items():
        assert len(set(entries)) == len(entries), name
        assert len(entries) > 50, name


def test_other_names_stand_in_the_same_places_and_the_same_one_wherever_it_stood() -> None:
    said = passage("{P:Bo Li} met {P:Bo Li} and {P:M. Ruiz} of {O:ACME} ({O:Acme Corp}) in {L:lima}; {P:Ruiz, Eva}.")
    for seed in range(40):
        other = varied(said, NAMES, np.random.default_rng(seed))
        found = [other.text[start:end] for start, end, _ in other.names]
        assert [kind for *_, kind in other.names] == [kind for *_, kind in said.names]
        if other.text.isupper() or other.text.islower():
            assert found[0].lower() == found[1].lower() == "ada njoroge"
        else:
            names = "Ada Njoroge", "Ada Njoroge", "A. Njoroge", "BLUE LANTERN LTD", "Blue Lantern Ltd", "quito"
            assert found == [*names, "Njoroge, Ada"]
            assert other.text == "{} met {} and {} of {} ({}) in {}; Njoroge, Ada.".format(*names)


def test_some_passages_are_said_in_capitals_and_some_in_small_letters() -> None:
    said = passage("The Buyer, {P:Bo Li}, pays.")
    made = [varied(said, NAMES, np.random.default_rng(seed)).text for seed in range(200)]
    assert 4 <= sum(text.isupper() for text in made) <= 40
    assert 4 <= sum(text.islower() for text in made) <= 50
    sharp = passage("{P:Bo Li}, Große Straße")  # capitals of ß are two letters: places would no longer hold
    assert not any(varied(sharp, NAMES, np.random.default_rng(seed)).text.isupper() for seed in range(60))


def test_passages_are_put_together_and_their_names_stay_theirs() -> None:
    said = [passage(f"Room {number} of {{P:Bo Li}} in {{L:Quito {number}}}. " + "word " * 40) for number in range(20)]
    made = list(together(said, np.random.default_rng(1)))
    assert 5 <= len(made) <= 10
    found = [(one.text[start:end], kind) for one in made for start, end, kind in one.names]
    assert sorted(found) == sorted((one.text[start:end], kind) for one in said for start, end, kind in one.names)
    for one in said:
        assert sum(one.text in text.text for text in made) == 1
