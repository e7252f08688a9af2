"""Two invented dossiers: an INT8 model that keeps what its reference finds, and one that does not."""

import math
from dataclasses import replace

from pipeline.evaluation.report import (
    Answer,
    Dossier,
    Fidelity,
    Footprint,
    GateResult,
    Hardware,
    Interval,
    Passage,
    Retrieval,
    Speed,
    VariantReport,
    Verdict,
)

REFERENCE = "all-minilm-l6-v2-fp32"
INT8 = "all-minilm-l6-v2-int8"
DYNAMIC = "all-minilm-l6-v2-dynamic-int8"
BINS = 40


def fidelity(mean: float, p1: float, passages: int, start: float = 0.98) -> Fidelity:
    """Cosines that gather below `mean`, with a tail to the left."""
    edges = [start + (1 - start) * (place + 0.5) / BINS for place in range(BINS)]
    width = (mean - p1) / 2
    heights = [math.exp(-(abs((edge - mean) / width) ** (1.4 if edge < mean else 2.4))) for edge in edges]
    counts = tuple(round(passages * height / sum(heights)) for height in heights)
    worst = tuple(Passage(str(90_417 - 811 * place), p1 - 0.004 + 0.0007 * place) for place in range(5))
    spread = 0.0002 if passages > 500 else 0.0009
    return Fidelity(
        passages=passages,
        mean=Interval(mean, mean - spread, mean + spread),
        p1=Interval(p1, p1 - 3 * spread, p1 + 2 * spread),
        least=worst[0].cosine,
        histogram_from=start,
        histogram=counts,
        worst=worst,
    )


def reference() -> VariantReport:
    """The model that the others are compared with."""
    return VariantReport(
        name=REFERENCE,
        precision="float32",
        sha256="6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452",
        dimension=384,
        max_tokens=256,
        is_reference=True,
        is_active=False,
        footprint=Footprint(file_bytes=90_868_000, load_ms=211.4, first_vector_ms=402.2, resident_bytes=196_400_000),
        speed=Speed(threads=16, one_thread=2_947.3, all_threads=40_120.0, query_p50_ms=6.42, query_p95_ms=8.11),
        retrieval=Retrieval(1_200, 8_400, Interval(1, 1, 1), ndcg_at_10=Interval(0.412, 0.391, 0.433)),
    )


def int8() -> VariantReport:
    """A model that is small, fast and close to its reference."""
    return VariantReport(
        name=INT8,
        precision="INT8, static",
        sha256="1f0c3a7e5b9d2846fa10c3d2e4b5968778695a4b3c2d1e0f9f8e7d6c5b4a3928",
        dimension=384,
        max_tokens=256,
        is_reference=False,
        is_active=True,
        footprint=Footprint(file_bytes=23_612_000, load_ms=87.6, first_vector_ms=248.0, resident_bytes=117_900_000),
        speed=Speed(
            threads=16,
            one_thread=9_470.2,
            all_threads=141_900.0,
            query_p50_ms=1.94,
            query_p95_ms=2.53,
            one_thread_ratio=3.21,
            all_threads_ratio=3.54,
        ),
        fidelity=fidelity(0.9979, 0.9941, 8_400),
        names=fidelity(0.9931, 0.9872, 240),
        retrieval=Retrieval(
            1_200,
            8_400,
            Interval(0.948, 0.941, 0.955),
            Interval(0.4108, 0.39, 0.432),
            Interval(-0.0012, -0.0031, 0.0006),
        ),
        labels_alike=Interval(0.985, 0.971, 0.995),
    )


def dynamic() -> VariantReport:
    """The ordinary INT8 file: larger losses, and no labels measured."""
    return replace(
        int8(),
        name=DYNAMIC,
        precision="INT8, dynamic",
        sha256="c0ffee" + "ab" * 29,
        is_active=False,
        footprint=Footprint(file_bytes=22_900_000, load_ms=79.0, first_vector_ms=251.0, resident_bytes=124_100_000),
        speed=Speed(
            threads=16,
            one_thread=5_604.0,
            all_threads=71_300.0,
            query_p50_ms=3.2,
            query_p95_ms=4.9,
            one_thread_ratio=1.9,
            all_threads_ratio=1.78,
        ),
        fidelity=fidelity(0.9917, 0.9853, 8_400),
        names=None,
        retrieval=Retrieval(
            1_200,
            8_400,
            Interval(0.893, 0.883, 0.902),
            Interval(0.4046, 0.384, 0.426),
            Interval(-0.0074, -0.0112, -0.0035),
        ),
        labels_alike=None,
    )


def hardware() -> Hardware:
    """A machine with VNNI."""
    return Hardware(
        system="Linux 6.1 x86-64",
        processor="AMD EPYC 9R14",
        cores=16,
        memory_bytes=64 * 2**30,
        features=("avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx512_bf16"),
        integer_kernel="VNNI",
        remarks=(
            "INT8 is the fastest precision on this processor.",
            "float16 and bfloat16 would be computed as float32 and gain nothing.",
        ),
    )


def gate(model: str, measured: tuple[float, float, float, float]) -> tuple[GateResult, ...]:
    """The four bounds of the configuration."""
    bounds = (("cosine_mean", 0.997), ("cosine_p1", 0.993), ("names_cosine_mean", 0.99), ("overlap_at_10", 0.93))
    return tuple(GateResult(model, name, value, bound) for (name, bound), value in zip(bounds, measured, strict=True))


def good() -> Dossier:
    """INT8 may be used; the ordinary INT8 file may not."""
    return Dossier(
        created_at="2026-03-01T15:05:09+01:00",
        version="0.1.0",
        model="all-minilm-l6-v2",
        texts="8,400 passages of the index, 240 passages that are lists of names, and 1,200 queries whose relevant "
        "passages are known.",
        hardware=hardware(),
        variants=(reference(), int8(), dynamic()),
        gate=gate(INT8, (0.9979, 0.9941, 0.9931, 0.948)) + gate(DYNAMIC, (0.9917, 0.9853, 0.98997, 0.893)),
        answers=(
            Answer(
                "Does it fit this hardware?",
                Verdict.YES,
                (
                    "It takes 117.9 MB of the 64 GiB of memory.",
                    "The processor adds INT8 products exactly (VNNI); a query takes 1.9 ms.",
                ),
            ),
            Answer(
                "Is it accurate enough for these documents?",
                Verdict.WITH_CARE,
                (
                    "95 of 100 passages that the reference finds among its ten best are found.",
                    "Judged quality is the same within the measurement: nDCG@10 differs by −0.0012.",
                    "Lists of names keep less (0.9931): look for names by word as well.",
                ),
            ),
            Answer(
                "Can it be operated?",
                Verdict.YES,
                (
                    "Its file is pinned by SHA-256 and was verified before this measurement.",
                    "The vectors of the model before it are kept: rollback is immediate.",
                ),
            ),
        ),
        recommended=INT8,
        recommendation="The INT8 model finds the same passages as its float32 reference, three times as fast and in a "
        "quarter of the space. Keep it in use.",
        packages=("onnxruntime 1.32.0", "numpy 2.4.1", "faiss-cpu 1.15.1", "tokenizers 0.23.3"),
    )


def below_the_gate() -> Dossier:
    """Only the ordinary INT8 file was built, and it misses the gate: the reference is recommended."""
    answers = (
        Answer("Does it fit this hardware?", Verdict.WITH_CARE, ("Without VNNI, INT8 gains little here.",)),
        Answer("Is it accurate enough for these documents?", Verdict.NO, ("Three bounds of the gate are missed.",)),
        Answer("Can it be operated?", Verdict.NOT_MEASURED, ()),
    )
    active = replace(reference(), is_active=True, retrieval=None)
    return replace(
        good(),
        variants=(active, dynamic()),
        gate=gate(DYNAMIC, (0.9917, 0.9853, 0.9904, 0.893)),
        answers=answers,
        recommended=None,
        recommendation="Stay with the float32 reference that is in use: the INT8 file loses more than is allowed here, "
        "and no other model was built.",
    )
