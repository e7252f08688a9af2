"""config.yaml -> frozen Config. Read once, checked whole, handed out by section; it never writes and has no global."""

import difflib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from pipeline.errors import ConfigError
from pipeline.kinds import KINDS

FILE_NAME = "config.yaml"
MAX_CONFIG_BYTES = 1 << 20  # a larger file is certainly not a configuration

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Threads = Annotated[int, Meta(ge=0, le=256)]
Fraction = Annotated[float, Meta(ge=-1, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]*$")]
OcrLanguage = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(_[A-Za-z]{2,10})?$")]  # as tesseract has it: chi_sim
Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]+$")]


class _Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all sections: immutable, and strict about what it does not know."""


class InboxConfig(_Section, frozen=True, kw_only=True):
    """Where documents are dropped and when a file counts as complete."""

    path: Text = "inbox"
    settle_s: Seconds = 2.0
    rescan_s: Annotated[float, Meta(ge=0.1, le=86_400)] = 30.0
    on_delete: Literal["forget", "keep"] = "forget"
    ignore: tuple[Text, ...] = ()


class StoreConfig(_Section, frozen=True, kw_only=True):
    """Where the index lives."""

    path: Text = "store"


class ModelConfig(_Section, frozen=True, kw_only=True):
    """Which model embeds, where models lie (null: beside config.yaml, else beside the program), on how many threads."""

    name: Name = "all-minilm-l6-v2-int8"
    path: Text | None = None
    threads: Threads = 0


class GateConfig(_Section, frozen=True, kw_only=True):
    """What a model must keep of its float32 reference before it may be activated. Cosines, and shares of 1."""

    cosine_mean: Annotated[float, Meta(ge=0, le=1)] = 0.997
    cosine_p1: Annotated[float, Meta(ge=0, le=1)] = 0.993
    names_cosine_mean: Annotated[float, Meta(ge=0, le=1)] = 0.99
    overlap_at_10: Annotated[float, Meta(ge=0, le=1)] = 0.93


class ModelsConfig(_Section, frozen=True, kw_only=True):
    """What is asked of every model."""

    gate: GateConfig = GateConfig()


Enforcement = Literal["required", "best_effort"]


class NetworkConfig(_Section, frozen=True, kw_only=True):
    """What happens where the kernel cannot keep the program off networks: nothing runs, or it runs and says so."""

    enforcement: Enforcement = "required"


class ParsingConfig(_Section, frozen=True, kw_only=True):
    """What one document may cost before reading it is given up."""

    timeout_s: Annotated[float, Meta(ge=1, le=86_400)] = 120.0
    page_timeout_s: Annotated[float, Meta(ge=1, le=3_600)] = 20.0
    memory_mb: Annotated[int, Meta(ge=256, le=65_536)] = 1024
    max_file_mb: Annotated[float, Meta(gt=0, le=16_384)] = 200.0
    max_text_mb: Annotated[int, Meta(ge=1, le=1_024)] = 32
    max_pages: Count = 20_000
    max_depth: Annotated[int, Meta(ge=1, le=100)] = 8
    max_members: Count = 10_000
    max_unpacked_mb: Annotated[float, Meta(gt=0, le=65_536)] = 1024.0
    passwords_file: Text | None = None


class OcrConfig(_Section, frozen=True, kw_only=True):
    """How text is recognised in scans and pictures, and what that may cost."""

    engine: Literal["auto", "tesseract", "rapidocr", "off"] = "auto"
    languages: Annotated[tuple[OcrLanguage, ...], Meta(min_length=1, max_length=16)] = ("eng",)
    dpi: Annotated[int, Meta(ge=72, le=600)] = 300
    page_timeout_s: Annotated[float, Meta(ge=1, le=3_600)] = 60.0
    max_pages: Count = 1000
    min_confidence: Annotated[float, Meta(ge=0, le=100)] = 60.0


class JobsConfig(_Section, frozen=True, kw_only=True):
    """How many documents are in hand at once, and how often one is tried."""

    workers: Threads = 0
    max_attempts: Annotated[int, Meta(ge=1, le=100)] = 5
    backoff_s: Seconds = 5.0
    lease_s: Annotated[float, Meta(ge=5, le=86_400)] = 60.0


class SearchConfig(_Section, frozen=True, kw_only=True):
    """What `pipeline search` does when it is not told otherwise."""

    mode: Literal["hybrid", "semantic", "keyword"] = "hybrid"
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 10
    candidates: Annotated[int, Meta(ge=1, le=10_000)] = 100
    service: bool = True


class LabelDescription(_Section, frozen=True, kw_only=True):
    """A label and the one line that says what such a document is."""

    name: Name
    description: Text


DEFAULT_KINDS = tuple(LabelDescription(name=name, description=description) for name, description in KINDS.items())


class LabelsConfig(_Section, frozen=True, kw_only=True):
    """The kinds of document told apart, and how sure a label must be to be given."""

    kind: Annotated[tuple[LabelDescription, ...], Meta(min_length=2, max_length=200)] = DEFAULT_KINDS
    min_score: Fraction = 0.25
    min_margin: Annotated[float, Meta(ge=0, le=1)] = 0.05


class Config(_Section, frozen=True, kw_only=True):
    """The whole configuration. `folder` is the folder of its file: relative paths start there."""

    inbox: InboxConfig = InboxConfig()
    store: StoreConfig = StoreConfig()
    model: ModelConfig = ModelConfig()
    models: ModelsConfig = ModelsConfig()
    network: NetworkConfig = NetworkConfig()
    parsing: ParsingConfig = ParsingConfig()
    ocr: OcrConfig = OcrConfig()
    jobs: JobsConfig = JobsConfig()
    search: SearchConfig = SearchConfig()
    labels: LabelsConfig = LabelsConfig()
    folder: Path = Path()

    @property
    def inbox_path(self) -> Path:
        """Absolute folder that is watched."""
        return self._resolve(self.inbox.path)

    @property
    def store_path(self) -> Path:
        """Absolute folder of the index."""
        return self._resolve(self.store.path)

    @property
    def passwords_path(self) -> Path | None:
        """Absolute path of the file with passwords, if one is configured."""
        return None if self.parsing.passwords_file is None else self._resolve(self.parsing.passwords_file)

    @property
    def models_path(self) -> Path:
        """Absolute folder of all models: configured, else beside config.yaml, else beside the program."""
        if self.model.path is not None:
            return self._resolve(self.model.path)
        beside_config = self.folder / "models"
        beside_program = Path(__file__).resolve().parent.parent / "models"
        return beside_config if (beside_config / self.model.name).is_dir() else beside_program

    @property
    def model_path(self) -> Path:
        """Absolute folder of the configured model."""
        return self.models_path / self.model.name

    def _resolve(self, path: str) -> Path:
        return Path(os.path.normpath(self.folder / Path(path).expanduser()))


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
    names = [label.name for label in config.labels.kind]
    if len(set(names)) < len(names):
        raise ConfigError("config_value", "labels.kind: two labels have the same name.")
    return config


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
        advice = f"Choose one of: {', '.join(get_args(_type_at(place)))}."
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
    """The annotated type of a key given by its path; that of a list's items for a path into `labels.kind`."""
    if place.startswith("labels.kind["):
        return LabelDescription
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
