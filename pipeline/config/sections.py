"""The sections of config.yaml as frozen values: every key with its type, its bounds and its default."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from pipeline.kinds import KINDS
from pipeline.personal import PersonalKind

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Threads = Annotated[int, Meta(ge=0, le=256)]
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


KIND = "kind"
Labels = Annotated[tuple[LabelDescription, ...], Meta(min_length=2, max_length=500)]
SetName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class LabelsConfig(_Section, frozen=True, kw_only=True):
    """The sets of labels, and how sure one must be to be given: with few examples, and once errors can be measured."""

    kind: Labels = DEFAULT_KINDS
    more: dict[SetName, Labels] = {}
    min_score: Annotated[float, Meta(ge=0, le=1)] = 0.4
    max_error: Annotated[float, Meta(gt=0, lt=1)] = 0.05

    @property
    def sets(self) -> Mapping[str, tuple[LabelDescription, ...]]:
        """All sets by name; the first one, `kind`, is what lists of documents show."""
        return {KIND: self.kind, **self.more}


class PersonalPattern(_Section, frozen=True, kw_only=True):
    """A kind of personal data of one's own: a regular expression of RE2, which no text can make slow."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    pattern: Annotated[str, Meta(min_length=1, max_length=1000)]
    context: Annotated[tuple[Text, ...], Meta(max_length=50)] = ()


class PersonalDataConfig(_Section, frozen=True, kw_only=True):
    """What is looked for in documents, and what is no finding though it looks like one."""

    kinds: Literal["all"] | tuple[PersonalKind, ...] = "all"
    patterns: Annotated[tuple[PersonalPattern, ...], Meta(max_length=200)] = ()
    allow: Annotated[tuple[Text, ...], Meta(max_length=10_000)] = ()


class SensitivityRule(_Section, frozen=True, kw_only=True):
    """The level of documents with one of the labels and so many findings of the kinds, as far as it names any."""

    level: Name
    label: tuple[Name, ...] = ()
    personal: tuple[Text, ...] = ()
    at_least: Count = 1


_SECRETS = ("password", "api-key", "private-key", "url-secret")
_IDENTITIES = ("national-id", "passport", "driving-licence", "payment-card", "medical-record", "health-insurance")
_MONEY = ("iban", "bank-account", "tax-id", "date-of-birth", "gps-position")
_CONTACTS = ("email", "phone", "address", "licence-plate")
DEFAULT_RULES = (
    SensitivityRule(level="restricted", personal=_SECRETS),
    SensitivityRule(level="restricted", personal=_IDENTITIES),
    SensitivityRule(level="restricted", label=("lab-report", "discharge-letter", "identity-document")),
    SensitivityRule(level="confidential", personal=_MONEY),
    SensitivityRule(level="confidential", personal=_CONTACTS, at_least=25),
    SensitivityRule(
        level="confidential",
        label=(
            "contract", "nda", "payslip", "bank-statement", "insurance-claim", "minutes", "cv", "tax-document",
        ),
    ),
)  # fmt: skip


class SensitivityConfig(_Section, frozen=True, kw_only=True):
    """The levels, lowest first; which rules raise a document to one; from which on findings are masked when shown.

    `unmasked` are kinds that are shown all the same.
    """

    levels: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=20)] = (
        "public", "internal", "confidential", "restricted",
    )  # fmt: skip
    default: Name = "internal"
    mask_from: Name = "confidential"
    unmasked: tuple[Text, ...] = ("organisation", "place")
    rules: Annotated[tuple[SensitivityRule, ...], Meta(max_length=200)] = DEFAULT_RULES

    def masks(self, level: str | None) -> bool:
        """Whether findings in documents of this level are masked where their text is shown; an unknown level: yes."""
        return level not in self.levels or self.levels.index(level) >= self.levels.index(self.mask_from)


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
    personal_data: PersonalDataConfig = PersonalDataConfig()
    sensitivity: SensitivityConfig = SensitivityConfig()
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
        beside_program = Path(__file__).resolve().parents[2] / "models"
        return beside_config if (beside_config / self.model.name).is_dir() else beside_program

    @property
    def model_path(self) -> Path:
        """Absolute folder of the configured model."""
        return self.models_path / self.model.name

    def _resolve(self, path: str) -> Path:
        return Path(os.path.normpath(self.folder / Path(path).expanduser()))
