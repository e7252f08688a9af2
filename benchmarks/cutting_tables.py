"""Ways of cutting documents into passages, as a table. Measures nothing."""

from collections.abc import Callable
from statistics import fmean

from benchmarks.cutting import Cutting, Found, Way
from benchmarks.tables import conditions, table


def tables_of(result: Cutting) -> list[str]:
    """Each way by set and on the mean of all sets, in either measure, beside the shipped way."""
    return [
        conditions("cutting", result.conditions, []),
        "Documents that are cut anew. `title`: the document's title is embedded before each passage. nDCG@10, in the "
        "sets' own passages, leans to small passages, as a hit that spans several counts as all of them, the "
        "irrelevant ones included:",
        _table(result, "nDCG@10", lambda one: one.ndcg),
        "The reciprocal rank of the first of ten hits that spans an answer leans to large ones, as they span more:",
        _table(result, "reciprocal rank", lambda one: one.mrr),
    ]


def _table(result: Cutting, measure: str, of: Callable[[Found], float]) -> str:
    sets = list(dict.fromkeys(one.name for one in result.found))
    ways = list(dict.fromkeys(one.way for one in result.found))
    quality = {(one.name, one.way): of(one) for one in result.found}
    means = {way: fmean(quality[name, way] for name in sets) for way in ways}
    shipped = next((means[way] for way in ways if way.is_shipped), float("nan"))
    passages = {way: sum(one.passages for one in result.found if one.way == way) for way in ways}
    return table(
        ("tokens", "overlap", "embedded before", "passages", *sets, f"mean {measure}", "beside the shipped way"),
        [
            (
                f"{way.tokens}",
                f"{way.overlap}",
                way.prefix,
                f"{passages[way]}",
                *(f"{quality[name, way]:.3f}" for name in sets),
                f"{means[way]:.3f}",
                _beside(way, means[way] - shipped),
            )
            for way in ways
        ],
    )


def _beside(way: Way, difference: float) -> str:
    return "shipped" if way.is_shipped else f"{difference:+.3f}"
