"""What is concluded from invented figures: the answers, the model to use, and the words that people will act on."""

from dataclasses import replace

import pytest

from pipeline.evaluation.answers import ACCURATE, FITS, OPERABLE, Evidence, Operation, answer
from pipeline.evaluation.recommend import conclude
from pipeline.evaluation.report import (
    Answer,
    Fidelity,
    Footprint,
    GateResult,
    Hardware,
    Interval,
    Retrieval,
    Speed,
    VariantReport,
    Verdict,
)

FLOAT, INT8 = "m-fp32", "m-int8"
MACHINE = Hardware("Linux x86_64", "Example", 4, 16 << 30, ("avx2",), "VNNI", ("INT8: a gain.", "float32: fine."))
OPERATION = Operation("weights==1.0", sources_here=True, fallbacks=(FLOAT,))


def near(value: float, spread: float = 0.0002) -> Interval:
    return Interval(value, value - spread, value + spread)


def fidelity(mean: float = 0.998, p1: float = 0.995, passages: int = 2000) -> Fidelity:
    return Fidelity(passages, near(mean), near(p1), p1 - 0.01, 0.95, (passages,), ())


def speed(rate: float, ratio: float | None) -> Speed:
    return Speed(4, rate / 3.8, rate, 2.0, 3.0, ratio, ratio)


def reference(*, active: bool = False) -> VariantReport:
    footprint = Footprint(90_300_000, 250, 500, 200_000_000)
    return VariantReport(FLOAT, "float32", "a" * 64, 384, 256, True, active, footprint, speed(10_000, 1.0))


def int8(name: str = INT8, ratio: float | None = 3.5, mean: float = 0.998, passages: int = 2000) -> VariantReport:
    return VariantReport(
        name, "int8-static", "b" * 64, 384, 256, False, True, Footprint(23_600_000, 120, 250, 110_000_000),
        speed(10_000 * (ratio or 1.0), ratio), fidelity(mean, passages=passages), fidelity(0.995, passages=40),
        Retrieval(500, 3000, near(0.95, 0.005)), near(0.99, 0.005),
    )  # fmt: skip


def gate(name: str = INT8, mean: float = 0.998) -> tuple[GateResult, ...]:
    return (
        GateResult(name, "cosine_mean", mean, 0.997), GateResult(name, "cosine_p1", 0.995, 0.993),
        GateResult(name, "names_cosine_mean", 0.995, 0.99), GateResult(name, "overlap_at_10", 0.95, 0.93),
    )  # fmt: skip


GOOD = Evidence(INT8, MACHINE, (reference(), int8()), gate(), OPERATION, of_index=True)


def verdicts(evidence: Evidence) -> list[Verdict]:
    return [one.verdict for one in answer(evidence)]


def accurate(variant: VariantReport, results: tuple[GateResult, ...] = gate()) -> Answer:
    return answer(replace(GOOD, variants=(reference(), variant), gate=results))[1]


def fits(variant: VariantReport, machine: Hardware = MACHINE) -> Answer:
    return answer(replace(GOOD, variants=(reference(), variant), hardware=machine))[0]


def test_a_good_int8_model_is_recommended_with_its_figures() -> None:
    found = conclude(GOOD)
    assert [one.question for one in found.answers] == [FITS, ACCURATE, OPERABLE]
    assert verdicts(GOOD) == [Verdict.YES] * 3
    assert found.recommended == INT8
    assert found.recommendation == (
        "Use m-int8: it embeds 3.5 times as fast as m-fp32 on this machine, takes 23.6 MB instead of 90.3 MB, "
        "and keeps a mean cosine of 0.9980 and 95.0% of the ten best passages."
    )


def test_a_model_that_is_not_active_yet_comes_with_the_command() -> None:
    idle = replace(int8(), is_active=False)
    found = conclude(replace(GOOD, subject=FLOAT, variants=(reference(active=True), idle)))
    assert found.recommended == INT8
    assert found.recommendation.endswith("`pipeline models activate m-int8` changes to it.")
    assert found.answers[1].verdict is Verdict.YES, "the subject is the float32 model itself"


def test_below_the_gate_float32_is_recommended_and_the_bound_named() -> None:
    bad = replace(GOOD, variants=(reference(), int8(mean=0.99)), gate=gate(mean=0.99))
    found = conclude(bad)
    assert found.recommended == FLOAT
    assert found.answers[1].verdict is Verdict.NO
    assert "m-int8 misses models.gate: cosine_mean 0.9900 < 0.997." in found.recommendation


def test_a_quantized_model_that_is_slower_is_not_worth_it() -> None:
    slow = replace(GOOD, variants=(reference(), int8(ratio=0.7)))
    found = conclude(slow)
    assert found.recommended == FLOAT
    assert found.answers[0].verdict is Verdict.NO
    assert "at 0.70 times its speed" in found.recommendation
    assert verdicts(replace(GOOD, variants=(reference(), int8(ratio=1.1))))[0] is Verdict.WITH_CARE


def test_without_a_reference_nothing_is_recommended() -> None:
    alone = replace(int8(ratio=None), fidelity=None, names=None, retrieval=None, labels_alike=None)
    found = conclude(replace(GOOD, variants=(alone,), gate=(), operation=replace(OPERATION, fallbacks=())))
    assert found.recommended is None
    assert found.recommendation.startswith("No recommendation: m-int8 names no float32 reference")
    assert [one.verdict for one in found.answers] == [Verdict.YES, Verdict.NOT_MEASURED, Verdict.WITH_CARE]


def test_a_float32_model_alone_is_used() -> None:
    found = conclude(replace(GOOD, subject=FLOAT, variants=(reference(active=True),), gate=()))
    assert found.recommended == FLOAT
    assert "no quantized model" in found.recommendation


def test_few_passages_are_called_thin_evidence() -> None:
    found = conclude(replace(GOOD, variants=(reference(), int8(passages=30))))
    assert found.recommended == INT8
    assert found.answers[1].verdict is Verdict.WITH_CARE
    assert "The evidence is thin: 30 passages" in found.recommendation
    few = replace(int8(), retrieval=Retrieval(3, 3000, near(0.95)))
    assert "The evidence is thin: search was compared with 3 queries only." in accurate(few).reasons


def test_among_models_of_one_speed_the_most_faithful_is_chosen_else_the_fastest() -> None:
    results = gate() + gate("m-fine")
    for ratio, chosen in ((3.3, "m-fine"), (2.0, INT8)):
        variants = (reference(), int8(), int8("m-fine", ratio, mean=0.9995))
        assert conclude(replace(GOOD, variants=variants, gate=results)).recommended == chosen


def test_an_interval_that_reaches_below_the_bound_asks_for_care() -> None:
    wide = replace(int8(), fidelity=replace(fidelity(), mean=Interval(0.998, 0.9965, 0.999)))
    assert accurate(wide).verdict is Verdict.WITH_CARE
    assert any("begins below, at 0.9965" in reason for reason in accurate(wide).reasons)


def test_a_bound_that_is_missed_by_chance_is_missed_and_told_so() -> None:
    close = replace(int8(), fidelity=replace(fidelity(), mean=Interval(0.9965, 0.996, 0.9972)))
    found = accurate(close, gate(mean=0.9965))
    assert found.verdict is Verdict.NO
    assert any("missed, though its 95 % interval reaches 0.9972" in reason for reason in found.reasons)
    far = accurate(int8(mean=0.99), gate(mean=0.99))
    assert any(reason.endswith("That is missed.") for reason in far.reasons)


@pytest.mark.parametrize(("difference", "verdict"), [(-0.004, Verdict.YES), (-0.006, Verdict.WITH_CARE)])
def test_a_loss_of_judged_quality_asks_for_care(difference: float, verdict: Verdict) -> None:
    retrieval = Retrieval(500, 3000, near(0.95), near(0.4), near(difference))
    assert accurate(replace(int8(), retrieval=retrieval)).verdict is verdict


def test_labels_that_change_ask_for_care() -> None:
    assert accurate(replace(int8(), labels_alike=near(0.9))).verdict is Verdict.WITH_CARE


@pytest.mark.parametrize(
    ("memory_gib", "verdict"), [(16.0, Verdict.YES), (0.3, Verdict.WITH_CARE), (0.15, Verdict.NO), (0.0, Verdict.YES)]
)
def test_memory_must_suffice_where_it_is_known(memory_gib: float, verdict: Verdict) -> None:
    assert fits(int8(), replace(MACHINE, memory_bytes=int(memory_gib * 2**30))).verdict is verdict


def test_a_model_without_its_weights_or_a_way_back_asks_for_care() -> None:
    for operation, says in (
        (replace(OPERATION, sources_here=False), "without weights==1.0"),
        (replace(OPERATION, fallbacks=()), "Not reversible yet"),
    ):
        found = answer(replace(GOOD, operation=operation))[2]
        assert found.verdict is Verdict.WITH_CARE
        assert any(says in reason for reason in found.reasons)


def test_texts_of_the_program_are_not_taken_for_the_users() -> None:
    said = answer(replace(GOOD, of_index=False))[1].reasons[-1]
    assert "--on-my-documents" in said
