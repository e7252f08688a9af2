"""Wakes the scan when the operating system reports a change. Its events are hints: they may be late, double or lost."""

import warnings
from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

# Reading a file also makes events; reacting to those would make every scan cause the next.
_OWN_DOING = frozenset({"opened", "closed_no_write"})


class Watcher:
    """Calls `on_change`, from a thread of its own, whenever something below a folder may have changed."""

    def __init__(self, folder: Path, on_change: Callable[[], None]) -> None:
        self._folder = folder
        self._observer = Observer()
        self._handler = _Wake(on_change)
        self.active = False

    def start(self) -> bool:
        """Begin; False when the system gives no events (too many folders, no support): the scan alone sees changes."""
        warnings.filterwarnings("ignore", module="watchdog")  # its warnings list the paths of documents
        try:
            self._observer.schedule(self._handler, str(self._folder), recursive=True)
            self._observer.start()
        except (OSError, RuntimeError):
            return False
        self.active = True
        return True

    def stop(self) -> None:
        """End the thread that listens."""
        if self.active:
            self._observer.stop()
            self._observer.join(timeout=5)
            self.active = False


class _Wake(FileSystemEventHandler):
    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _OWN_DOING:
            self._on_change()
