"""How a dossier looks on a terminal: one column for each model, the answers, the recommendation. Formats only."""

import textwrap
from collections.abc import Callable, Iterator

from pipeline.evaluation.report import Answer, Dossier, Fidelity, Interval, VariantReport, Verdict
from pipeline.interfaces.cli import output

_COLOURS = {Verdict.YES: "green", Verdict.WITH_CARE: "yellow", Verdict.NO: "red", Verdict.NOT_MEASURED: None}
_WIDTH = 100
_NAME_WIDTH = 28

Cell = Callable[[VariantReport], str | None]


def lines(dossier: Dossier) -> Iterator[str]:
    """The whole dossier but for histograms and single passages, which are for --out."""
    machine = dossier.hardware
    yield f"{machine.processor}, {machine.cores} cores, INT8 by {machine.integer_kernel}"
    yield from _wrapped(dossier.texts, "")
    yield ""
    yield from _table(dossier)
    yield ""
    for result in dossier.gate:
        mark = output.style("pass", fg="green") if result.passed else output.style("FAIL", fg="red")
        yield f"gate {mark}  {result.model}: {result.name} {result.measured:.5f}, asked {result.bound:g}"
    for answer in dossier.answers:
        yield ""
        yield from _answer(answer)
    yield ""
    yield from _wrapped(output.style(dossier.recommendation, bold=True), "")


def _table(dossier: Dossier) -> Iterator[str]:
    names = [variant.name for variant in dossier.variants]
    widths = [max(20, len(name)) + 2 for name in names]
    yield " " * _NAME_WIDTH + "".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True)).rstrip()
    for title, cell in _ROWS:
        cells = [cell(variant) for variant in dossier.variants]
        if any(cells):
            shown = (f"{value or '-':>{width}}" for value, width in zip(cells, widths, strict=True))
            yield f"{title:<{_NAME_WIDTH}}{''.join(shown)}"


def _role(variant: VariantReport) -> str | None:
    roles = {"reference": variant.is_reference, "active": variant.is_active}
    return ", ".join(role for role, has in roles.items() if has) or None


def _mb(size_bytes: int) -> str | None:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes else None


def _times(ratio: float | None) -> str | None:
    return None if ratio is None else f"{ratio:.2f} x"


def _least(fidelity: Fidelity | None) -> str | None:
    return f"{fidelity.least:.4f}" if fidelity else None


def _interval(interval: Interval | None) -> str | None:
    return None if interval is None else f"{interval.value:.4f} ({interval.low:.4f}-{interval.high:.4f})"


def _signed(interval: Interval | None) -> str | None:
    return None if interval is None else f"{interval.value:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"


def _mean(fidelity: Fidelity | None) -> str | None:
    return _interval(fidelity.mean if fidelity else None)


def _p1(fidelity: Fidelity | None) -> str | None:
    return _interval(fidelity.p1 if fidelity else None)


_ROWS: tuple[tuple[str, Cell], ...] = (
    ("", _role),
    ("precision", lambda one: one.precision),
    ("file", lambda one: _mb(one.footprint.file_bytes)),
    ("memory", lambda one: _mb(one.footprint.resident_bytes)),
    ("load", lambda one: f"{one.footprint.load_ms:.0f} ms"),
    ("start to first vector", lambda one: f"{one.footprint.first_vector_ms:.0f} ms"),
    ("tokens/s, one thread", lambda one: f"{one.speed.one_thread:,.0f}"),
    ("tokens/s, all threads", lambda one: f"{one.speed.all_threads:,.0f}"),
    ("speed to reference", lambda one: None if one.is_reference else _times(one.speed.all_threads_ratio)),
    ("query, median", lambda one: f"{one.speed.query_p50_ms:.1f} ms"),
    ("query, 95 of 100", lambda one: f"{one.speed.query_p95_ms:.1f} ms"),
    ("cosine, mean", lambda one: _mean(one.fidelity)),
    ("cosine, 99 of 100 above", lambda one: _p1(one.fidelity)),
    ("cosine, least", lambda one: _least(one.fidelity)),
    ("lists of names, mean", lambda one: _mean(one.names)),
    (
        "overlap@10",
        lambda one: None if one.is_reference or not one.retrieval else _interval(one.retrieval.overlap_at_10),
    ),
    ("nDCG@10", lambda one: _interval(one.retrieval.ndcg_at_10 if one.retrieval else None)),
    ("nDCG@10 to reference", lambda one: _signed(one.retrieval.ndcg_difference if one.retrieval else None)),
    ("same label", lambda one: _interval(one.labels_alike)),
    ("sentence-transformers, mean", lambda one: _mean(one.sentence_transformers)),
    ("sentence-transformers, least", lambda one: _least(one.sentence_transformers)),
)


def _answer(answer: Answer) -> Iterator[str]:
    yield f"{answer.question} {output.style(answer.verdict.value, fg=_COLOURS[answer.verdict], bold=True)}"
    for reason in answer.reasons:
        yield from _wrapped(reason, "  ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
