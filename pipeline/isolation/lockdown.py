"""What each kind of process may do, taken for good before it touches anything: service, parser, reader of one document.

On Linux the kernel keeps the promise: a filter of system calls, which is the lock, and behind it Landlock and a
network of the process's own, where the host offers them. Elsewhere there is only advice, and `Lock` says so.
"""

import errno
import os
import stat
import sys
import sysconfig
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import LockError
from pipeline.isolation import filters, landlock, libc, namespaces, process, seccomp, syscalls
from pipeline.isolation.landlock import Files
from pipeline.isolation.process import ResourceLimits
from pipeline.isolation.syscalls import Architecture

_LOADERS = (Path("/lib64"), Path("/lib"))  # hold ld-linux-*.so, which executes with every program
_SYSTEM = tuple(Path(path) for path in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"))
_AF_INET, _SOCK_DGRAM = 2, 2  # socket(2)
_DEVICES = tuple(Path(f"/dev/{name}") for name in ("null", "zero", "random", "urandom"))


@dataclass(frozen=True, slots=True)
class Lock:
    """What holds this process: the filter of system calls, the version of Landlock (0: none), a network of its own."""

    system_calls: bool = False
    landlock: int = 0
    own_network: bool = False

    @property
    def sealed(self) -> bool:
        """Whether the kernel keeps this process, and all that it starts, off every network."""
        return self.system_calls


NO_LOCK = Lock()


def lock_service(
    writable: Iterable[Path],
    *,
    required: bool,
    new_folders: Iterable[Path] = (),
    kept: Collection[int] = (),
    listener: int | None = None,
) -> Lock:
    """Lock the process that has the store: no network; no program started but this Python; nothing written elsewhere.

    `writable` are the folders in which it may change files; below `new_folders` it may make folders, no more. Of open
    descriptors only those `kept` stay, and the `listener`, on which alone connections can be accepted. To be called
    before anything else, while there is one thread. Raises LockError when the lock is `required` (on Linux) and cannot
    be taken, and when standard input or output is a line to a network.
    """
    process.make_private([*kept, *([] if listener is None else [listener])])
    _refuse_network_lines()
    if sys.platform != "linux":
        return NO_LOCK
    architecture = syscalls.here()
    if architecture is None:
        return _without_lock("This kind of processor is not known to the lock.", required)
    files = Files(
        read=(Path("/"),),
        write=(*writable, *_DEVICES),
        execute=(Path(sys.executable), *_loaders()),
        make_folders=tuple(new_folders),
    )
    alone = _has_one_thread()
    own_network = alone and namespaces.enter_own_network(architecture)
    try:
        namespaces.drop_capabilities(architecture, namespaces.CHANGE_FILES)
        process.forbid_inspection()
        version = landlock.restrict(files, architecture) if alone else 0
        seccomp.install(filters.SERVICE if listener is None else filters.accepting(listener), architecture)
    except OSError as error:
        return _without_lock(f"The kernel refuses the lock ({error.strerror}).", required)
    if not _holds(architecture):
        return _without_lock("The kernel took the lock, but it does not hold.", required)
    return Lock(True, version, own_network)


def lock_parser(*, required: bool, readable: Iterable[Path] = ()) -> Lock:
    """Lock a process that forks readers: reads libraries only, writes no file, starts no program, no sockets.

    `readable` are files and folders that it may read besides, such as the models of text recognition. Raises LockError.
    """
    if sys.platform != "linux":
        return NO_LOCK
    architecture = syscalls.here()
    if architecture is None:
        return _without_lock("This kind of processor is not known to the lock.", required)
    try:
        namespaces.drop_capabilities(architecture, namespaces.READ_FILES)  # of the libraries
        process.forbid_inspection()
        version = landlock.restrict(Files(read=(*_libraries(), *_SYSTEM, *_DEVICES, *readable)), architecture)
        seccomp.install(filters.PARSER, architecture)
    except OSError as error:
        return _without_lock(f"The kernel refuses the lock ({error.strerror}).", required)
    return Lock(True, version)


def lock_reader(lock: Lock, limits: ResourceLimits) -> None:
    """Limit a child of the parser process, and lock it further: it reads one document and can make no process.

    The filter is taken only where its parent could take the lock; that is why it is passed on. Raises OSError.
    """
    process.restrict(limits)
    architecture = syscalls.here()
    if lock.sealed and architecture is not None:
        seccomp.install(filters.READER, architecture)


def _without_lock(problem: str, required: bool) -> Lock:
    if required:
        raise LockError(
            "lock_refused",
            f"{problem} Nothing was read and nothing was changed.",
            "docs/security.md says what is needed. On a machine that is kept off networks by other means, set "
            "network.enforcement: best_effort in config.yaml.",
        )
    return NO_LOCK


def _holds(architecture: Architecture) -> bool:
    """Whether the first step of every way to a network is refused now; the proof tries the others."""
    for call, arguments, expected in (
        ("socket", (_AF_INET, _SOCK_DGRAM, 0), errno.EACCES),
        ("connect", (-1, 0, 0), errno.EACCES),
        ("accept4", (-1, 0, 0, 0), errno.EACCES),
        ("io_uring_setup", (0, 0), errno.ENOSYS),
    ):
        try:
            libc.syscall(architecture.numbers[call], *arguments)
        except OSError as error:
            if error.errno == expected:
                continue
        return False
    return True


def _refuse_network_lines() -> None:
    """Standard streams are inherited and stay open: one that leads to a network would be a way out."""
    import socket  # noqa: PLC0415 - a few milliseconds that are needed only where a stream is a socket

    for descriptor in range(3):
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as line:
                local = line.family == getattr(socket, "AF_UNIX", None) and line.type == socket.SOCK_STREAM
        except OSError:
            continue  # closed
        if not local:
            raise LockError(
                "stream_is_network",
                "Standard input or output of this command is a network connection.",
                "Use a terminal, a file or a pipe.",
            )


def _has_one_thread() -> bool:
    """Namespaces and Landlock hold for the calling thread only; libraries may have made threads of their own."""
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - names, not paths
    except OSError:
        return threading.active_count() == 1


def _loaders() -> tuple[Path, ...]:
    """The programs that load programs (ld.so(8)); the kernel counts them as executed."""
    found = (path for folder in _LOADERS if folder.is_dir() for path in folder.glob("ld-*"))
    return tuple(path.resolve() for path in found)


def _libraries() -> tuple[Path, ...]:
    """Where this Python's modules lie, and this package; not what lies beside it, such as inbox and store."""
    package = Path(__file__).resolve().parent.parent
    places = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return (package, *sorted(places))
