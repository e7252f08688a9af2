"""Ways into other processes, other namespaces, and the kernel."""

import ctypes
import os
import struct

from pipeline.isolation.attempts.aim import Attempt, Sink, Unavailable, call


def other_memory(sink: Sink) -> None:
    """Memory of a process that is not part of the program."""
    target = ctypes.create_string_buffer(8)
    local = struct.pack("QQ", ctypes.addressof(target), 8)
    remote = struct.pack("QQ", ctypes.addressof(target), 8)
    try:
        call("process_vm_readv", sink.outsider, local, 1, remote, 1, 0)
    except OSError as error:
        if error.errno != 14:  # EFAULT: it may read there, only not at this address
            raise


def other_process(sink: Sink) -> None:
    """Control over a process that is not part of the program."""
    call("ptrace", 0x4206, sink.outsider, 0, 0)  # it is let go when this process ends


def other_descriptor(sink: Sink) -> None:
    """A descriptor of a process that is not part of the program."""
    pidfd = os.pidfd_open(sink.outsider)
    try:
        os.close(call("pidfd_getfd", pidfd, 0, 0))
    finally:
        os.close(pidfd)


def other_signal(sink: Sink) -> None:
    """A signal to a process that is not part of the program."""
    os.kill(sink.outsider, 0)


def other_namespace(_sink: Sink) -> None:
    """The network of the machine's first process, or the own one anew."""
    descriptor = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        call("setns", descriptor, 0x40000000)
    finally:
        os.close(descriptor)


def new_namespace(_sink: Sink) -> None:
    """A namespace in which the process would be root."""
    call("unshare", 0x10000000)


def born_in_namespace(_sink: Sink) -> None:
    """A child in such a namespace."""
    child = call("clone", 0x10000000 | 17, 0, 0, 0, 0)  # CLONE_NEWUSER, SIGCHLD
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def message_queue(_sink: Sink) -> None:
    """A queue of messages that other programs may read (POSIX)."""
    os.close(call("mq_open", b"sealed-inbox-proof", os.O_RDWR | os.O_CREAT, 0o600, 0))
    call("mq_unlink", b"sealed-inbox-proof")


def shared_memory(_sink: Sink) -> None:
    """Memory that other programs may attach (System V)."""
    call("shmctl", call("shmget", 0, 4096, 0o600), 0, 0)  # IPC_PRIVATE, then IPC_RMID


def terminal_input(_sink: Sink) -> None:
    """Typing into the terminal in the user's name."""
    ends = os.openpty()
    try:
        call("ioctl", ends[1], 0x5412, b"x")  # TIOCSTI
    finally:
        for end in ends:
            os.close(end)


def kernel_program(_sink: Sink) -> None:
    """A program for the kernel (bpf(2))."""
    os.close(call("bpf", 0, struct.pack("IIII", 1, 4, 4, 1) + bytes(112), 128))


def kernel_keys(_sink: Sink) -> None:
    """The kernel's store of keys, which outlives processes."""
    call("keyctl", 0, -3, 0)


def page_faults(_sink: Sink) -> None:
    """Handling page faults, a usual part of attacks on the kernel."""
    os.close(call("userfaultfd", 1))


def file_handle(sink: Sink) -> None:
    """A file by its handle, past the folders above it (root only)."""
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    mount = ctypes.create_string_buffer(4)
    library = ctypes.CDLL(None, use_errno=True)
    if library.name_to_handle_at(-100, sink.outside_file.encode(), handle, mount, 0) < 0:
        code = ctypes.get_errno()
        raise Unavailable if code in (95, 38) else OSError(code, os.strerror(code))


def make_process(_sink: Sink) -> None:
    """Another process."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


ALL: tuple[Attempt, ...] = (
    other_memory, other_process, other_descriptor, other_namespace, new_namespace, born_in_namespace, message_queue,
    shared_memory, terminal_input, other_signal, kernel_program, kernel_keys, page_faults, file_handle,
    make_process,
)  # fmt: skip
