"""How values look: JSON for programs, lines for people. Formats only; decides and reads nothing."""

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.datatypes import SearchHit
from pipeline.outcomes import State
from pipeline.reports import ActivationReport, DocumentRow, FileGone, FileOutcome, IngestReport

if TYPE_CHECKING:
    from pipeline.health import Check

DOCUMENT_DIGITS = 12  # of the sha256: enough for people to tell documents apart
_COLOURS = {State.INDEXED: "green", State.PARTIAL: "yellow", State.FAILED: "red", State.DAMAGED: "red"}
# C0 and C1, then what is invisible or turns the direction of text: zero-width characters, line and paragraph
# separators, marks of direction, invisible operators, the byte order mark, and tags, which spell ASCII unseen.
_CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def print_json(value: object) -> None:
    """One JSON object on standard output, one line per level, names of files readable."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_line(value: object) -> None:
    """One JSON object on one line, for streams of events."""
    click.echo(json.dumps(value, ensure_ascii=False))


def path_text(path: Path) -> str:
    """A path as text that can be printed anywhere: bytes that are no UTF-8 appear as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def shown_path(path: Path) -> str:
    """A path for people: below the current folder where it is, control and direction characters made visible."""
    text = path_text(path)
    here = path_text(Path.cwd()) + os.sep
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text.removeprefix(here))


def places(paths: Sequence[Path], inside: Sequence[str]) -> list[str]:
    """Where a document lies, for people: the file, and behind it the names within it."""
    return [" > ".join((shown_path(path), *(plain(name) for name in inside))) for path in paths]


def plain(text: str) -> str:
    """Text of a document for a terminal: no character of it can move the cursor or write to the clipboard."""
    return _CONTROLS.sub(" ", text)


def style(text: str, *, fg: str | None = None, bold: bool = False, dim: bool = False) -> str:
    """Coloured text on a terminal; plain text elsewhere, and when NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return click.style(text, fg=fg, bold=bold or None, dim=dim or None)


def outcome_json(outcome: FileOutcome) -> dict[str, object]:
    """One file's end."""
    return {
        "path": path_text(outcome.path),
        "document": outcome.document,
        "state": outcome.state,
        "code": outcome.code,
        "reason": outcome.code.sentence,
        "known": outcome.known,
    }


def event_line(event: FileOutcome | FileGone, *, names: bool) -> str:
    """What happened to one file. Without names (for logs) the document's id stands for it."""
    if isinstance(event, FileGone):
        return f"{'forgotten':<12} {shown_path(event.path) if names else 'a file'}: it left the inbox."
    state = style(f"{event.state:<12}", fg=_COLOURS.get(event.state))
    name = shown_path(event.path) if names else (event.document or "unidentified")[:DOCUMENT_DIGITS]
    known = " Its content was known already." if event.known else ""
    return f"{state} {name}: {event.code.sentence}{known}"


def event_json(event: FileOutcome | FileGone) -> dict[str, object]:
    """What happened to one file, for programs."""
    if isinstance(event, FileGone):
        return {"event": "forgotten", "path": path_text(event.path)}
    return {"event": "processed"} | outcome_json(event)


def report_json(report: IngestReport) -> dict[str, object]:
    """A run's result."""
    return {
        "files": report.files,
        "states": {state.value: count for state, count in report.states.items()},
        "complete": report.complete,
        "incomplete": [outcome_json(outcome) for outcome in report.incomplete],
        "seconds": round(report.seconds, 3),
    }


def report_lines(report: IngestReport) -> list[str]:
    """A run's result for people: the sum, then each file that was not fully examined, with the reason."""
    counts = ", ".join(f"{count} {state}" for state, count in report.states.items() if count) or "none"
    lines = [f"{report.files} files: {counts} ({report.seconds:.1f} s)"]
    if report.incomplete:
        lines.append(f"{len(report.incomplete)} not fully examined:")
        lines += [f"  {event_line(outcome, names=True)}" for outcome in report.incomplete]
    return lines


def hit_json(hit: SearchHit) -> dict[str, object]:
    """One hit; see docs/interfaces.md for the meaning of each key."""
    return {
        "document": hit.document,
        "path": path_text(hit.path),
        "inside": list(hit.inside),
        "page": hit.page,
        "start": hit.start,
        "end": hit.end,
        "snippet": hit.snippet,
        "highlights": [list(span) for span in hit.highlights],
        "relevant": hit.relevant,
        "named": hit.named,
        "score": round(hit.score, 6),
        "semantic_rank": hit.semantic_rank,
        "cosine": None if hit.cosine is None else round(hit.cosine, 4),
        "keyword_rank": hit.keyword_rank,
        "words": None if hit.words is None else round(hit.words, 4),
        "matched": list(hit.matched),
        "passages": hit.passages,
        "also": [path_text(path) for path in hit.also],
        "before": hit.before,
        "after": hit.after,
        "reader": hit.reader,
        "confidence": hit.confidence,
        "label": hit.label,
        "label_score": None if hit.label_score is None else round(hit.label_score, 4),
        "language": hit.language,
        "sensitivity": hit.sensitivity,
        "masked": hit.masked,
        "state": hit.state,
    }


def hit_lines(place: int, hit: SearchHit) -> list[str]:
    """One hit for people: where, the passage with the matched words, and why."""
    where = f"{places([hit.path], hit.inside)[0]}, page {hit.page}"
    label = f"  [{hit.label}]" if hit.label else ""
    weak = "" if hit.relevant else style("  (weak)", fg="yellow")
    return [
        f"{place:>2}. {style(where, bold=True)}{style(label, fg='cyan')}{weak}",
        *(wrapped(plain(hit.before), indent="    | ") if hit.before else ()),
        *wrapped(_highlighted(hit.snippet, hit.highlights), indent="    "),
        *(wrapped(plain(hit.after), indent="    | ") if hit.after else ()),
        *(f"    the same: {shown_path(path)}" for path in hit.also),
        "    " + style(f"why: {why(hit)}", dim=True),
    ]


def why(hit: SearchHit) -> str:
    """The reasons of a hit in words."""
    reasons = []
    if hit.semantic_rank is not None and hit.cosine is not None:
        reasons.append(f"meaning #{hit.semantic_rank} (cosine {hit.cosine:.2f})")
    if hit.keyword_rank is not None and hit.matched:
        reasons.append(f"words #{hit.keyword_rank} ({plain(', '.join(hit.matched))})")
    if hit.named:
        reasons.append("the document's name")
    if hit.passages > 1:
        reasons.append(f"{hit.passages} passages of this document")
    if hit.unsure:
        reasons.append(f"read by {hit.reader}, which was not sure of this page (confidence {hit.confidence:.0f})")
    if hit.state is not State.INDEXED:
        reasons.append("parts of this document were not read")
    return "; ".join(reasons)


def document_json(row: DocumentRow) -> dict[str, object]:
    """One document; see docs/interfaces.md for the meaning of each key."""
    return {
        "document": row.document,
        "paths": [path_text(path) for path in row.paths],
        "inside": list(row.inside),
        "state": row.state,
        "code": row.code,
        "reason": row.code.sentence,
        "label": row.label,
        "label_score": None if row.label_score is None else round(row.label_score, 4),
        "label_margin": None if row.label_margin is None else round(row.label_margin, 4),
        "sensitivity": row.sensitivity,
        "sensitivity_chosen": row.sensitivity_chosen,
        "personal": dict(row.personal),
        "language": row.language,
        "dated": row.dated,
        "format": row.format,
        "size_bytes": row.size_bytes,
        "pages": row.pages,
        "pages_failed": row.pages_failed,
        "pages_without_text": row.pages_without_text,
        "pages_recognised": row.pages_recognised,
        "pages_uncertain": row.pages_uncertain,
        "members": row.members,
        "members_unread": row.members_unread,
        "misnamed": row.misnamed,
        "chunks": row.chunks,
        "indexed_at": row.indexed_at,
    }


def document_lines(row: DocumentRow) -> list[str]:
    """One document for people; the sentence only where something was not read."""
    state = style(f"{row.state:<11}", fg=_COLOURS.get(row.state))
    pages = f"{row.pages:>4} p" if row.pages else "      "
    first, *others = places(row.paths, row.inside) or ["(kept; its file is gone)"]
    lines = [f"{(row.document or '-')[:DOCUMENT_DIGITS]:<12}  {state}  {pages}  {row.label or '-':<16}  {first}"]
    lines += [f"{'':<55}also {other}" for other in others]
    if row.state is not State.INDEXED:
        lines.append(f"{'':<14}{row.code.sentence}")
    return lines


def activation_json(report: ActivationReport) -> dict[str, object]:
    """A change of model."""
    return {
        "model": report.model,
        "sha256": report.sha256,
        "embedded": report.embedded,
        "cut_short": report.cut_short,
        "seconds": round(report.seconds, 3),
        "finds_names": report.finds_names,
    }


def activation_note(report: ActivationReport) -> str:
    """What the user should do next; nothing: the model finds names."""
    if report.finds_names:
        return ""
    return f"It was not taught to find names, which the next run will drop: `pipeline models names {report.model}`."


def activation_line(report: ActivationReport, state: str) -> str:
    """A change of model for people."""
    cut = f" {report.cut_short} of them are longer than it sees." if report.cut_short else ""
    return f"{report.model} is {state}: {report.embedded} passages embedded in {report.seconds:.1f} s.{cut}"


def check_json(check: "Check") -> dict[str, object]:
    """One finding of the doctor."""
    return {"name": check.name, "ok": check.ok, "finding": check.finding, "advice": "" if check.ok else check.advice}


def _highlighted(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A text that nothing can move the cursor with, and its matching words in bold."""
    pieces, done = [], 0
    for start, end in spans:
        pieces += [plain(text[done:start]), style(plain(text[start:end]), bold=True)]
        done = end
    return "".join([*pieces, plain(text[done:])])


def wrapped(text: str, indent: str) -> list[str]:
    """Lines of the terminal's width; click's wrapper knows that colours take no room."""
    width = min(100, shutil.get_terminal_size((100, 24)).columns)
    return click.wrap_text(text, width, initial_indent=indent, subsequent_indent=indent).splitlines()
