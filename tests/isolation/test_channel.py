"""The line between coordinator and parser process: whole messages, open files, and a clear end."""

import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.isolation.channel import CAN_PASS_FILES, MAX_MESSAGE_BYTES, Channel

pytestmark = pytest.mark.skipif(not CAN_PASS_FILES, reason="this system cannot pass open files between processes")


@pytest.fixture
def line() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = Channel.pair()
    yield ours, theirs
    ours.close()
    theirs.close()


@settings(deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_messages_arrive_whole_and_in_order(messages: list[bytes]) -> None:
    ours, theirs = Channel.pair()
    for message in messages:
        ours.send(message)
    assert [theirs.receive() for _ in messages] == [(message, []) for message in messages]
    ours.close()
    assert theirs.receive() is None
    theirs.close()


def test_the_longest_message_arrives_while_the_other_end_reads(line: tuple[Channel, Channel]) -> None:
    message = bytes(range(256)) * (MAX_MESSAGE_BYTES // 256)
    sender = threading.Thread(target=line[0].send, args=(message,))
    sender.start()
    assert line[1].receive() == (message, [])
    sender.join()


def test_an_open_file_travels_with_its_message(line: tuple[Channel, Channel]) -> None:
    read_end, write_end = os.pipe()
    line[0].send(b"here", [write_end])
    os.close(write_end)
    received = line[1].receive(max_descriptors=1)
    assert received is not None
    message, (descriptor,) = received
    os.write(descriptor, b"through the copy")
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
    assert (message, os.read(read_end, 100)) == (b"here", b"through the copy")
    os.close(read_end)


def test_files_stay_with_their_own_message(line: tuple[Channel, Channel]) -> None:
    with open(os.devnull, "rb") as first, open(os.devnull, "wb") as second:  # noqa: PTH123
        line[0].send(b"two", [first.fileno(), second.fileno()])
        line[0].send(b"none")
    two, none = line[1].receive(max_descriptors=2), line[1].receive(max_descriptors=2)
    assert two is not None
    assert (two[0], len(two[1]), none) == (b"two", 2, (b"none", []))
    for descriptor in two[1]:
        os.close(descriptor)


def test_a_closed_end_is_told_to_the_other(line: tuple[Channel, Channel]) -> None:
    line[0].close()
    assert line[1].receive() is None
    with pytest.raises(OSError, match="pipe"):
        line[1].send(b"anyone?")


def test_an_end_within_a_message_is_an_error() -> None:
    raw, line = raw_line()
    raw.sendall(struct.pack(">I", 10) + b"half")
    raw.close()
    with pytest.raises(ConnectionError):
        line.receive()
    line.close()


def test_a_message_longer_than_agreed_is_refused_at_both_ends(line: tuple[Channel, Channel]) -> None:
    with pytest.raises(ValueError, match="too long"):
        line[0].send(b"x" * (MAX_MESSAGE_BYTES + 1))
    raw, receiving = raw_line()
    raw.sendall(struct.pack(">I", MAX_MESSAGE_BYTES + 1))
    with pytest.raises(OSError, match="longer than agreed"):
        receiving.receive()
    raw.close()
    receiving.close()


def test_waiting_ends_at_the_timeout(line: tuple[Channel, Channel]) -> None:
    line[0].set_timeout(0.05)
    with pytest.raises(TimeoutError):
        line[0].receive()


def raw_line() -> tuple[socket.socket, Channel]:
    """A socket to write anything to, and the channel at its other end."""
    raw, other = socket.socketpair()
    return raw, Channel.inherited(other.detach())
