"""A dossier as JSON: every figure under the name that report.py gives it, and whether each bound was reached."""

import msgspec

from pipeline.evaluation.report import Dossier


def encode(dossier: Dossier) -> str:
    """UTF-8 text of one JSON object, one line per value. A figure that is not a number becomes null."""
    plain = msgspec.to_builtins(dossier)
    for written, result in zip(plain["gate"], dossier.gate, strict=True):
        written["passed"] = result.passed
    return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode()
