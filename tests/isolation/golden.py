"""Filters as text that people can review: `python -m tests.isolation.golden` writes them anew below golden/.

What changes there is what a change of pipeline/isolation/filters.py does; test_filters.py compares byte for byte.
"""

import errno
from pathlib import Path

from pipeline.isolation import filters
from pipeline.isolation.filters import Policy
from pipeline.isolation.syscalls import ARCHITECTURES, Architecture
from tests.isolation import bpf

FOLDER = Path(__file__).parent / "golden"
LISTENER = 7  # the descriptor of the watcher's listener, in tests
POLICIES = (*filters.POLICIES, filters.accepting(LISTENER))
_FIELDS = {0: "number", 4: "architecture"} | {16 + 8 * place: f"argument {place}" for place in range(6)}
_FIELDS |= {20 + 8 * place: f"upper half of argument {place}" for place in range(6)}
_VERDICTS = {0x7FFF0000: "allow", 0x80000000: "kill the process"}


def file_of(policy: Policy, architecture: Architecture) -> Path:
    """Where the listing of a filter lies."""
    return FOLDER / f"{policy.name}-{architecture.name}.txt"


def listing(policy: Policy, architecture: Architecture) -> str:
    """One line for each instruction; calls by their names."""
    names = {number: name for name, number in architecture.numbers.items()}
    lines = [f"# {policy.name}, {architecture.name}"]
    held = {0: ""}  # what the accumulator holds at each place; every way there agrees
    for place, one in enumerate(bpf.decoded(filters.compiled(policy, architecture))):
        true, false = place + 1 + one.if_true, place + 1 + one.if_false
        loaded = held.get(place, "")
        if one.code == bpf.LOAD:
            said = f"load {_FIELDS[one.constant]}"
            held[place + 1] = _FIELDS[one.constant]
        elif one.code == bpf.AND:
            said = f"and 0x{one.constant:x}"
            held[place + 1] = loaded
        elif one.code == bpf.RETURN:
            said = _verdict(one.constant)
        else:
            relation = "==" if one.code == bpf.EQUAL else ">="
            name = f" ({names[one.constant]})" if relation == "==" and loaded == "number" else ""
            value = f"{one.constant}{name}" if name else f"0x{one.constant:x}"
            said = f"if {loaded} {relation} {value} then {true} else {false}"
            assert held.setdefault(true, loaded) == held.setdefault(false, loaded) == loaded
        lines.append(f"{place:>4}  {said}")
    return "\n".join(lines) + "\n"


def _verdict(constant: int) -> str:
    return _VERDICTS.get(constant) or f"refuse with {errno.errorcode[constant - 0x00050000]}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for policy in POLICIES:
        for architecture in ARCHITECTURES:
            file_of(policy, architecture).write_text(listing(policy, architecture), encoding="ascii")
