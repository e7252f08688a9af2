"""What a user asks of documents, checked and made plain: known words, whole days, absolute patterns of paths."""

import os
import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

from pipeline.config import KIND, Config
from pipeline.datatypes import NEEDS_REVIEW, Filters
from pipeline.errors import UsageError
from pipeline.insight.language import LANGUAGES
from pipeline.outcomes import State
from pipeline.parsing.formats import FORMATS
from pipeline.personal import IMPERSONAL, PersonalKind
from pipeline.storage import globs

MAX_PATHS, MAX_PATH_CHARACTERS = 100, 4096  # patterns of one question, each tried on every path; PATH_MAX of Linux
_DATE = re.compile(r"\s*(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?\s*", re.ASCII)
_ANY = "any"
Words = str | Sequence[str] | None


class FilterOptions(TypedDict, total=False):
    """What may be asked of documents, in the words of the command line. Of several words any will do; None: nothing.

    `label` is a kind, or SET=NAME of another set of labels: a document then needs one of each set that is named.
    `path` is a pattern: absolute, or below the inbox or the current folder, or a name without any `/`. Days are
    written YYYY-MM-DD; a month or a year means all of it. `personal` is a kind of personal data, or `any`.
    """

    label: Words
    language: Words
    format: Words
    state: Words
    path: Words
    after: str | date | None
    before: str | date | None
    indexed_after: str | date | None
    indexed_before: str | date | None
    personal: Words
    sensitivity: Words


def checked(config: Config, options: FilterOptions) -> Filters:
    """The filters that these options ask for. Raises UsageError, and TypeError for another word."""
    unknown = set(options) - set(FilterOptions.__annotations__)
    if unknown:
        raise TypeError(f"there is no filter {', '.join(sorted(unknown))}")
    labels = [_label(config, one) for one in _words(options.get("label"))]
    found = Filters(
        labels=tuple(name for chosen, name in labels if chosen == KIND),
        further_labels=tuple(one for one in labels if one[0] != KIND),
        languages=tuple(_language(one) for one in _words(options.get("language"))),
        formats=tuple(dict.fromkeys(_format(one) for one in _words(options.get("format")))),
        states=tuple(State(_known(one, list(State), "state")) for one in _words(options.get("state"))),
        paths=_patterns(config, _words(options.get("path"))),
        after=_first_day(options.get("after")),
        before=_last_day(options.get("before")),
        indexed_after=_first_day(options.get("indexed_after")),
        indexed_before=_last_day(options.get("indexed_before")),
        personal=_personal(config, _words(options.get("personal"))),
        sensitivities=tuple(
            _known(one, config.sensitivity.levels, "sensitivity") for one in _words(options.get("sensitivity"))
        ),
    )
    _check_order(found.after, found.before)
    _check_order(found.indexed_after, found.indexed_before)
    return found


def _words(given: Words) -> tuple[str, ...]:
    return tuple(dict.fromkeys((given,) if isinstance(given, str) else given or ()))


def _known(word: str, names: Sequence[str], kind: str) -> str:
    if word not in names:
        raise UsageError(f"{kind}_unknown", f"There is no such {kind}.", f"Choose one of: {', '.join(names)}.")
    return word


def _label(config: Config, word: str) -> tuple[str, str]:
    """The set and the name of a label: NAME is one of documents' kinds, SET=NAME of another set."""
    chosen, is_named, name = word.partition("=")
    chosen, name = (chosen, name) if is_named else (KIND, word)
    sets = config.labels.sets
    if chosen not in sets:
        advice = f"Choose one of: {', '.join(sets)}."
        raise UsageError("label_unknown", "There is no such set of labels.", advice)
    return chosen, _known(name, [*(one.name for one in sets[chosen]), NEEDS_REVIEW], "label")


def _personal(config: Config, given: Sequence[str]) -> tuple[str, ...]:
    """Kinds of personal data; `any` of them will do, but for names of firms and places."""
    kinds = [*PersonalKind, *(one.name for one in config.personal_data.patterns)]
    if _ANY in given:
        return tuple(str(kind) for kind in kinds if kind not in IMPERSONAL)
    return tuple(str(_known(one, [_ANY, *kinds], "personal")) for one in given)


def _language(word: str) -> str:
    if word.lower() not in LANGUAGES:
        advice = "Give the two letters of ISO 639-1, such as de for German."
        raise UsageError("language_unknown", "There is no such language.", advice)
    return word.lower()


def _format(word: str) -> str:
    """The name of a format, which may be given as a suffix: `jpg`, `.TIF`."""
    name = word.lower().removeprefix(".")
    by_suffix = (one.name for one in FORMATS.values() if f".{name}" in one.suffixes)
    return _known(name if name in FORMATS else next(by_suffix, name), list(FORMATS), "format")


def _patterns(config: Config, given: Sequence[str]) -> tuple[bytes, ...]:
    if len(given) > MAX_PATHS:
        advice = "Name a folder, or use a pattern such as `letters/*.pdf`."
        raise UsageError("paths_too_many", f"There are more than {MAX_PATHS} patterns of paths.", advice)
    return tuple(dict.fromkeys(pattern for one in given for pattern in _absolute(config, one)))


def _absolute(config: Config, given: str) -> list[bytes]:
    """A pattern from the root on. One with folders is meant from the inbox, or from here, as a list shows paths."""
    pattern = os.path.expanduser(given).rstrip("/")  # noqa: PTH111 - a pattern is no path
    if not given.strip() or len(given) > MAX_PATH_CHARACTERS:
        raise _bad_path()
    if given.startswith("/") or os.path.isabs(pattern):  # noqa: PTH117
        found = [pattern]
    elif "/" not in pattern:
        found = [f"/{globs.ANY_FOLDERS}/{pattern}"]
    else:
        found = [f"{globs.literal(str(folder))}/{pattern}" for folder in (config.inbox_path, _here()) if folder]
    try:
        return [os.fsencode(os.path.normpath(one or "/")) for one in found]
    except UnicodeEncodeError:
        raise _bad_path() from None


def _here() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # somebody has removed it
        return None


def _bad_path() -> UsageError:
    advice = "Give a name or a path, with * for any part of a name and ** for any folders: `letters/**/*.pdf`."
    return UsageError("path_pattern", "This is no pattern of paths.", advice)


def _first_day(given: str | date | None) -> date | None:
    """The first day of a day, a month or a year."""
    if not isinstance(given, str):
        return _day(given)
    year, month, day = _parts(given)
    return _date(year, 1 if month is None else month, 1 if day is None else day)


def _last_day(given: str | date | None) -> date | None:
    if not isinstance(given, str):
        return _day(given)
    year, month, day = _parts(given)
    first = _date(year, 12 if month is None else month, 1)
    return _date(first.year, first.month, monthrange(first.year, first.month)[1] if day is None else day)


def _day(given: date | None) -> date | None:
    return given.date() if isinstance(given, datetime) else given


def _parts(given: str) -> tuple[int, int | None, int | None]:
    found = _DATE.fullmatch(given)
    if found is None:
        raise _bad_date()
    return int(found[1]), None if found[2] is None else int(found[2]), None if found[3] is None else int(found[3])


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _bad_date() from None


def _bad_date() -> UsageError:
    return UsageError("date_invalid", "There is no such date.", "Write it as 2024, 2024-03 or 2024-03-01.")


def _check_order(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and first > last:
        raise UsageError("dates_crossed", "No day is after the one date and before the other.", "Swap the two dates.")
