"""Ways to a network, and to programs outside that would pass things on."""

import contextlib
import errno
import os
import socket
import struct

from pipeline.isolation.attempts.aim import TIMEOUT_S, Attempt, Sink, Unavailable

_IPPROTO_MPTCP, _IPPROTO_SCTP = 262, 132
_AF_NETLINK, _AF_PACKET, _AF_VSOCK, _AF_ALG, _AF_BLUETOOTH, _AF_XDP = 16, 17, 40, 38, 31, 44
_MSG_FASTOPEN = 0x20000000
_QUIC_INITIAL = bytes.fromhex("c300000001088394c8f03e5157080000449e")  # a long header of RFC 9000, 17.2


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
    """Multipath TCP, which Landlock does not cover."""
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
    """A question to a name server."""
    question = struct.pack(">HHHHHH", 0x5EA1, 0x0100, 1, 0, 0, 0) + b"\x09dns_query\x07invalid\x00\x00\x01\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(question, ("127.0.0.1", sink.udp))


def resolver(_sink: Sink) -> None:
    """The socket with which the C library asks for a name."""
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
    """A program outside that passes things on, such as a container engine."""
    _send("unix_stream", socket.AF_UNIX, socket.SOCK_STREAM, sink.stream)


def unix_datagram(sink: Sink) -> None:
    """A log daemon, reached with a datagram socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(b"unix_datagram", sink.datagram)


def unix_pair(sink: Sink) -> None:
    """A log daemon, reached with one end of a connected pair."""
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


def passed_connection(sink: Sink) -> None:
    """A connection that a program outside hands over."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(TIMEOUT_S)
        line.connect(sink.giver)
        _, descriptors, *_ = socket.recv_fds(line, 1, 1)
    os.write(descriptors[0], b"passed_connection")


def own_listener(_sink: Sink) -> None:
    """A listener, from which others could fetch."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()


def unix_listener(sink: Sink) -> None:
    """A local listener, from which programs outside could fetch."""
    path = f"{sink.folder}/unix_listener"
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(path)
        line.listen()
    os.unlink(path)  # noqa: PTH108 - one system call


ALL: tuple[Attempt, ...] = (
    tcp4, tcp6, tcp_fast_open, mptcp, sctp, udp, quic, dns_query, resolver, icmp, raw_ip, packet, netlink, vsock,
    crypto_socket, bluetooth, xdp, unix_stream, unix_datagram, unix_pair, unix_abstract, inherited_connection,
    passed_connection, own_listener, unix_listener,
)  # fmt: skip
# What reaches the sink when it is let out; of the others, the call that must come first is tried.
SENDING = frozenset(
    {"tcp4", "tcp6", "tcp_fast_open", "mptcp", "udp", "quic", "dns_query", "unix_stream", "unix_datagram", "unix_pair",
     "unix_abstract", "inherited_connection", "passed_connection"}
)  # fmt: skip
