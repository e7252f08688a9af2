"""Numbers of system calls, by architecture, and whether this machine's are known. Data only.

From the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64); a test
compares them with the headers of the machine, where those are installed.
"""

import platform
import sys
from dataclasses import dataclass
from types import MappingProxyType

# name: (x86-64, aarch64); None where that architecture has no such call
_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "accept": (43, 202), "accept4": (288, 242), "access": (21, None), "acct": (163, 89), "add_key": (248, 217),
    "bind": (49, 200), "bpf": (321, 280), "brk": (12, 214), "capset": (126, 91), "clock_adjtime": (305, 266),
    "clock_getres": (229, 114), "clock_gettime": (228, 113), "clock_nanosleep": (230, 115), "clock_settime": (227, 112),
    "clone": (56, 220), "clone3": (435, 435), "close": (3, 57), "close_range": (436, 436), "connect": (42, 203),
    "delete_module": (176, 106), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "execve": (59, 221),
    "execveat": (322, 281), "exit": (60, 93), "exit_group": (231, 94), "faccessat": (269, 48), "faccessat2": (439, 439),
    "fadvise64": (221, 223), "fanotify_init": (300, 262), "fcntl": (72, 25), "finit_module": (313, 273),
    "fremovexattr": (199, 16), "fsconfig": (431, 431), "fsetxattr": (190, 7), "fsmount": (432, 432),
    "fsopen": (430, 430), "fspick": (433, 433), "fstat": (5, 80), "fstatfs": (138, 44), "futex": (202, 98),
    "getcwd": (79, 17), "getdents64": (217, 61), "getegid": (108, 177), "geteuid": (107, 175), "getgid": (104, 176),
    "getpid": (39, 172), "getppid": (110, 173), "getrandom": (318, 278), "getrlimit": (97, 163), "getrusage": (98, 165),
    "gettid": (186, 178), "gettimeofday": (96, 169), "getuid": (102, 174), "init_module": (175, 105),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "ioctl": (16, 29),
    "ioperm": (173, None), "iopl": (172, None), "kcmp": (312, 272), "kexec_file_load": (320, 294),
    "kexec_load": (246, 104), "keyctl": (250, 219), "landlock_add_rule": (445, 445),
    "landlock_create_ruleset": (444, 444), "landlock_restrict_self": (446, 446), "listen": (50, 201),
    "lookup_dcookie": (212, 18), "lremovexattr": (198, 15), "lseek": (8, 62), "lsetxattr": (189, 6), "lstat": (6, None),
    "madvise": (28, 233), "membarrier": (324, 283), "mincore": (27, 232), "mmap": (9, 222), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "move_pages": (279, 239), "mprotect": (10, 226),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "mremap": (25, 216), "msgget": (68, 186), "munmap": (11, 215),
    "name_to_handle_at": (303, 264), "nanosleep": (35, 101), "newfstatat": (262, 79), "open": (2, None),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "open_tree_attr": (467, 467), "openat": (257, 56),
    "openat2": (437, 437), "perf_event_open": (298, 241), "pidfd_getfd": (438, 438), "pivot_root": (155, 41),
    "poll": (7, None), "ppoll": (271, 73), "pread64": (17, 67), "prlimit64": (302, 261), "process_madvise": (440, 440),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "read": (0, 63), "readlink": (89, None), "readlinkat": (267, 78), "readv": (19, 65),
    "reboot": (169, 142), "removexattr": (197, 14), "removexattrat": (466, 466), "request_key": (249, 218),
    "restart_syscall": (219, 128), "rseq": (334, 293), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "sched_getaffinity": (204, 123), "sched_yield": (24, 124), "seccomp": (317, 277),
    "semget": (64, 190), "sendmmsg": (307, 269), "sendmsg": (46, 211), "sendto": (44, 206),
    "set_robust_list": (273, 99), "setns": (308, 268), "setsockopt": (54, 208), "settimeofday": (164, 170),
    "setxattr": (188, 5), "setxattrat": (463, 463), "shmctl": (31, 195), "shmget": (29, 194),
    "sigaltstack": (131, 132), "socket": (41, 198), "socketpair": (53, 199), "stat": (4, None), "statfs": (137, 43),
    "statx": (332, 291), "swapoff": (168, 225), "swapon": (167, 224), "sysinfo": (99, 179), "syslog": (103, 116),
    "umount2": (166, 39), "uname": (63, 160), "unshare": (272, 97), "userfaultfd": (323, 282), "vhangup": (153, 58),
    "write": (1, 64), "writev": (20, 66),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a filter must know: the audit constant of linux/audit.h, the calls, and whether there is an x32 ABI."""

    name: str
    audit: int
    numbers: MappingProxyType[str, int]
    has_x32: bool

    def number(self, call: str) -> int | None:
        """The number of a call; None where the architecture lacks it. A misspelt name is a KeyError."""
        _NUMBERS[call]
        return self.numbers.get(call)


def _architecture(name: str, audit: int, column: int, *, has_x32: bool) -> Architecture:
    numbers = {call: found for call, both in _NUMBERS.items() if (found := both[column]) is not None}
    return Architecture(name, audit, MappingProxyType(numbers), has_x32)


X86_64 = _architecture("x86_64", 0xC000003E, 0, has_x32=True)
AARCH64 = _architecture("aarch64", 0xC00000B7, 1, has_x32=False)
ARCHITECTURES = (X86_64, AARCH64)


def here() -> Architecture | None:
    """The architecture of this process; None where it is no Linux, not known, or not a 64-bit process."""
    if sys.platform != "linux" or sys.maxsize < 1 << 32:
        return None
    return next((one for one in ARCHITECTURES if one.name == platform.machine()), None)
