"""Builds the parts of one run from the configuration, and takes them down again. Decides nothing."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Config
from pipeline.inbox.roots import Roots
from pipeline.insight.labelling.labellers import Labellers
from pipeline.insight.labelling.learning import Learning
from pipeline.insight.language import LanguageGuesser
from pipeline.insight.names.finder import NameFinder
from pipeline.insight.pii.inspector import Inspector
from pipeline.insight.sensitivity import Assessor
from pipeline.parsing import passwords
from pipeline.parsing.extraction import Extraction
from pipeline.parsing.recognition import recogniser
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import launcher
from pipeline.registry.active import ActiveModel
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.jobs import Jobs
from pipeline.storage.lexicon.lexicon import Lexicon
from pipeline.tools import Tools


@dataclass(frozen=True, slots=True)
class Store:
    """What is kept, as a run writes to it."""

    database: Database
    audit: Audit
    documents: Documents
    jobs: Jobs
    words: Lexicon


@contextmanager
def wired(
    config: Config,
    scopes: Sequence[Path],
    active: ActiveModel,
    store: Store,
    languages: LanguageGuesser,
    stop: threading.Event,
) -> Iterator[Tools]:
    """The tools of one run with one model; its parser processes end with it. Raises ConfigError, LockError."""
    known_passwords = passwords.load(config.passwords_path)
    parsers = launcher(config.network.enforcement)
    extraction = Extraction(parsers, config.parsing, stop, known_passwords)
    pictures = recogniser(config, extraction, stop)
    learning = Learning(store.database, config.labels, active.model, active.embedder.encode)
    try:
        yield Tools(
            sandbox=Sandbox(parsers, config.parsing, stop, known_passwords),
            extraction=extraction,
            recogniser=pictures,
            active=active,
            labellers=Labellers.of(learning, tuple(config.labels.sets)),
            inspector=Inspector(config.personal_data, NameFinder.of(active.embedder)),
            assessor=Assessor(store.database, store.audit, config.sensitivity),
            language_of=languages.of,
            database=store.database,
            documents=store.documents,
            jobs=store.jobs,
            words=store.words,
            roots=Roots.of([config.inbox_path, *scopes]),  # jobs of the inbox may wait in every run
            limits=config.parsing,
            clock=time.time,
        )
    finally:
        pictures.close()
        parsers.close()
