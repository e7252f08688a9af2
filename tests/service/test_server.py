"""The watcher's end: who asks is answered, and whoever only wastes its time is let go, however he does it."""

import contextlib
import logging
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from pipeline.config import Config, SearchConfig
from pipeline.datatypes import Query
from pipeline.errors import ModelError, PipelineError, StoreError, UsageError
from pipeline.isolation.listener import Listener
from pipeline.service import client, messages, server
from pipeline.service.messages import SOCKET, Answer, Question
from pipeline.service.server import AnsweredBy, Server
from tests.service.test_messages import HIT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody listens")
ANSWER = Answer((HIT, HIT), has_files=True, unfinished=False)
QUERY = Query("rent")
SOON_S = 1.3  # within which a search is answered, whoever else is there: before it gives up


class Index:
    """Stands for the search of a store."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: Exception | None = None
        self.takes_s = 0.0
        self.answer = ANSWER

    def search(self, query: Query) -> Answer:
        self.asked.append(query.text)
        time.sleep(self.takes_s)
        if self.fails is not None:
            raise self.fails
        return self.answer


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture
def served(config: Config, index: Index) -> Iterator[Config]:
    """A configuration whose store is served."""
    with server.listening(config) as listener:
        assert listener is not None
        with Server(listener, config, index.search):
            yield config


def ask(config: Config, query: Query = QUERY) -> Answer | None:
    return client.ask(client.connect(config), config, query)


def stranger(config: Config, said: bytes = b"") -> socket.socket:
    """A process of this user that connects and says what it likes."""
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(5)
    try:
        line.connect(str(config.store_path / SOCKET))
        line.sendall(said)
    except OSError:
        line.close()
        raise
    return line


def framed(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def is_let_go(line: socket.socket) -> bool:
    """Whether the server hangs up without a word."""
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True


def test_a_query_is_answered_with_what_was_found(served: Config, index: Index) -> None:
    assert ask(served, Query("a b \udcff")) == ANSWER
    assert ask(served) == ANSWER
    assert index.asked == ["a b \udcff", "rent"]


def test_many_are_answered_at_once(served: Config, index: Index) -> None:
    index.takes_s = 0.01
    answers: list[Answer | None] = []
    asking = [threading.Thread(target=lambda: answers.append(ask(served))) for _ in range(3 * server.THREADS)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert answers == [ANSWER] * 3 * server.THREADS


def test_a_query_that_makes_no_sense_is_refused_as_at_home(served: Config, index: Index) -> None:
    index.fails = UsageError("query_empty", "The query is empty.", "Give some words to look for.")
    with pytest.raises(UsageError) as refused:
        ask(served)
    assert (refused.value.code, refused.value.message) == ("query_empty", "The query is empty.")
    assert (refused.value.advice, refused.value.exit_status) == ("Give some words to look for.", 2)


@pytest.mark.parametrize("error", [StoreError("store_busy", "."), ModelError("model_missing", ".")])
def test_other_errors_are_left_to_whoever_asks(
    served: Config, index: Index, error: PipelineError, caplog: pytest.LogCaptureFixture
) -> None:
    index.fails = error
    assert ask(served) is None
    assert caplog.text == "", "it is no fault of the program"
    index.fails = None
    assert ask(served) == ANSWER


def test_a_fault_costs_one_answer_and_is_told_without_what_was_asked(
    served: Config, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    index.fails = LookupError("a secret rent")
    with caplog.at_level(logging.DEBUG):
        assert [ask(served, Query("secret")) for _ in range(2 * server.THREADS)] == [None] * 2 * server.THREADS
    assert "internal fault LookupError at test_server.py:" in caplog.text
    assert "secret" not in caplog.text
    index.fails = None
    assert ask(served) == ANSWER


def test_whoever_has_another_configuration_or_version_is_not_answered(served: Config, index: Index) -> None:
    other = msgspec.structs.replace(served, search=SearchConfig(limit=11))
    assert ask(other) is None
    assert index.asked == []


WASTE: dict[str, Callable[[Config], bytes]] = {
    "garbage": lambda _: framed(b"\xff\x00" * 500),
    "a megabyte": lambda _: framed(bytes(1 << 20)),
    "the longest length": lambda _: b"\xff\xff\xff\xff" + bytes(1 << 16),
    "a browser's greeting": lambda _: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no question": lambda _: framed(b"{}"),
    "another's question": lambda _: framed(messages.encoded(Question("somebody", QUERY))),
}


@pytest.mark.parametrize("waste", WASTE)
def test_who_says_something_else_is_let_go_at_once(served: Config, index: Index, waste: str) -> None:
    started = time.monotonic()
    with stranger(served) as line:
        with contextlib.suppress(ConnectionError):  # it has let go while this was being said
            line.sendall(WASTE[waste](served))
        assert is_let_go(line)
    assert time.monotonic() - started < 0.9, "it did not wait for the time that a question may take"
    assert ask(served) == ANSWER
    assert index.asked == ["rent"]


@pytest.mark.parametrize("said", [b"", b"\0", framed(bytes(100))[:50]], ids=["nothing", "a byte", "half"])
def test_who_says_nothing_or_half_of_something_is_let_go_in_time(served: Config, said: bytes) -> None:
    started = time.monotonic()
    with stranger(served, said) as line:
        assert is_let_go(line)
    assert 0.5 < time.monotonic() - started < 3


def test_who_drips_is_let_go_in_time(served: Config) -> None:
    started = time.monotonic()
    with stranger(served) as line, contextlib.suppress(ConnectionError):
        for byte in framed(bytes(1000)):
            line.send(bytes([byte]))
            time.sleep(0.02)
    assert time.monotonic() - started < 4


def test_who_hangs_up_in_the_middle_costs_nothing(served: Config, index: Index) -> None:
    whole = framed(messages.encoded(Question(messages.identity(served), QUERY)))
    for said in (b"", whole[:3], whole[:-1], whole):
        stranger(served, said).close()
    assert ask(served) == ANSWER
    assert index.asked.count("rent") <= 2


def test_who_does_not_take_his_answer_is_let_go_in_time(
    served: Config, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.answer = Answer((HIT,) * 5_000, has_files=True, unfinished=False)
    size = len(messages.encoded(index.answer))
    monkeypatch.setattr(server, "_TAKE_S", 0.3)
    whole = framed(messages.encoded(Question(messages.identity(served), QUERY)))
    lines = [stranger(served, whole) for _ in range(server.THREADS)]
    time.sleep(2.0)
    for line in lines:
        assert line.recv(4) == struct.pack(">I", size)
        got = 0
        while part := line.recv(1 << 20):
            got += len(part)
        assert 0 < got < size, "it was not waited for"
        line.close()


def test_a_crowd_that_says_nothing_keeps_others_waiting_no_longer_than_they_would(served: Config) -> None:
    """A search that is not answered in time opens the index itself: here it is, or it comes to nothing soon."""
    crowd = [stranger(served) for _ in range(server.THREADS)]
    started = time.monotonic()
    answer = ask(served)
    assert time.monotonic() - started < 2.5
    assert answer in (ANSWER, None)
    for line in crowd:
        line.close()
    assert ask(served) == ANSWER


def test_a_flood_of_connections_costs_little_and_ends(served: Config) -> None:
    ended = threading.Event()
    served_by_then: list[float] = []

    def flood() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError), stranger(served, b"\xff" * 8) as line:
                assert is_let_go(line)
                served_by_then.append(time.monotonic())

    floods = [threading.Thread(target=flood) for _ in range(12)]
    started = time.monotonic()
    for one in floods:
        one.start()
    time.sleep(1.0)
    ask(served)
    took_s = time.monotonic() - started
    ended.set()
    assert took_s < 3.5, "a search is answered or gives up in its time"
    # Each thread rests a tenth of a second after each: without that it would be thousands.
    assert len(served_by_then) < 2 * server.THREADS * (took_s / 0.1 + 1)
    for one in floods:
        one.join()
    deadline = time.monotonic() + 5
    while ask(served) != ANSWER:
        assert time.monotonic() < deadline


def test_no_more_than_a_few_connections_are_open_at_once(served: Config, index: Index) -> None:
    index.takes_s = 0.4
    whole = framed(messages.encoded(Question(messages.identity(served), QUERY)))
    lines = [stranger(served, whole) for _ in range(3 * server.THREADS)]
    time.sleep(0.2)
    assert len(index.asked) == server.THREADS
    for line in lines:
        line.close()


def test_a_server_that_hangs_is_given_up_in_time(served: Config, index: Index) -> None:
    index.takes_s = 3.0
    started = time.monotonic()
    assert ask(served) is None
    assert 1.0 < time.monotonic() - started < 2.2


@pytest.mark.parametrize("reply", [b"", b"{}", b"\xff" * 100, messages.encoded(Question("who", QUERY))])
def test_a_server_that_talks_nonsense_is_not_believed(config: Config, reply: bytes) -> None:
    config.store_path.mkdir(mode=0o700)
    listener = Listener.open(config.store_path, SOCKET)
    assert listener is not None

    def talk() -> None:
        line = listener.accept()
        assert line is not None
        with line:
            line.receive(1 << 20, 5.0)
            line.send(reply, 5.0)

    talking = threading.Thread(target=talk)
    talking.start()
    assert ask(config) is None
    talking.join()
    listener.close()


def test_a_server_that_ends_answers_nobody_and_leaves_nothing(config: Config, index: Index) -> None:
    with server.listening(config) as listener:
        assert listener is not None
        index.takes_s = 0.3
        with Server(listener, config, index.search):
            asking = threading.Thread(target=ask, args=(config,))
            asking.start()
            time.sleep(0.1)
            waiting = [stranger(config) for _ in range(server.THREADS)]
            started = time.monotonic()
        assert time.monotonic() - started < 3, "the connections of others do not hold it"
        asking.join()
        for line in waiting:
            line.close()
    assert list(config.store_path.iterdir()) == []
    assert ask(config) is None
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("search-")]


def test_it_is_said_who_answers(config: Config, index: Index) -> None:
    assert server.answered_by(config) is AnsweredBy.NOBODY
    with server.listening(config) as listener:
        assert listener is not None
        with Server(listener, config, index.search):
            assert server.answered_by(config) is AnsweredBy.WATCHER
    assert server.answered_by(config) is AnsweredBy.NOBODY
    off = msgspec.structs.replace(config, search=SearchConfig(service=False))
    assert server.answered_by(off) is AnsweredBy.OFF


def test_switched_off_nobody_listens_and_nobody_is_asked(served: Config) -> None:
    off = msgspec.structs.replace(served, search=SearchConfig(service=False))
    with server.listening(off) as listener:
        assert listener is None
    assert client.connect(off) is None


def test_of_two_watchers_one_answers_and_both_go_on(served: Config, index: Index) -> None:
    with server.listening(served) as second:
        assert second is None
    assert ask(served) == ANSWER
    assert (Path(served.store_path) / SOCKET).is_socket()
