"""From how reading ended and what each page gave to the one code of the document. Pure."""

from collections.abc import Sequence

from pipeline.datatypes import PageText
from pipeline.outcomes import Code, State

# Where several reasons hold, the one that costs the user most is told.
_PARTIAL_BY_WEIGHT = (
    Code.TIME_LIMIT,
    Code.TEXT_LIMIT,
    Code.PAGE_LIMIT,
    Code.READER_LIMIT,
    Code.PAGES_FAILED,
    Code.STRUCTURE_REPAIRED,
    Code.MEMBER_LIMIT,
    Code.PAGES_WITHOUT_TEXT,
    Code.MEMBERS_UNREAD,
    Code.RECOGNITION_UNCERTAIN,
    Code.UNDECODABLE_CHARACTERS,
)
# Without any text these ends mean that nothing was read, whatever the pages say.
_WITHOUT_TEXT = {
    Code.TIME_LIMIT: Code.PARSER_TIME,
    Code.TEXT_LIMIT: Code.NO_TEXT_WITHIN_LIMITS,
    Code.PAGE_LIMIT: Code.NO_TEXT_WITHIN_LIMITS,
    Code.READER_LIMIT: Code.NO_TEXT_WITHIN_READER_LIMITS,
    Code.PAGES_FAILED: Code.ALL_PAGES_FAILED,
    Code.STRUCTURE_REPAIRED: Code.STRUCTURE_DAMAGED,
    Code.PAGES_WITHOUT_TEXT: Code.IMAGES_ONLY,
}


def with_members(code: Code, members: Sequence[Code], count: int) -> Code:
    """The code of a document that holds `count` others: what was not examined of those was not examined of it."""
    unread = {member for member in members if not member.examined}
    if (not unread and len(members) == count) or code.state not in (State.INDEXED, State.PARTIAL):
        return code
    found = {code, Code.MEMBER_LIMIT if Code.MEMBER_LIMIT in unread else Code.MEMBERS_UNREAD}
    return next(one for one in _PARTIAL_BY_WEIGHT if one in found)


def of(pages: Sequence[PageText], end: Code | None) -> Code:
    """The document's code. `end` is why reading ended early, None when it reached the end."""
    found = {page.code for page in pages if page.code is not None}
    end = None if end is Code.COMPLETE else end
    if any(page.text.strip() for page in pages):
        if end is not None:
            found.add(end if end.state is State.PARTIAL else Code.PAGES_FAILED)
        return next((code for code in _PARTIAL_BY_WEIGHT if code in found), Code.COMPLETE)
    if end is not None and end.state is not State.PARTIAL:
        return end
    if end is not Code.TIME_LIMIT:
        for code in (Code.READER_LIMIT, Code.PAGES_WITHOUT_TEXT):  # in this order: what was left out may well be text
            if code in found:
                return _WITHOUT_TEXT[code]
    if end in _WITHOUT_TEXT:
        return _WITHOUT_TEXT[end]
    if Code.PAGES_FAILED in found:
        return Code.ALL_PAGES_FAILED
    return Code.BLANK if end is None else Code.STRUCTURE_DAMAGED
