"""Ways out of a process, each as a function that tries one. Run only by the proof, never on a document's behalf.

An attempt returns when it got out and raises OSError when it was refused; some end the process that tries. Those that
send something send their own name to a sink on this machine, so that what got out can be counted there. Addresses are
those of the loopback: what is proved is that nothing leaves the process, not where it would have gone.
"""

import contextlib
import ctypes
import mmap
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.isolation import libc, syscalls

TIMEOUT_S = 2.0
_IPPROTO_MPTCP, _IPPROTO_SCTP = 262, 132
_AF_NETLINK, _AF_PACKET, _AF_VSOCK, _AF_ALG, _AF_BLUETOOTH, _AF_XDP = 16, 17, 40, 38, 31, 44
_MSG_FASTOPEN = 0x20000000
_LOOPBACK_CID = 1  # VMADDR_CID_LOCAL of vsock(7)
_QUIC_INITIAL = bytes.fromhex("c300000001088394c8f03e5157080000449e")  # a long header of RFC 9000, 17.2


@dataclass(frozen=True, slots=True)
class Sink:
    """Where attempts are aimed: ports on the loopback, sockets in a folder, an abstract name, an inherited descriptor.

    `outsider` is a process that is not part of the program; `parent` the one that started the probe.
    """

    tcp: int
    tcp6: int
    udp: int
    stream: str
    datagram: str
    abstract: str
    inherited: int
    outsider: int
    outside_file: str
    folder: str


class Unavailable(Exception):  # noqa: N818 - no fault: this machine has not what the attempt would use
    """The attempt cannot be made here."""


def _send(name: str, family: int, kind: int, address: object, protocol: int = 0) -> None:
    with socket.socket(family, kind, protocol) as line:
        line.settimeout(TIMEOUT_S)
        line.connect(address)  # type: ignore[arg-type]
        line.sendall(name.encode())


def _create(family: int, kind: int, protocol: int = 0) -> None:
    try:
        socket.socket(family, kind, protocol).close()
    except OSError as error:
        _unless_unknown(error)


def _unless_unknown(error: OSError) -> None:
    """A protocol that this kernel has not is no evidence of a lock."""
    import errno  # noqa: PLC0415 - names of three numbers

    if error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT):
        raise Unavailable from None
    raise error


def tcp4(sink: Sink) -> None:
    """A TCP connection."""
    _send("tcp4", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", sink.tcp))


def tcp6(sink: Sink) -> None:
    """A TCP connection over IPv6."""
    if not sink.tcp6:
        raise Unavailable
    _send("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", sink.tcp6))


def tcp_fast_open(sink: Sink) -> None:
    """Data in the first packet, without connect(2)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as line:
        line.sendto(b"tcp_fast_open", _MSG_FASTOPEN, ("127.0.0.1", sink.tcp))


def mptcp(sink: Sink) -> None:
    """Multipath TCP, which file and port rules of the kernel do not cover."""
    try:
        _send("mptcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", sink.tcp), _IPPROTO_MPTCP)
    except OSError as error:
        _unless_unknown(error)


def sctp(_sink: Sink) -> None:
    """An SCTP socket."""
    _create(socket.AF_INET, socket.SOCK_STREAM, _IPPROTO_SCTP)


def udp(sink: Sink) -> None:
    """A datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"udp", ("127.0.0.1", sink.udp))


def quic(sink: Sink) -> None:
    """The first packet of a QUIC connection."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(_QUIC_INITIAL + b"quic", ("127.0.0.1", sink.udp))


def dns_query(sink: Sink) -> None:
    """A question to a name server, as a datagram of its own making."""
    question = struct.pack(">HHHHHH", 0x5EA1, 0x0100, 1, 0, 0, 0) + b"\x09dns_query\x07invalid\x00\x00\x01\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(question, ("127.0.0.1", sink.udp))


def resolver(_sink: Sink) -> None:
    """The system's resolver: whether the C library may make the socket with which it asks for a name."""
    with contextlib.suppress(socket.gaierror):
        socket.getaddrinfo("localhost", 80)
        _create(socket.AF_INET, socket.SOCK_DGRAM)
        return
    raise PermissionError(13, "no name was looked up")


def icmp(_sink: Sink) -> None:
    """An ICMP socket."""
    _create(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)


def raw_ip(_sink: Sink) -> None:
    """A raw IP socket (root only)."""
    _create(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


def packet(_sink: Sink) -> None:
    """A socket for whole frames (root only)."""
    _create(_AF_PACKET, socket.SOCK_RAW, 3)


def netlink(_sink: Sink) -> None:
    """The kernel's line for network configuration."""
    _create(_AF_NETLINK, socket.SOCK_RAW, 0)


def vsock(_sink: Sink) -> None:
    """The line from a virtual machine to its host."""
    _create(_AF_VSOCK, socket.SOCK_STREAM)


def crypto_socket(_sink: Sink) -> None:
    """The kernel's cryptography, whose sockets had holes."""
    _create(_AF_ALG, socket.SOCK_SEQPACKET)


def bluetooth(_sink: Sink) -> None:
    """A Bluetooth socket."""
    _create(_AF_BLUETOOTH, socket.SOCK_SEQPACKET, 0)


def xdp(_sink: Sink) -> None:
    """A socket that shares memory with a network device (root only)."""
    _create(_AF_XDP, socket.SOCK_RAW)


def unix_stream(sink: Sink) -> None:
    """A program outside that would pass things on, such as a container engine or an agent."""
    _send("unix_stream", socket.AF_UNIX, socket.SOCK_STREAM, sink.stream)


def unix_datagram(sink: Sink) -> None:
    """A log daemon, reached with a datagram socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(b"unix_datagram", sink.datagram)


def unix_pair(sink: Sink) -> None:
    """A log daemon, reached with one end of a pair that is connected already."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        ends[0].sendto(b"unix_pair", sink.datagram)
    finally:
        for end in ends:
            end.close()


def unix_abstract(sink: Sink) -> None:
    """A program outside, by a name that is in no folder."""
    _send("unix_abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + sink.abstract)


def inherited_connection(sink: Sink) -> None:
    """A connection that was open before this program began."""
    os.write(sink.inherited, b"inherited_connection")


def raw_system_call(_sink: Sink) -> None:
    """socket(2) past Python."""
    os.close(_call("socket", socket.AF_INET, socket.SOCK_STREAM, 0))


def io_uring(_sink: Sink) -> None:
    """A ring through which the kernel connects on the program's behalf, past the filter of system calls."""
    os.close(_call("io_uring_setup", 4, bytes(120)))


def i386_call(_sink: Sink) -> None:
    """socket(2) by its number for 32-bit programs."""
    if syscalls.here() is not syscalls.X86_64:
        raise Unavailable
    # push rbx; mov eax,359; mov ebx,2; mov ecx,1; xor edx,edx; int 0x80; pop rbx; ret
    code = bytes.fromhex("53b867010000bb02000000b90100000031d2cd805bc3")
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    buffer = (ctypes.c_char * mmap.PAGESIZE).from_buffer(memory)
    result = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(buffer))()
    if result < 0:
        raise OSError(-result, os.strerror(-result))


def x32_call(_sink: Sink) -> None:
    """socket(2) by its number for programs with 32-bit pointers."""
    if syscalls.here() is not syscalls.X86_64:
        raise Unavailable
    try:
        libc.syscall(0x40000000 | 41, socket.AF_INET, socket.SOCK_STREAM, 0)
    except OSError as error:
        if error.errno == 38:
            raise Unavailable from None  # this kernel was built without that ABI
        raise


def child_python(sink: Sink) -> None:
    """Another Python, started for it."""
    code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2).sendall(b'child_python')"
    _program([sys.executable, "-I", "-c", code, str(sink.tcp)])


def child_program(sink: Sink) -> None:
    """A shell with a connection of its own."""
    if not Path("/bin/bash").exists():
        raise Unavailable
    _program(["/bin/bash", "-c", f"echo -n child_program > /dev/tcp/127.0.0.1/{sink.tcp}"])


def other_memory(sink: Sink) -> None:
    """Memory of a process that is not part of the program."""
    target = ctypes.create_string_buffer(8)
    local = struct.pack("QQ", ctypes.addressof(target), 8)
    remote = struct.pack("QQ", ctypes.addressof(target), 8)
    try:
        _call("process_vm_readv", sink.outsider, local, 1, remote, 1, 0)
    except OSError as error:
        if error.errno != 14:  # EFAULT: it may read there, only not at this address
            raise


def other_process(sink: Sink) -> None:
    """Control over a process that is not part of the program (PTRACE_SEIZE)."""
    _call("ptrace", 0x4206, sink.outsider, 0, 0)  # it is let go when this process ends


def other_descriptor(sink: Sink) -> None:
    """A descriptor of a process that is not part of the program."""
    pidfd = os.pidfd_open(sink.outsider)
    try:
        os.close(_call("pidfd_getfd", pidfd, 0, 0))
    finally:
        os.close(pidfd)


def other_signal(sink: Sink) -> None:
    """A signal to a process that is not part of the program."""
    os.kill(sink.outsider, 0)


def other_namespace(_sink: Sink) -> None:
    """The network of the machine's first process, or the own one anew."""
    descriptor = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        _call("setns", descriptor, 0x40000000)
    finally:
        os.close(descriptor)


def new_namespace(_sink: Sink) -> None:
    """A namespace in which the process would be root."""
    _call("unshare", 0x10000000)


def kernel_program(_sink: Sink) -> None:
    """A program for the kernel (bpf(2))."""
    os.close(_call("bpf", 0, struct.pack("IIII", 1, 4, 4, 1) + bytes(112), 128))


def kernel_keys(_sink: Sink) -> None:
    """The kernel's store of keys, which outlives processes."""
    _call("keyctl", 0, -3, 0)


def page_faults(_sink: Sink) -> None:
    """Handling page faults, a usual part of attacks on the kernel."""
    os.close(_call("userfaultfd", 1))


def file_handle(sink: Sink) -> None:
    """A file by its handle, past the folders above it (root only)."""
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    mount = ctypes.create_string_buffer(4)
    library = ctypes.CDLL(None, use_errno=True)
    if library.name_to_handle_at(-100, sink.outside_file.encode(), handle, mount, 0) < 0:
        code = ctypes.get_errno()
        raise Unavailable if code in (95, 38) else OSError(code, os.strerror(code))


def read_outside(sink: Sink) -> None:
    """Reading a file that is nobody's document and no library."""
    Path(sink.outside_file).read_bytes()


def list_outside(sink: Sink) -> None:
    """Listing a folder that is not the program's."""
    os.listdir(sink.folder)  # noqa: PTH208 - one system call, as an attacker would


def write_outside(sink: Sink) -> None:
    """Writing a file outside the store, such as into a folder that is synchronised with a cloud."""
    Path(sink.folder, "write_outside").write_bytes(b"")


def make_process(_sink: Sink) -> None:
    """Another process."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _call(name: str, *arguments: libc.Argument) -> int:
    architecture = syscalls.here()
    if architecture is None:
        raise Unavailable
    return libc.syscall(architecture.numbers[name], *arguments)


def _program(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, check=False, timeout=10, cwd="/")  # noqa: S603 - the attempt
    if ended.returncode:
        raise PermissionError(13, "the other program failed")


Attempt = Callable[[Sink], None]
NETWORK: tuple[Attempt, ...] = (
    tcp4, tcp6, tcp_fast_open, mptcp, sctp, udp, quic, dns_query, resolver, icmp, raw_ip, packet, netlink, vsock,
    crypto_socket, bluetooth, xdp, unix_stream, unix_datagram, unix_pair, unix_abstract, inherited_connection,
    raw_system_call, io_uring, i386_call, x32_call, child_python, child_program,
)  # fmt: skip
SYSTEM: tuple[Attempt, ...] = (
    other_memory, other_process, other_descriptor, other_namespace, new_namespace, kernel_program, kernel_keys,
    page_faults, file_handle,
)  # fmt: skip
FILES: tuple[Attempt, ...] = (read_outside, list_outside, write_outside, other_signal, make_process)
ALL = (*NETWORK, *SYSTEM, *FILES)
# What reaches the sink when it is let out; of the others, the call that must come first is tried.
SENDING = frozenset(
    {"tcp4", "tcp6", "tcp_fast_open", "mptcp", "udp", "quic", "dns_query", "unix_stream", "unix_datagram", "unix_pair",
     "unix_abstract", "inherited_connection", "child_python", "child_program"}
)  # fmt: skip
