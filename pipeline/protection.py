"""What keeps personal data from being shown: levels of sensitivity, copies without it, and a record of what was."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.datatypes import PageText, SearchHit
from pipeline.errors import RedactionError, UsageError
from pipeline.insight.sensitivity import Assessor
from pipeline.personal import PersonalKind
from pipeline.redaction import places, styles, text
from pipeline.redaction.new_file import new_file
from pipeline.redaction.styles import Style
from pipeline.storage import detail, findings, texts
from pipeline.storage.audit import Audit, Event
from pipeline.storage.database import Database
from pipeline.storage.keys import InstallationKey

if TYPE_CHECKING:
    from pipeline.registry.active import ActiveModel

Writer = Callable[[Mapping[int, str], list[places.Target], text.Replace], str]
_WRITERS: dict[str, Writer] = {".txt": text.plain, ".md": text.markdown, ".markdown": text.markdown}


@dataclass(frozen=True, slots=True)
class Redacted:
    """A copy that was written: how many places of each kind were taken out, and how much of the document is not in it.

    `unread` are pages whose text is not known, and which are left out for that reason.
    """

    pages: int
    taken_out: Mapping[str, int]
    unread: int
    complete: bool


class Protection:
    """The personal data in one store. It never changes an original."""

    def __init__(self, database: Database, audit: Audit, config: Config, active: "Callable[[], ActiveModel]") -> None:
        self._database = database
        self._audit = audit
        self._config = config
        self._active = active

    def totals(self) -> Mapping[str, tuple[int, int]]:
        """By kind: how many findings there are, in how many documents."""
        return findings.totals(self._database)

    def choose(self, document: str, level: str | None) -> str:
        """Set a document's level as a person decides, None: leave it to the rules. Raises UsageError."""
        levels = self._config.sensitivity.levels
        if level is not None and level not in levels:
            advice = f"Choose one of: {', '.join(levels)}."
            raise UsageError("sensitivity_unknown", "There is no such level of sensitivity.", advice)
        assessor = Assessor(self._database, self._audit, self._config.sensitivity)
        return assessor.choose(detail.identify(self._database, document), level)

    def revealed(self, hits: Iterable[SearchHit]) -> None:
        """Record that personal data of these was shown as it stands. Raises UsageError where that cannot be."""
        if self._database.read_only:
            raise UsageError("reveal_unrecorded", "What is revealed must be recorded, which cannot be done here.")
        with self._database.atomic():
            for document in dict.fromkeys(hit.document for hit in hits):
                self._audit.record(Event.REVEALED, document)

    def redact(self, document: str, out: Path, *, kinds: Collection[str] = (), style: Style = Style.LABEL) -> Redacted:
        """Write a copy of a document without personal data (of these kinds; none named: of all) to a new file.

        The suffix of `out` says what is written: .txt or .md of any document, .pdf of a PDF. Nothing is written unless
        what was to be taken out is gone. Raises UsageError, RedactionError, SandboxError, StoreError.
        """
        from pipeline.insight.names.finder import NameFinder  # noqa: PLC0415 - imports onnxruntime
        from pipeline.insight.pii.inspector import Inspector  # noqa: PLC0415 - compiles all patterns
        from pipeline.redaction import pdf  # noqa: PLC0415 - what only this needs

        self._check(kinds)
        document_id = detail.identify(self._database, document)
        with self._database.snapshot():
            shown = detail.find(self._database, document)
            pages = dict(sorted(texts.of_pages(self._database, document_id).items()))
        inspector = Inspector(self._config.personal_data, NameFinder.of(self._active().embedder))
        found = inspector.inspect([PageText(number, said) for number, said in pages.items()]).findings
        taken = places.targets(pages, found, kinds or None)
        key = InstallationKey.of(self._config.store_path).derived("pseudonyms")
        unread = sum(1 for page in shown.pages if page.code is not None and not page.characters)
        unread += max(0, shown.row.pages - len(shown.pages))

        def replace(one: places.Target) -> str:
            return styles.replacement(one, style, key)

        suffix = out.suffix.lower()
        if suffix in _WRITERS:
            content = _WRITERS[suffix](pages, taken, replace)
            if places.left(content, taken):
                raise RedactionError("redaction_incomplete", "Something could still be read in the copy.")
            with new_file(out) as file:
                file.write(content.encode("utf-8", "replace"))
        elif suffix == ".pdf" and shown.row.format == "pdf":
            if unread:
                raise RedactionError("redaction_unread", f"{unread} pages were not read: what they show is not known.")
            with pdf.original(self._config, shown.row.paths, shown.row.document or "") as source, new_file(out) as copy:
                pdf.copy(self._config, source, taken, replace, copy)
        else:
            advice = "Name a file that ends in .txt or .md, or in .pdf where the document is one."
            raise UsageError("redaction_format", "Such a copy cannot be written of this document.", advice)
        self._audit.record(Event.REDACTED, shown.row.document)
        counts = {kind: sum(1 for one in taken if one.kind == kind) for kind in sorted({one.kind for one in taken})}
        return Redacted(len(pages), counts, unread, shown.row.code.examined)

    def _check(self, kinds: Collection[str]) -> None:
        known = [*PersonalKind, *(one.name for one in self._config.personal_data.patterns)]
        if any(kind not in known for kind in kinds):
            raise UsageError("personal_unknown", "There is no such kind.", f"Choose of: {', '.join(known)}.")
