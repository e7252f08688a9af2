"""The lock of each kind of process, taken and tried in a process of its own: what it refuses, and what must go on."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.isolation.conftest import LOCKABLE, ROOT, Found, run
from tests.isolation.inside import give_up_powers

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the lock is one of Linux's kernel"),
    LOCKABLE,
]
SERVICE = "lock = lockdown.lock_service([Path(sys.argv[1])], required=True)\n"
PARSER = "lock = lockdown.lock_parser(required=True)\n"
LIMITS = "process.ResourceLimits(1 << 30, 60)"
READER = PARSER + f"lockdown.lock_reader(lock, {LIMITS})\n"
PYTHON_HAS_NO_SOCKET = """[sys.executable, "-c", '''
import socket, sys
try: socket.socket()
except OSError as error: sys.exit(error.errno)
''']"""
powers = pytest.mark.parametrize("before", [None, give_up_powers], ids=["as it is", "without capabilities"])
Before = Callable[[], None] | None


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The folder that the locked process may change; beside it lies one that it may not."""
    (tmp_path / "outside" / "folder").mkdir(parents=True)
    (tmp_path / "outside" / "file").write_bytes(b"outside")
    (tmp_path / "outside" / "doomed").write_bytes(b"")
    folder = tmp_path / "store"
    (folder / "sub").mkdir(parents=True)
    (folder / "old").write_bytes(b"old")
    return folder


@contextlib.contextmanager
def greeting(path: Path) -> Iterator[list[bytes]]:
    """Says hello to whoever listens there, as soon as somebody does, and notes what is answered."""
    heard: list[bytes] = []

    def say_hello() -> None:
        for _ in range(500):
            with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
                client.connect(str(path))
                client.sendall(b"hello")
                heard.append(client.recv(100))
                return
            time.sleep(0.02)

    thread = threading.Thread(target=say_hello)
    thread.start()
    yield heard
    thread.join()


def landlock_here() -> int:
    from pipeline.isolation import landlock, syscalls

    architecture = syscalls.here()
    return landlock.version(architecture) if architecture else 0


needs_landlock = pytest.mark.skipif(not landlock_here(), reason="this kernel has no Landlock")
needs_scopes = pytest.mark.skipif(landlock_here() < 6, reason="this kernel's Landlock knows no scopes")

SOCKETS = """
def sockets():
    families = {"inet": 2, "inet6": 10, "unix": 1, "netlink": 16, "packet": 17, "vsock": 40}
    found = {name: {made(family, kind) for kind in (1, 2, 3, 5)} for name, family in families.items()}
    found["raw"] = {called("socket", 2, kind, 0) for kind in (1, 2)}
    found |= {call: {called(call, -1, 0, 0)} for call in ("connect", "bind", "listen")}
    found |= {call: {called(call, 1, 0)} for call in ("io_uring_setup", "io_uring_enter", "io_uring_register")}
    return {name: sorted(outcomes) for name, outcomes in found.items()}
"""
NO_SOCKETS = {name: ["EACCES"] for name in ("inet", "inet6", "unix", "netlink", "packet", "vsock", "raw")} | {
    "connect": ["EACCES"], "bind": ["EACCES"], "listen": ["EACCES"],
    "io_uring_setup": ["ENOSYS"], "io_uring_enter": ["ENOSYS"], "io_uring_register": ["ENOSYS"],
}  # fmt: skip


class TestService:
    """The process that has the store."""

    @powers
    def test_no_socket_can_be_made_by_python_or_past_it(self, store: Path, before: Before) -> None:
        assert run(SOCKETS + SERVICE + "tell(**sockets())", store, before=before) == NO_SOCKETS

    def test_threads_that_ran_before_are_held_too(self, store: Path) -> None:
        code = """
locked, seen = threading.Event(), {}
thread = threading.Thread(target=lambda: (locked.wait(), seen.update(sockets())))
thread.start()
lock = lockdown.lock_service([Path(sys.argv[1])], required=True)
locked.set()
thread.join()
tell(seen=seen, lock=[lock.system_calls, lock.landlock, lock.own_network, lock.sealed])
"""
        found = run(SOCKETS + code, store)
        assert found["seen"] == NO_SOCKETS
        assert found["lock"] == [True, 0, False, True], "what holds for one thread only is left out, and not claimed"

    def test_connected_pairs_of_streams_are_left_and_no_others(self, store: Path) -> None:
        code = """
one, other = socket.socketpair()
one.sendall(b"through")
heard = other.recv(7).decode()
tell(heard=heard, datagram=tried(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)),
     packets=tried(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)))
"""
        found = run(SERVICE + code, store)
        assert found == {"heard": "through", "datagram": "EACCES", "packets": "EACCES"}

    @powers
    def test_what_holds_is_what_the_lock_says(self, store: Path, before: Before) -> None:
        code = """
network = os.readlink("/proc/self/ns/net")
lock = lockdown.lock_service([Path(sys.argv[1])], required=True)
status = dict(line.split(":\\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\\t" in line)
tell(system_calls=lock.system_calls, landlock=lock.landlock, own_network=lock.own_network,
     moved=os.readlink("/proc/self/ns/net") != network, mode=status["Seccomp"].strip(),
     no_new_privileges=status["NoNewPrivs"].strip(),
     powers=int(status["CapEff"], 16) | int(status["CapPrm"], 16) | int(status["CapInh"], 16))
"""
        found = run(code, store, before=before)
        assert (found["system_calls"], found["mode"], found["no_new_privileges"]) == (True, "2", "1")
        assert found["landlock"] == landlock_here()
        assert found["own_network"] is found["moved"]
        held = found["powers"]
        assert isinstance(held, int)
        assert held & ~0b1111 == 0, "only powers over files are kept"

    @needs_landlock
    def test_the_store_can_be_written_in_every_way_that_is_needed(self, store: Path) -> None:
        code = """
store = Path(sys.argv[1])
tell(create=tried(lambda: (store / "new").write_bytes(b"new")),
     append=tried(lambda: (store / "old").open("ab").close()),
     rename=tried(lambda: (store / "new").rename(store / "named")),
     truncate=tried(lambda: os.truncate(store / "old", 1)),
     move=tried(lambda: (store / "named").rename(store / "sub" / "named")), mkdir=tried(lambda: (store / "d").mkdir()),
     link=tried(lambda: os.link(store / "old", store / "sub" / "also")), rmdir=tried(lambda: (store / "d").rmdir()),
     delete=tried(lambda: (store / "sub" / "named").unlink()), mode=tried(lambda: (store / "old").chmod(0o600)),
     null=tried(lambda: Path("/dev/null").write_bytes(b"x")))
"""
        found = run(SERVICE + code, store)
        assert set(found.values()) == {"fine"}
        assert (store / "old").read_bytes() == b"o"
        assert sorted(path.name for path in store.rglob("*")) == ["also", "old", "sub"]

    @needs_landlock
    def test_nothing_is_written_elsewhere_by_whatever_way(self, store: Path) -> None:
        outside = store.parent / "outside"
        (store / "to_file").symlink_to(outside / "file")
        (store / "to_folder").symlink_to(outside)
        code = """
store, outside = Path(sys.argv[1]), Path(sys.argv[2])
tell(create=tried(lambda: (outside / "new").write_bytes(b"")),
     change=tried(lambda: (outside / "file").write_bytes(b"")),
     append=tried(lambda: (outside / "file").open("ab")), truncate=tried(lambda: os.truncate(outside / "file", 0)),
     delete=tried(lambda: (outside / "doomed").unlink()), mkdir=tried(lambda: (outside / "d").mkdir()),
     rmdir=tried(lambda: (outside / "folder").rmdir()), beside=tried(lambda: (store.parent / "new").write_bytes(b"")),
     move_out=tried(lambda: (store / "old").rename(outside / "old")),
     move_in=tried(lambda: (outside / "doomed").rename(store / "doomed")),
     link_in=tried(lambda: os.link(outside / "file", store / "linked")),
     link_out=tried(lambda: os.link(store / "old", outside / "linked")),
     through_link=tried(lambda: (store / "to_file").write_bytes(b"")),
     below_link=tried(lambda: (store / "to_folder" / "new").write_bytes(b"")),
     new_link=tried(lambda: (store / "new_link").symlink_to(outside)),
     pipe=tried(lambda: os.mkfifo(store / "fifo")), terminal=tried(lambda: open("/dev/tty", "wb")),
     shared=tried(lambda: Path("/dev/shm/sealed-inbox-test").write_bytes(b"")))
"""
        found = run(SERVICE + code, store, outside)
        crossing = {name: found.pop(name) for name in ("move_out", "move_in", "link_in", "link_out")}
        assert set(crossing.values()) <= {"EACCES", "EXDEV"}, crossing  # the kernel's words for one folder to another
        assert set(found.values()) == {"EACCES"}, found
        assert (outside / "file").read_bytes() == b"outside"
        assert sorted(path.name for path in outside.iterdir()) == ["doomed", "file", "folder"]

    def test_files_and_folders_elsewhere_can_be_read(self, store: Path) -> None:
        code = "tell(read=Path(sys.argv[2], 'file').read_text(), listed=sorted(os.listdir(sys.argv[2])))"
        found = run(SERVICE + code, store, store.parent / "outside")
        assert found == {"read": "outside", "listed": ["doomed", "file", "folder"]}

    @needs_landlock
    def test_below_new_folders_there_can_be_folders_and_no_files(self, store: Path) -> None:
        code = """
place = Path(sys.argv[2])
lockdown.lock_service([Path(sys.argv[1])], required=True, new_folders=[place])
tell(folders=tried(lambda: (place / "a" / "b").mkdir(parents=True)), there=(place / "a" / "b").is_dir(),
     file=tried(lambda: (place / "a" / "file").write_bytes(b"")), rmdir=tried(lambda: (place / "a" / "b").rmdir()))
"""
        found = run(code, store, store.parent / "outside")
        assert found == {"folders": "fine", "there": True, "file": "EACCES", "rmdir": "EACCES"}

    @needs_landlock
    @powers
    def test_no_program_starts_but_this_python_which_is_locked_too(self, store: Path, before: Before) -> None:
        code = f"""
script = Path(sys.argv[1], "script")
script.write_text("#!/bin/sh\\n")
script.chmod(0o755)
tell(true=started("/bin/true"), shell=started("/bin/sh", "-c", "true"), script=started(str(script)),
     python=started(*{PYTHON_HAS_NO_SOCKET}))
"""
        found = run(SERVICE + code, store, before=before)
        assert found == {"true": "EACCES", "shell": "EACCES", "script": "EACCES", "python": "exit 13"}

    def test_a_program_that_is_started_gets_no_power_back(self, store: Path) -> None:
        code = """
import subprocess
status = subprocess.run(
    [sys.executable, "-c", "print(open('/proc/self/status').read())"], capture_output=True, text=True
)
lines = dict(line.split(":", 1) for line in status.stdout.splitlines() if ":" in line)
tell(effective=int(lines["CapEff"], 16), permitted=int(lines["CapPrm"], 16))
"""
        found = run(SERVICE + code, store)
        assert all(isinstance(held, int) and held & ~0b1111 == 0 for held in found.values()), found

    def test_a_locked_process_can_be_locked_again_and_so_can_what_it_starts(self, store: Path) -> None:
        code = """
again = lockdown.lock_service([Path(sys.argv[1])], required=True)
inner = "import sys; from pathlib import Path; from pipeline.isolation import lockdown as l; " \\
        "sys.exit(40 + l.lock_service([Path(sys.argv[1])], required=True).sealed + l.lock_parser(required=True).sealed)"
tell(again=[again.system_calls, again.landlock], child=started(sys.executable, "-c", inner, sys.argv[1]),
     still=made(socket.AF_INET))
"""
        found = run(SERVICE + code, store)
        assert found == {"again": [True, landlock_here()], "child": "exit 42", "still": "EACCES"}

    def test_what_was_inherited_is_closed_but_for_the_standard_streams(self, store: Path) -> None:
        code = """
import resource
before = resource.getrlimit(resource.RLIMIT_CORE)
passed = [int(name) for name in sys.argv[2:]]
open_before = [tried(lambda: os.fstat(one)) for one in passed]
lockdown.lock_service([Path(sys.argv[1])], required=True)
tell(before=open_before, after=[tried(lambda: os.fstat(one)) for one in passed],
     standard=[tried(lambda: os.fstat(one)) for one in range(3)], core=resource.getrlimit(resource.RLIMIT_CORE))
"""
        one, other = socket.socketpair()
        with one, other, socket.create_server(("127.0.0.1", 0)) as listener:
            passed = (one.fileno(), other.fileno(), listener.fileno())
            found = run(code, store, *passed, passed=passed)
        assert (found["before"], found["after"]) == (["fine"] * 3, ["EBADF"] * 3)
        assert (found["standard"], found["core"]) == (["fine"] * 3, [0, 0])

    @needs_scopes
    def test_a_process_outside_gets_no_signal(self, store: Path) -> None:
        code = (
            "tell(outside=tried(lambda: os.kill(int(sys.argv[2]), 0)), itself=tried(lambda: os.kill(os.getpid(), 0)))"
        )
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            found = run(SERVICE + code, store, other.pid)
            assert found == {"outside": "EPERM", "itself": "fine"}
            other.kill()

    def test_the_ways_into_the_system_are_shut(self, store: Path) -> None:
        code = """
calls = ("ptrace", "process_vm_readv", "pidfd_getfd", "setns", "unshare", "mount", "bpf", "keyctl", "userfaultfd",
         "name_to_handle_at", "perf_event_open", "init_module", "reboot", "settimeofday")
tell(**{call: called(call, -1, 0, 0, 0, 0) for call in calls})
"""
        assert set(run(SERVICE + code, store).values()) == {"EACCES"}


class TestListener:
    """A listener that was made before the lock, and kept: what a local server would stand on."""

    def test_it_still_accepts_and_the_process_can_neither_connect_nor_bind_nor_listen(self) -> None:
        code = """
listener = socket.socket(fileno=int(sys.argv[1]))
address, others = listener.getsockname(), [socket.socket() for _ in range(3)]
bound = socket.socket()
bound.bind(("127.0.0.1", 0))
sockets = [bound, *others]
kept = [one.fileno() for one in sockets]
assert lockdown.lock_service([], required=True, kept=kept, listener=listener.fileno()).sealed
line, _ = listener.accept()
line.sendall(line.recv(5) + b" heard")
tell(connect=tried(lambda: others[0].connect(address)), bind=tried(lambda: others[1].bind(("127.0.0.1", 0))),
     listen=tried(bound.listen), fast=tried(lambda: others[2].sendto(b"x", socket.MSG_FASTOPEN, address)))
"""
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
            client.connect(listener.getsockname())
            client.sendall(b"hello")
            found = run(code, listener.fileno(), passed=(listener.fileno(),))
            assert client.recv(100) == b"hello heard"
        assert found == {"connect": "EACCES", "bind": "EACCES", "listen": "EACCES", "fast": "EACCES"}

    def test_connections_are_accepted_on_it_alone_and_on_none_that_was_merely_kept(self) -> None:
        code = """
first, second = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
listening = second.fileno() if sys.argv[3] == "second" else None
lockdown.lock_service([], required=True, kept=[first.fileno(), second.fileno()], listener=listening)
tell(first=tried(first.accept), second=tried(second.accept), old=called("accept", second.fileno(), 0, 0))
"""
        with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
            clients = [socket.create_connection(one.getsockname()) for one in (first, second, second)]
            passed = (first.fileno(), second.fileno())
            found = [run(code, *passed, which, passed=passed) for which in ("second", "none")]
            for client in clients:
                client.close()
        assert found[0] == {"first": "EACCES", "second": "fine", "old": "EACCES"}
        assert found[1] == {"first": "EACCES", "second": "EACCES", "old": "EACCES"}

    def test_what_is_accepted_can_be_answered_and_aimed_nowhere_else(self, tmp_path: Path) -> None:
        code = """
from pipeline.isolation.listener import Listener
listener = Listener.open(Path(sys.argv[1]), "door")
lockdown.lock_service([], required=True, kept=[listener.claim], listener=listener.fileno())
line, elsewhere = listener._line.accept()[0], sys.argv[2]
line.sendall(line.recv(5) + b" heard")
def aimed(data, address):
    return tried(lambda: line.sendto(data, address))
tell(connect=tried(lambda: line.connect(elsewhere)), unlinked=called("connect", line.fileno(), 0, 0),
     sendto=aimed(b"x", elsewhere), bind=tried(lambda: line.bind(elsewhere + "2")), listen=tried(line.listen),
     option=tried(lambda: line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)),
     socket=made(socket.AF_UNIX), credentials=len(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)),
     message=tried(lambda: line.sendmsg([b"x"], [], 0, elsewhere)))
"""
        other = tmp_path / "other"
        with socket.socket(socket.AF_UNIX) as nobody:
            nobody.bind(str(other))
            nobody.listen()
            with greeting(tmp_path / "door") as heard:
                found = run(code, tmp_path, other)
            nobody.setblocking(False)
            with pytest.raises(BlockingIOError):
                nobody.accept()
        assert heard == [b"hello heard"]
        assert found.pop("message") == "EISCONN", "the kernel's own word: a connection is not aimed anew"
        assert found.pop("credentials") == 12
        assert set(found.values()) == {"EACCES"}, found


class TestStreams:
    """Standard streams are inherited: one that leads to a network would be a way out."""

    CODE = """
from pipeline.errors import LockError
try:
    lockdown.lock_service([Path(sys.argv[1])], required=sys.argv[2] == "required")
except LockError as error:
    assert error.code == "stream_is_network"
    sys.exit(error.exit_status)
os.write(1, b"{}")
"""

    @pytest.mark.parametrize("enforcement", ["required", "best_effort"])
    @pytest.mark.parametrize("stream", ["stdin", "stdout"])
    def test_a_network_connection_as_a_standard_stream_is_refused(
        self, store: Path, stream: str, enforcement: str
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as line:
            given = line.fileno()
            stdin, stdout = (given, subprocess.PIPE) if stream == "stdin" else (None, given)
            assert run(self.CODE, store, enforcement, expect=4, stdin=stdin, stdout=stdout) == {}

    @pytest.mark.parametrize(
        ("family", "kind"), [(socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_UNIX, socket.SOCK_DGRAM)]
    )
    def test_a_socket_for_datagrams_is_refused_too(self, store: Path, family: int, kind: int) -> None:
        with socket.socket(family, kind) as line:
            assert run(self.CODE, store, "required", expect=4, stdin=line.fileno()) == {}

    def test_a_local_stream_is_fine(self, store: Path) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            run(self.CODE, store, "required", stdin=theirs.fileno(), stdout=theirs.fileno())
            assert ours.recv(10) == b"{}"


class TestWithoutALock:
    """Where the kernel gives none: refused, or gone on with openly."""

    CODE = """
from pipeline.errors import LockError
def outcome(take):
    try:
        lock = take()
    except LockError as error:
        return [error.code, error.exit_status, "best_effort" in error.advice]
    return "no lock" if lock == lockdown.NO_LOCK else str(lock)
def found():
    store = [Path(sys.argv[1])]
    return {"service": outcome(lambda: lockdown.lock_service(store, required=True)),
            "parser": outcome(lambda: lockdown.lock_parser(required=True)),
            "service, best effort": outcome(lambda: lockdown.lock_service(store, required=False)),
            "parser, best effort": outcome(lambda: lockdown.lock_parser(required=False))}
"""
    REFUSED: ClassVar[Found] = {
        "service": ["lock_refused", 4, True],
        "parser": ["lock_refused", 4, True],
        "service, best effort": "no lock",
        "parser, best effort": "no lock",
    }

    @powers
    def test_a_kernel_that_refuses_the_filter(self, store: Path, before: Before) -> None:
        assert run(self.CODE + "refuse_the_lock(); tell(**found())", store, before=before) == self.REFUSED

    def test_a_processor_that_is_not_known(self, store: Path) -> None:
        code = "import platform; platform.machine = lambda: 'riscv64'; tell(**found())"
        assert run(self.CODE + code, store) == self.REFUSED

    def test_another_system_has_no_lock_even_where_it_is_required(self, store: Path) -> None:
        code = "sys.platform = 'darwin'; results = found(); sys.platform = 'linux'; tell(**results)"
        assert run(self.CODE + code, store) == dict.fromkeys(self.REFUSED, "no lock")

    @pytest.mark.parametrize(
        "lost", ["Rule('socket', ", "Rule('connect', ", "Rule('accept4', ", "Rule('io_uring_setup', "]
    )
    def test_a_filter_that_was_taken_and_does_not_hold_is_no_lock(self, store: Path, lost: str) -> None:
        code = f"""
from dataclasses import replace
name = {lost!r}.split("'")[1]
filters.SERVICE = replace(filters.SERVICE, rules=tuple(rule for rule in filters.SERVICE.rules if rule.call != name))
tell(service=outcome(lambda: lockdown.lock_service([Path(sys.argv[1])], required=True)))
"""
        assert run(self.CODE + code, store) == {"service": ["lock_refused", 4, True]}

    def test_a_lock_that_was_not_taken_is_not_taken_by_the_reader_either(self, store: Path) -> None:
        code = f"lockdown.lock_reader(lockdown.NO_LOCK, {LIMITS}); tell(socket=made(socket.AF_INET))"
        assert run(code, store) == {"socket": "fine"}


class TestInspection:
    """No process of the same user looks into a locked one."""

    LOOK = "tell(memory=tried(lambda: os.open(f'/proc/{sys.argv[1]}/mem', os.O_RDONLY)), \
                 descriptors=tried(lambda: os.readlink(f'/proc/{sys.argv[1]}/fd/0')))"

    @pytest.mark.parametrize("lock", [SERVICE, PARSER], ids=["service", "parser"])
    def test_its_memory_and_descriptors_are_nobodys(self, store: Path, lock: str) -> None:
        waiting = "print('ready', flush=True); sys.stdin.readline()"
        imports = "import sys; from pathlib import Path; from pipeline.isolation import lockdown\n"
        found = []
        for code in ("", lock):
            with subprocess.Popen(
                [sys.executable, "-c", imports + code + waiting, store],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                preexec_fn=give_up_powers,  # noqa: PLW1509 - these tests start no threads of their own
            ) as other:
                assert other.stdout is not None
                assert other.stdout.readline() == b"ready\n"
                found.append(run(self.LOOK, other.pid, before=give_up_powers))
                other.kill()
        unlocked, locked = found
        if unlocked != {"memory": "fine", "descriptors": "fine"}:
            pytest.skip("nobody may look into any process here")
        assert locked == {"memory": "EACCES", "descriptors": "EACCES"}


class TestParser:
    """The process that forks the readers."""

    def test_of_the_powers_of_root_it_keeps_reading(self) -> None:
        tell = "tell(powers=int(re.search(r'CapEff:\\s*(\\w+)', status.read())[1], 16))"
        found = run("import re; status = open('/proc/self/status')\n" + PARSER + tell)  # it cannot be opened later
        assert found == {"powers": 0b100 if os.getuid() == 0 else 0}

    @needs_landlock
    @powers
    def test_it_reads_libraries_and_nothing_else(self, tmp_path: Path, before: Before) -> None:
        (tmp_path / "file").write_bytes(b"secret")
        code = """
root, temporary = Path.cwd(), Path(sys.argv[1])
read = lambda path: tried(lambda: path.read_bytes())
tell(library=read(Path(json.__file__)), package=read(root / "pipeline" / "errors.py"),
     late=tried(lambda: __import__("wave")), late_ours=tried(lambda: __import__("pipeline.parsing.readers.text")),
     readme=read(root / "README.md"), tests=read(root / "tests" / "conftest.py"), config=read(root / "config.yaml"),
     temporary=read(temporary / "file"), accounts=read(Path("/etc/passwd")), process=read(Path("/proc/self/maps")),
     listed=tried(lambda: os.listdir(root)), root=tried(lambda: os.listdir("/")),
     home=tried(lambda: os.listdir(Path.home())))
"""
        found = run(PARSER + code, tmp_path, before=before)
        allowed = {name: found.pop(name) for name in ("library", "package", "late", "late_ours")}
        assert set(allowed.values()) == {"fine"}, allowed
        assert set(found.values()) == {"EACCES"}, found

    @powers
    def test_it_writes_nothing_starts_nothing_and_has_no_socket(self, tmp_path: Path, before: Before) -> None:
        code = """
child = os.fork()
if child == 0:
    os._exit(7)
tell(**sockets(), pair=tried(socket.socketpair), write=tried(lambda: Path(sys.argv[1], "new").write_bytes(b"")),
     python=started(sys.executable, "-c", ""), true=started("/bin/true"), accept=called("accept4", -1, 0, 0, 0),
     forked=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
        if not landlock_here():
            code = code.replace('write=tried(lambda: Path(sys.argv[1], "new").write_bytes(b""))', 'write="EACCES"')
        found = run(SOCKETS + PARSER + code, tmp_path, before=before)
        refused = dict.fromkeys(("pair", "write", "python", "true", "accept"), "EACCES")
        assert found == NO_SOCKETS | refused | {"forked": 7}
        assert list(tmp_path.iterdir()) == []


class TestReader:
    """The process that reads one document."""

    @powers
    def test_it_can_make_no_process_no_thread_no_signal_and_no_line(self, tmp_path: Path, before: Before) -> None:
        code = """
import fcntl, select, signal
def thread():
    try:
        threading.Thread(target=int).start()
    except RuntimeError:
        raise PermissionError(1, "") from None
tell(fork=tried(os.fork), thread=tried(thread), signal=tried(lambda: os.kill(os.getppid(), 0)),
     itself=tried(lambda: os.kill(os.getpid(), signal.SIGTERM)), pair=tried(socket.socketpair),
     python=started("/bin/true"),
     socket=made(socket.AF_INET), write=tried(lambda: Path(sys.argv[1], "new").write_bytes(b"")),
     null=tried(lambda: open("/dev/null", "wb")), link=tried(lambda: os.symlink("a", sys.argv[1] + "/b")),
     folder=tried(lambda: os.mkdir(sys.argv[1] + "/c")), rename=tried(lambda: os.rename("/a", "/b")),
     delete=tried(lambda: os.unlink("/a")), mode=tried(lambda: os.chmod(sys.argv[1], 0o777)),
     limit=called("prlimit64", 0, 0, 0, 0), trace=called("ptrace", 0, 0, 0, 0), execute=called("execve", 0, 0, 0),
     events=tried(select.epoll), owner=tried(lambda: fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())),
     chosen_signal=tried(lambda: fcntl.fcntl(1, 10, signal.SIGKILL)), filter=called("seccomp", 1, 1, 0))
"""
        found = run(READER + code, tmp_path, before=before)
        assert set(found.values()) == {"EPERM"}, found
        assert list(tmp_path.iterdir()) == []

    @powers
    def test_it_can_do_what_readers_do(self, tmp_path: Path, before: Before) -> None:
        (tmp_path / "document").write_bytes(b"content")
        code = """
import mmap, time, zlib
document = open(sys.argv[1] + "/document", "rb")
lock = lockdown.lock_parser(required=True)
lockdown.lock_reader(lock, process.ResourceLimits(1 << 30, 60))
memory = mmap.mmap(-1, 1 << 20)
memory[:3] = b"abc"
document.seek(3)
import encodings.cp1252, wave, html.entities
time.sleep(0.001)
tell(memory=bytes(memory[:3]).decode(), document=document.read().decode(), size=os.fstat(document.fileno()).st_size,
     zlib=zlib.decompress(zlib.compress(b"x" * 1000)).decode()[:2], cp1252=b"\\x80".decode("cp1252"),
     json=json.loads('{"a": [1]}'), large=len(bytearray(50 << 20)), random=len(os.urandom(4)))
"""
        found = run(code, tmp_path, before=before)
        assert found == {
            "memory": "abc", "document": "tent", "size": 7, "zlib": "xx", "cp1252": "€", "json": {"a": [1]},
            "large": 50 << 20, "random": 4,
        }  # fmt: skip

    def test_it_cannot_kill_through_the_owner_of_a_pipe(self) -> None:
        """F_SETOWN and F_SETSIG let the kernel send any signal when there is something to read."""
        code = """
import fcntl, time
reading, writing = os.pipe()
def arm():
    fcntl.fcntl(reading, fcntl.F_SETOWN, int(sys.argv[1]))
    fcntl.fcntl(reading, 10, 9)
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_NONBLOCK | 0o20000)
seccomp.install(filters.READER, syscalls.here())
tell(arm=tried(arm))
os.write(writing, b"x")
"""
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
            assert run(code, victim.pid) == {"arm": "EPERM"}
            with pytest.raises(subprocess.TimeoutExpired):
                victim.wait(0.2)
            victim.kill()
