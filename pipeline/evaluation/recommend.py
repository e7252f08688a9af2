"""Which model to use, in plain words, from the figures of a dossier. Pure; measures nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.answers import WORTHWHILE, Evidence, answer, megabytes, thin
from pipeline.evaluation.report import Answer, VariantReport

SAME_SPEED = 0.9  # of the fastest: among such models the more faithful one is better


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The end of a dossier; see there."""

    answers: tuple[Answer, ...]
    recommended: str | None
    recommendation: str


def conclude(evidence: Evidence) -> Conclusion:
    """Answer the three questions for the subject, and name the model to use."""
    recommended, recommendation = _recommended(evidence)
    if recommended is None:
        return Conclusion(answer(evidence), None, recommendation)
    if not recommended.is_active:
        recommendation += f" `pipeline models activate {recommended.name}` changes to it."
    return Conclusion(answer(evidence), recommended.name, recommendation)


def _recommended(evidence: Evidence) -> tuple[VariantReport | None, str]:
    reference = evidence.reference
    if reference is None:
        return None, (
            f"No recommendation: {evidence.subject} names no float32 reference, so what quantization cost it cannot be "
            "measured. Import or build it together with its float32 model."
        )
    others = [one for one in evidence.variants if not one.is_reference]
    if not others:
        return reference, f"Use {reference.name}: no quantized model of these weights is built to compare it with."
    able = [one for one in others if one.fidelity and not evidence.missed(one.name)]
    if not able:
        return reference, f"Use {reference.name}, which is exact. {_refused(evidence, others)}".rstrip()
    best = _best(able)
    ratio = best.speed.all_threads_ratio or 0.0
    if ratio < WORTHWHILE:
        return reference, (
            f"Use {reference.name}: on this machine {best.name} embeds at {ratio:.2f} times its speed, "
            "which is not worth what quantization costs in accuracy."
        )
    return best, " ".join([_praise(best, reference, ratio), *thin(best)])


def _best(able: Sequence[VariantReport]) -> VariantReport:
    """The most faithful of the fastest."""
    fastest = max(one.speed.all_threads for one in able)
    quick = [one for one in able if one.speed.all_threads >= SAME_SPEED * fastest]
    return max(quick, key=lambda one: one.fidelity.mean.value if one.fidelity else 0.0)


def _praise(best: VariantReport, reference: VariantReport, ratio: float) -> str:
    kept = [f"a mean cosine of {best.fidelity.mean.value:.4f}"] if best.fidelity else []
    if best.retrieval:
        kept.append(f"{best.retrieval.overlap_at_10.value:.1%} of the ten best passages")
    sizes = f"{megabytes(best.footprint.file_bytes)} instead of {megabytes(reference.footprint.file_bytes)}"
    return (
        f"Use {best.name}: it embeds {ratio:.1f} times as fast as {reference.name} on this machine, takes {sizes}, "
        f"and keeps {' and '.join(kept)}."
    )


def _refused(evidence: Evidence, others: Sequence[VariantReport]) -> str:
    return " ".join(
        f"{one.name} misses models.gate: "
        + ", ".join(f"{bound.name} {bound.measured:.4f} < {bound.bound:g}" for bound in evidence.missed(one.name))
        + "."
        for one in others
        if evidence.missed(one.name)
    )
