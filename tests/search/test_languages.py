"""Documents in several languages: told apart when they are read, found by their own words, and searched by language."""

from collections.abc import Iterator

import pytest

from pipeline import Pipeline
from pipeline.errors import UsageError
from pipeline.kinds import KINDS
from tests.conftest import write

DOCUMENTS = {
    "en.txt": ("en", "The tenant shall pay the monthly rent in advance. The firm delivers the heating oil in winter."),
    "de.txt": ("de", "Der Mieter zahlt die Miete im Voraus. Die Firmen liefern das Heizöl im Winter an die Mieter."),
    "zh.txt": ("zh", "承租人应当在每月三日支付房租。如果暖气出现故障，请立即给管理员打电话。合同编号 AB-12。"),
    "parts.txt": (None, "AB-12 199.90\nAK-77 12.50\nBX-03 8.00\n"),
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("languages")
    (folder / "config.yaml").write_text("inbox: {path: inbox, settle_s: 0.0}\nstore: {path: store}\n", encoding="utf-8")
    for name, (_, text) in DOCUMENTS.items():
        write(folder / "inbox", name, text)
    with Pipeline.open(folder / "config.yaml") as opened:
        opened.drain()
        yield opened


def names(pipeline: Pipeline, text: str, mode: str = "keyword", language: str | None = None) -> list[str]:
    return [hit.path.name for hit in pipeline.search(text, mode=mode, language=language)]


def test_each_document_has_its_language_and_so_have_its_hits(pipeline: Pipeline) -> None:
    told = {row.paths[0].name: row.language for row in pipeline.documents()}
    assert told == {name: language for name, (language, _) in DOCUMENTS.items()}
    for name, (language, text) in DOCUMENTS.items():
        first = pipeline.search(text, limit=1)[0]
        assert (first.path.name, first.language) == (name, language)


def test_words_are_found_as_their_language_has_them(pipeline: Pipeline) -> None:
    assert names(pipeline, "delivering tenants") == ["en.txt"]
    assert names(pipeline, "mieten") == names(pipeline, "Mietern") == ["de.txt"]
    assert (
        sorted(names(pipeline, "firm")) == sorted(names(pipeline, "firmen")) == ["de.txt", "en.txt"]
    )  # what both languages have it by
    assert names(pipeline, "firm", language="en") == ["en.txt"]
    assert names(pipeline, "合同") == names(pipeline, "房租") == ["zh.txt"]
    assert sorted(names(pipeline, "AB-12")) == ["parts.txt", "zh.txt"]


def test_what_matched_is_shown(pipeline: Pipeline) -> None:
    (hit,) = pipeline.search("支付房租", mode="keyword")
    assert hit.matched == ("支付房租",)
    assert "支付房租" in hit.snippet


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
@pytest.mark.parametrize("language", ["en", "de", "zh", "DE"])
def test_a_language_filters_before_ranking(pipeline: Pipeline, mode: str, language: str) -> None:
    everything = "tenant Mieter 房租 AB-12"
    assert names(pipeline, everything, mode, language) == [f"{language.lower()}.txt"]
    assert [hit.path.name for hit in pipeline.search(everything, mode=mode, language=language, limit=1)] == [
        f"{language.lower()}.txt"
    ]
    assert len(names(pipeline, everything, mode)) == 4


def test_a_language_in_which_nothing_is_written_gives_nothing(pipeline: Pipeline) -> None:
    assert names(pipeline, "tenant", "hybrid", "fr") == []
    assert pipeline.documents(language="fr") == []


def test_documents_are_listed_by_language(pipeline: Pipeline) -> None:
    assert [row.paths[0].name for row in pipeline.documents(language="de")] == ["de.txt"]


@pytest.mark.parametrize("language", ["", "xx", "deu", "German", "de "])
def test_what_is_no_language_is_refused(pipeline: Pipeline, language: str) -> None:
    for ask in (lambda: pipeline.search("rent", language=language), lambda: pipeline.documents(language=language)):
        with pytest.raises(UsageError) as refused:
            ask()
        assert refused.value.code == "language_unknown"


def test_a_label_and_a_language_narrow_together(pipeline: Pipeline) -> None:
    label = next(row.label for row in pipeline.documents(language="de"))
    assert [hit.path.name for hit in pipeline.search("Miete", label=label, language="de")] == ["de.txt"]
    other = next(name for name in KINDS if name != label)
    assert pipeline.search("Miete", label=other, language="de") == ()
