"""Reading one document in this process, as the parser child does it, and what every answer must look like."""

import io
from collections.abc import Sequence

import msgspec
from hypothesis import HealthCheck, settings

from pipeline.outcomes import Code
from pipeline.parsing import cleaning, worker
from pipeline.parsing.protocol import PIECE_BYTES, Finished, Frame, Member, Opened, Page, Piece, Request, Task

# Derandomized, so that a build never fails by chance; inherited tests run once per subclass, which is meant.
CAREFUL = settings(
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)
REQUEST = Request(
    suffix=".txt",
    first_page=1,
    max_pages=1000,
    max_text_bytes=1 << 20,
    address_space_bytes=1 << 30,
    cpu_s=60,
    page_cpu_s=60,
)
MEMBERS = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=1000, max_member_bytes=1 << 26)


def frames(data: bytes, suffix: str, request: Request = REQUEST) -> list[Frame]:
    """All frames of a document."""
    return list(worker.read(io.BytesIO(data), msgspec.structs.replace(request, suffix=suffix)))


def pages(answer: Sequence[Frame]) -> list[Page]:
    """The pages among the frames."""
    return [frame for frame in answer if isinstance(frame, Page)]


def texts(answer: Sequence[Frame]) -> list[str]:
    """The pages' texts, without the white space around them."""
    return [page.text.strip() for page in pages(answer)]


def end(answer: Sequence[Frame]) -> Code | None:
    """Why reading ended early, None when it reached the end."""
    last = answer[-1]
    assert isinstance(last, Finished)
    return last.code


def members(data: bytes, suffix: str, request: Request = MEMBERS) -> list[tuple[Member, bytes]]:
    """The documents that lie in one, each with its content, which is empty where the member's code says why."""
    return members_and_end(data, suffix, request)[0]


def members_and_end(
    data: bytes, suffix: str, request: Request = MEMBERS
) -> tuple[list[tuple[Member, bytes]], Code | None]:
    """The members, and why taking them out ended early. A member whose pieces did not come to an end is left out."""
    found: list[tuple[Member, bytes]] = []
    announced: Member | None = None
    content = b""
    answer = frames(data, suffix, request)
    for frame in answer[:-1]:
        if isinstance(frame, Member):
            assert announced is None
            assert frame.number == (found[-1][0].number + 1 if found else request.first_page)
            assert cleaning.clean_name(frame.name) == frame.name
            if frame.code is not None:
                found.append((frame, b""))
            else:
                announced, content = frame, b""
        else:
            assert isinstance(frame, Piece)
            assert announced is not None
            assert len(frame.content) <= PIECE_BYTES
            content += frame.content
            if frame.last:
                found.append((announced, content))
                announced = None
    code = end(answer)
    assert announced is None or code is not None
    return found, code


def what(data: bytes, suffix: str) -> str:
    """The format in which a file was read, or the code with which it was refused."""
    first = frames(data, suffix)[0]
    return first.format if isinstance(first, Opened) else str(end([first]))


def assert_well_formed(answer: Sequence[Frame], first_page: int = 1) -> None:
    """One Finished, last; one Opened at most, first; pages numbered in order; texts that every later part can hold."""
    assert [frame for frame in answer if isinstance(frame, Finished)] == [answer[-1]]
    found = pages(answer)
    if isinstance(answer[0], Opened):
        assert list(answer[1:-1]) == found
        assert [page.number for page in found] == list(range(first_page, first_page + len(found)))
        assert first_page + len(found) - 1 <= max(answer[0].page_count, first_page - 1)
    else:
        assert len(answer) == 1
    assert all(cleaning.clean(page.text) == page.text for page in found)
