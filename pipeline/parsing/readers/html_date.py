"""The day that an HTML page says it is of, in the `meta` elements of its head. Looks at the beginning only."""

import re

from pipeline.parsing import dates

_HEAD_CHARACTERS = 200_000  # scripts and styles may stand before
_META = re.compile(r"<meta\s([^<>]{1,1000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]{1,20})\s{0,9}=\s{0,9}(?:\"([^\"]{0,200})\"|'([^']{0,200})'|([^\s\"'>]{1,200}))")
_KEYS = ("name", "property", "itemprop", "http-equiv")
# When it was written or published, and behind that when it was changed: in the words of the Open Graph, of Dublin Core,
# of schema.org, of LibreOffice, and of HTTP.
_NAMES = (
    "article:published_time", "datepublished", "date", "dc.date", "dcterms.date", "dcterms.issued", "dc.date.issued",
    "dcterms.created", "dc.date.created", "datecreated", "created", "pubdate", "article:modified_time",
    "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "changed", "last-modified",
)  # fmt: skip


def stated(source: str) -> str:
    """As dates.dated() gives it; empty where the page says none."""
    said: dict[str, str] = {}
    for meta in _META.finditer(source, 0, _HEAD_CHARACTERS):
        found = {one[1].lower(): one[2] or one[3] or one[4] or "" for one in _ATTRIBUTE.finditer(meta[1])}
        for key in _KEYS:
            said.setdefault(found.get(key, "").lower(), found.get("content", ""))
    return dates.dated(*(said.get(name) for name in _NAMES))
