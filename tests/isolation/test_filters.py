"""The four filters, run by an interpreter of our own: every call on both processors, against a table written here."""

import errno
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.isolation import filters
from pipeline.isolation.filters import Policy
from pipeline.isolation.syscalls import AARCH64, ARCHITECTURES, X86_64, Architecture
from tests.isolation import bpf, golden
from tests.isolation.bpf import Call

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSED, ABSENT, UNLISTED = 0x00050000 + errno.EACCES, 0x00050000 + errno.ENOSYS, 0x00050000 + errno.EPERM
I386, ARM, RISCV64, PPC64LE, S390X = 0x40000003, 0x40000028, 0xC00000F3, 0xC0000015, 0x80000016
X32 = 0x40000000
# CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of linux/sched.h
NAMESPACE_FLAGS = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
NAMESPACES = sum(NAMESPACE_FLAGS)
NUMBERS = (*range(601), *range(X32, X32 + 601))
ONES, LOW_ONES = (0xFFFFFFFF_FFFFFFFF,) * 6, (0x00000000_FFFFFFFF,) * 6

# The table. What is in none of these lists gets the policy's last word.
RING = ("io_uring_setup", "io_uring_enter", "io_uring_register")
SOCKETS = ("socket", "connect", "bind", "listen", "setsockopt")
ACCEPTS = ("accept", "accept4")
LISTENER = golden.LISTENER
POLICIES = golden.POLICIES
SYSTEM = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "move_pages",
    "setns", "unshare", "mount", "umount2", "pivot_root", "open_tree", "open_tree_attr", "move_mount", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "quotactl",
    "quotactl_fd", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "lookup_dcookie",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
    "acct", "syslog", "vhangup", "iopl", "ioperm", "settimeofday", "clock_settime", "clock_adjtime", "mq_open",
    "msgget", "semget", "shmget", "fanotify_init", "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr",
    "lremovexattr", "fremovexattr", "removexattrat",
)  # fmt: skip
READER_MAY = (
    "read", "readv", "pread64", "write", "writev", "lseek", "close", "close_range", "dup", "dup2", "dup3", "fstat",
    "newfstatat", "statx", "stat", "lstat", "statfs", "fstatfs", "access", "faccessat", "faccessat2", "readlink",
    "readlinkat", "getcwd", "getdents64", "fadvise64", "poll", "ppoll", "brk", "mmap", "munmap", "mprotect", "mremap",
    "madvise", "mincore", "membarrier", "futex", "set_robust_list", "rseq", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sigaltstack", "restart_syscall", "exit", "exit_group", "clock_gettime", "clock_getres",
    "clock_nanosleep", "nanosleep", "gettimeofday", "getrandom", "getpid", "gettid", "getppid", "getuid", "geteuid",
    "getgid", "getegid", "getrlimit", "getrusage", "sched_getaffinity", "sched_yield", "sysinfo", "uname",
)  # fmt: skip

Arguments = tuple[int, ...]


def low(arguments: Arguments, place: int) -> int:
    return arguments[place] & 0xFFFFFFFF


def fast_open(place: int) -> Callable[[Arguments], int]:
    return lambda arguments: REFUSED if low(arguments, place) & 0x20000000 else ALLOW


def aimed(arguments: Arguments) -> int:
    """A send may name no address, in either half of the pointer to it."""
    return REFUSED if arguments[4] else fast_open(3)(arguments)


def on_the_listener(arguments: Arguments) -> int:
    return ALLOW if low(arguments, 0) == LISTENER else REFUSED


def pair(arguments: Arguments) -> int:
    return ALLOW if low(arguments, 0) == 1 and low(arguments, 1) & 0xF == 1 else REFUSED


def opening(place: int) -> Callable[[Arguments], int]:
    writes = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000
    return lambda arguments: UNLISTED if low(arguments, place) & writes else ALLOW


def one_of(*values: int) -> Callable[[Arguments], int]:
    return lambda arguments: ALLOW if low(arguments, 1) in values else UNLISTED


Table = dict[str, int | Callable[[Arguments], int]]
SENDS: Table = {"sendto": aimed, "sendmsg": fast_open(2), "sendmmsg": fast_open(3)}
OFF: Table = {**dict.fromkeys((*SOCKETS, *SYSTEM), REFUSED), **dict.fromkeys((*RING, "clone3"), ABSENT)}
TERMINAL: Table = {"ioctl": lambda arguments: REFUSED if low(arguments, 1) in (0x5412, 0x541C) else ALLOW}
BIRTH: Table = {"clone": lambda arguments: REFUSED if low(arguments, 0) & NAMESPACES else ALLOW}
TABLES: dict[str, tuple[Table, int]] = {
    "service": (OFF | SENDS | TERMINAL | BIRTH | {"socketpair": pair} | dict.fromkeys(ACCEPTS, REFUSED), ALLOW),
    "watcher": (
        OFF | SENDS | TERMINAL | BIRTH | {"socketpair": pair, "accept": REFUSED, "accept4": on_the_listener},
        ALLOW,
    ),
    "parser": (
        OFF | SENDS | TERMINAL | BIRTH | dict.fromkeys(("socketpair", *ACCEPTS, "execve", "execveat"), REFUSED),
        ALLOW,
    ),
    "reader": (
        dict.fromkeys(READER_MAY, ALLOW)
        | dict.fromkeys((*RING, "clone3"), ABSENT)
        | {"openat": opening(2), "open": opening(1)}
        | {"ioctl": one_of(0x5401, 0x5450, 0x5451), "fcntl": one_of(0, 1, 2, 3, 1030)},
        UNLISTED,
    ),
}
FUTEX_WAITV = 449  # of Linux 5.16; what came since, up to mseal (462), must look like an older kernel to a C library
EACH = [pytest.param(p, a, id=f"{p.name}-{a.name}") for p in POLICIES for a in ARCHITECTURES]
each = pytest.mark.parametrize(("policy", "architecture"), EACH)
PROGRAMS = {
    (policy.name, architecture.name): bpf.decoded(filters.compiled(policy, architecture))
    for policy in POLICIES
    for architecture in ARCHITECTURES
}


def says(policy: str, architecture: Architecture, number: int, arguments: Arguments = (), abi: int = 0) -> int:
    """What the compiled filter says."""
    call = Call(number, abi or architecture.audit, arguments)
    return bpf.verdict(PROGRAMS[policy, architecture.name], call)


def expected(policy: str, architecture: Architecture, number: int, arguments: Arguments) -> int:
    """What the table says."""
    if architecture is X86_64 and number >= X32:
        return KILL
    rules, otherwise = TABLES[policy]
    if otherwise == UNLISTED and number >= FUTEX_WAITV:
        return ABSENT
    name = {number: name for name, number in architecture.numbers.items()}.get(number, "")
    rule = rules.get(name, otherwise)
    return rule if isinstance(rule, int) else rule((*arguments, *(0,) * (6 - len(arguments))))


def by_name(policy: str, architecture: Architecture, call: str, *arguments: int) -> int:
    return says(policy, architecture, architecture.numbers[call], arguments)


def test_the_policies_are_those_of_the_table() -> None:
    assert {policy.name for policy in POLICIES} == set(TABLES)


@each
def test_every_call_gets_the_verdict_of_the_table(policy: Policy, architecture: Architecture) -> None:
    wrong = [
        (number, arguments)
        for number in NUMBERS
        for arguments in ((0,) * 6, LOW_ONES)
        if says(policy.name, architecture, number, arguments) != expected(policy.name, architecture, number, arguments)
    ]
    assert wrong == []


@each
@pytest.mark.parametrize("abi", [I386, ARM, RISCV64, PPC64LE, S390X])
def test_a_call_of_another_kind_of_program_ends_the_process(
    policy: Policy, architecture: Architecture, abi: int
) -> None:
    assert {says(policy.name, architecture, number, abi=abi) for number in NUMBERS} == {KILL}
    other = AARCH64 if architecture is X86_64 else X86_64
    assert {says(policy.name, architecture, number, abi=other.audit) for number in NUMBERS} == {KILL}


@pytest.mark.parametrize("policy", TABLES)
def test_programs_with_short_pointers_end_on_the_processor_that_has_them(policy: str) -> None:
    assert {says(policy, X86_64, X32 | number) for number in range(601)} == {KILL}
    assert says(policy, X86_64, 0xFFFFFFFF) == KILL
    unknown = ABSENT if policy == "reader" else ALLOW
    assert says(policy, X86_64, X32 - 1) == says(policy, AARCH64, X32 | 41) == unknown


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda one: one.name)
def test_only_pairs_of_connected_local_streams_may_be_made(architecture: Architecture) -> None:
    flags = (0, 0o2000000, 0o4000, 0o2004000)  # SOCK_CLOEXEC, SOCK_NONBLOCK, both
    for family in range(46):
        for kind in range(1, 11):
            for flag in flags:
                for policy in ("service", "watcher"):
                    verdict = by_name(policy, architecture, "socketpair", family, kind | flag, 0)
                    assert verdict == (ALLOW if (family, kind) == (1, 1) else REFUSED), (family, kind, flag)
                assert by_name("parser", architecture, "socketpair", family, kind | flag, 0) == REFUSED
                assert by_name("reader", architecture, "socketpair", family, kind | flag, 0) == UNLISTED


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda one: one.name)
@pytest.mark.parametrize("policy", ["service", "watcher", "parser"])
@pytest.mark.parametrize(("call", "place"), [("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)])
def test_data_in_the_first_packet_is_refused_among_any_flags(
    architecture: Architecture, policy: str, call: str, place: int
) -> None:
    for others in (0, 0x40, 0x4000, 0x40 | 0x4000, 0xDFFFFFFF, 0xFFFFFFFF_00000000, 0x20000000 << 4):
        flags = [0, 0, 0, 0]
        flags[place] = others & 0xFFFFFFFF_DFFFFFFF
        assert by_name(policy, architecture, call, *flags) == ALLOW
        flags[place] |= 0x20000000
        assert by_name(policy, architecture, call, *flags) == REFUSED


@pytest.mark.parametrize(
    ("flags", "verdict"),
    [
        (0o2000000, ALLOW),  # O_RDONLY, as Python opens
        (0o200000 | 0o2000000, ALLOW),  # a folder
        (0o10000000, ALLOW),  # O_PATH
        (0o1, UNLISTED),
        (0o2, UNLISTED),
        (0o3, UNLISTED),
        (0o100, UNLISTED),
        (0o1000, UNLISTED),
        (0o2000, UNLISTED),
        (0o20200002, UNLISTED),  # O_TMPFILE
        (0o2000000 | 0o1101, UNLISTED),
        (0o1 | 0xFFFFFFFF_00000000, UNLISTED),
        (0o2000000 | 0xFFFFFFFF_00000000, ALLOW),
    ],
)
def test_a_reader_opens_files_for_reading_only(flags: int, verdict: int) -> None:
    for architecture in ARCHITECTURES:
        assert by_name("reader", architecture, "openat", 0xFFFFFF9C, 0x7FFF0000, flags, 0o600) == verdict
    assert by_name("reader", X86_64, "open", 0x7FFF0000, flags, 0o600) == verdict


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda one: one.name)
@pytest.mark.parametrize("policy", ["service", "watcher", "parser"])
def test_children_and_threads_are_born_where_their_parent_lives(architecture: Architecture, policy: str) -> None:
    fork, vfork, thread = 0x1200011, 0x4111, 0x3D0F00  # as the C library and the kernel's table have them
    for flags in (fork, vfork, thread):
        assert by_name(policy, architecture, "clone", flags) == ALLOW
        for namespace in NAMESPACE_FLAGS:
            assert by_name(policy, architecture, "clone", flags | namespace) == REFUSED
    assert by_name(policy, architecture, "clone3", 0, 88) == ABSENT, "the C library then uses clone"
    assert by_name("reader", architecture, "clone", fork) == UNLISTED


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda one: one.name)
@pytest.mark.parametrize("policy", ["service", "watcher", "parser"])
def test_nothing_is_typed_into_a_terminal_which_can_be_asked_for_its_size(
    architecture: Architecture, policy: str
) -> None:
    push_character, paste, size, attributes = 0x5412, 0x541C, 0x5413, 0x5401
    for upper in (0, 0xFFFFFFFF_00000000):  # the kernel looks at the lower half (CVE-2019-10063)
        assert by_name(policy, architecture, "ioctl", 0, push_character | upper) == REFUSED
        assert by_name(policy, architecture, "ioctl", 0, paste | upper) == REFUSED
    assert by_name(policy, architecture, "ioctl", 0, size) == by_name(policy, architecture, "ioctl", 0, attributes)
    assert by_name(policy, architecture, "ioctl", 0, size) == ALLOW


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda one: one.name)
def test_a_reader_asks_little_of_its_descriptors(architecture: Architecture) -> None:
    terminal, push_character, set_owner, asynchronous = 0x5401, 0x5412, 0x8901, 0x5452
    assert by_name("reader", architecture, "ioctl", 0, terminal) == ALLOW
    for request in (push_character, set_owner, asynchronous, 0x8912, 0x40086602):
        assert by_name("reader", architecture, "ioctl", 0, request) == UNLISTED
    assert by_name("reader", architecture, "fcntl", 3, 1030) == ALLOW
    for command in (4, 5, 6, 8, 10, 15, 1024, 1026, 1031, 1033):  # owners and signals, leases, notices, seals
        assert by_name("reader", architecture, "fcntl", 3, command) == UNLISTED


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda one: one.name)
def test_a_watcher_accepts_on_its_listener_and_nobody_else_on_anything(architecture: Architecture) -> None:
    for descriptor in (*range(20), 0xFFFFFFFF):
        expected = ALLOW if descriptor == LISTENER else REFUSED
        assert by_name("watcher", architecture, "accept4", descriptor, 0, 0, 0o2000000) == expected
        assert by_name("watcher", architecture, "accept", descriptor, 0, 0) == REFUSED
        for call in ACCEPTS:
            assert by_name("service", architecture, call, descriptor, 0, 0, 0) == REFUSED
            assert by_name("parser", architecture, call, descriptor, 0, 0, 0) == REFUSED
            assert by_name("reader", architecture, call, descriptor, 0, 0, 0) == UNLISTED


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda one: one.name)
@pytest.mark.parametrize("policy", ["service", "watcher", "parser"])
def test_what_is_sent_is_aimed_at_nobody(architecture: Architecture, policy: str) -> None:
    assert by_name(policy, architecture, "sendto", 5, 0x7FFF0000, 10, 0, 0, 0) == ALLOW
    for address in (1, 0x7FFF0000, 0xFFFFFFFF, 0x7FFF_00000000, 0x1_00000000, 0xFFFFFFFF_FFFFFFFF):
        assert by_name(policy, architecture, "sendto", 5, 0x7FFF0000, 10, 0, address, 16) == REFUSED, hex(address)


@each
def test_the_upper_halves_of_arguments_do_not_matter(policy: Policy, architecture: Architecture) -> None:
    """The kernel looks at the lower half of these only: an upper half must neither open nor shut anything.

    But for addresses in memory, of which every bit counts.
    """
    samples = [(1, 1), (1, 2), (2, 1), (0, 0x20000000, 0x20000000, 0x20000000), (0, 0x5401), (0, 0x5402), (0, 4, 1, 1)]
    for name, rule in TABLES[policy.name][0].items():
        number = architecture.number(name)
        if isinstance(rule, int) or number is None:
            continue
        for sample in samples:
            plain = (*sample, *(0,) * (6 - len(sample)))
            addresses = (4,) if name == "sendto" else ()
            dressed = tuple(
                value if place in addresses else value | 0xDEADBEEF_00000000 for place, value in enumerate(plain)
            )
            assert says(policy.name, architecture, number, dressed) == says(policy.name, architecture, number, plain)


ANY_CALL = st.tuples(st.integers(0, 0xFFFFFFFF) | st.integers(0, 470), st.tuples(*[st.integers(0, 2**64 - 1)] * 6))


@settings(derandomize=True, max_examples=500, deadline=None)
@given(ANY_CALL, st.sampled_from(ARCHITECTURES))
def test_a_reader_may_nothing_outside_its_list(call: tuple[int, Arguments], architecture: Architecture) -> None:
    number, arguments = call
    listed = {*READER_MAY, "openat", "open", "ioctl", "fcntl"}
    may = {number for name, number in architecture.numbers.items() if name in listed}
    if number not in may:
        assert says("reader", architecture, number, arguments) in (UNLISTED, ABSENT, KILL)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.sampled_from(sorted(OFF)), ANY_CALL, st.sampled_from(ARCHITECTURES))
def test_a_locked_process_may_nothing_of_its_list_whatever_the_arguments(
    name: str, call: tuple[int, Arguments], architecture: Architecture
) -> None:
    number = architecture.number(name)
    if number is not None:
        for policy in ("service", "watcher", "parser"):
            assert says(policy, architecture, number, call[1]) == OFF[name]


@settings(derandomize=True, max_examples=500, deadline=None)
@given(ANY_CALL, st.sampled_from(ARCHITECTURES), st.sampled_from(sorted(TABLES)))
def test_any_call_with_any_arguments_gets_the_verdict_of_the_table(
    call: tuple[int, Arguments], architecture: Architecture, policy: str
) -> None:
    number, arguments = call
    assert says(policy, architecture, number, arguments) == expected(policy, architecture, number, arguments)


@each
def test_the_kernel_takes_the_program(policy: Policy, architecture: Architecture) -> None:
    instructions = PROGRAMS[policy.name, architecture.name]
    assert len(instructions) <= 4096
    assert all(one.if_true < 256 and one.if_false < 256 for one in instructions)
    assert instructions[0] == bpf.Instruction(bpf.LOAD, 0, 0, 4), "the architecture must be looked at first"


@each
def test_the_filters_are_those_that_were_reviewed(policy: Policy, architecture: Architecture) -> None:
    reviewed = golden.file_of(policy, architecture).read_text(encoding="ascii")
    assert golden.listing(policy, architecture) == reviewed, "`python -m tests.isolation.golden` writes them anew"


def test_a_misspelt_call_is_an_error_and_no_hole() -> None:
    with pytest.raises(KeyError):
        filters.compiled(Policy("x", (filters.Rule("sockett", REFUSED),), ALLOW), X86_64)


def test_the_first_rule_that_applies_decides() -> None:
    rules = (
        filters.Rule("read", REFUSED, argument=0, value=7),
        filters.Rule("read", ABSENT, argument=0, mask=0xF0, value=0x10, negated=True),
        filters.Rule("read", KILL),
        filters.Rule("read", ALLOW),
    )
    program = bpf.decoded(filters.compiled(Policy("x", rules, ALLOW), X86_64))
    verdicts = [bpf.verdict(program, Call(0, X86_64.audit, (first,))) for first in (7, 8, 0x11)]
    assert verdicts == [REFUSED, ABSENT, KILL]


class TestInterpreter:
    """What the interpreter itself must refuse."""

    def test_a_jump_out_of_the_program_is_found(self) -> None:
        with pytest.raises(AssertionError, match="jump out"):
            bpf.decoded(bytes.fromhex("1500000100000000" + "0600000000000000"))

    def test_a_program_without_an_end_is_found(self) -> None:
        with pytest.raises(AssertionError):
            bpf.decoded(bytes.fromhex("2000000000000000"))

    def test_an_unknown_instruction_is_found(self) -> None:
        with pytest.raises(AssertionError, match="unknown"):
            bpf.decoded(bytes.fromhex("0500000000000000" + "0600000000000000"))
