"""What becomes of one file's bytes: text, passages, vectors, a label; and of the documents in it. Writes nothing."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from pipeline.chunking import split
from pipeline.config import KIND
from pipeline.datatypes import Extracted, ProcessedDocument, ProcessedMember, Vectors
from pipeline.insight import minhash, shingles
from pipeline.outcomes import Code, State
from pipeline.parsing import verdict
from pipeline.parsing.extraction import Allowance
from pipeline.parsing.protocol import NO_NAME
from pipeline.storage.documents import StoredDocument
from pipeline.tools import Tools


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that lie open: a file, or a document taken out of one. Its `name` and its suffix are hints only."""

    descriptor: int
    name: str
    size_bytes: int
    sha256: str

    @property
    def suffix(self) -> str:
        """The suffix of its name, lower case, with the dot."""
        return PurePosixPath(self.name).suffix.lower().encode("ascii", "replace").decode()


def process(source: Source, tools: Tools, *, anew: bool = False) -> ProcessedDocument:
    """Turn one open file into everything we keep about it. `anew`: what is known of what lies in it is no answer."""
    allowance = Allowance(tools.limits.max_members, int(tools.limits.max_unpacked_mb * (1 << 20)))
    return _Nest(tools, anew, allowance).process(source, holders=())


def is_good(known: StoredDocument, *, anew: bool) -> bool:
    """Whether an earlier result stands: it did not fail for want of time, memory or luck, and is not asked for anew."""
    return known.code.state is State.INDEXED if anew else known.code.state is not State.FAILED


@dataclass(frozen=True, slots=True)
class _Nest:
    """One file with all that lies in it. `holders` are the sha256 of the documents around the one in hand."""

    tools: Tools
    anew: bool
    allowance: Allowance
    seen: dict[str, Code] = field(default_factory=dict)  # by sha256: what was processed here is not processed twice

    def process(self, source: Source, holders: tuple[str, ...]) -> ProcessedDocument:
        tools = self.tools
        parsed = tools.sandbox.parse(source.descriptor, source.suffix)  # untrusted bytes are read in a child process
        parsed = tools.recogniser.complete(source.descriptor, source.suffix, parsed)
        embedder = tools.active.embedder
        chunks = split(parsed.pages, embedder.token_spans, embedder.max_passage_tokens)
        reading = tools.inspector.reading(chunks)
        observe = None if reading is None else reading.observe
        vectors: Vectors = embedder.encode([chunk.text for chunk in chunks], observe=observe)
        labelling = tools.labellers.label(vectors, [page.text for page in parsed.pages], chunks)
        language = tools.language_of(parsed.pages)
        inspection = tools.inspector.inspect(parsed.pages, reading)
        members = tuple(self._members(source, parsed.member_count, (*holders, source.sha256)))
        code = verdict.with_members(parsed.code, [member.code for member in members], parsed.member_count)
        parsed = replace(parsed, code=code)
        return ProcessedDocument(
            source.sha256,
            source.size_bytes,
            parsed,
            chunks,
            vectors,
            labelling.of(KIND),
            language=language,
            members=members,
            signature=minhash.signature(shingles.of(shingles.bodies(parsed.pages))),
            labels=labelling.labels,
            labelled_by=labelling.by,
            findings=inspection.findings,
            inspected_by=inspection.by,
        )

    def _members(self, source: Source, count: int, holders: tuple[str, ...]) -> Iterator[ProcessedMember]:
        if not count:
            return
        if len(holders) > self.tools.limits.max_depth:
            yield ProcessedMember(1, _UNNAMED, Code.NESTED_TOO_DEEP)
            return
        for member in self.tools.extraction.members(source.descriptor, source.suffix, count, self.allowance):
            is_nameless = member.name == NO_NAME  # compressed or signed: called as what holds it, without the end
            name = PurePosixPath(source.name).stem if is_nameless else member.name
            yield self._member(replace(member, name=name or NO_NAME), holders)

    def _member(self, member: Extracted, holders: tuple[str, ...]) -> ProcessedMember:
        """One member, whose content is open now."""
        if member.content is None:
            return ProcessedMember(member.number, member.name, member.code or Code.STRUCTURE_DAMAGED)
        if member.size_bytes > self.tools.limits.max_file_mb * (1 << 20):
            return ProcessedMember(member.number, member.name, Code.FILE_TOO_LARGE)
        sha256 = _sha256(member.content)
        if sha256 in holders:
            return ProcessedMember(member.number, member.name, Code.HOLDS_ITSELF)
        if sha256 in self.seen:
            return ProcessedMember(member.number, member.name, self.seen[sha256], sha256=sha256)
        known = self.tools.documents.find(sha256)
        if known is not None and is_good(known, anew=self.anew):
            return ProcessedMember(member.number, member.name, known.code, sha256=sha256)
        document = self.process(Source(member.content, member.name, member.size_bytes, sha256), holders)
        self.seen[sha256] = document.parsed.code
        return ProcessedMember(member.number, member.name, document.parsed.code, document=document)


_UNNAMED = "?"


def _sha256(descriptor: int) -> str:
    with os.fdopen(os.dup(descriptor), "rb") as content:
        content.seek(0)
        return hashlib.file_digest(content, "sha256").hexdigest()
