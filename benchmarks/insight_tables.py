"""What documents are and what is sensitive in them, as tables, a diagram and targets. Measures nothing."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from benchmarks.labels import Labelled, Labels, Reliability
from benchmarks.personal import Personal
from benchmarks.personal_peers import OURS, SPACY
from benchmarks.tables import conditions, table
from benchmarks.targets import Target
from pipeline.personal import NAMES

STRUCTURED = ("email", "iban", "payment-card", "phone", "ip-address", "national-id")


def labels_of(result: Labels) -> list[str]:
    """Accuracy, honesty and abstention by set, the reliability diagram, and one confusion matrix."""
    header = ("set", "examples a label", "accuracy INT8", "float32", "calibration error", "error at 90 % coverage",
              "given a label", "of these wrong")  # fmt: skip
    rows = [_labelled(one, _other(result, one)) for one in result.found if one.precision == "int8"]
    lexical = [(name, f"{score:.3f}", f"{_all(result, name):.3f}") for name, score in result.lexical.items()]
    return [
        conditions("labels", result.conditions, []),
        table(header, rows),
        "All examples, beside TF-IDF with a linear SVM (scikit-learn) on the same:",
        table(("set", "TF-IDF and SVM", "the product, INT8"), lexical),
        "Reliability with 16 examples a label, all sets together: how often a label is right (line), and how often its "
        "probability says so (bars).",
        _diagram(result.reliability),
        table(
            ("probability", "documents", "says", "is right"),
            [
                (f"{x.low:.1f} to {x.low + 0.1:.1f}", f"{x.documents}", f"{x.confidence:.3f}", f"{x.accuracy:.3f}")
                for x in result.reliability
            ],
        ),
        f"Confusion on {result.confusion_of}, all examples: rows are what they are, columns what was said of them.",
        table(
            ("", *result.confusion),
            [(name, *(str(count or "") for count in row.values())) for name, row in result.confusion.items()],
        ),
    ]  # fmt: skip


def personal_of(result: Personal) -> list[str]:
    """By kind and set, what contracts hold, and the cost beside embedding."""
    rows = [
        (one.name, one.kind or "all labels of the set", f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}",
         f"{one.right}", f"{one.wrong}", f"{one.missed}")
        for one in result.kinds
    ]  # fmt: skip
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(result.clean.items()))
    names = sum(count for kind, count in result.clean.items() if kind in NAMES)
    others = sum(result.clean.values()) - names
    share = (result.inspect_s + result.label_s) / result.embed_s
    return [
        conditions("personal", result.conditions, []),
        table(("set", "kind", "precision", "recall", "F1", "right", "wrong", "missed"), rows),
        "Beside other programs: F1 over all labels of kinds that are looked for here, over those that are no names, "
        "and over names. The first set is made of presidio's own templates. Words a second: here with the pass of the "
        "model that embeds, on one thread; ferret-scan looks for no organisations and places, on all threads."
        + (f" Not here: {', '.join(result.absent)}." if result.absent else ""),
        table(
            ("set", "program", "F1", "but names", "persons", "organisations", "places", "words/s"),
            [
                (x.name, x.program, f"{x.f1:.3f}", f"{x.numbers:.3f}", f"{x.person:.3f}", f"{x.organisation:.3f}",
                 f"{x.place:.3f}", f"{x.words_per_s:,.0f}")
                for x in result.beside
            ],
        ),
        f"In {result.clean_words:,} words of contracts: {found}. But for names, "
        f"{1000 * others / result.clean_words:.2f} in 1,000 words, nearly all of them true: addresses and numbers of "
        f"the parties, which the set does not mark. Names: {1000 * names / result.clean_words:.1f} in 1,000 words.",
        f"On one thread, {result.characters:,} characters of contracts: embedding {result.embed_s:.2f} s, personal "
        f"data {result.inspect_s:.2f} s, labels {result.label_s:.2f} s, together {share:.1%} of embedding.",
    ]  # fmt: skip


def targets_of_labels(result: Labels) -> list[Target]:
    """What issue and research ask of labels."""
    int8 = [one for one in result.found if one.precision == "int8"]
    sixteen = [one for one in int8 if one.shots == 16]
    losses = [one.accuracy - _other(result, one).accuracy for one in int8]
    made = [
        _at_least("labels: accuracy INT8 minus float32, least of all", -0.01, min(losses), 3),
        _at_most(
            "labels: calibration error, 16 a label, mean of sets",
            0.05, fmean(one.calibration_error for one in sixteen), 3,
        ),
        _at_most(
            "labels: error at 90 % coverage, share of the whole error, 16 a label, mean",
            0.5, fmean(one.error_kept / max(1e-9, 1 - one.accuracy) for one in sixteen), 2,
        ),
    ]  # fmt: skip
    for name, score in result.lexical.items():
        made.append(_at_least(f"labels: {name}, all examples, above TF-IDF and SVM", score, _all(result, name), 3))
    return made


def targets_of_personal(result: Personal) -> list[Target]:
    """What the issue asks of personal data."""
    first = {one.kind: one for one in result.kinds if one.name == result.kinds[0].name}
    worst = min((first[kind].f1 for kind in STRUCTURED if kind in first), default=0.0)
    whole = [one for one in result.kinds if not one.kind]
    micro = 2 * sum(one.right for one in whole) / sum(2 * one.right + one.wrong + one.missed for one in whole)
    others = sum(count for kind, count in result.clean.items() if kind not in NAMES)
    return [
        _at_least(f"personal data: F1 of each structured kind, {result.kinds[0].name}", 0.97, worst, 3),
        _at_least("personal data: micro F1 over all labels, names included", 0.75, micro, 3),
        _at_most("personal data: findings in 1,000 words of contracts, names aside", 1.0,
                1000 * others / result.clean_words, 2),
        *_beside(result),
        _at_most("personal data and labels: share of embedding time", 0.15,
                (result.inspect_s + result.label_s) / result.embed_s, 3),
    ]  # fmt: skip


def _beside(result: Personal) -> Iterator[Target]:
    """Ahead of each other program in F1 on each set, and of each in words a second on the first."""
    ours = {one.name: one for one in result.beside if one.program == OURS}
    for one in result.beside:
        if one.program not in (OURS, SPACY):
            yield _at_least(f"personal data: F1 on {one.name}, beside {one.program}", one.f1, ours[one.name].f1, 3)
            if one.name == result.beside[0].name:
                yield _at_least(
                    f"personal data: words a second, beside {one.program}",
                    one.words_per_s, ours[one.name].words_per_s, 0,
                )  # fmt: skip


def _labelled(one: Labelled, other: Labelled) -> tuple[str, ...]:
    return (
        one.name,
        "all" if one.shots is None else str(one.shots) if one.shots else "none, descriptions",
        f"{one.accuracy:.3f}",
        f"{other.accuracy:.3f}",
        f"{one.calibration_error:.3f}",
        f"{one.error_kept:.3f}",
        "" if one.given is None else f"{one.given:.1%}",
        "" if one.given_error is None else f"{one.given_error:.1%}",
    )


def _other(result: Labels, one: Labelled) -> Labelled:
    return next(
        other for other in result.found if (other.name, other.shots, other.precision) == (one.name, one.shots, "fp32")
    )


def _all(result: Labels, name: str) -> float:
    return next(one.accuracy for one in result.found if (one.name, one.shots, one.precision) == (name, None, "int8"))


def _diagram(bins: Sequence[Reliability]) -> str:
    names = ", ".join(f'"{one.low:.1f}"' for one in bins)
    return "\n".join(
        [
            "```mermaid",
            "xychart-beta",
            '    title "Probability and accuracy"',
            f'    x-axis "probability" [{names}]',
            '    y-axis "share" 0 --> 1',
            f"    bar [{', '.join(f'{one.confidence:.3f}' for one in bins)}]",
            f"    line [{', '.join(f'{one.accuracy:.3f}' for one in bins)}]",
            "```",
        ]
    )


def _at_least(promise: str, wanted: float, measured: float, digits: int) -> Target:
    return Target(f"{promise}: at least {wanted:.{digits}f}", f"{measured:.{digits}f}", measured >= wanted)


def _at_most(promise: str, wanted: float, measured: float, digits: int) -> Target:
    return Target(f"{promise}: at most {wanted:.{digits}f}", f"{measured:.{digits}f}", measured <= wanted)
