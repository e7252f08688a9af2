"""Saved searches, and what came for them: relevant passages of documents that arrived since the last report.

A report is told first and counted as told afterwards, so that nothing is lost when telling fails. A document arrives
once, when something of it can first be found: reading it anew, renaming it or a copy of it is no news.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from pipeline.datatypes import Query, SearchHit
from pipeline.errors import UsageError
from pipeline.search.findings import Alert
from pipeline.storage import generations, saved_searches
from pipeline.storage.database import Database
from pipeline.storage.saved_searches import SavedSearch

MOST_HITS = 200  # of one search in one report; there may be more, which is told
MAX_NAME_CHARACTERS, MAX_SEARCHES = 64, 1000
_NAME = re.compile(r"\w(?:[\w .,:;+()&/'’-]*[\w.)])?")  # what can be typed again as it is shown


class Alerts:
    """The saved searches of one store. `answer` runs a query. Threads may share it."""

    def __init__(
        self, database: Database, answer: Callable[[Query], tuple[SearchHit, ...]], clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._answer = answer
        self._clock = clock

    def save(self, name: str, query: Query) -> None:
        """Keep a search under a name; what is there already is no news for it. Raises UsageError."""
        name = name.strip()
        if len(name) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(name):
            raise UsageError(
                "search_name",
                f"This is no name for a search: up to {MAX_NAME_CHARACTERS} letters, digits and signs such as - or .",
                "Give another --save.",
            )
        if len(self.every()) >= MAX_SEARCHES:
            raise UsageError(
                "searches_too_many",
                f"There are {MAX_SEARCHES} saved searches already.",
                "Remove one with `pipeline alerts --remove NAME`.",
            )
        text = query.text.encode("utf-8", "replace").decode()  # half a character cannot be stored, nor found
        with self._database.atomic():
            mark = generations.current(self._database)
            kept = saved_searches.add(self._database, name, replace(query, text=text, reveal=False), mark, self._clock)
        if not kept:
            raise UsageError(
                "search_exists",
                "There is a saved search of this name.",
                "Give another --save, or remove it first with `pipeline alerts --remove NAME`.",
            )

    def every(self) -> list[SavedSearch]:
        """All saved searches, by name."""
        return saved_searches.every(self._database)

    def remove(self, name: str) -> None:
        """Forget a saved search. Raises UsageError."""
        if not saved_searches.remove(self._database, name.strip().encode("utf-8", "replace").decode()):
            raise UsageError(
                "search_unknown", "There is no saved search of this name.", "`pipeline alerts --list` names all."
            )

    def pending(self) -> tuple[Alert, ...]:
        """What came for each saved search since its last report, by name; those for which nothing came included."""
        with self._database.snapshot():
            searches, through = self.every(), generations.current(self._database)
            marks = {one.mark for one in searches}
            new = {mark: saved_searches.arrived(self._database, mark, through) for mark in marks}
        return tuple(self._alert(one, new[one.mark], through) for one in searches)

    def told(self, alerts: Iterable[Alert]) -> None:
        """Count these as reported: they are not pending any more."""
        for alert in alerts:
            saved_searches.report(self._database, alert.name, alert.after, alert.through)

    def _alert(self, search: SavedSearch, new: frozenset[str], through: int) -> Alert:
        """Only new documents are searched, so that none is hidden by better passages of others."""
        hits: tuple[SearchHit, ...] = ()
        if new:
            filters = replace(search.query.filters, arrived_after=search.mark)
            hits = self._answer(replace(search.query, filters=filters, limit=MOST_HITS))
        matching = tuple(hit for hit in hits if hit.document in new and hit.relevant)
        return Alert(search.name, matching, len(matching) == MOST_HITS, search.mark, through)
