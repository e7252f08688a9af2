"""How well personal data is found: by kind on the shared sets, what is found in contracts, and what it costs.

The last line of a set counts all of its labels, also those that are not looked for. A finding is right where it is of
the kind and overlaps by half or more (intersection over union). The detectors were written and corrected with these
sets in view: the figures lean to them; names were learned from other text. Some of pii_syn_nano's numbers, addresses
and firms are not marked in it and count as wrong.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure, personal_peers
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from benchmarks.personal_peers import Beside, Span, overlaps
from pipeline.chunking import split
from pipeline.config import PersonalDataConfig
from pipeline.datatypes import Finding, PageText
from pipeline.insight.labelling.features import features
from pipeline.insight.labelling.head import Head
from pipeline.insight.labelling.training import LabelSet, train
from pipeline.insight.names.finder import NameFinder
from pipeline.insight.pii.inspector import Inspector
from pipeline.kinds import KINDS
from pipeline.registry.runtime import Embedder

FOLDER = measure.SHARED / "pii"
SETS = ("presidio_synth_v2", "pii_syn_nano")
CLEAN = measure.SHARED / "classification" / "cuad_contract_type_a" / "test.jsonl"
COST_DOCUMENTS = 40
KIND_OF = {
    "STREET_ADDRESS": "address", "CREDIT_CARD": "payment-card", "PHONE_NUMBER": "phone", "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban", "US_SSN": "national-id", "IP_ADDRESS": "ip-address", "US_DRIVER_LICENSE": "driving-licence",
    "EMAIL": "email", "PASSWORD": "password", "SSN": "national-id", "PASSPORT": "passport", "PHONE": "phone",
    "ACCOUNT": "bank-account", "TAX_ID": "tax-id", "PAN": "tax-id", "IBAN": "iban", "ACCOUNT_NUMBER": "bank-account",
    "AADHAR": "national-id", "PATIENT_ID": "medical-record", "DRIVER_LICENSE": "driving-licence",
    "ROUTING_NUMBER": "bank-account", "INSURANCE_ID": "health-insurance", "BANK_ACCOUNT": "bank-account",
    "TAXID": "tax-id", "DRIVER_LICENSE_NUM": "driving-licence", "LICENSE": "driving-licence",
    "BANK_ACCOUNT_NUM": "bank-account", "VOTER_ID": "national-id", "PASSPORT_NUM": "passport",
    "PERSON": "person", "ORGANIZATION": "organisation", "ORG": "organisation", "BANK": "organisation", "GPE": "place",
    "INSURANCE_POLICY_NUM": "health-insurance", "MEDICAL_RECORD": "medical-record",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of one kind in one set: right, wrong and missed. `kind` "" stands for all labels of the set."""

    name: str
    kind: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of findings that is right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        """The share of what is there that is found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


@dataclass(frozen=True, slots=True)
class Personal:
    """All of it. `clean` are findings by kind in `clean_words` words of contracts, of which most are true.

    Seconds are of the same passages: embedding them, looking for personal data, labelling. `beside` are other programs,
    `absent` those that were not there.
    """

    conditions: Conditions
    kinds: list[Kind]
    clean: dict[str, int]
    clean_words: int
    embed_s: float
    inspect_s: float
    label_s: float
    characters: int
    beside: list[Beside]
    absent: list[str]


def measure_personal() -> Personal:
    """Look through the shared sets and contracts, and time it beside the embedding of the same text."""
    at = Conditions.now()
    embedder = Embedder(MODELS / "all-minilm-l6-v2-int8", threads=1)
    inspector = Inspector(PersonalDataConfig(), NameFinder.of(embedder))
    kinds = [kind for name in SETS for kind in _kinds(name, inspector)]
    texts = [json.loads(line)["text"] for line in CLEAN.read_text(encoding="utf-8").splitlines()]
    clean = Counter(str(one.kind) for text in texts for one in found(inspector, text))
    others = [one for name in SETS for one in _beside(name, inspector)]
    tell("personal: cost")
    embed_s, inspect_s, label_s, characters = _cost(texts[:COST_DOCUMENTS], inspector, embedder)
    return Personal(
        at.ended(),
        kinds,
        dict(clean),
        sum(len(text.split()) for text in texts),
        embed_s,
        inspect_s,
        label_s,
        characters,
        others,
        personal_peers.absent(),
    )


def _kinds(name: str, inspector: Inspector) -> Iterator[Kind]:
    tell(f"personal: {name}")
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for line in (FOLDER / name / "data.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        _count(found(inspector, row["text"]), row["spans"], (right, wrong, missed))
    for kind in sorted({*right, *wrong, *missed} - {_OTHER}):
        yield Kind(name, kind, right[kind], wrong[kind], missed[kind])
    yield Kind(name, "", right.total(), wrong.total(), missed.total())


def _beside(name: str, inspector: Inspector) -> Iterator[Beside]:
    tell(f"personal: {name}, beside others")
    rows = [json.loads(line) for line in (FOLDER / name / "data.jsonl").read_text(encoding="utf-8").splitlines()]
    right = [
        [(one["start"], one["end"], KIND_OF[one["label"]]) for one in row["spans"] if one["label"] in KIND_OF]
        for row in rows
    ]

    def ours(texts: Sequence[str]) -> tuple[list[list[Span]], float]:
        started = time.perf_counter()
        told = [found(inspector, text) for text in texts]
        seconds = time.perf_counter() - started
        wanted = set(KIND_OF.values())
        return [[(one.start, one.end, str(one.kind)) for one in some if one.kind in wanted] for some in told], seconds

    return personal_peers.beside(name, [row["text"] for row in rows], right, ours)


def found(inspector: Inspector, text: str) -> tuple[Finding, ...]:
    """All findings in a text of one page."""
    return inspector.inspect([PageText(1, text)]).findings


_OTHER = "other"


def _count(found: Sequence[Finding], spans: Sequence[Mapping[str, str | int]], into: tuple[Counter[str], ...]) -> None:
    right, wrong, missed = into
    used: set[Finding] = set()
    for span in spans:
        kind = KIND_OF.get(str(span["label"]), _OTHER)
        match = next((one for one in found if one not in used and one.kind == kind and _agree(one, span)), None)
        if match is None:
            missed[kind] += 1
        else:
            used.add(match)
            right[kind] += 1
    for one in found:
        if one not in used:
            wrong[str(one.kind)] += 1


def _agree(one: Finding, span: Mapping[str, str | int]) -> bool:
    return overlaps((one.start, one.end, ""), (int(span["start"]), int(span["end"]), ""))


def _cost(texts: Sequence[str], inspector: Inspector, embedder: Embedder) -> tuple[float, float, float, int]:
    """Processor seconds on one thread of embedding, inspecting and labelling these documents, the least of three.

    Names are found during the pass that embeds: what they cost is what it takes longer.
    """
    head = _head(embedder)
    cut = [split((PageText(1, text),), embedder.token_spans, embedder.max_passage_tokens) for text in texts]
    passages = [[chunk.text for chunk in chunks] for chunks in cut]
    vectors = [embedder.encode(one) for one in passages]
    rounds = []
    for _ in range(3):
        begun = time.process_time()
        for one in passages:
            embedder.encode(one)
        embedded = time.process_time()
        for text, chunks, one in zip(texts, cut, passages, strict=True):
            reading = inspector.reading(chunks)
            embedder.encode(one, observe=None if reading is None else reading.observe)
            inspector.inspect([PageText(1, text)], reading)
        inspected = time.process_time()
        for text, rows in zip(texts, vectors, strict=True):
            head.probabilities([features(rows, [text])])
        again = embedded - begun
        rounds.append((again, inspected - embedded - again, time.process_time() - inspected))
    embed_s, inspect_s, label_s = (min(times) for times in zip(*rounds, strict=True))
    return embed_s, inspect_s, label_s, sum(map(len, texts))


def _head(embedder: Embedder) -> Head:
    labels = LabelSet("kind", tuple(KINDS), embedder.encode(list(KINDS.values())))
    return train(labels, [], "", min_score=0.5, max_error=0.05)[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    measure.write(measure_personal(), options.parse_args().json)


if __name__ == "__main__":
    main()
