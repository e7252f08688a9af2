"""How one document looks in full: JSON for programs, lines for people. Formats only."""

from collections.abc import Iterator
from itertools import groupby

from pipeline.interfaces.cli import output
from pipeline.reports import DocumentDetail, MemberRow, PageRow

_PLACES_SHOWN = 12
_PAGES_SHOWN = 40  # groups of pages and members on a terminal; --json gives all


def as_json(detail: DocumentDetail) -> dict[str, object]:
    """The document with its pages and members; see docs/interfaces.md for the meaning of each key."""
    return output.document_json(detail.row) | {
        "page_list": [
            {
                "page": page.number,
                "characters": page.characters,
                "code": page.code,
                "reader": page.reader,
                "confidence": None if page.confidence is None else round(page.confidence, 1),
                "dpi": page.dpi,
            }
            for page in detail.pages
        ],
        "member_list": [
            {
                "number": member.number,
                "name": member.name,
                "document": member.document,
                "state": member.code.state,
                "code": member.code,
                "reason": member.code.sentence,
            }
            for member in detail.members
        ],
        "finding_list": [
            {
                "kind": one.kind,
                "page": one.page,
                "start": one.start,
                "end": one.end,
                "score": one.score,
                "detector": one.detector,
            }
            for one in detail.findings
        ],
    }


def lines(detail: DocumentDetail) -> Iterator[str]:
    """The document for people: what it is, how its pages were read, what lies in it."""
    row = detail.row
    yield f"document  {row.document or '-'}"
    for place in output.places(row.paths, row.inside) or ["(kept; its file is gone)"]:
        yield f"file      {place}"
    yield f"state     {row.state}: {row.code.sentence}"
    noted = " (its name bears the suffix of another format)" if row.misnamed else ""
    yield f"format    {row.format or 'unknown'}{noted}, {row.size_bytes} bytes"
    yield f"dated     {row.dated or 'it says no date of itself'}"
    yield f"language  {row.language or 'not certain'}"
    yield f"label     {row.label or '-'}"
    chosen = " (chosen by a person)" if row.sensitivity_chosen is not None else ""
    yield f"level     {row.sensitivity or 'not assessed yet'}{chosen}"
    yield from _personal(detail)
    yield from _pages(detail)
    yield from _members(detail)


def _personal(detail: DocumentDetail) -> Iterator[str]:
    """Each kind of personal data with its number and its pages."""
    yield "personal  " + ("nothing was found" if not detail.findings else f"{len(detail.findings)} findings")
    for kind, count in detail.row.personal:
        pages = sorted({one.page for one in detail.findings if one.kind == kind})
        shown = ", ".join(map(str, pages[:_PLACES_SHOWN])) + (", ..." if len(pages) > _PLACES_SHOWN else "")
        yield f"  {count:>11}  {kind}, on {'page' if len(pages) == 1 else 'pages'} {shown}"


def _pages(detail: DocumentDetail) -> Iterator[str]:
    """Neighbouring pages that were read alike share a line."""
    read = len(detail.pages)
    yield f"pages     {detail.row.pages}" + (f", of which {read} were looked at" if read < detail.row.pages else "")
    groups = [list(group) for _, group in groupby(detail.pages, key=_manner)]
    for group in groups[:_PAGES_SHOWN]:
        first, last = group[0].number, group[-1].number
        span = f"{first}" if first == last else f"{first}-{last}"
        yield f"  {span:>11}  {_manner(group[0])}, {sum(page.characters for page in group)} characters"
    if len(groups) > _PAGES_SHOWN:
        yield f"  ... {len(groups) - _PAGES_SHOWN} more lines: --json gives all"


def _manner(page: PageRow) -> str:
    if page.confidence is not None:
        how = f"recognised by {page.reader} at {page.dpi} dpi, confidence {page.confidence:.0f} of 100"
    elif page.code is not None and not page.characters:
        how = "not read"
    else:
        how = f"read by {page.reader}" if page.reader else "read"
    return how if page.code is None else f"{how} [{page.code}]"


def _members(detail: DocumentDetail) -> Iterator[str]:
    if not detail.row.members:
        return
    yield f"holds     {detail.row.members} files, of which {detail.row.members_unread} were not fully read"
    for member in detail.members[:_PAGES_SHOWN]:
        yield f"  {member.number:>11}  {_member(member)}"
    if len(detail.members) > _PAGES_SHOWN:
        yield f"  ... {len(detail.members) - _PAGES_SHOWN} more: --json gives all"


def _member(member: MemberRow) -> str:
    identity = (member.document or "-")[: output.DOCUMENT_DIGITS]
    reason = "" if member.code.examined else f": {member.code.sentence}"
    return f"{output.plain(member.name)}  {identity}  {member.code.state}{reason}"
