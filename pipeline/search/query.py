"""Makes a query of what a user asks; what he does not say, the configuration does. Opens nothing."""

from typing import Unpack

from pipeline.config import Config
from pipeline.datatypes import Query, SearchMode
from pipeline.errors import UsageError
from pipeline.search import filters as filtering
from pipeline.search.filters import FilterOptions


def query_of(
    config: Config,
    text: str,
    *,
    limit: int | None = None,
    mode: str | None = None,
    by_document: bool = False,
    context: int = 0,
    **filters: Unpack[FilterOptions],
) -> Query:
    """The query, with words that are known and paths that mean the same from everywhere. Raises UsageError."""
    try:
        chosen = SearchMode(config.search.mode if mode is None else mode)
    except ValueError:
        modes = ", ".join(SearchMode)
        raise UsageError("mode_unknown", "There is no such search mode.", f"Choose one of: {modes}.") from None
    wanted = config.search.limit if limit is None else limit
    return Query(text, chosen, wanted, filtering.checked(config, filters), by_document, context)
