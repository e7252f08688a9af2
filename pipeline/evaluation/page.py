"""A dossier as one HTML page that loads nothing and runs nothing. Holds the figures of the dossier, and no other."""

from pipeline.evaluation import comparison, markup, words
from pipeline.evaluation.comparison import reference_of
from pipeline.evaluation.markup import Html, element, number, paragraph, span
from pipeline.evaluation.report import Answer, Dossier, GateResult, Interval, VariantReport, Verdict
from pipeline.evaluation.style import CSS
from pipeline.evaluation.words import COSINE_DIGITS, SHARE_DIGITS

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_LOOKS = {Verdict.YES: "good", Verdict.WITH_CARE: "care", Verdict.NO: "bad", Verdict.NOT_MEASURED: "none"}
_BOUNDS = {
    "cosine_mean": "Mean cosine",
    "cosine_p1": "p1 of the cosines",
    "names_cosine_mean": "Mean cosine of lists of names",
    "names_cosine_p1": "p1 of the cosines of lists of names",
    "overlap_at_10": "Overlap@10",
    "ndcg_difference": "Difference in nDCG@10",
    "labels_alike": "Labels alike",
}


def render(dossier: Dossier) -> str:
    """The whole page, as UTF-8 text."""
    main = element(
        "main",
        {},
        _answers(dossier),
        comparison.footprint(dossier),
        comparison.fidelity(dossier),
        comparison.retrieval(dossier),
        _gate(dossier),
        _hardware(dossier),
        _method(dossier),
        _files(dossier),
    )
    report = element("div", {"class": "report"}, _opening(dossier), main, _closing())
    return f'<!DOCTYPE html>\n<html lang="en">\n{_head(dossier)}<body>\n{report}</body>\n</html>\n'


def _head(dossier: Dossier) -> Html:
    metas = (
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
    )
    title = element("title", {}, f"Model dossier: {dossier.model}")
    return element("head", {}, *metas, title, element("style", {}, Html(CSS)), "\n")


def _opening(dossier: Dossier) -> Html:
    headline = f"Recommended: {dossier.recommended}" if dossier.recommended else "No model is recommended"
    machine = f"{dossier.hardware.processor}, {_cores(dossier.hardware.cores)}"
    facts = " · ".join([words.moment(dossier.created_at), f"Sealed Inbox {dossier.version}", machine])
    return element(
        "header",
        {},
        element("p", {"class": "kicker"}, f"Model dossier · {dossier.model}"),
        element("h1", {}, headline),
        element("p", {"class": "lead"}, dossier.recommendation),
        element("p", {"class": "facts"}, facts),
        _in_short(dossier),
    )


def _in_short(dossier: Dossier) -> Html:
    chosen = next((variant for variant in dossier.variants if variant.name == dossier.recommended), None)
    if chosen is None:
        return Html()
    reference = reference_of(dossier)
    quality = [] if chosen.is_reference else _quality_in_short(chosen)
    return element("dl", {"class": "short"}, *_cost_in_short(chosen, reference), *quality)


def _cost_in_short(chosen: VariantReport, reference: VariantReport | None) -> list[Html]:
    size, speed = words.megabytes(chosen.footprint.file_bytes), chosen.speed
    compared = reference is not None and not chosen.is_reference
    beside = f"the reference takes {words.megabytes(reference.footprint.file_bytes)}" if reference and compared else ""
    ratio = speed.all_threads_ratio if compared else None
    faster = f"{words.times(ratio)} the reference, " if ratio is not None else ""
    return [
        _fact_in_short("Size", size, beside),
        _fact_in_short("Speed", f"{words.whole(speed.all_threads)} tokens/s", f"{faster}on {_threads(speed.threads)}"),
    ]


def _quality_in_short(chosen: VariantReport) -> list[Html]:
    mean = chosen.fidelity.mean if chosen.fidelity else None
    overlap = chosen.retrieval.overlap_at_10 if chosen.retrieval else None
    return [
        _interval_in_short("Mean cosine", mean, COSINE_DIGITS),
        _interval_in_short("Overlap@10", overlap, SHARE_DIGITS),
    ]


def _interval_in_short(name: str, measured: Interval | None, digits: int) -> Html:
    if measured is None:
        return _fact_in_short(name, words.NOT_MEASURED, "")
    return _fact_in_short(name, words.decimal(measured.value, digits), words.bounds(measured, digits))


def _fact_in_short(name: str, value: str, below: str) -> Html:
    return element("div", {}, element("dt", {}, name), element("dd", {}, value, span("below", below) if below else ""))


def _answers(dossier: Dossier) -> Html:
    return markup.section("answers", "Three questions, answered", *(_answer(answer) for answer in dossier.answers))


def _answer(answer: Answer) -> Html:
    verdict = span(f"verdict {_LOOKS[answer.verdict]}", answer.verdict.capitalize())
    asked = element("div", {}, element("h3", {}, answer.question), verdict)
    return element("article", {"class": "answer"}, asked, element("div", {}, markup.bullets(answer.reasons)))


def _gate(dossier: Dossier) -> Html:
    where = element("code", {}, "models.gate")
    intro = paragraph("Bounds of the configuration, below ", where, ". A model that misses one cannot be put into use.")
    if not dossier.gate:
        return markup.section("gate", "The gate", intro, paragraph("No bound was checked."))
    head = markup.head(["Model", "Asked"], ["Measured", "At least"], ["Result"])
    table = markup.table("Bounds and what was measured", [head], [_gate_row(result) for result in dossier.gate])
    return markup.section("gate", "The gate", intro, table)


def _gate_row(result: GateResult) -> Html:
    measured, bound = words.compared(result.measured, result.bound)
    verdict = span("verdict good", "Pass") if result.passed else span("verdict bad", "Fail")
    asked = _BOUNDS.get(result.name, result.name)
    return markup.row(result.model, markup.cell(asked), number(measured), number(bound), markup.cell(verdict))


def _hardware(dossier: Dossier) -> Html:
    machine = dossier.hardware
    facts = [
        ("System", machine.system),
        ("Processor", machine.processor),
        ("Cores", words.whole(machine.cores)),
        ("Memory", words.gibibytes(machine.memory_bytes)),
        ("Vector instructions", ", ".join(machine.features) or "none found"),
        ("INT8 arithmetic", machine.integer_kernel),
    ]
    return markup.section("hardware", "This machine", _facts(facts), markup.bullets(machine.remarks))


def _method(dossier: Dossier) -> Html:
    intervals = (
        "A 95 % interval is where the value falls in 95 of 100 tries when the passages or queries are drawn anew, "
        "with repetition, from those that were measured (bootstrap, Efron 1979)."
    )
    facts = [
        ("Texts", dossier.texts),
        ("Intervals", intervals),
        ("Times", "Medians. The models took turns, round by round, so that a busy moment met all of them alike."),
        ("Measured", words.moment(dossier.created_at)),
        ("Program", f"Sealed Inbox {dossier.version}"),
        ("Packages", ", ".join(dossier.packages) or words.NOT_MEASURED),
    ]
    return markup.section("method", "How this was measured", _facts(facts))


def _files(dossier: Dossier) -> Html:
    command = element("code", {}, "pipeline models verify")
    intro = paragraph("A model is loaded only if its file has the SHA-256 below. To check: ", command, ".")
    rows = [_file_row(variant) for variant in dossier.variants]
    head = markup.head(["Model", "Precision"], ["Numbers in a vector", "Longest passage"])
    hashes = "\n".join(f"{variant.sha256}  {variant.name}" for variant in dossier.variants)
    table = markup.table("What the files hold", [head], rows)
    return markup.section("files", "The model files", intro, table, element("pre", {}, hashes))


def _file_row(variant: VariantReport) -> Html:
    length = f"{words.whole(variant.max_tokens)} tokens"
    return markup.row(
        variant.name, markup.cell(variant.precision), number(words.whole(variant.dimension)), number(length)
    )


def _facts(facts: list[tuple[str, str]]) -> Html:
    pairs = (element("div", {}, element("dt", {}, name), element("dd", {}, value)) for name, value in facts)
    return element("dl", {"class": "facts-list"}, *pairs)


def _closing() -> Html:
    stands = "This page stands alone: it loads nothing and runs no script. It holds names of models, ids and numbers."
    return element("footer", {}, stands)


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"
