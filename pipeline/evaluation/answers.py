"""The three questions of a dossier, answered from its figures in plain words. Pure; measures nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.report import Answer, GateResult, Hardware, Interval, VariantReport, Verdict

WORTHWHILE = 1.2  # times the reference's speed: less than this is no reason to give up exactness
THIN_PASSAGES, THIN_QUERIES = 100, 50  # the 1st percentile of fewer than 100 passages is hardly more than the least
NDCG_LOSS = -0.005  # more than this is not to be lost to quantization
LABELS_ALIKE = 0.95
MEMORY_CARE, MEMORY_NO = 0.25, 0.5  # of the machine's memory, for one process with the model

FITS, ACCURATE, OPERABLE = (
    "Does it fit this hardware?",
    "Is it accurate enough for these documents?",
    "Can it be operated?",
)
_SEVERITY = (Verdict.YES, Verdict.WITH_CARE, Verdict.NO)


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known about keeping the model in operation. `source` is the package of its weights.

    That its files are pinned and were verified is always so: no other is loaded.
    """

    source: str
    sources_here: bool
    fallbacks: tuple[str, ...]  # other built models to go back to


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a conclusion may rest on. `subject` is the name of the model in question."""

    subject: str
    hardware: Hardware
    variants: tuple[VariantReport, ...]
    gate: tuple[GateResult, ...]
    operation: Operation
    of_index: bool

    @property
    def reference(self) -> VariantReport | None:
        """The variant with which the others are compared, if there is one."""
        return next((one for one in self.variants if one.is_reference), None)

    def missed(self, name: str) -> list[GateResult]:
        """The bounds that this variant does not reach."""
        return [one for one in self.gate if one.model == name and not one.passed]


def answer(evidence: Evidence) -> tuple[Answer, ...]:
    """The three answers for the subject."""
    subject = next(one for one in evidence.variants if one.name == evidence.subject)
    return _fits(evidence, subject), _accurate(evidence, subject), _operable(evidence.operation)


def _fits(evidence: Evidence, subject: VariantReport) -> Answer:
    footprint, speed, memory = subject.footprint, subject.speed, evidence.hardware.memory_bytes
    share = footprint.resident_bytes / memory if memory else 0.0
    findings = [
        (
            Verdict.NO if share > MEMORY_NO else Verdict.WITH_CARE if share > MEMORY_CARE else Verdict.YES,
            _takes(subject),
        )
    ]
    rates = f"{speed.one_thread:,.0f} tokens/s on one thread, {speed.all_threads:,.0f} on {speed.threads}"
    ratio = speed.all_threads_ratio
    if subject.is_reference or ratio is None or evidence.reference is None:
        findings.append((Verdict.YES, f"It embeds {rates}."))
    else:
        pace = f"It embeds {rates}: {ratio:.2f} times the speed of {evidence.reference.name}."
        verdict = Verdict.YES if ratio >= WORTHWHILE else Verdict.WITH_CARE if ratio >= 1 else Verdict.NO
        findings.append(
            (verdict, pace if ratio >= WORTHWHILE else f"{pace} Quantization gains little or nothing here.")
        )
    if subject.precision != "float32" and evidence.hardware.remarks:
        findings.append((Verdict.YES, evidence.hardware.remarks[0]))
    return _answer(FITS, findings)


def _takes(subject: VariantReport) -> str:
    takes = subject.footprint
    memory = f"; it takes {megabytes(takes.resident_bytes)} of memory" if takes.resident_bytes else ""
    first = f"its first vector is there {takes.first_vector_ms:.0f} ms after the start"
    return f"It loads in {takes.load_ms:.0f} ms; {first}{memory}."


def _accurate(evidence: Evidence, subject: VariantReport) -> Answer:
    if subject.is_reference:
        return Answer(
            ACCURATE, Verdict.YES, ("It is the float32 model of these weights itself: nothing was quantized.",)
        )
    if subject.fidelity is None:
        return Answer(ACCURATE, Verdict.NOT_MEASURED, ("There is no float32 reference to compare it with.",))
    results = [one for one in evidence.gate if one.model == subject.name]
    findings = [_bound(subject, one) for one in results]
    findings += _quality(subject)
    findings += [(Verdict.WITH_CARE, reason) for reason in thin(subject)]
    if not evidence.of_index:
        findings.append(
            (Verdict.YES, "Measured on the texts that come with the program; --on-my-documents uses yours.")
        )
    return _answer(ACCURATE, findings)


def _bound(subject: VariantReport, result: GateResult) -> tuple[Verdict, str]:
    said = f"{_WORDS.get(result.name, result.name)} is {result.measured:.4f}; models.gate asks for {result.bound:g}."
    interval = _intervals(subject).get(result.name)
    if not result.passed:
        if interval is not None and interval.high >= result.bound:
            return Verdict.NO, f"{said} That is missed, though its 95 % interval reaches {interval.high:.4f}."
        return Verdict.NO, f"{said} That is missed."
    if interval is not None and interval.low < result.bound:
        return Verdict.WITH_CARE, f"{said} Its 95 % interval begins below, at {interval.low:.4f}."
    return Verdict.YES, said


_WORDS = {
    "cosine_mean": "The mean cosine to the reference",
    "cosine_p1": "The cosine that 99 of 100 passages exceed",
    "names_cosine_mean": "The mean cosine of lists of names, the worst case known,",
    "overlap_at_10": "The share of the ten best passages that stay among them",
}


def _intervals(subject: VariantReport) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    if subject.fidelity:
        found |= {"cosine_mean": subject.fidelity.mean, "cosine_p1": subject.fidelity.p1}
    if subject.names:
        found["names_cosine_mean"] = subject.names.mean
    if subject.retrieval:
        found["overlap_at_10"] = subject.retrieval.overlap_at_10
    return found


def _quality(subject: VariantReport) -> list[tuple[Verdict, str]]:
    found = []
    difference = subject.retrieval and subject.retrieval.ndcg_difference
    if difference:
        verdict = Verdict.WITH_CARE if difference.value < NDCG_LOSS else Verdict.YES
        bounds = f"95 % interval {difference.low:+.4f} to {difference.high:+.4f}"
        found.append((verdict, f"nDCG@10 on the judged queries differs by {difference.value:+.4f} ({bounds})."))
    alike = subject.labels_alike
    if alike:
        verdict = Verdict.WITH_CARE if alike.value < LABELS_ALIKE else Verdict.YES
        found.append((verdict, f"{alike.value:.1%} of the documents get the same label as with the reference."))
    return found


def thin(subject: VariantReport) -> list[str]:
    """What the evidence is too little for."""
    found = []
    if subject.fidelity and subject.fidelity.passages < THIN_PASSAGES:
        found.append(
            f"The evidence is thin: {subject.fidelity.passages} passages say little about the worst in a hundred."
        )
    queries = subject.retrieval.queries if subject.retrieval else 0
    if queries < THIN_QUERIES:
        found.append(f"The evidence is thin: search was compared with {queries} queries only.")
    return found


def _operable(operation: Operation) -> Answer:
    findings = [
        (Verdict.YES, "Pinned: its manifest names the sha256 of every file that goes into it and comes out."),
        (Verdict.YES, "Verified: its files were checked against these before they were loaded."),
    ]
    if operation.fallbacks:
        others = ", ".join(operation.fallbacks)
        findings.append((Verdict.YES, f"Reversible: `models activate` and `models rollback` lead back to {others}."))
    else:
        findings.append(
            (Verdict.WITH_CARE, "Not reversible yet: no other model of these weights is built to go back to.")
        )
    if not operation.sources_here:
        advice = f"Its weights are not here, so that it cannot be built again without {operation.source}."
        findings.append((Verdict.WITH_CARE, advice))
    return _answer(OPERABLE, findings)


def _answer(question: str, findings: Sequence[tuple[Verdict, str]]) -> Answer:
    """The gravest finding decides."""
    worst = max((verdict for verdict, _ in findings), key=_SEVERITY.index)
    return Answer(question, worst, tuple(reason for _, reason in findings))


def megabytes(size_bytes: int) -> str:
    """23.6 MB, of a million bytes each."""
    return f"{size_bytes / 1e6:.1f} MB"
