"""Reads config.yaml: finds it, checks it whole, and says what is wrong with it and where. It never writes."""

import difflib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct

from pipeline.config.sections import KIND, Config, LabelDescription, PersonalPattern, SensitivityConfig, SensitivityRule
from pipeline.errors import ConfigError
from pipeline.personal import PersonalKind

FILE_NAME = "config.yaml"
MAX_CONFIG_BYTES = 1 << 20  # a larger file is certainly not a configuration


def find(given: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """The file to read: the one given, else ./config.yaml, else the one in the user's configuration folder.

    Raises ConfigError when there is none.
    """
    if given is not None:
        candidates = [given]
    else:
        base = environment.get("APPDATA") if sys.platform == "win32" else environment.get("XDG_CONFIG_HOME")
        candidates = [Path(FILE_NAME), Path(base or Path.home() / ".config") / "sealed-inbox" / FILE_NAME]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.absolute()
    looked = " or ".join(str(candidate) for candidate in candidates)
    raise ConfigError(
        "config_missing",
        f"There is no configuration at {looked}.",
        "Run this from the project's folder, or name a file with --config FILE.",
    )


def load(path: Path) -> Config:
    """Read and check one file. An empty file is valid: every key has a default.

    Raises ConfigError with the key's path, and a suggestion where a key is misspelt.
    """
    document = _read_yaml(path)
    if "folder" in document:
        raise _unknown_key("", "folder", Config)
    try:
        config = msgspec.structs.replace(msgspec.convert(document, Config), folder=path.absolute().parent)
    except msgspec.ValidationError as error:
        raise _explain(str(error)) from None
    _check_folders(config)
    for name, labels in config.labels.sets.items():
        _check_unique(f"labels.{name}", "labels", [label.name for label in labels])
    if KIND in config.labels.more:
        raise ConfigError("config_value", f"labels.more: `{KIND}` is the set that stands outside it.")
    own = [pattern.name for pattern in config.personal_data.patterns]
    _check_unique("personal_data.patterns", "patterns", [*own, *PersonalKind])
    _check_patterns(config)
    _check_levels(config)
    return config


def _check_patterns(config: Config) -> None:
    if config.personal_data.patterns:
        import re2  # noqa: PLC0415 - only who configures patterns needs it

        for place, given in enumerate(config.personal_data.patterns):
            try:
                re2.compile(given.pattern)
            except re2.error:
                raise ConfigError(
                    "config_value",
                    f"personal_data.patterns[{place}].pattern: it is no regular expression of RE2.",
                    "RE2 knows no look-around and no back references; see its syntax page.",
                ) from None


def _check_levels(config: Config) -> None:
    """Every level, label and kind that the rules name is one that there is."""
    levels, kinds = config.sensitivity.levels, [*PersonalKind, *(one.name for one in config.personal_data.patterns)]
    labels = [one.name for labels in config.labels.sets.values() for one in labels]
    default = SensitivityConfig()
    _check_unique("sensitivity.levels", "levels", levels)
    named = [("default", config.sensitivity.default), ("mask_from", config.sensitivity.mask_from)]
    rules = [] if config.sensitivity.rules == default.rules else list(enumerate(config.sensitivity.rules))
    named += [(f"rules[{place}].level", rule.level) for place, rule in rules]
    for key, level in named:
        _check_known(f"sensitivity.{key}", "level", level, levels)
    for place, rule in rules:
        for label in rule.label:
            _check_known(f"sensitivity.rules[{place}].label", "label", label, labels)
        for kind in rule.personal:
            _check_known(f"sensitivity.rules[{place}].personal", "kind of personal data", kind, kinds)


def _check_known(place: str, what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise ConfigError("config_value", f"{place}: there is no such {what}.", f"Choose of: {', '.join(known)}.")


def _check_unique(place: str, what: str, names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise ConfigError("config_value", f"{place}: two {what} have the same name.")


def _read_yaml(path: Path) -> dict[str, object]:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only a process that reads a configuration pays for it
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError("config_syntax", f"{path} is too large to be a configuration.")
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("config_unreadable", f"{path} cannot be read: {error.strerror}.") from None
    except (YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not valid YAML in UTF-8"
        raise ConfigError("config_syntax", f"{path}{where}: {problem}.") from None
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise ConfigError("config_syntax", f"{path} must hold sections such as `inbox:`, each with keys.")
    return document


def _explain(message: str) -> ConfigError:
    """Turn msgspec's message, `what - at `$.a.b``, into ours: `a.b: what`, with a suggestion for unknown keys."""
    what, _, at = message.partition(" - at ")
    place = at.strip("`").removeprefix("$").lstrip(".")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", what)
    if unknown:
        return _unknown_key(place, unknown[1], _type_at(place))
    for name, words in _PLAIN_WORDS.items():
        what = what.replace(f"`{name}`", words)
    advice = ""
    if what.startswith("Invalid enum value"):
        kind = _type_at(place)
        advice = f"Choose one of: {', '.join(get_args(kind) or kind)}."
    return ConfigError("config_value", f"{place or 'The configuration'}: {what[:1].lower()}{what[1:]}.", advice)


_PLAIN_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a section with keys",
}


def _unknown_key(place: str, key: str, section: type[Struct]) -> ConfigError:
    known = [name for name in section.__struct_fields__ if name != "folder"]
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    advice = f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(known)}."
    return ConfigError("config_key", f"{f'{place}.{key}' if place else key}: there is no such key.", advice)


def _type_at(place: str) -> Any:  # noqa: ANN401 - the type of a field is whatever was annotated
    """The annotated type of a key given by its path; that of a list's items for a path into a list."""
    items: dict[str, Any] = {
        "labels.kind": LabelDescription,
        "personal_data.patterns": PersonalPattern,
        "personal_data.kinds": PersonalKind,
        "sensitivity.rules": SensitivityRule,
    }
    for name, kind in items.items():
        if place.startswith(f"{name}["):
            return kind
    found: Any = Config
    for name in filter(None, place.split(".")):
        found = next(field.type for field in msgspec.structs.fields(found) if field.name == name)
    return found


def _check_folders(config: Config) -> None:
    inbox, store = config.inbox_path.resolve(), config.store_path.resolve()  # links may lead into one another
    if store == inbox or inbox in store.parents:
        raise ConfigError("config_value", "store.path: the store may not lie inside the inbox, which it would index.")
    if store in inbox.parents:
        raise ConfigError("config_value", "inbox.path: the inbox may not lie inside the store.")
