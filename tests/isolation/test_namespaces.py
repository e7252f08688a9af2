"""A network of the process's own, and the powers it gives up."""

import os
import socket
import sys

import pytest

from tests.isolation.conftest import LOCKABLE, run
from tests.isolation.inside import give_up_powers

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="of Linux's kernel alone"), LOCKABLE]
ENTER = "entered = namespaces.enter_own_network(syscalls.here())\n"
# As a service manager starts it: another user, whose process may be looked into.
AS_ANOTHER_USER = """
import encodings.ascii, resource  # this Python may lie where the other user reads nothing
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
libc.prctl(libc.PR_SET_DUMPABLE, 1)
"""
REACHES = """
def reach():
    with socket.socket() as line:
        line.settimeout(2)
        return tried(lambda: line.connect(("127.0.0.1", int(sys.argv[1]))))
"""


@pytest.mark.parametrize(
    "user",
    [
        pytest.param("", id="this user"),
        pytest.param(
            AS_ANOTHER_USER,
            id="another user",
            marks=pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user"),
        ),
    ],
)
def test_nobody_is_in_it_and_no_device_is_up(user: str) -> None:
    code = """
import struct
before = reach()
who = os.getuid(), os.getgid()
entered = namespaces.enter_own_network(syscalls.here())
devices = sorted(line.partition(":")[0].strip() for line in open("/proc/self/net/dev").readlines()[2:])
namespaces.drop_capabilities(syscalls.here(), namespaces.CHANGE_FILES)
powers = next(line for line in open("/proc/self/status") if line.startswith("CapEff"))
tell(entered=entered, before=before, after=reach(), devices=devices, same=who == (os.getuid(), os.getgid()),
     powers=int(powers.split()[1], 16))
"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = run(REACHES + user + code, listener.getsockname()[1])
    if not found["entered"]:
        assert found["after"] == "fine", "where there is none, that must be said and nothing changed"
        pytest.skip("namespaces are not allowed here")
    assert found["before"] == "fine"
    assert found["after"] in ("ENETUNREACH", "EADDRNOTAVAIL")
    assert (found["devices"], found["same"]) == (["lo"], True)
    powers = found["powers"]
    assert isinstance(powers, int)
    assert powers & ~(0 if user else 0b1111) == 0


def test_where_it_is_not_allowed_the_process_stays_where_it_was() -> None:
    code = """
from dataclasses import replace
from pipeline.isolation.filters import Policy, Rule, ALLOW, REFUSED
before = os.readlink("/proc/self/ns/net")
seccomp.install(Policy("no namespaces", (Rule("unshare", REFUSED),), ALLOW), syscalls.here())
entered = namespaces.enter_own_network(syscalls.here())
tell(entered=entered, stayed=os.readlink("/proc/self/ns/net") == before)
"""
    assert run(code) == {"entered": False, "stayed": True}


def test_root_without_powers_goes_on_without_one() -> None:
    found = run(ENTER + "tell(entered=entered, uid=os.getuid())", before=give_up_powers)
    assert found["entered"] in (True, False)
    locked = run(
        "lock = lockdown.lock_service([], required=True); tell(sealed=lock.sealed, own=lock.own_network)",
        before=give_up_powers,
    )
    assert locked == {"sealed": True, "own": found["entered"]}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_is_locked_in_full_and_works_on() -> None:
    code = """
import tempfile
store = Path(tempfile.mkdtemp())
os.chown(store, 65534, 65534)
(store / "file").write_bytes(b"x")
os.chown(store / "file", 65534, 65534)
""" + AS_ANOTHER_USER + """
lock = lockdown.lock_service([store], required=True)
tell(sealed=lock.sealed, landlock=lock.landlock, version=landlock.version(syscalls.here()), socket=made(socket.AF_INET),
     read=tried((store / "file").read_bytes), write=tried(lambda: (store / "new").write_bytes(b"")),
     owner=(store / "new").stat().st_uid == os.getuid(),
     deleted=tried(lambda: [one.unlink() for one in store.iterdir()]))
"""  # fmt: skip
    found = run(code)
    version = found.pop("version")
    assert found == {
        "sealed": True, "landlock": version, "socket": "EACCES", "read": "fine", "write": "fine", "owner": True,
        "deleted": "fine",
    }  # fmt: skip
