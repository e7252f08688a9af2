"""Which system calls a process may make: four policies, and their translation to a seccomp filter. Pure.

A filter is classic BPF (seccomp(2), linux/filter.h, linux/seccomp.h). A policy that names what is refused is enough
to keep a process off the network, since every way there begins at one of these calls; the process that reads a
document needs so few that it gets a list of what is allowed.
"""

import errno
import struct
from dataclasses import dataclass

from pipeline.isolation.syscalls import Architecture

ALLOW = 0x7FFF0000  # SECCOMP_RET_ALLOW
KILL = 0x80000000  # SECCOMP_RET_KILL_PROCESS
_ERRNO = 0x00050000  # SECCOMP_RET_ERRNO
_X32_BIT = 0x40000000  # arch/x86/include/uapi/asm/unistd.h
_NEWER = 449  # futex_waitv and what came since (Linux 5.16); from 424 on the numbers of all architectures agree
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06  # linux/bpf_common.h
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # struct seccomp_data

_MSG_FASTOPEN = 0x20000000
_AF_UNIX, _SOCK_STREAM, _TYPE_MASK = 1, 1, 0xF
_O_WRITES = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND
_TCGETS, _FIONCLEX, _FIOCLEX = 0x5401, 0x5450, 0x5451
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of clone(2)
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC. Others send signals: F_SETOWN with F_SETSIG kills (fcntl(2)).
_DESCRIPTOR_COMMANDS = (0, 1, 2, 3, 1030)


def refuse(number: int) -> int:
    """The verdict that makes a call fail with this errno."""
    return _ERRNO | number


REFUSED = refuse(errno.EACCES)
ABSENT = refuse(errno.ENOSYS)  # what libraries take for an older kernel, and do without
UNLISTED = refuse(errno.EPERM)


@dataclass(frozen=True, slots=True)
class Rule:
    """Gives a call its verdict, if 32 bits of one argument, masked, have a value (or have not): the low ones, or those
    `upper`, which matter where the argument is an address in memory.
    """

    call: str
    verdict: int
    argument: int | None = None
    mask: int = 0xFFFFFFFF
    value: int = 0
    negated: bool = False
    upper: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules for some calls, of which the first that applies decides; `default` where none does.

    Where `default` refuses, calls that are newer than this list seem absent, so that a C library which tries them
    first goes on with the older ones.
    """

    name: str
    rules: tuple[Rule, ...]
    default: int


# No socket of any family; pairs of connected streams stay, which reach nobody else. Datagram pairs could be aimed at
# a log daemon with sendto(2), which therefore takes no address. What a socket was told before the lock stays so.
_NETWORK = (
    *(Rule(call, REFUSED) for call in ("socket", "connect", "bind", "listen", "setsockopt")),
    Rule("socketpair", REFUSED, argument=0, value=_AF_UNIX, negated=True),
    Rule("socketpair", REFUSED, argument=1, mask=_TYPE_MASK, value=_SOCK_STREAM, negated=True),
    Rule("sendto", REFUSED, argument=3, mask=_MSG_FASTOPEN, negated=True),
    Rule("sendto", REFUSED, argument=4, negated=True),
    Rule("sendto", REFUSED, argument=4, negated=True, upper=True),
    Rule("sendmsg", REFUSED, argument=2, mask=_MSG_FASTOPEN, negated=True),
    Rule("sendmmsg", REFUSED, argument=3, mask=_MSG_FASTOPEN, negated=True),
    *(Rule(call, ABSENT) for call in ("io_uring_setup", "io_uring_enter", "io_uring_register")),
)
# Ways into other processes, other namespaces, other file systems, and into the kernel.
_SYSTEM = (
    # What is typed into the terminal in the user's name is run once the command has ended (CVE-2017-5226).
    *(Rule("ioctl", REFUSED, argument=1, value=request) for request in (_TIOCSTI, _TIOCLINUX)),
    Rule("clone", REFUSED, argument=0, mask=_NEW_NAMESPACES, negated=True),
    Rule("clone3", ABSENT),  # its flags lie in memory, where no filter can look; the C library then uses clone
    *(
        Rule(call, REFUSED)
        for call in (
            "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "move_pages",
            "setns", "unshare", "mount", "umount2", "pivot_root", "open_tree", "open_tree_attr", "move_mount", "fsopen",
            "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "quotactl",
            "quotactl_fd", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key",
            "lookup_dcookie",
            "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon",
            "swapoff", "acct", "syslog", "vhangup", "iopl", "ioperm", "settimeofday", "clock_settime", "clock_adjtime",
            "mq_open", "msgget", "semget", "shmget", "fanotify_init",
            # Landlock does not cover attributes of files, which a synchronised folder takes along.
            "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr",
            "removexattrat",
        )
    ),
)  # fmt: skip

_NO_CONNECTIONS = tuple(Rule(call, REFUSED) for call in ("accept", "accept4"))
SERVICE = Policy("service", (*_NETWORK, *_NO_CONNECTIONS, *_SYSTEM), ALLOW)


def accepting(listener: int) -> Policy:
    """As SERVICE, for a process that also answers others: it accepts on this one descriptor, bound before the lock."""
    return Policy(
        "watcher", (Rule("accept4", ALLOW, argument=0, value=listener), *_NETWORK, *_NO_CONNECTIONS, *_SYSTEM), ALLOW
    )


# The process that forks the readers: no program is started, no further line opened.
PARSER = Policy(
    "parser",
    (
        *(rule for rule in _NETWORK if rule.call != "socketpair"),
        *_SYSTEM,
        *_NO_CONNECTIONS,
        *(Rule(call, REFUSED) for call in ("socketpair", "execve", "execveat")),
    ),
    ALLOW,
)
# The process that reads one document: memory, time, its open files, and the code of libraries. It makes no process
# and no thread, signals nobody, writes to nothing but the descriptors it was given.
_READER_CALLS = (
    "read", "readv", "pread64", "write", "writev", "lseek", "close", "close_range", "dup", "dup2", "dup3",
    "fstat", "newfstatat", "statx", "stat", "lstat", "statfs", "fstatfs", "access", "faccessat", "faccessat2",
    "readlink", "readlinkat", "getcwd", "getdents64", "fadvise64", "poll", "ppoll",
    "brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mincore", "membarrier", "futex", "set_robust_list",
    "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "exit", "exit_group",
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "getrandom", "getpid", "gettid",
    "getppid", "getuid", "geteuid", "getgid", "getegid", "getrlimit", "getrusage", "sched_getaffinity",
    "sched_yield", "sysinfo", "uname",
)  # fmt: skip
READER = Policy(
    "reader",
    (
        *(Rule(call, ALLOW) for call in _READER_CALLS),
        Rule("openat", ALLOW, argument=2, mask=_O_WRITES, value=0),
        Rule("open", ALLOW, argument=1, mask=_O_WRITES, value=0),
        *(Rule("ioctl", ALLOW, argument=1, value=request) for request in (_TCGETS, _FIONCLEX, _FIOCLEX)),
        *(Rule("fcntl", ALLOW, argument=1, value=command) for command in _DESCRIPTOR_COMMANDS),
        *(Rule(call, ABSENT) for call in ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register")),
    ),
    UNLISTED,
)
POLICIES = (SERVICE, PARSER, READER)


def compiled(policy: Policy, architecture: Architecture) -> bytes:
    """The filter as an array of struct sock_filter, 8 bytes each, in the byte order of both architectures."""
    program = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_EQUAL, architecture.audit, 1, 0),
        _instruction(_RETURN, KILL),  # a call through another ABI (i386): its numbers mean something else
        _instruction(_LOAD, _NUMBER_AT),
    ]
    if architecture.has_x32:
        program += [_instruction(_AT_LEAST, _X32_BIT, 0, 1), _instruction(_RETURN, KILL)]
    if policy.default != ALLOW:
        program += [_instruction(_AT_LEAST, _NEWER, 0, 1), _instruction(_RETURN, ABSENT)]
    for call in dict.fromkeys(rule.call for rule in policy.rules):
        number = architecture.number(call)
        if number is not None:
            rules = [rule for rule in policy.rules if rule.call == call]
            block = _block(rules, policy.default)
            program += [_instruction(_EQUAL, number, 0, len(block)), *block]
    return b"".join([*program, _instruction(_RETURN, policy.default)])


def _block(rules: list[Rule], default: int) -> list[bytes]:
    """What follows once the number of a call is known; it always ends in a verdict."""
    block: list[bytes] = []
    for rule in rules:
        if rule.argument is None:
            return [*block, _instruction(_RETURN, rule.verdict)]
        block += [
            _instruction(_LOAD, _ARGUMENTS_AT + 8 * rule.argument + (4 if rule.upper else 0)),
            _instruction(_AND, rule.mask),
            _instruction(_EQUAL, rule.value, *((1, 0) if rule.negated else (0, 1))),
            _instruction(_RETURN, rule.verdict),
        ]
    return [*block, _instruction(_RETURN, default)]


def _instruction(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One struct sock_filter {u16 code; u8 jt; u8 jf; u32 k}."""
    return struct.pack("<HBBI", code, if_true, if_false, constant)
