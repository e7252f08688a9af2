"""Processors by the text that Linux tells about them; the texts are invented after real ones."""

import pytest

from pipeline.evaluation import hardware
from pipeline.evaluation.hardware import DOT_PRODUCT, NEON, SATURATING, UNKNOWN, VNNI

ZEN3 = """\
processor\t: 0
vendor_id\t: AuthenticAMD
model\t\t: 1
model name\t: Example EPYC  7003
flags\t\t: fpu sse2 fma avx f16c avx2 sha_ni

processor\t: 1
model name\t: Another
flags\t\t: fpu avx512_vnni
"""
ICE_LAKE = "model name\t: Example Xeon\nflags\t\t: avx avx2 fma f16c avx512f avx512_vnni\n"
ALDER_LAKE = "model name : Example Core\nflags : avx2 fma f16c avx_vnni\nbugs : spectre_v1\n"
SAPPHIRE = "model name : Example Max\nflags : avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 amx_int8\n"
SKYLAKE_X = "model name : Example X\nflags : avx2 avx512f\n"
OLD = "model name : Example Pentium\nflags : fpu sse2 ssse3\n"
GRAVITON = """\
processor\t: 0
BogoMIPS\t: 2100.00
Features\t: fp asimd evtstrm aes asimddp sve i8mm bf16
CPU implementer\t: 0x41
CPU architecture: 8
CPU part\t: 0xd40
"""
RASPBERRY = """\
processor\t: 0
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU part\t: 0xd08

Revision\t: d03115
Model\t\t: Example Pi 4
"""


@pytest.mark.parametrize(
    ("cpuinfo", "name", "features", "kernel"),
    [
        (ZEN3, "Example EPYC 7003", ("avx2", "fma", "f16c"), SATURATING),
        (ICE_LAKE, "Example Xeon", ("avx2", "fma", "f16c", "avx512f", "avx512_vnni"), VNNI),
        (ALDER_LAKE, "Example Core", ("avx2", "fma", "f16c", "avx_vnni"), VNNI),
        (SAPPHIRE, "Example Max", ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"), VNNI),
        (SKYLAKE_X, "Example X", ("avx2", "avx512f"), SATURATING),
        (OLD, "Example Pentium", (), UNKNOWN),
        (GRAVITON, "ARM implementer 0x41, part 0xd40", ("asimd", "asimddp", "i8mm", "bf16"), DOT_PRODUCT),
        (RASPBERRY, "Example Pi 4", ("asimd",), NEON),
        ("", "", (), UNKNOWN),
        ("flags\nmodel name\n:::\n\x00", "", (), UNKNOWN),
        ("flags : avx512_vnnifake notavx2\n", "", (), UNKNOWN),
    ],
)
def test_a_processor_is_told_by_its_own_words(cpuinfo: str, name: str, features: tuple[str, ...], kernel: str) -> None:
    found = hardware.parse(cpuinfo)
    assert (found.name, found.features) == (name, features)
    assert hardware.integer_kernel(found.features) == kernel


def test_every_kernel_has_its_remark_and_bfloat16_is_never_promised() -> None:
    for text in (ZEN3, SAPPHIRE, GRAVITON, RASPBERRY, OLD):
        integers, floats, bf16 = hardware.remarks(hardware.parse(text).features)
        assert integers.startswith("INT8: ")
        assert floats.startswith("float32: ")
        assert bf16.endswith("this program does not use it.")
    assert "shows no instructions" in hardware.remarks(("avx2",))[2]
    assert "has instructions" in hardware.remarks(("bf16",))[2]


def test_this_machine_is_described() -> None:
    found = hardware.hardware()
    assert found.cores >= 1
    assert found.memory_bytes >= 0
    assert found.processor
    assert found.integer_kernel in {VNNI, SATURATING, DOT_PRODUCT, NEON, UNKNOWN}
    assert [check.name for check in hardware.checks()] == ["processor", "integers"]
    assert found.processor in hardware.checks()[0].finding
