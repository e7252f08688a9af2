"""How right and how fast reading is, as tables and targets. Measures nothing."""

from benchmarks.measure import median
from benchmarks.reading import Formats, Reading
from benchmarks.tables import conditions, spread, table
from benchmarks.targets import Target

CONTRACT_F1 = 0.99
GLUED_KNOWN = 0.97
POPPLER_OVERLAP = 0.9
POPPLER_SHARE = 0.98
CLEAN_COST = 0.10
CLEAN_ERRORS, NOISY_ERRORS = 0.02, 0.05
TWO_CORES = 1.8


def tables_of(result: Reading) -> list[str]:
    """Words, words that were glued, files beside poppler, clean PDFs, speed, scans, formats."""
    far = [one for one in result.poppler if one.share < POPPLER_OVERLAP]
    return [
        conditions("reading", result.conditions, []),
        f"Words of {len(result.contracts)} contracts beside the reference texts that their collection gives: F1 "
        f"{_span([one.share for one in result.contracts])}.",
        "PDFs whose words pypdf glues: the share of the words read that poppler's text has, too.",
        table(
            ("PDF", "pages", "pypdf alone", "Sealed Inbox"),
            [(one.path, str(one.pages), f"{one.alone:.1%}", f"{one.product:.1%}") for one in result.glued],
        ),
        f"{len(result.poppler)} shared PDFs in which poppler finds text, broken and encrypted ones included: the share "
        f"of its words that were read. {len(result.poppler) - len(far)} of them have {POPPLER_OVERLAP:.0%} or more; "
        "the others:",
        table(("PDF", "words of poppler's", "code"), [(one.path, f"{one.share:.1%}", one.reason) for one in far]),
        f"On {result.clean_pages} pages of the contracts, which pypdf reads well, the second reader was preferred "
        f"on {result.clean_changed}. Looking at them for it took "
        f"{median(_costs(result)):+.1%} ({min(_costs(result)):+.1%} to {max(_costs(result)):+.1%}) of the time of "
        "pypdf alone, round by round in one process.",
        f"The reading stage alone, children included, over {result.stage_pages} pages:",
        table(
            ("workers", "seconds", "pages/s"),
            [
                (str(workers), spread(seconds, 2), f"{result.stage_pages / median(seconds):.0f}")
                for workers, seconds in sorted(result.stage_s.items())
            ],
        ),
        "Text recognition of first pages of contracts, drawn anew, and of a scan. The truth of the pages is the text "
        "of the PDF, without rules made of dashes; they are chosen among those whose text stands in the file in the "
        "order in which it is read. The truth beside the scan was recognised by another engine, with errors of its own "
        "(state—of—the-art, 0r), which count here. Seconds include starting the engine and embedding.",
        table(
            ("pages", "engine", "number", "character errors", "confidence", "pages/s"),
            [
                (
                    one.kind, one.engine, str(len(one.errors)),
                    f"{median(one.errors):.2%} (worst {max(one.errors):.2%})",
                    _span(one.confidence, ".0f"), f"{len(one.errors) / one.seconds:.2f}",
                )
                for one in result.scans
            ],
        ),
        "`pipeline ingest` of all shared files, given the passwords that are known, by folder and suffix, with the "
        "number of those whose beginning is known from another reader and was found in the text, or in that of a "
        "document in it.",
        table(
            ("folder", "suffix", "files", "states", "beginnings expected", "found"),
            [_format_row(one) for one in result.formats],
        ),
        "Beginnings that were not found, with the code of the file:",
        table(("file", "code"), [(one.path, one.reason) for group in result.formats for one in group.missing]),
    ]  # fmt: skip


def targets_of(result: Reading) -> list[Target]:
    """What was promised of reading."""
    near = sum(one.share >= POPPLER_OVERLAP for one in result.poppler) / max(1, len(result.poppler))
    ratio = median([one / two for one, two in zip(result.stage_s[1], result.stage_s[2], strict=True)])
    return [
        _at_least("words of each contract, F1", CONTRACT_F1, min(one.share for one in result.contracts), ".4f"),
        *(
            [_at_least("words known where pypdf glues them", GLUED_KNOWN, min(g.product for g in result.glued), ".1%")]
            if result.glued
            else []
        ),
        _at_least(f"PDFs with {POPPLER_OVERLAP:.0%} of poppler's words", POPPLER_SHARE, near, ".1%"),
        _at_most("pages of clean PDFs that the second reader changes", 0, result.clean_changed, "d"),
        _at_most("cost of looking for a second reader on clean PDFs", CLEAN_COST, median(_costs(result)), ".1%"),
        *(_scan_target(result, engine, noisy) for engine in _engines(result) for noisy in (False, True)),
        _at_least("reading stage, two workers beside one", TWO_CORES, ratio, ".2f"),
    ]


def _engines(result: Reading) -> list[str]:
    return list(dict.fromkeys(one.engine for one in result.scans))


def _scan_target(result: Reading, engine: str, noisy: bool) -> Target:
    worst = max(median(one.errors) for one in result.scans if (one.engine, one.noisy) == (engine, noisy))
    what = f"{engine}, character errors, {'noisy' if noisy else 'clean'} pages (median, worst kind)"
    return _at_most(what, NOISY_ERRORS if noisy else CLEAN_ERRORS, worst, ".2%")


def _costs(result: Reading) -> list[float]:
    return [product / alone - 1 for alone, product in zip(result.alone_s, result.product_s, strict=True)]


def _span(values: list[float], form: str = ".4f") -> str:
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def _format_row(group: Formats) -> tuple[str, ...]:
    states = ", ".join(f"{count} {state}" for state, count in sorted(group.states.items()))
    files = str(sum(group.states.values()))
    return (group.folder, group.suffix or "none", files, states, str(group.expected), str(group.found))


def _at_least(what: str, least: float, measured: float, form: str) -> Target:
    return Target(f"{what}: at least {least:{form}}", f"{measured:{form}}", measured >= least)


def _at_most(what: str, most: float, measured: float, form: str) -> Target:
    return Target(f"{what}: at most {most:{form}}", f"{measured:{form}}", measured <= most)
