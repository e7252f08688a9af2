"""Sealed Inbox: drop documents into a folder; find them by meaning and by word, on this machine only.

    import pipeline
    pipeline.seal("config.yaml")  # this process, for good: no network, nothing written outside the store
    with pipeline.Pipeline.open("config.yaml") as inbox:
        inbox.ingest("letters/")
        for hit in inbox.search("notice period"):
            print(hit.path, hit.page, hit.snippet)

Names load on first use: the parser child imports this package too and must stay small.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.app import Pipeline
    from pipeline.config import Config
    from pipeline.datatypes import Query, SearchHit
    from pipeline.errors import PipelineError
    from pipeline.isolation.sealing import seal

__version__ = "0.1.0"
__all__ = ["Config", "Pipeline", "PipelineError", "Query", "SearchHit", "__version__", "seal"]

_HOMES = {
    "Pipeline": "pipeline.app",
    "Config": "pipeline.config",
    "Query": "pipeline.datatypes",
    "SearchHit": "pipeline.datatypes",
    "PipelineError": "pipeline.errors",
    "seal": "pipeline.isolation.sealing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
