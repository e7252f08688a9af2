"""Runs a filter of system calls as the kernel would: classic BPF over struct seccomp_data. Knows no policy.

Only what our filters use; any other instruction, and a jump out of the program, is an error.
"""

import struct
from dataclasses import dataclass

LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
MAX_INSTRUCTIONS = 4096  # BPF_MAXINSNS
_JUMPS = (EQUAL, AT_LEAST)
_RECORD = struct.Struct("<IIQ6Q")  # struct seccomp_data: nr, arch, instruction_pointer, args


@dataclass(frozen=True, slots=True)
class Instruction:
    """struct sock_filter."""

    code: int
    if_true: int
    if_false: int
    constant: int


@dataclass(frozen=True, slots=True)
class Call:
    """A system call as a filter sees it; missing arguments are 0."""

    number: int
    architecture: int
    arguments: tuple[int, ...] = ()

    def packed(self) -> bytes:
        arguments = (*self.arguments, *(0 for _ in range(6 - len(self.arguments))))
        return _RECORD.pack(self.number, self.architecture, 0x7F00_0000_1234, *arguments)


def decoded(program: bytes) -> list[Instruction]:
    """The instructions of a program, checked: known, within bounds, and every path ends in a verdict."""
    assert len(program) % 8 == 0
    instructions = [
        Instruction(code, true, false, constant) for code, true, false, constant in struct.iter_unpack("<HBBI", program)
    ]
    assert 0 < len(instructions) <= MAX_INSTRUCTIONS
    for place, one in enumerate(instructions):
        assert one.code in (LOAD, AND, *_JUMPS, RETURN), f"unknown instruction at {place}"
        if one.code in _JUMPS:
            assert place + 1 + max(one.if_true, one.if_false) < len(instructions), f"jump out of the program at {place}"
        else:
            assert one.if_true == one.if_false == 0
        if one.code == LOAD:
            assert one.constant % 4 == 0, f"unaligned load at {place}"
            assert one.constant + 4 <= _RECORD.size, f"load beyond the record at {place}"
    assert instructions[-1].code == RETURN  # jumps lead forward only, so nothing runs past it
    return instructions


def verdict(instructions: list[Instruction], call: Call) -> int:
    """What the filter says about a call."""
    record, accumulator, place = call.packed(), 0, 0
    while True:
        one = instructions[place]
        place += 1
        if one.code == LOAD:
            accumulator = int.from_bytes(record[one.constant : one.constant + 4], "little")
        elif one.code == AND:
            accumulator &= one.constant
        elif one.code == EQUAL:
            place += one.if_true if accumulator == one.constant else one.if_false
        elif one.code == AT_LEAST:
            place += one.if_true if accumulator >= one.constant else one.if_false
        else:
            assert one.code == RETURN
            return one.constant
