"""`make demo`: a fresh temporary inbox, the sample documents dropped in while the watcher runs, three searches.

Everything runs through the command line, as a user would run it; nothing is left behind.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
DOCUMENTS = (".pdf", ".txt", ".md", ".html", ".docx", ".xlsx", ".eml")
QUESTIONS = (
    "how much notice to end the services agreement without giving a reason",
    "which medicine should the patient take after leaving hospital",
    "when must the bill be paid",
)
DEADLINE_S = 60.0
PIPELINE = (sys.executable, "-m", "pipeline")


def main() -> int:
    """Run the demonstration; 0 when every sample was processed and every search found something."""
    with tempfile.TemporaryDirectory(prefix="sealed-inbox-demo-") as name:
        folder = Path(name)
        config = folder / "config.yaml"
        config.write_text("inbox: {path: inbox, settle_s: 0.5}\nstore: {path: store}\n", encoding="utf-8")
        processed = drop_while_watching(folder / "inbox", config)
        print()
        answered = sum(search(question, config) for question in QUESTIONS)
        subprocess.run([*PIPELINE, "status", "--config", str(config)], check=True)
    complete = processed == len(samples()) and answered == len(QUESTIONS)
    print(f"\n{processed} of {len(samples())} documents processed, {answered} of {len(QUESTIONS)} searches answered.")
    return 0 if complete else 1


def samples() -> list[Path]:
    """The documents, without the folder's own notes about them."""
    return sorted(path for path in SAMPLES.iterdir() if path.suffix in DOCUMENTS and path.name != "README.md")


def drop_while_watching(inbox: Path, config: Path) -> int:
    """Start the watcher, drop one document after the other, and count those that came to their end."""
    watcher = subprocess.Popen(
        [*PIPELINE, "watch", "--names", "--config", str(config)], stdout=subprocess.PIPE, text=True, cwd=inbox.parent
    )
    assert watcher.stdout is not None
    try:
        while not inbox.is_dir():
            time.sleep(0.05)
        for sample in samples():
            shutil.copyfile(sample, inbox / sample.name)
            time.sleep(0.1)
        lines = 0
        started = time.monotonic()
        while lines < len(samples()) and time.monotonic() - started < DEADLINE_S:
            line = watcher.stdout.readline()
            if not line:
                break
            print(line, end="", flush=True)
            lines += 1
        return lines
    finally:
        watcher.send_signal(signal.SIGINT)
        watcher.wait(timeout=10)


def search(question: str, config: Path) -> bool:
    """Print the best hits for a question; whether there were any."""
    command = [*PIPELINE, "search", "--config", str(config), "--limit", "2"]
    print(f'$ pipeline search "{question}"', flush=True)
    subprocess.run([*command, question], check=True, cwd=config.parent)
    print(flush=True)
    answer = subprocess.run([*command, "--json", question], check=True, capture_output=True, text=True)
    return bool(json.loads(answer.stdout)["hits"])


if __name__ == "__main__":
    sys.exit(main())
