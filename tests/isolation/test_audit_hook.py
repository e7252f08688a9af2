"""The hook that says in words what the kernel refuses: tried in a process of its own, without any other lock."""

import pytest

from tests.isolation.conftest import run

HOOK = """
from pipeline.isolation import audit_hook
audit_hook.install()
"""
WAYS = {
    "a socket": "socket.socket()",
    "a socket of IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "a connection": "socket.create_connection(('secret-name.invalid', 54321))",
    "a question for a name": "socket.getaddrinfo('secret-name.invalid', 54321)",
    "an old question for a name": "socket.gethostbyname('secret-name.invalid')",
    "a question for an address": "socket.getnameinfo(('203.0.113.54', 54321), 0)",
    "an address of a local program": "socket.socket(socket.AF_UNIX).connect('secret-name')",
    "a local name": "socket.socket(socket.AF_UNIX).bind('secret-name')",
    "a datagram to a local program": "socket.socket(socket.AF_UNIX, 2).sendto(b'x', 'secret-name')",
    "a page": "__import__('urllib.request').request.urlopen('http://secret-name.invalid:54321/', timeout=2)",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_out_is_told_without_its_address(way: str) -> None:
    code = f"""
from pipeline.errors import LockError
try:
    {WAYS[way]}
except LockError as error:
    tell(code=error.code, status=error.exit_status, says=str(error))
"""
    found = run(HOOK + code)
    assert (found["code"], found["status"]) == ("network_refused", 4)
    said = str(found["says"])
    assert "It was refused." in said
    assert not [word for word in ("secret", "54321", "203.0.113") if word in said]


def test_pairs_files_and_programs_are_not_affected() -> None:
    code = """
one, other = socket.socketpair()
socket.send_fds(one, [b"x"], [0])
message, descriptors, _, _ = socket.recv_fds(other, 10, 1)
again = socket.socket(fileno=other.detach())
tell(message=message.decode(), descriptors=len(descriptors), family=again.family, file=tried(lambda: open(os.devnull)),
     program=started(sys.executable, "-c", ""))
"""
    found = run(HOOK + code)
    assert found == {"message": "x", "descriptors": 1, "family": 1, "file": "fine", "program": "exit 0"}


def test_without_it_the_same_is_allowed() -> None:
    assert run("tell(socket=made(socket.AF_INET))") == {"socket": "fine"}
