"""Saved searches: each new document is reported once, whatever happens to it later, and none is lost on the way."""

from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.datatypes import Query, SearchMode
from pipeline.errors import UsageError
from pipeline.search import alerts as module
from pipeline.search.alerts import MAX_NAME_CHARACTERS
from pipeline.search.findings import Alert
from pipeline.search.query import query_of
from tests.conftest import Configure, write

LEASE = "The tenant shall pay the monthly rent in advance to the landlord."
RENTS = "Landlord and tenant agree that the rent of the flat is due on the third day of each month."
RECIPE = "Whisk the eggs with sugar, fold in the flour and bake the cake until it is golden."


def names(pipeline: Pipeline) -> dict[str, list[str]]:
    """The files that are pending for each saved search."""
    return {alert.name: sorted(hit.path.name for hit in alert.hits) for alert in pipeline.alerts.pending()}


def report(pipeline: Pipeline) -> dict[str, list[str]]:
    """What is pending, told."""
    pending = pipeline.alerts.pending()
    pipeline.alerts.told(pending)
    return {alert.name: sorted(hit.path.name for hit in alert.hits) for alert in pending}


@pytest.fixture
def watched(pipeline: Pipeline, inbox: Path) -> Pipeline:
    """A pipeline with a document, and a search that was saved when it was there."""
    write(inbox, "old.txt", LEASE)
    pipeline.drain()
    pipeline.alerts.save("rents", query_of(pipeline.config, "rent of the tenant"))
    return pipeline


def test_what_is_there_is_no_news_and_what_comes_is_told_once(watched: Pipeline, inbox: Path) -> None:
    assert names(watched) == {"rents": []}
    write(inbox, "new.txt", RENTS)
    write(inbox, "cake.txt", RECIPE)
    watched.drain()
    assert names(watched) == names(watched) == {"rents": ["new.txt"]}
    assert report(watched) == {"rents": ["new.txt"]}
    assert report(watched) == {"rents": []}
    write(inbox, "newer.txt", f"{RENTS} This is another flat.")
    watched.drain()
    assert report(watched) == {"rents": ["newer.txt"]}


def test_renaming_copying_and_reading_anew_are_no_news(watched: Pipeline, inbox: Path) -> None:
    new = write(inbox, "new.txt", RENTS)
    watched.drain()
    assert report(watched) == {"rents": ["new.txt"]}
    new.rename(inbox / "renamed.txt")
    write(inbox, "copy.txt", RENTS)
    watched.drain()
    assert {row.paths[0].name for row in watched.documents()} == {"old.txt", "copy.txt"}
    watched.database.run("UPDATE documents SET code = 'pages_failed'")  # as if a page had not been readable
    watched.database.run("UPDATE jobs SET code = 'pages_failed'")
    before = watched.database.rows("SELECT max(id) FROM chunks")[0][0]
    watched.retry("partial")
    assert watched.database.rows("SELECT min(id) FROM chunks")[0][0] > before, "nothing was read anew"
    assert report(watched) == {"rents": []}


def test_what_can_only_be_read_at_a_second_try_is_news_then(watched: Pipeline, inbox: Path) -> None:
    """Such as a locked file for which a password was found: it was never reported."""
    write(inbox, "new.txt", " \n")
    watched.drain()
    assert report(watched) == {"rents": []}
    row = watched.database.row("SELECT arrived FROM documents WHERE chunks = 0")
    assert row is not None
    assert row["arrived"] is None
    write(inbox, "new.txt", RENTS)
    watched.drain()
    assert report(watched) == {"rents": ["new.txt"]}


def test_a_changed_file_is_a_new_document(watched: Pipeline, inbox: Path) -> None:
    write(inbox, "old.txt", RENTS)
    watched.drain()
    assert report(watched) == {"rents": ["old.txt"]}


def test_new_documents_are_searched_alone_so_that_better_old_ones_hide_none(pipeline: Pipeline, inbox: Path) -> None:
    for number in range(15):
        write(inbox, f"{number}.txt", f"{LEASE} Flat {number}.")
    pipeline.drain()
    pipeline.alerts.save("rents", query_of(pipeline.config, "monthly rent of the tenant", limit=1))
    write(
        inbox, "new.txt", "The minutes of the meeting mention, among the complaints of neighbours, a tenant and a rent."
    )
    pipeline.drain()
    assert names(pipeline) == {"rents": ["new.txt"]}


def test_filters_and_modes_are_kept(pipeline: Pipeline, inbox: Path) -> None:
    wanted = query_of(
        pipeline.config, "Miete", mode="keyword", language=["de", "en"], path="/**/letters", before="2020-02"
    )
    pipeline.alerts.save("rents", wanted)
    pipeline.alerts.save("german", query_of(pipeline.config, "rent", language="de"))
    (german, rents) = pipeline.alerts.every()
    assert (rents.name, rents.query, rents.query.mode) == ("rents", wanted, SearchMode.KEYWORD)
    assert german.query.filters.languages == ("de",)
    write(inbox, "en.txt", RENTS)
    write(inbox, "de.txt", "Der Mieter zahlt die Miete im Voraus. Das Wort rent ist englisch. Der Vermieter heizt.")
    pipeline.drain()
    assert names(pipeline) == {"german": ["de.txt"], "rents": []}


def test_searches_are_told_apart(watched: Pipeline, inbox: Path) -> None:
    write(inbox, "new.txt", RENTS)
    watched.drain()
    watched.alerts.save("cakes", query_of(watched.config, "baking a cake"))
    assert names(watched) == {"cakes": [], "rents": ["new.txt"]}
    write(inbox, "cake.txt", RECIPE)
    watched.drain()
    assert names(watched) == {"cakes": ["cake.txt"], "rents": ["new.txt"]}
    watched.alerts.told(alert for alert in watched.alerts.pending() if alert.name == "cakes")
    assert names(watched) == {"cakes": [], "rents": ["new.txt"]}
    watched.alerts.remove("rents")
    assert names(watched) == {"cakes": []}
    watched.alerts.remove(" cakes ")
    assert watched.alerts.pending() == ()


def test_marks_survive_a_restart_and_an_id_that_is_given_again(configure: Configure, inbox: Path) -> None:
    with Pipeline.open(configure()) as first:
        write(inbox, "a.txt", LEASE)
        first.drain()
        first.alerts.save("rents", query_of(first.config, "rent of the tenant"))
        (inbox / "a.txt").unlink()
        first.drain()  # its id is free again
    with Pipeline.open(configure()) as second:
        write(inbox, "b.txt", RENTS)
        second.drain()
        assert report(second) == {"rents": ["b.txt"]}
    with Pipeline.open(configure()) as third:
        assert names(third) == {"rents": []}


def test_a_report_that_was_told_twice_moves_the_mark_once(watched: Pipeline, inbox: Path) -> None:
    """Two terminals at a time: what comes after the first report is not counted as told by the second."""
    write(inbox, "new.txt", RENTS)
    watched.drain()
    first, second = watched.alerts.pending(), watched.alerts.pending()
    watched.alerts.told(first)
    write(inbox, "newer.txt", f"{RENTS} Of another flat.")
    watched.drain()
    third = watched.alerts.pending()
    watched.alerts.told(second)
    assert [hit.path.name for hit in third[0].hits] == ["newer.txt"]
    assert names(watched) == {"rents": ["newer.txt"]}


def test_what_arrives_while_a_report_is_made_waits_for_the_next(watched: Pipeline, inbox: Path) -> None:
    write(inbox, "new.txt", RENTS)
    watched.drain()
    answer = watched.answer

    def slowly(query: Query) -> tuple[object, ...]:
        write(inbox, "late.txt", f"{RENTS} It came late.")
        watched.drain()
        return answer(query)

    pending = module.Alerts(watched.database, slowly, lambda: 0.0).pending()  # type: ignore[arg-type]
    assert [hit.path.name for hit in pending[0].hits] == ["new.txt"]
    watched.alerts.told(pending)
    assert report(watched) == {"rents": ["late.txt"]}


def test_more_than_can_be_told_says_so(watched: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_HITS", 2)
    for number in range(3):
        write(inbox, f"{number}.txt", f"{RENTS} Of flat {number}.")
    watched.drain()
    (alert,) = watched.alerts.pending()
    assert (len(alert.hits), alert.more) == (2, True)


def test_without_news_no_model_is_loaded(configure: Configure) -> None:
    with Pipeline.open(configure()) as pipeline:
        pipeline.alerts.save("rents", query_of(pipeline.config, "rent"))
        assert pipeline.alerts.pending() == (Alert("rents", (), False, 0, 0),)
        assert "_models" not in pipeline.__dict__


@pytest.mark.parametrize(
    "name", ["", " ", "\n", "a\nb", "\x1b[2J", "\ud800", "\u202ea", "-rents", "a" * (MAX_NAME_CHARACTERS + 1), "a\x00"]
)
def test_a_name_that_cannot_be_typed_or_shown_is_refused(pipeline: Pipeline, name: str) -> None:
    with pytest.raises(UsageError) as refused:
        pipeline.alerts.save(name, Query("rent"))
    assert refused.value.code == "search_name"
    assert pipeline.alerts.every() == []


@pytest.mark.parametrize("name", ["rents", "Miete & Pacht (2026)", "家賃", "a", "x" * MAX_NAME_CHARACTERS])
def test_a_name_may_be_any_words(pipeline: Pipeline, name: str) -> None:
    pipeline.alerts.save(f" {name} ", Query("rent"))
    assert [one.name for one in pipeline.alerts.every()] == [name]


@pytest.mark.parametrize("text", ["'\"; DROP TABLE saved_searches --", "💥", "\ud800 rent", "word " * 2000])
def test_a_search_of_any_text_is_kept(pipeline: Pipeline, text: str) -> None:
    pipeline.alerts.save("any", Query(text))
    assert pipeline.alerts.every()[0].query.text == text.replace("\ud800", "?")


def test_a_name_is_given_once_and_an_unknown_one_is_refused(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.alerts.save("rents", Query("rent"))
    with pytest.raises(UsageError, match="search_exists"):
        pipeline.alerts.save("rents", Query("cake"))
    assert [one.query.text for one in pipeline.alerts.every()] == ["rent"]
    for name in ("cakes", "", "\ud800"):
        with pytest.raises(UsageError, match="search_unknown"):
            pipeline.alerts.remove(name)
    monkeypatch.setattr(module, "MAX_SEARCHES", 1)
    with pytest.raises(UsageError, match="searches_too_many"):
        pipeline.alerts.save("more", Query("rent"))
