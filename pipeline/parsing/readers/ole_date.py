"""The day on which an Office document of before 2007 was last saved: of all its properties (MS-OLEPS) these two."""

import struct
from datetime import UTC, datetime, timedelta

from pipeline.parsing import dates
from pipeline.parsing.compound import Storage

_STREAM = "\x05SummaryInformation"
_FIRST_SET = struct.Struct("<44xI")  # where the first set of properties begins (2.21)
_COUNT, _PLACE = struct.Struct("<4xI"), struct.Struct("<II")
_TIME = struct.Struct("<IQ")  # a type, and hundreds of nanoseconds since 1601
_IS_TIME = 0x40
_SAVED, _CREATED = 13, 12  # (2.25.1)
_MOST_BYTES, _MOST_PROPERTIES = 1 << 20, 1000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def saved(root: Storage) -> str:
    """As dates.dated() gives it: when it was last saved, else made; empty where that is not told. Never raises."""
    content = root.aside(_STREAM)[:_MOST_BYTES] if root.size(_STREAM) <= _MOST_BYTES else b""
    try:
        (start,) = _FIRST_SET.unpack_from(content)
        (count,) = _COUNT.unpack_from(content, start)
        places = [_PLACE.unpack_from(content, start + 8 + 8 * number) for number in range(min(count, _MOST_PROPERTIES))]
        times = {name: _time(content, start + at) for name, at in places if name in (_SAVED, _CREATED)}
    except struct.error:
        return ""
    return dates.dated(times.get(_SAVED), times.get(_CREATED))


def _time(content: bytes, at: int) -> str:
    kind, since = _TIME.unpack_from(content, at)
    try:
        return (_EPOCH + timedelta(microseconds=since // 10)).isoformat() if kind == _IS_TIME and since else ""
    except OverflowError:
        return ""
