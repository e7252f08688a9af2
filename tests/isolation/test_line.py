"""Messages between two processes of one user: whole, within a time and a size, and nothing else comes with them."""

import os
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.isolation.line import Line

Ends = tuple[Line, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """One end as the program has it, the other as anybody may have it."""
    ours, theirs = socket.socketpair()
    with Line(ours) as line, theirs:
        yield line, theirs


def descriptors() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def framed(message: bytes) -> bytes:
    return struct.pack(">I", len(message)) + message


def test_messages_arrive_whole_and_one_after_the_other() -> None:
    one, other = (Line(end) for end in socket.socketpair())
    messages = [b"", b"short", os.urandom(300_000)]

    def send() -> None:
        for message in messages:
            one.send(message, 5.0)

    sending = threading.Thread(target=send)
    sending.start()
    assert [other.receive(300_000, 5.0) for _ in messages] == messages
    sending.join()
    one.close()
    with pytest.raises(OSError, match="closed"):
        other.receive(10, 5.0)
    other.close()


def test_a_longer_message_than_agreed_is_refused_before_it_is_read(ends: Ends) -> None:
    line, theirs = ends
    theirs.sendall(framed(b"12345") + struct.pack(">I", 6))
    assert line.receive(5, 5.0) == b"12345"
    with pytest.raises(OSError, match="longer"):
        line.receive(5, 5.0)


@pytest.mark.parametrize("said", [b"", b"\0\0", struct.pack(">I", 4) + b"abc"])
def test_who_says_nothing_or_stops_in_the_middle_is_given_up_in_time(ends: Ends, said: bytes) -> None:
    line, theirs = ends
    theirs.sendall(said)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        line.receive(100, 0.2)
    assert 0.15 < time.monotonic() - started < 2


@pytest.mark.parametrize("said", [b"\0\0", struct.pack(">I", 4) + b"abc"])
def test_who_hangs_up_in_the_middle_has_sent_nothing(ends: Ends, said: bytes) -> None:
    line, theirs = ends
    theirs.sendall(said)
    theirs.close()
    with pytest.raises(ConnectionError):
        line.receive(100, 5.0)


def test_who_drips_gets_no_more_time_for_it(ends: Ends) -> None:
    line, theirs = ends
    ended = threading.Event()

    def drip() -> None:
        for byte in framed(bytes(1000)):
            if ended.wait(0.02):
                return
            theirs.send(bytes([byte]))

    dripping = threading.Thread(target=drip)
    dripping.start()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        line.receive(1000, 0.3)
    assert time.monotonic() - started < 2
    ended.set()
    dripping.join()


def test_who_does_not_read_is_given_up_in_time(ends: Ends) -> None:
    line, _theirs = ends
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        line.send(bytes(16 << 20), 0.2)
    assert time.monotonic() - started < 2


def test_an_open_file_that_comes_with_a_message_is_closed_at_once(ends: Ends) -> None:
    line, theirs = ends
    reading, writing = os.pipe()
    socket.send_fds(theirs, [framed(b"message")], [writing])
    os.close(writing)
    assert not select.select([reading], [], [], 0)[0], "it is on its way, and open"
    before = len(descriptors())
    assert line.receive(100, 5.0) == b"message"
    assert select.select([reading], [], [], 5)[0], "nobody has it any more"
    assert os.read(reading, 1) == b""
    assert len(descriptors()) == before
    os.close(reading)
