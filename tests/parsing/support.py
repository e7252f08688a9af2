"""Reading one document in this process, as the parser child does it, and what every answer must look like."""

import io
from collections.abc import Sequence

import msgspec
from hypothesis import HealthCheck, settings

from pipeline.outcomes import Code
from pipeline.parsing import worker
from pipeline.parsing.protocol import Finished, Frame, Opened, Page, Request

# Derandomized, so that a build never fails by chance; inherited tests run once per subclass, which is meant.
CAREFUL = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
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
    assert all(worker.clean(page.text) == page.text for page in found)
