"""How what was learned looks: JSON for programs, lines for people. Formats only."""

from collections.abc import Iterator

from pipeline.insight.labelling.learning import Learned
from pipeline.insight.labelling.training import MIN_HELD_BACK, is_certain


def as_json(learned: Learned) -> dict[str, object]:
    """Measures of one head; see docs/interfaces.md for the meaning of each key."""
    head, report = learned.head, learned.report
    measured = report and {
        "accuracy": round(report.accuracy, 4),
        "calibration_error": round(report.calibration_error, 4),
        "kept": round(report.kept, 4),
        "kept_error": round(report.kept_error, 4),
        "confusion": {
            name: {report.names[at]: int(count) for at, count in enumerate(row) if count}
            for name, row in zip(report.names, report.confusion, strict=True)
            if row.any()
        },
    }
    return {
        "set": head.set_name,
        "examples": head.examples,
        "unknown": learned.unknown,
        "without_text": learned.without_text,
        "threshold": round(head.threshold, 4) if is_certain(head) else None,
        "measured": measured,
    }


def lines(learned: Learned, max_error: float) -> Iterator[str]:
    """The same for people."""
    head, report = learned.head, learned.report
    yield f"{head.set_name}: {head.examples} examples"
    if learned.unknown:
        yield f"  {learned.unknown} labels are not in the configuration any more, and taught nothing"
    if learned.without_text:
        yield f"  {learned.without_text} documents have no text, and taught nothing"
    if report is None:
        yield f"  too few to measure: from {MIN_HELD_BACK} on, some are held back for that"
        yield f"  a label is given from a probability of {head.threshold:.0%} on (labels.min_score)"
        return
    yield f"  right on examples held back: {report.accuracy:.1%}"
    yield f"  probabilities are off by {report.calibration_error:.1%} on average"
    if is_certain(head):
        yield (
            f"  given from {head.threshold:.0%} on: {report.kept:.1%} get a label, of which {report.kept_error:.1%} "
            f"were wrong (labels.max_error: {max_error:.0%}); the others need review"
        )
    else:
        yield f"  no label can be given with at most {max_error:.0%} wrong yet: all need review; more examples help"
    for name, row in zip(report.names, report.confusion, strict=True):
        wrong = {report.names[at]: int(n) for at, n in enumerate(row) if n and report.names[at] != name}
        if wrong:
            told = ", ".join(f"{count} as {other}" for other, count in sorted(wrong.items(), key=lambda one: -one[1]))
            yield f"    {name}: {int(row.sum())} examples, of which {told}"
