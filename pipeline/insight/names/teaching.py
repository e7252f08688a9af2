"""Teaches a model to find names: learns a head from the text beside the models and puts it into the model's folder."""

import hashlib
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.insight.names import card, material
from pipeline.insight.names.card import Card
from pipeline.insight.names.training import Progress, learn
from pipeline.registry.build import building
from pipeline.registry.catalogue import Installed
from pipeline.registry.runtime import Embedder

FOLDER = "names"  # beside the models
LEAST = 0.3  # of what is told and of what is there, for each kind: below that something has gone wrong


def is_taught(root: Path, model: Installed) -> bool:
    """Whether the model has a head of its present build, learned from the present text."""
    try:
        said = card.read(model.folder, model.manifest)
        return said is not None and said.material == material.read(root / FOLDER).sha256
    except ModelError:
        return False


def teach(root: Path, model: Installed, progress: Progress) -> Card:
    """Learn a head for the model and keep it in its folder. `progress` is told of stages.

    Raises ModelError where the model cannot be taught or has learned too little, then nothing has changed; ConfigError
    when the packages for building are not installed.
    """
    text = material.read(root / FOLDER)
    embedder = Embedder(model.folder)
    try:
        if not embedder.has_states:
            raise ModelError("names_unteachable", f"`{model.manifest.name}` says nothing of single words.", _ADVICE)
        learned = learn(embedder, text, progress)
    finally:
        embedder.close()
    if min(*learned.precision.values(), *learned.recall.values()) < LEAST:
        raise ModelError("names_unlearned", f"`{model.manifest.name}` did not learn to tell names.", _ADVICE)
    with building():
        from pipeline.insight.names import graph  # noqa: PLC0415 - imports onnx, which only building needs

        content = graph.written(learned.weights)
    said = Card(
        head=hashlib.sha256(content).hexdigest(),
        model=model.manifest.model.sha256,
        material=text.sha256,
        passages=learned.passages,
        precision=dict(learned.precision),
        recall=dict(learned.recall),
    )
    card.keep(model.folder, content, said)
    return said


_ADVICE = "Use a model that is built here, such as the one that is configured by default."
