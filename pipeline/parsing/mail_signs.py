"""Whether bytes begin as an e-mail or a mailbox does: by the fields of a header, or by mbox's line between mails."""

import re

_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:")
# Fields that mails and news articles have; the first ones alone make a file one, others are found elsewhere too.
_DECISIVE = frozenset(
    {b"from", b"to", b"subject", b"received", b"return-path", b"message-id", b"delivered-to", b"dkim-signature"}
)
_KNOWN = _DECISIVE | frozenset(
    {
        b"date", b"cc", b"bcc", b"sender", b"reply-to", b"mime-version", b"content-type", b"content-transfer-encoding",
        b"content-disposition", b"content-language", b"in-reply-to", b"references", b"organization", b"user-agent",
        b"envelope-to", b"delivery-date", b"authentication-results", b"received-spf", b"domainkey-signature",
        b"thread-topic", b"thread-index", b"importance", b"priority", b"sensitivity", b"precedence", b"auto-submitted",
        b"errors-to", b"disposition-notification-to", b"status", b"mailing-list", b"archived-at", b"accept-language",
        b"newsgroups", b"path", b"xref", b"lines", b"distribution", b"followup-to", b"nntp-posting-host",
    }
)  # fmt: skip
_KNOWN_BEGINNINGS = (b"x-", b"list-", b"arc-", b"resent-")
_MIN_FIELDS = 3  # of a mail; a text may well begin with one or two
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = rb"\d{1,2}:\d\d(?::\d\d)?"
# As asctime(3) writes it, with a time zone on some systems; seldom as in a mail's own Date.
_BETWEEN_MAILS = re.compile(
    rb"From [^\n]{0,500}?(?:\b" + _MONTH + rb" +\d{1,2} +" + _CLOCK + rb"(?: +[\w+-]{1,9}){0,2} +\d{4}"
    rb"|\b\d{1,2} " + _MONTH + rb" \d{4} +" + _CLOCK + rb")"
)
_LONGEST_FROM_LINE = 1000


def begins_mailbox(line: bytes) -> bool:
    """Whether a line stands between mails of a mailbox (`From sender date`), rather than in one."""
    return line.startswith(b"From ") and _BETWEEN_MAILS.match(line[:_LONGEST_FROM_LINE]) is not None


def begins_mail(head: bytes) -> bool:
    """Whether a file that begins like this is a mail: most of its first lines are fields that mails have."""
    fields = known = 0
    found: set[bytes] = set()
    for line in head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").splitlines():
        if line.startswith((b" ", b"\t")) and fields:
            continue
        field = _FIELD.match(line)
        if field is None:
            break
        name = field[1].lower()
        fields += 1
        if name in _KNOWN or name.startswith(_KNOWN_BEGINNINGS):
            known += 1
            found.add(name)
    return len(found) >= _MIN_FIELDS and 2 * known >= fields and not found.isdisjoint(_DECISIVE)
