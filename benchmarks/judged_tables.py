"""How well searching finds, beside plain fusion and other programs, as tables and targets. Measures nothing."""

from benchmarks.peers import Peers
from benchmarks.search import INT8, Quality, Search
from benchmarks.tables import conditions, table
from benchmarks.targets import Target

WANTED = {"cuad_a": 0.40, "covidqa": 0.72, "cranfield": 0.42}
OVER_PLAIN = 0.005
FALSE_ALARMS, KEPT = 0.05, 0.90


def tables_of(result: Search) -> list[str]:
    """Quality by set and model, across languages, and whether it knows when it found nothing."""
    return [
        conditions("search", result.conditions, []),
        "nDCG@10 over the shared sets of questions, their passages as they are. `by both` is what `pipeline search` "
        "gives; `plain fusion` is RRF, k = 60, of the rankings by word and by meaning, 100 deep. Milliseconds are of "
        "warm questions by both, one thread.",
        table(
            ("set", "model", "questions", "passages", "by word", "by meaning", "plain fusion", "by both", "ms"),
            [_row(one) for one in result.quality],
        ),
        "Questions in English about texts in another language. The default model knows English only: it finds names "
        "and numbers, and hardly anything else. Ask such texts in their own language, or import a multilingual model.",
        table(
            ("set", "model", "questions", "passages", "by word", "by meaning", "plain fusion", "by both", "ms"),
            [_row(one) for one in result.across],
        ),
        "Shares of questions for which some passage is called relevant: a set's own, which it answers, and those of "
        "the other sets, which it cannot answer.",
        table(
            ("set", "own questions", "strange questions"),
            [(one.name, f"{one.own:.1%}", f"{one.strange:.1%}") for one in result.relevance],
        ),
    ]


def targets_of(result: Search) -> list[Target]:
    """What was promised of finding."""
    ours = [one for one in result.quality if one.model == INT8]
    above = [one for one in ours if one.hybrid > max(one.words, one.meaning)]
    gain = sum(one.hybrid - one.plain for one in ours) / len(ours)
    own = sum(one.own for one in result.relevance) / max(1, len(result.relevance))
    strange = sum(one.strange for one in result.relevance) / max(1, len(result.relevance))
    return [
        Target(
            "by both better than the better of both, in each shared set", f"{len(above)} of {len(ours)}",
            len(above) == len(ours),
        ),
        Target(
            f"nDCG@10 over plain fusion, on average: more than {OVER_PLAIN:.3f}", f"{gain:.3f}", gain > OVER_PLAIN
        ),
        *(
            Target(f"nDCG@10 of {one.name}: at least {WANTED[one.name]:.2f}", f"{one.hybrid:.3f}",
                   one.hybrid >= WANTED[one.name])
            for one in ours if one.name in WANTED
        ),
        Target(
            f"unanswerable questions called answered: at most {FALSE_ALARMS:.0%}, mean of the sets", f"{strange:.1%}",
            strange <= FALSE_ALARMS,
        ),
        Target(f"answerable ones kept: at least {KEPT:.0%}, mean of the sets", f"{own:.1%}", own >= KEPT),
    ]  # fmt: skip


def peers_of(result: Peers) -> list[str]:
    """Beside other programs."""
    absent = f" Not here: {', '.join(result.absent)}." if result.absent else ""
    return [
        conditions("peers", result.conditions, []),
        "The same passages, each with the title of its document before it for programs that know no documents; the "
        "same weights, quantized here and float32 on torch in txtai. Recoll gets the words of a question, any of which "
        f"may match; its times have the start of its process in them.{absent}",
        table(
            ("set", "program", "questions", "nDCG@10", "p50, ms", "p95, ms", "indexed in, s"),
            [
                (
                    one.name, one.program, str(one.questions), f"{one.ndcg:.3f}", f"{one.p50_ms:.1f}",
                    f"{one.p95_ms:.1f}", f"{one.build_s:.0f}",
                )
                for one in result.peers
            ],
        ),
    ]  # fmt: skip


def _row(one: Quality) -> tuple[str, ...]:
    return (
        one.name, one.model, str(one.questions), str(one.passages), f"{one.words:.3f}", f"{one.meaning:.3f}",
        f"{one.plain:.3f}", f"{one.hybrid:.3f}", f"{one.p50_ms:.1f}",
    )  # fmt: skip
