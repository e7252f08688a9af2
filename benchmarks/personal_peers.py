"""The shared sets beside ferret-scan, presidio with spaCy, and spaCy alone: what each finds, and how fast.

They need an environment of their own, named by SEALED_PERSONAL_PEERS_PYTHON; what is not there is left out, and said to
be. Only labels of kinds that are looked for here count, and only findings of such kinds: a date or a nationality that
presidio tells is not held against it.
"""

import json
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.personal import NAMES, PersonalKind

VARIABLE = "SEALED_PERSONAL_PEERS_PYTHON"
OURS = "Sealed Inbox"
PRESIDIO, SPACY, FERRET = "presidio 2.2 + spaCy", "spaCy en_core_web_sm 3.8", "ferret-scan 2.5"
OVERLAP = 0.5
KIND_OF_THEIRS = {
    "PERSON": "person", "PERSON_NAME": "person", "ORG": "organisation", "ORGANIZATION": "organisation", "GPE": "place",
    "LOC": "place", "FAC": "place", "LOCATION": "place", "EMAIL_ADDRESS": "email", "EMAIL": "email",
    "PHONE_NUMBER": "phone", "PHONE": "phone", "CREDIT_CARD": "payment-card", "VISA": "payment-card",
    "MASTERCARD": "payment-card", "AMERICAN_EXPRESS": "payment-card", "DISCOVER": "payment-card", "JCB": "payment-card",
    "DINERS_CLUB": "payment-card", "MAESTRO": "payment-card", "UNIONPAY": "payment-card", "IBAN_CODE": "iban",
    "IBAN": "iban", "US_SSN": "national-id", "SSN": "national-id", "IP_ADDRESS": "ip-address", "IPV4": "ip-address",
    "IPV6": "ip-address", "US_DRIVER_LICENSE": "driving-licence", "DRIVERS_LICENSE": "driving-licence",
    "US_PASSPORT": "passport", "PASSPORT": "passport", "US_BANK_NUMBER": "bank-account",
    "BANK_ACCOUNT": "bank-account", "US_ROUTING_NUMBER": "bank-account", "US_ITIN": "tax-id", "IN_PAN": "tax-id",
    "IN_AADHAAR": "national-id", "US_STREET_ADDRESS": "address", "PHYSICAL_ADDRESS": "address",
    "MEDICAL_ID": "medical-record", "PASSWORD": "password",
}  # fmt: skip

Span = tuple[int, int, str]  # start, end, kind


@dataclass(frozen=True, slots=True)
class Beside:
    """One program over one set. F1 over all labels of kinds that are looked for here, over the others, over names."""

    program: str
    name: str
    labels: int
    f1: float
    numbers: float
    person: float
    organisation: float
    place: float
    words_per_s: float


Finder = Callable[[Sequence[str]], tuple[list[list[Span]], float]]  # findings of each text, and seconds


def beside(name: str, texts: Sequence[str], right: Sequence[Sequence[Span]], ours: Finder) -> Iterator[Beside]:
    """This program, and the others that are there, over one set."""
    found, seconds = ours(texts)
    yield _figures(OURS, name, texts, right, found, seconds)
    for program, (theirs, took) in _others(texts).items():
        yield _figures(program, name, texts, right, theirs, took)


def absent() -> list[str]:
    """The programs that are not there."""
    return [] if os.environ.get(VARIABLE) else [FERRET, PRESIDIO, SPACY]


def _others(texts: Sequence[str]) -> Mapping[str, tuple[list[list[Span]], float]]:
    python = os.environ.get(VARIABLE)
    if not python:
        return {}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        task, result = Path(folder) / "texts.json", Path(folder) / "result.json"
        task.write_text(json.dumps(list(texts)), encoding="utf-8")
        script = Path(__file__).with_name("presidio_process.py")
        subprocess.run([python, script, task, result], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        answer: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    for program in (PRESIDIO, SPACY):
        said = answer[program]
        found[program] = [_mapped(one) for one in said["found"]], float(said["seconds"])
    found[FERRET] = _ferret(texts, str(Path(python).with_name("ferret-scan")))
    return found


def _mapped(found: Sequence[Sequence[Any]]) -> list[Span]:
    return [(int(one[0]), int(one[1]), KIND_OF_THEIRS[one[2]]) for one in found if one[2] in KIND_OF_THEIRS]


def _ferret(texts: Sequence[str], program: str) -> tuple[list[list[Span]], float]:
    """It reads files and tells lines: the place of a finding is where its text stands in that line."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            (Path(folder) / f"{number}.txt").write_text(text, encoding="utf-8", newline="\n")
        command = [
            program,
            "--file",
            folder,
            "--recursive",
            "--format",
            "json",
            "--show-match",
            "--limit",
            "0",
            "--quiet",
        ]
        started = time.perf_counter()
        told = subprocess.run(command, check=False, capture_output=True, text=True)
        seconds = time.perf_counter() - started
    found: list[list[Span]] = [[] for _ in texts]
    for one in json.loads(told.stdout)["results"]:
        kind = KIND_OF_THEIRS.get(one["type"])
        number = int(Path(one["filename"]).stem)
        lines = texts[number].split("\n")
        begun = sum(len(line) + 1 for line in lines[: one["line_number"] - 1])
        start = texts[number].find(one["text"], begun)
        if kind is not None and start >= 0:
            found[number].append((start, start + len(one["text"]), kind))
    return found, seconds


def _figures(
    program: str,
    name: str,
    texts: Sequence[str],
    right: Sequence[Sequence[Span]],
    found: Sequence[Sequence[Span]],
    seconds: float,
) -> Beside:
    def f1(kinds: Callable[[str], bool]) -> float:
        hits = sum(count for kind, count in agreed.items() if kinds(kind))
        given = sum(kinds(kind) for spans in (*right, *found) for *_, kind in spans)
        return 2 * hits / given if given else 0.0

    agreed: Counter[str] = Counter()
    for there, told in zip(right, found, strict=True):
        left = list(told)
        for span in there:
            match = next((one for one in left if one[2] == span[2] and overlaps(one, span)), None)
            if match is not None:
                left.remove(match)
                agreed[span[2]] += 1
    return Beside(
        program,
        name,
        sum(map(len, right)),
        f1(lambda _: True),
        f1(lambda kind: kind not in NAMES),
        f1(lambda kind: kind == PersonalKind.PERSON),
        f1(lambda kind: kind == PersonalKind.ORGANISATION),
        f1(lambda kind: kind == PersonalKind.PLACE),
        sum(len(text.split()) for text in texts) / seconds,
    )


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans have at least half of what they cover in common."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common > 0 and common / (max(one[1], other[1]) - min(one[0], other[0])) >= OVERLAP
