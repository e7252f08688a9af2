"""Numbers of system calls against the kernel's own headers, and which processor this is."""

import platform
import re
import sys
from pathlib import Path

import pytest

from pipeline.isolation import syscalls
from pipeline.isolation.syscalls import AARCH64, X86_64

X86_HEADERS = (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h"))
GENERIC_HEADERS = (
    Path("/usr/include/asm-generic/unistd.h"),
    Path("/usr/include/aarch64-linux-gnu/asm/unistd_64.h"),  # since Linux 6.11 the generic one is generated into it
)


def defined(headers: tuple[Path, ...]) -> dict[str, int]:
    """The calls of the first of these headers that says numbers; those that differ by word size as on 64 bits."""
    for header in headers:
        text = header.read_text(encoding="utf-8") if header.is_file() else ""
        numbers = {name: int(value) for name, value in re.findall(r"^#define (__NR\w*)\s+(\d+)$", text, re.MULTILINE)}
        if len(numbers) > 100:
            for alias, name in re.findall(r"^#define (__NR_\w+)\s+(__NR3264_\w+)$", text, re.MULTILINE):
                numbers.setdefault(alias, numbers.get(name, -1))
            numbers.pop("__NR_syscalls", None)  # how many there are
            for small in ("fcntl64", "statfs64", "fstatfs64", "fstatat64", "fstat64", "llseek", "mmap2", "stat64"):
                numbers.pop(f"__NR_{small}", None)
            return {name.removeprefix("__NR_"): number for name, number in numbers.items() if number >= 0}
    pytest.skip(f"the kernel's headers are not installed ({headers[0]})")


@pytest.mark.parametrize(
    ("architecture", "headers"), [(X86_64, X86_HEADERS), (AARCH64, GENERIC_HEADERS)], ids=["x86_64", "aarch64"]
)
def test_the_numbers_are_those_of_the_kernels_headers(
    architecture: syscalls.Architecture, headers: tuple[Path, ...]
) -> None:
    known = defined(headers)
    newest = max(known.values())
    ours = {name: number for name, number in architecture.numbers.items() if number <= newest}
    assert ours == {name: known.get(name) for name in ours}
    assert len(ours) > 120
    lacking = {name for name in X86_64.numbers.keys() | AARCH64.numbers.keys() if architecture.number(name) is None}
    assert not lacking & set(known), "the kernel has it, and no filter would speak of it"


@pytest.mark.parametrize("architecture", [X86_64, AARCH64], ids=["x86_64", "aarch64"])
def test_no_two_calls_share_a_number(architecture: syscalls.Architecture) -> None:
    assert len(set(architecture.numbers.values())) == len(architecture.numbers)
    since = {name for name, number in architecture.numbers.items() if number > 423}
    assert {architecture.numbers[name] for name in since} == {X86_64.numbers[name] for name in since}


def test_the_processors_are_told_apart_as_the_kernel_does() -> None:
    assert (X86_64.audit, X86_64.has_x32) == (0x80000000 | 0x40000000 | 62, True)  # linux/audit.h, EM_X86_64
    assert (AARCH64.audit, AARCH64.has_x32) == (0x80000000 | 0x40000000 | 183, False)  # EM_AARCH64


@pytest.mark.parametrize(
    ("machine", "found"),
    [("x86_64", X86_64), ("aarch64", AARCH64), ("i686", None), ("armv7l", None), ("riscv64", None), ("", None)],
)
def test_only_known_processors_are_taken_for_known(
    machine: str, found: syscalls.Architecture | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(sys, "platform", "linux")
    assert syscalls.here() is found


@pytest.mark.parametrize("system", ["darwin", "win32", "freebsd14"])
def test_other_systems_have_other_numbers(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", system)
    assert syscalls.here() is None


def test_a_process_of_32_bits_on_a_kernel_of_64_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "maxsize", (1 << 31) - 1)
    assert syscalls.here() is None


def test_a_call_that_an_architecture_lacks_is_none_and_a_misspelt_one_an_error() -> None:
    assert (X86_64.number("open"), AARCH64.number("open")) == (2, None)
    with pytest.raises(KeyError):
        AARCH64.number("opne")
