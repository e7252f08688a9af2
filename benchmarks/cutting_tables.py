"""Ways of cutting documents into passages, as a table. Measures nothing."""

from benchmarks.cutting import Cutting, Way
from benchmarks.tables import conditions, table


def tables_of(result: Cutting) -> list[str]:
    """nDCG@10 of each way by set, and the mean of all sets beside that of the shipped way."""
    sets = list(dict.fromkeys(one.name for one in result.found))
    ways = list(dict.fromkeys(one.way for one in result.found))
    quality = {(one.name, one.way): one.ndcg for one in result.found}
    means = {way: sum(quality[name, way] for name in sets) / len(sets) for way in ways}
    shipped = next((means[way] for way in ways if way.is_shipped), float("nan"))
    passages = {way: sum(one.passages for one in result.found if one.way == way) for way in ways}
    return [
        conditions("cutting", result.conditions, []),
        "nDCG@10 of documents that are cut anew, in the sets' own passages. `title`: the document's title is embedded "
        "before each passage. The measure favours small passages: a hit that spans several of the sets' passages "
        "counts as all of them, the irrelevant ones included. So the figures compare prefixes and overlaps of one "
        "size; a smaller size is not shown to be better by them alone, and costs as many more vectors as there are "
        "passages.",
        table(
            ("tokens", "overlap", "embedded before", "passages", *sets, "mean", "beside the shipped way"),
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
        ),
    ]


def _beside(way: Way, difference: float) -> str:
    return "shipped" if way.is_shipped else f"{difference:+.3f}"
