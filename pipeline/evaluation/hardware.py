"""This machine, as far as choosing a model needs it: cores, memory, and what adds up INT8 products. Changes nothing."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.evaluation.report import Hardware
from pipeline.registry.runtime import available_cores

UNKNOWN = "unknown"
VNNI, SATURATING, DOT_PRODUCT, NEON = "VNNI", "AVX2, 16-bit sums", "dot product", "NEON"

# In the kernel's words (arch/x86/include/asm/cpufeatures.h; arch/arm64/kernel/cpuinfo.c), in the order shown.
X86_FEATURES = ("avx2", "fma", "f16c", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
ARM_FEATURES = ("asimd", "asimddp", "i8mm", "bf16")
APPLE_FEATURES = ("asimd", "asimddp")  # every Apple processor for macOS is ARMv8.4 or newer, which has both

_BF16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
_CPUINFO = Path("/proc/cpuinfo")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Processor:
    """Name and instructions of a processor; empty where the system does not tell."""

    name: str
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for `pipeline doctor`. A finding is a fact, never a fault."""

    name: str
    finding: str


def hardware() -> Hardware:
    """What this process may use."""
    processor = _processor()
    kernel = integer_kernel(processor.features)
    return Hardware(
        system=f"{platform.system()} {platform.machine()}",
        processor=processor.name or platform.processor() or platform.machine() or UNKNOWN,
        cores=available_cores(),
        memory_bytes=_memory_bytes(),
        features=processor.features,
        integer_kernel=kernel,
        remarks=remarks(processor.features),
    )


def checks() -> tuple[Finding, ...]:
    """What a check of the installation says about this machine."""
    found = hardware()
    memory = f"{found.memory_bytes / 2**30:.1f} GiB" if found.memory_bytes else "memory unknown"
    return (
        Finding("processor", f"{found.processor}, {found.cores} cores, {memory}"),
        Finding("integers", _INTEGERS[found.integer_kernel]),
    )


def parse(cpuinfo: str) -> Processor:
    """The processor that a text of /proc/cpuinfo describes: what its first core has, for x86-64 and for arm64."""
    fields = _first_fields(cpuinfo)
    has = set((fields.get("flags") or fields.get("features") or "").lower().split())
    known = X86_FEATURES if "flags" in fields else ARM_FEATURES
    return Processor(_name(fields), tuple(feature for feature in known if feature in has))


def integer_kernel(features: tuple[str, ...]) -> str:
    """Which instructions sum up products of u8 and s8 in onnxruntime (MLAS, platform.cpp) with these features.

    VNNI (vpdpbusd) adds four products in 32 bits. AVX2 and AVX-512 without it add two in 16 bits with saturation
    (vpmaddubsw); weights whose neighbours are limited together cannot saturate (quantize.limit_pairs).
    """
    if {"avx_vnni", "avx512_vnni"} & set(features):
        return VNNI
    if {"avx2", "avx512f"} & set(features):
        return SATURATING
    if "asimddp" in features:
        return DOT_PRODUCT
    return NEON if "asimd" in features else UNKNOWN


def remarks(features: tuple[str, ...]) -> tuple[str, ...]:
    """Which precisions are worth running here, in plain words."""
    native = bool(_BF16 & set(features))
    return (
        f"INT8: {_INTEGERS[integer_kernel(features)]}",
        "float32: runs on every processor; a model takes four times the bytes of INT8.",
        f"bfloat16: the processor {'has' if native else 'shows no'} instructions for it; this program does not use it.",
    )


_INTEGERS = {
    VNNI: "VNNI adds four products in one instruction; a large gain in speed over float32 is expected.",
    SATURATING: (
        "there is no VNNI, so products are added in pairs in 16 bits; a gain over float32 is expected, though smaller. "
        "The weights are limited in neighbouring pairs, so that no such sum can saturate."
    ),
    DOT_PRODUCT: "dot-product instructions add four products at once; a gain in speed over float32 is expected.",
    NEON: "NEON without dot-product instructions; the gain over float32 may be small, so the measurement decides.",
    UNKNOWN: "the system does not tell which instructions there are; the measurement decides.",
}


def _processor() -> Processor:
    if sys.platform == "darwin":
        apple = platform.machine() == "arm64"
        return Processor("Apple silicon" if apple else "", APPLE_FEATURES if apple else ())
    try:
        return parse(_CPUINFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return Processor("", ())


def _first_fields(cpuinfo: str) -> Mapping[str, str]:
    """The first value of each field, names in lower case. Some arm kernels name the machine behind all cores."""
    fields: dict[str, str] = {}
    for line in cpuinfo.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _name(fields: Mapping[str, str]) -> str:
    told = fields.get("model name") or fields.get("model", "")
    if told and not told.isdigit():
        return " ".join(told.split())
    if "cpu part" in fields:  # arm64 gives numbers only
        return f"ARM implementer {fields.get('cpu implementer', '?')}, part {fields['cpu part']}"
    return ""


def _memory_bytes() -> int:
    """Physical memory, or what the container may use of it; 0 where the system does not tell."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
    try:
        return min(memory, int(_CGROUP_LIMIT.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no cgroup v2, or no limit: "max"
        return memory
