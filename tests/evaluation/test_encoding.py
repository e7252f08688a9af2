"""A dossier as JSON."""

import json
from dataclasses import replace

from pipeline.evaluation import encoding
from pipeline.evaluation.report import GateResult
from tests.evaluation import invented


def test_every_figure_is_there_under_its_own_name() -> None:
    dossier = invented.good()
    plain = json.loads(encoding.encode(dossier))
    assert plain["model"] == dossier.model
    assert plain["variants"][1]["footprint"]["file_bytes"] == dossier.variants[1].footprint.file_bytes
    assert plain["variants"][0]["fidelity"] is None
    assert plain["answers"][0]["verdict"] == dossier.answers[0].verdict.value
    assert [one["passed"] for one in plain["gate"]] == [one.passed for one in dossier.gate]


def test_what_is_no_number_stays_valid_json() -> None:
    dossier = replace(invented.good(), gate=(GateResult("m", "cosine_mean", float("nan"), 0.9),))
    (result,) = json.loads(encoding.encode(dossier))["gate"]
    assert (result["measured"], result["passed"]) == (None, False)
