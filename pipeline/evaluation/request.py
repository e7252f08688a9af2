"""From what the user asks to a dossier: finds the model in question, the texts and the settings. Measures nothing."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.config import Config
from pipeline.errors import UsageError
from pipeline.evaluation import documents, judgements
from pipeline.evaluation import texts as builtin_texts
from pipeline.evaluation.evaluate import Settings, evaluate
from pipeline.evaluation.measuring import Progress
from pipeline.evaluation.report import Dossier
from pipeline.registry import catalogue
from pipeline.registry.catalogue import Installed
from pipeline.storage import vector_sets
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import Role


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks. `names` are models, none for the active one and its kin; `sample` counts passages."""

    names: tuple[str, ...] = ()
    on_my_documents: bool = False
    queries: Path | None = None
    sample: int = documents.SAMPLE
    sentence_transformers: bool = False


def run(config: Config, request: Request, database: Database | None, progress: Progress) -> Dossier:
    """What the user asked, on the texts that come with the models or on the index, when there is one.

    Raises ModelError, UsageError, StoreError.
    """
    settings = Settings(
        config.models.gate, config.labels, config.model.threads, sentence_transformers=request.sentence_transformers
    )
    root = config.models_path
    judged = judgements.read(request.queries) if request.queries else ()
    if not request.on_my_documents:
        judgements.refuse_judged(judged)
        texts = builtin_texts.builtin(root, judged)
    elif database is None:
        raise UsageError("nothing_indexed", "There is no index to evaluate on.", "Run `pipeline watch --once` first.")
    else:
        texts = documents.sample(database, root, judged, request.sample, np.random.default_rng(settings.seed))
    return evaluate(root, request.names, texts, active_model(config, database), settings, progress)


def active_model(config: Config, database: Database | None) -> Installed:
    """The model of the index, or the configured one while there is no index. Raises ModelError."""
    stored = None if database is None else vector_sets.current(database, Role.ACTIVE)
    if stored is None:
        return catalogue.find(config.models_path, config.model.name)
    return catalogue.find_built(config.models_path, stored.name, stored.sha256)
