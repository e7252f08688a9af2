"""The sections of the page that set models beside their reference: footprint and speed, fidelity, retrieval."""

from collections.abc import Callable, Sequence

from pipeline.evaluation import markup, svg, words
from pipeline.evaluation.markup import Html, element, number, paragraph, span
from pipeline.evaluation.report import Dossier, Fidelity, GateResult, Interval, Speed, VariantReport
from pipeline.evaluation.words import COSINE_DIGITS, NOT_MEASURED, SHARE_DIGITS

_ORDINARY, _NAMES = "Ordinary passages", "Lists of names"


def reference_of(dossier: Dossier) -> VariantReport | None:
    """The model that the others are compared with."""
    return next((variant for variant in dossier.variants if variant.is_reference), None)


def others(dossier: Dossier) -> list[VariantReport]:
    """Every model that is compared with the reference."""
    return [variant for variant in dossier.variants if not variant.is_reference]


def footprint(dossier: Dossier) -> Html:
    """What each model takes: bytes, time to start, memory, and how fast it encodes."""
    reference = reference_of(dossier)
    compared = f" A multiple compares with the reference, {reference.name}." if reference else ""
    intro = (
        "Start, load and memory are those of a process that does nothing else. "
        f"First vector counts from the start of that process. All figures are medians.{compared}"
    )
    rows = [_footprint_row(variant, dossier.recommended) for variant in dossier.variants]
    table = markup.table("The models side by side", _footprint_head(dossier.variants), rows)
    charts = element("div", {"class": "pair"}, *_speed_charts(dossier))
    return markup.section("footprint", "Size, start and speed", paragraph(intro), table, charts)


def fidelity(dossier: Dossier) -> Html:
    """How close each model's vectors stay to the reference's."""
    intro = (
        "The same passages were encoded by each model and by the reference. A cosine of 1 says that both vectors point "
        "the same way. p1 is the cosine that 99 of 100 passages exceed. Lists of names are the hardest passages known."
    )
    head = markup.head(["Model", "Passages"], ["Count", "Mean [95 % interval]", "p1 [95 % interval]", "Least"])
    rows = [_cosine_row(variant, *kind) for variant in others(dossier) for kind in _kinds(variant)]
    table = markup.table("Cosines with the reference", [head], rows)
    tables = [table, *_original_table(dossier.variants, head)]
    charts = [_fidelity_of(variant) for variant in others(dossier)]
    return markup.section("fidelity", "Fidelity: do the vectors stay the same?", paragraph(intro), *tables, *charts)


def retrieval(dossier: Dossier) -> Html:
    """Whether search still finds what the reference finds, and documents get the same label."""
    intro = (
        "Overlap@10 is the share of the reference's ten best passages that are among the model's ten best. "
        "nDCG@10 rates the ten best against passages that were judged relevant, from 0 to 1. "
        "Labels alike is the share of documents that get the same label as with the reference. "
        "In the charts a dashed line is the bound of the gate; a hollow dot misses it."
    )
    columns = ["Overlap@10", "nDCG@10", "Difference in nDCG@10", "Labels alike"]
    head = markup.head(["Model"], ["Queries", "Passages", *columns])
    rows = [_retrieval_row(variant) for variant in dossier.variants if not variant.is_reference or variant.retrieval]
    table = markup.table("What is found [95 % intervals]", [head], rows)
    charts = element("div", {"class": "pair"}, *_retrieval_charts(dossier))
    return markup.section("retrieval", "Retrieval: is the same found?", paragraph(intro), table, charts)


def name_of(variant: VariantReport, recommended: str | None) -> Html:
    """A model's name and, below it, its precision and its part in this dossier."""
    parts = {"reference": variant.is_reference, "in use": variant.is_active, "recommended": variant.name == recommended}
    told = " · ".join([variant.precision, *(part for part, holds in parts.items() if holds)])
    return markup.join([variant.name, span("below", told)])


def _footprint_head(variants: Sequence[VariantReport]) -> list[Html]:
    threads = " or ".join(str(count) for count in sorted({variant.speed.threads for variant in variants}))
    groups = [("On disk and in memory", 4), ("Tokens per second", 2), ("Time of one query", 2)]
    cells = [
        element("th", {"scope": "colgroup", "class": "number group", "colspan": str(width)}, name)
        for name, width in groups
    ]
    spread = "1 in 20 above"
    names = ["Size", "Load", "First vector", "Memory", "1 thread", f"{threads} threads", "Median", spread]
    return [element("tr", {}, element("td", {"class": "group"}), *cells), markup.head(["Model"], names)]


def _footprint_row(variant: VariantReport, recommended: str | None) -> Html:
    takes, speed = variant.footprint, variant.speed
    cells = [
        number(words.megabytes(takes.file_bytes)),
        number(words.milliseconds(takes.load_ms)),
        number(words.milliseconds(takes.first_vector_ms)),
        number(words.megabytes(takes.resident_bytes)),
        number(words.whole(speed.one_thread), *_times(speed.one_thread_ratio)),
        number(words.whole(speed.all_threads), *_times(speed.all_threads_ratio)),
        number(words.milliseconds(speed.query_p50_ms, 1)),
        number(words.milliseconds(speed.query_p95_ms, 1)),
    ]
    kind = "chosen" if variant.name == recommended else ""
    return markup.row(name_of(variant, recommended), *cells, kind=kind)


def _times(ratio: float | None) -> list[str]:
    return [] if ratio is None else [words.times(ratio)]


def _speed_charts(dossier: Dossier) -> list[Html]:
    rates: list[tuple[str, Callable[[Speed], float]]] = [
        ("Tokens per second on one thread", lambda speed: speed.one_thread),
        ("Tokens per second on all threads", lambda speed: speed.all_threads),
    ]
    return [markup.figure(title, svg.bars(_bars(dossier, rate), title=title)) for title, rate in rates]


def _bars(dossier: Dossier, rate: Callable[[Speed], float]) -> list[svg.Bar]:
    rows = ((variant, rate(variant.speed)) for variant in dossier.variants)
    return [svg.Bar(of.name, speed, words.whole(speed), strong=of.name == dossier.recommended) for of, speed in rows]


def _kinds(variant: VariantReport) -> list[tuple[str, Fidelity | None]]:
    return [(_ORDINARY, variant.fidelity), (_NAMES, variant.names)]


def _cosine_row(variant: VariantReport, kind: str, measured: Fidelity | None) -> Html:
    if measured is None:
        return markup.row(variant.name, markup.cell(kind), *[number(NOT_MEASURED)] * 4)
    cells = [
        number(words.whole(measured.passages)),
        number(words.interval(measured.mean, COSINE_DIGITS)),
        number(words.interval(measured.p1, COSINE_DIGITS)),
        number(words.decimal(measured.least, COSINE_DIGITS)),
    ]
    return markup.row(variant.name, markup.cell(kind), *cells)


def _original_table(variants: Sequence[VariantReport], head: Html) -> list[Html]:
    asked = [variant for variant in variants if variant.sentence_transformers]
    rows = [_cosine_row(variant, _ORDINARY, variant.sentence_transformers) for variant in asked]
    return [markup.table("Cosines with sentence-transformers itself", [head], rows)] if rows else []


def _fidelity_of(variant: VariantReport) -> Html:
    measured = [fidelity for _, fidelity in _kinds(variant) if fidelity]
    tallest = max((max(of.histogram, default=0) / (sum(of.histogram) or 1) for of in measured), default=0.0)
    panels = [_panel(kind, fidelity, tallest) for kind, fidelity in _kinds(variant)]
    heading = element("h3", {}, variant.name)
    return element("div", {"class": "model"}, heading, element("div", {"class": "pair"}, *panels))


def _panel(kind: str, measured: Fidelity | None, tallest: float) -> Html:
    if measured is None:
        return element("div", {}, element("p", {"class": "note"}, f"{kind}: {NOT_MEASURED}."))
    marks = [
        svg.Mark(f"mean {words.decimal(measured.mean.value, COSINE_DIGITS)}", measured.mean.value),
        svg.Mark(f"p1 {words.decimal(measured.p1.value, COSINE_DIGITS)}", measured.p1.value),
    ]
    title = f"{kind}: share of {words.whole(measured.passages)} passages at each cosine"
    start = measured.histogram_from
    chart = svg.histogram(measured.histogram, start, 1.0, title=title, marks=marks, tallest=tallest)
    below = span("note", f"The first column holds what lies below {start:g}, too.")
    return element("div", {}, markup.figure(title, chart), paragraph(below), _worst(kind, measured))


def _worst(kind: str, measured: Fidelity) -> Html:
    rows = [
        markup.row(element("code", {}, passage.id), number(words.decimal(passage.cosine, COSINE_DIGITS)))
        for passage in measured.worst
    ]
    head = markup.head(["Passage"], ["Cosine"])
    return markup.table(f"{kind}: the least alike, by id", [head], rows) if rows else Html()


def _retrieval_row(variant: VariantReport) -> Html:
    labels = _measured(variant, variant.labels_alike, SHARE_DIGITS)
    found = variant.retrieval
    if found is None:
        return markup.row(variant.name, *[number(NOT_MEASURED)] * 5, labels)
    cells = [
        number(words.whole(found.queries)),
        number(words.whole(found.passages)),
        _measured(variant, None if variant.is_reference else found.overlap_at_10, SHARE_DIGITS),
        number(*_lines(found.ndcg_at_10, SHARE_DIGITS)),
        _measured(variant, found.ndcg_difference, COSINE_DIGITS, signed=True),
        labels,
    ]
    return markup.row(variant.name, *cells)


def _measured(variant: VariantReport, compared: Interval | None, digits: int, *, signed: bool = False) -> Html:
    """A cell of what compares with the reference, which is not compared with itself."""
    if compared is None and variant.is_reference:
        return number("–")
    return number(*_lines(compared, digits, signed=signed))


def _lines(measured: Interval | None, digits: int, *, signed: bool = False) -> list[str]:
    if measured is None:
        return [NOT_MEASURED]
    return [words.decimal(measured.value, digits, signed=signed), words.bounds(measured, digits, signed=signed)]


def _retrieval_charts(dossier: Dossier) -> list[Html]:
    found = [(variant, variant.retrieval) for variant in others(dossier) if variant.retrieval]
    overlap = [_whisker(variant, of.overlap_at_10, SHARE_DIGITS) for variant, of in found]
    difference = [_whisker(variant, of.ndcg_difference, COSINE_DIGITS, signed=True) for variant, of in found]
    alike = [_whisker(variant, variant.labels_alike, SHARE_DIGITS) for variant in others(dossier)]
    return [
        *_interval_chart("Overlap@10 with the reference", overlap, _bound(dossier.gate, "overlap_at_10")),
        *_interval_chart(
            "nDCG@10 minus the reference's", difference, _bound(dossier.gate, "ndcg_difference"), zero=True
        ),
        *_interval_chart("Labels alike", alike, _bound(dossier.gate, "labels_alike")),
    ]


def _whisker(
    variant: VariantReport, measured: Interval | None, digits: int, *, signed: bool = False
) -> svg.Whisker | None:
    if measured is None:
        return None
    low, high = (words.decimal(bound, digits, signed=signed) for bound in (measured.low, measured.high))
    written = f"{words.decimal(measured.value, digits, signed=signed)} [{low}, {high}]"
    return svg.Whisker(variant.name, measured.value, measured.low, measured.high, written)


def _interval_chart(
    title: str, rows: Sequence[svg.Whisker | None], bound: svg.Mark | None, *, zero: bool = False
) -> list[Html]:
    drawn = [row for row in rows if row]
    return [markup.figure(title, svg.intervals(drawn, title=title, bound=bound, zero=zero))] if drawn else []


def _bound(gate: Sequence[GateResult], name: str) -> svg.Mark | None:
    bounds = (result.bound for result in gate if result.name == name)
    return next((svg.Mark(f"gate: at least {words.decimal(bound, SHARE_DIGITS)}", bound) for bound in bounds), None)
