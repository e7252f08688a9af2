"""A launcher that watches the children it starts: how many, what they may take, and how much they took at most."""

import threading
import time
from pathlib import Path

import msgspec

from pipeline.parsing.protocol import Request
from pipeline.parsing.zygote import Child, Zygote

_LOOK_S = 0.01


class WatchedZygote:
    """Starts children as the product does. Peaks are in bytes; 0 where the system has no /proc."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self.requests: list[Request] = []
        self.peaks: list[int] = []

    def start(self, document: int, request: msgspec.Struct) -> Child:
        """A child, with a thread that looks at its high-water mark until it is gone."""
        assert isinstance(request, Request)
        child = self._zygote.start(document, request)
        number = len(self.requests)
        self.requests.append(request)
        self.peaks.append(0)
        threading.Thread(target=self._watch, args=(child._pid, number), daemon=True).start()  # type: ignore[attr-defined]
        return child

    def close(self) -> None:
        """The zygote is somebody else's."""

    def _watch(self, pid: int, number: int) -> None:
        """VmHWM only grows, so that what is missed is what was taken within the last _LOOK_S."""
        status = Path(f"/proc/{pid}/status")
        while True:
            try:
                mark = status.read_text(encoding="ascii", errors="replace").partition("VmHWM:")[2].split()
            except OSError:
                return
            if not mark:
                return  # it has ended, and waits to be reaped
            self.peaks[number] = max(self.peaks[number], int(mark[0]) << 10)
            time.sleep(_LOOK_S)
