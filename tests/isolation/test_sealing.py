"""A whole program locked as its configuration asks, by command or by the API."""

import stat
import sys
from pathlib import Path

import pytest

from tests.conftest import Configure, write
from tests.isolation.conftest import LOCKABLE, run
from tests.isolation.test_lockdown import needs_landlock

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="the lock is one of Linux's kernel"), LOCKABLE]
SEAL = """
import pipeline
lock = pipeline.seal(sys.argv[1])
"""
LEASE = "The tenant shall pay the monthly rent in advance to the landlord."


def test_the_store_is_made_for_this_user_alone_and_only_where_it_is_needed(
    configure: Configure, tmp_path: Path
) -> None:
    file = configure()
    code = "from pipeline.isolation import sealing; tell(sealed=sealing.seal(sys.argv[1], needs_store=False).sealed)"
    assert run(code, file) == {"sealed": True}
    assert not (tmp_path / "store").exists()
    assert run(SEAL + "tell(sealed=lock.sealed, socket=tried(lambda: socket.socket()))", file) == {
        "sealed": True,
        "socket": "network_refused",
    }
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700


@needs_landlock
def test_a_missing_inbox_can_be_made_and_no_file_beside_it(configure: Configure, tmp_path: Path) -> None:
    file = configure(path="deep/er/inbox")
    (tmp_path / "inbox").rmdir()
    code = """
folder = Path(sys.argv[2])
tell(inbox=tried(lambda: (folder / "deep" / "er" / "inbox").mkdir(parents=True)),
     beside=tried(lambda: (folder / "file").write_bytes(b"")),
     within=tried(lambda: (folder / "deep" / "a").write_bytes(b"")),
     store=tried(lambda: (folder / "store" / "file").write_bytes(b"")),
     config=tried(lambda: Path(sys.argv[1]).write_bytes(b"")))
"""
    found = run(SEAL + code, file, tmp_path)
    assert found == {"inbox": "fine", "beside": "EACCES", "within": "EACCES", "store": "fine", "config": "EACCES"}


@needs_landlock
def test_an_inbox_that_is_there_cannot_be_written_to(configure: Configure, tmp_path: Path) -> None:
    code = """
inbox = Path(sys.argv[2])
tell(write=tried(lambda: (inbox / "new").write_bytes(b"")), folder=tried(lambda: (inbox / "d").mkdir()),
     change=tried(lambda: (inbox / "a.txt").write_bytes(b"")), delete=tried(lambda: (inbox / "a.txt").unlink()))
"""
    file = configure()
    write(tmp_path / "inbox", "a.txt", "text")
    assert set(run(SEAL + code, file, tmp_path / "inbox").values()) == {"EACCES"}
    assert (tmp_path / "inbox" / "a.txt").read_text(encoding="utf-8") == "text"


@needs_landlock
def test_further_folders_can_be_named(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    code = """
from pipeline.isolation.sealing import seal
folder = Path(sys.argv[2])
seal(sys.argv[1], writable=[folder / "reports"])
tell(named=tried(lambda: (folder / "reports" / "a").write_bytes(b"")),
     other=tried(lambda: (folder / "a").write_bytes(b"")))
"""
    assert run(code, configure(), tmp_path) == {"named": "fine", "other": "EACCES"}


def test_documents_are_indexed_and_found_by_a_locked_program(configure: Configure, tmp_path: Path) -> None:
    write(tmp_path / "letters", "lease.txt", LEASE)
    write(tmp_path / "inbox", "note.html", "<p>The ferry does not run while ice covers the bay.</p>")
    code = """
folder = Path(sys.argv[2])
with pipeline.Pipeline.open(sys.argv[1]) as inbox:
    reports = [inbox.drain(), inbox.ingest(folder / "letters")]
    hits = [inbox.search(question)[0] for question in ("monthly rent", "ice on the water")]
    tell(complete=[report.complete for report in reports], names=[hit.path.name for hit in hits],
         snippet=hits[0].snippet, sealed=lock.sealed, landlock=lock.landlock, socket=tried(lambda: socket.socket()))
"""
    found = run(SEAL + code, configure(), tmp_path)
    assert found.pop("landlock") == run("tell(version=landlock.version(syscalls.here()))")["version"]
    assert found == {
        "complete": [True, True],
        "names": ["lease.txt", "note.html"],
        "snippet": LEASE,
        "sealed": True,
        "socket": "network_refused",
    }


def test_libraries_are_told_to_stay_offline(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://name:secret@proxy")
    code = "tell(proxy='https_proxy' in os.environ, hub=os.environ.get('HF_HUB_OFFLINE'))"
    assert run(SEAL + code, configure()) == {"proxy": False, "hub": "1"}


@pytest.mark.parametrize("enforcement", ["required", "best_effort"])
def test_the_configuration_says_what_becomes_of_a_refused_lock(configure: Configure, enforcement: str) -> None:
    file = configure()
    file.write_text(f"{file.read_text(encoding='utf-8')}network: {{enforcement: {enforcement}}}\n", encoding="utf-8")
    code = """
refuse_the_lock()
import pipeline
locks = []
outcome = tried(lambda: locks.append(pipeline.seal(sys.argv[1])))
tell(outcome=outcome, locks=[lock.sealed for lock in locks], socket=tried(lambda: socket.socket().close()))
"""
    found = run(code, file)
    if enforcement == "required":
        assert found == {"outcome": "lock_refused", "locks": [], "socket": "fine"}
    else:
        assert found == {"outcome": "fine", "locks": [False], "socket": "network_refused"}


def test_only_what_is_named_stays_open(configure: Configure) -> None:
    code = """
import pipeline
ends = os.pipe()
pipeline.seal(sys.argv[1], kept=[ends[1]])
tell(named=tried(lambda: os.fstat(ends[1])), other=tried(lambda: os.fstat(ends[0])))
"""
    assert run(code, configure()) == {"named": "fine", "other": "EBADF"}


def test_a_listener_accepts_keeps_its_claim_and_is_all_that_does(configure: Configure, tmp_path: Path) -> None:
    code = """
import pipeline
from pipeline.isolation.listener import Listener, connect
(Path(sys.argv[2]) / "store").mkdir()
door = Listener.open(Path(sys.argv[2]) / "store", "door")
asking = connect(Path(sys.argv[2]) / "store", "door", 5.0)
other = socket.create_server(("127.0.0.1", 0))
lock = pipeline.seal(sys.argv[1], kept=[asking.fileno(), other.fileno()], listener=door)
with door.accept() as line:
    asking.send(b"question", 5.0)
    heard = line.receive(100, 5.0).decode()
tell(heard=heard, other=tried(other.accept), socket=tried(lambda: socket.socket()),
     claim=tried(lambda: os.fstat(door.claim)),
     second=started(sys.executable, "-c", "import sys; from pathlib import Path; "
     "from pipeline.isolation.listener import is_there; sys.exit(40 + is_there(Path(sys.argv[1]), 'door'))",
     sys.argv[2] + "/store"))
"""
    found = run(code, configure(), tmp_path)
    assert found == {
        "heard": "question",
        "other": "EACCES",
        "socket": "network_refused",
        "claim": "fine",
        "second": "exit 41",
    }
