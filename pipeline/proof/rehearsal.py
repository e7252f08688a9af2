"""Indexes and searches a few invented documents with the product's own commands, and counts packets where it can."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Config

_TIMEOUT_S = 300.0
_POLL_S = 0.02
_TEXT = b"BT /F 11 Tf 50 700 Td (The lighthouse keeper repaired the lamp on Tuesday.) Tj ET"
_OBJECTS = (  # of a PDF with one page
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    b"<< /Length %d >> stream\n%b\nendstream" % (len(_TEXT), _TEXT),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
)


def _pdf(objects: Sequence[bytes]) -> bytes:
    """A PDF file of these objects, numbered from 1, the first of which is its catalogue (ISO 32000-1, 7.5)."""
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj %b endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + head + table + trailer


# name, content, a question, for which the document must come first
SAMPLES: tuple[tuple[str, bytes, str], ...] = (
    ("lease.txt", b"The tenant pays the rent for the bakery on the first working day of each month.\n", "monthly rent"),
    ("minutes.md", b"# Minutes\n\nThe choir decided to buy a second piano from the savings.\n", "purchase of a piano"),
    ("notice.html", b"<html><body><p>The ferry does not run while ice covers the bay.</p></body></html>", "ferry ice"),
    ("log.pdf", _pdf(_OBJECTS), "who repaired the lamp"),
)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many documents were indexed and found, and packets that left its processes (None: no counter here)."""

    documents: int
    indexed: int
    found: int
    packets: int | None
    seconds: float

    @property
    def succeeded(self) -> bool:
        """Whether the product does its work under the lock, and nothing was sent."""
        return self.indexed == self.found == self.documents and not self.packets


def rehearse(config: Config, folder: Path) -> Rehearsal:
    """Run `pipeline ingest` and `pipeline search` on documents below `folder`, which is this process's own."""
    started = time.monotonic()
    inbox = folder / "inbox"
    inbox.mkdir()
    for name, content, _ in SAMPLES:
        (inbox / name).write_bytes(content)
    file = folder / "config.yaml"
    file.write_text(
        "inbox: {path: inbox, settle_s: 0}\nstore: {path: store}\n"
        f"model: {{name: {json.dumps(config.model.name)}, path: {json.dumps(str(config.models_path))}}}\n"
        f"network: {{enforcement: {config.network.enforcement}}}\n",
        encoding="utf-8",
    )
    report, packets = _run(file, "ingest", str(inbox))
    states = report.get("states")
    indexed = states.get("indexed", 0) if isinstance(states, dict) else 0
    found = 0
    for name, _, question in SAMPLES:
        answer, sent = _run(file, "search", question, "--limit", "1")
        hits = answer.get("hits")
        found += bool(isinstance(hits, list) and hits and Path(hits[0]["path"]).name == name)
        packets = None if packets is None or sent is None else packets + sent
    return Rehearsal(len(SAMPLES), indexed, found, packets, time.monotonic() - started)


def _run(config: Path, *arguments: str) -> tuple[dict[str, object], int | None]:
    """What a command prints as JSON (empty when it failed), and the packets that it sent."""
    command = [sys.executable, "-m", "pipeline", "--config", str(config), *arguments, "--json"]
    output = config.parent / "output"
    packets: int | None = None
    with output.open("wb") as stdout, subprocess.Popen(  # noqa: S603 - our own module, no shell
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL, cwd=config.parent
    ) as running:  # fmt: skip
        deadline = time.monotonic() + _TIMEOUT_S
        while running.poll() is None and time.monotonic() < deadline:
            sent = _packets_sent(running.pid)
            packets = packets if sent is None else sent
            time.sleep(_POLL_S)
        running.kill()
    try:
        answer = json.loads(output.read_bytes())
    except ValueError:
        answer = {}
    return (answer if isinstance(answer, dict) and running.returncode == 0 else {}), packets


def _packets_sent(pid: int) -> int | None:
    """Packets that left through any device of a process's own network (proc_pid_net(5)); None: it has none of its own.

    A network that is shared with the machine counts what others send.
    """
    try:
        if Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
            return None
        lines = Path(f"/proc/{pid}/net/dev").read_text(encoding="ascii").splitlines()[2:]
    except OSError:
        return None
    return sum(int(line.partition(":")[2].split()[9]) for line in lines)  # the tenth figure: packets transmitted
