"""What can become of a file: nine states, each reached through a code that says why. Decides nothing.

A code belongs to exactly one state, so that storing the code is enough and the two can never disagree.
"""

from enum import StrEnum


class State(StrEnum):
    """The named end of every file seen. Only INDEXED means that all of it was examined."""

    INDEXED = "indexed"
    PARTIAL = "partial"
    NO_TEXT = "no_text"
    ENCRYPTED = "encrypted"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"
    REFUSED = "refused"
    FAILED = "failed"


class Code(StrEnum):
    """Why a file ended in its state. Stable: scripts and audits may rely on these words."""

    COMPLETE = "complete"

    PAGES_FAILED = "pages_failed"
    PAGES_WITHOUT_TEXT = "pages_without_text"
    TIME_LIMIT = "time_limit"
    TEXT_LIMIT = "text_limit"
    PAGE_LIMIT = "page_limit"
    READER_LIMIT = "reader_limit"
    STRUCTURE_REPAIRED = "structure_repaired"
    UNDECODABLE_CHARACTERS = "undecodable_characters"
    MEMBER_LIMIT = "member_limit"
    MEMBERS_UNREAD = "members_unread"
    RECOGNITION_UNCERTAIN = "recognition_uncertain"

    IMAGES_ONLY = "images_only"
    BLANK = "blank"
    NOTHING_RECOGNISED = "nothing_recognised"
    EMPTY_FILE = "empty_file"

    PASSWORD_NEEDED = "password_needed"  # noqa: S105 - a state's name
    ENCRYPTION_UNKNOWN = "encryption_unknown"

    FORMAT_NOT_READ = "format_not_read"
    BINARY_CONTENT = "binary_content"
    NESTED_TOO_DEEP = "nested_too_deep"
    HOLDS_ITSELF = "holds_itself"

    FILE_TOO_LARGE = "file_too_large"
    NO_TEXT_WITHIN_LIMITS = "no_text_within_limits"
    NO_TEXT_WITHIN_READER_LIMITS = "no_text_within_reader_limits"

    STRUCTURE_DAMAGED = "structure_damaged"
    ALL_PAGES_FAILED = "all_pages_failed"

    SYMBOLIC_LINK = "symbolic_link"
    SPECIAL_FILE = "special_file"
    FOREIGN_HARD_LINK = "foreign_hard_link"
    OTHER_FILE_SYSTEM = "other_file_system"

    PARSER_TIME = "parser_time"
    PARSER_MEMORY = "parser_memory"
    PARSER_CRASHED = "parser_crashed"
    PARSER_ANSWER_REFUSED = "parser_answer_refused"
    FILE_UNREADABLE = "file_unreadable"
    GAVE_UP = "gave_up"
    INTERNAL = "internal"

    @property
    def state(self) -> State:
        """The one state that this code leads to."""
        return _MEANING[self][0]

    @property
    def examined(self) -> bool:
        """Whether all that is there was looked at, even if there was no text to find."""
        return self.state is State.INDEXED or self in (Code.BLANK, Code.EMPTY_FILE, Code.NOTHING_RECOGNISED)

    @property
    def sentence(self) -> str:
        """One sentence for people: what happened and, where something can be done, what."""
        return _MEANING[self][1]


_MEANING: dict[Code, tuple[State, str]] = {
    Code.COMPLETE: (State.INDEXED, "Everything in it was read."),
    Code.PAGES_FAILED: (State.PARTIAL, "Some pages could not be read; the others are searchable."),
    Code.PAGES_WITHOUT_TEXT: (State.PARTIAL, "Some pages hold only images or drawings; their text was not read."),
    Code.TIME_LIMIT: (
        State.PARTIAL,
        "Reading took longer than parsing.timeout_s; the pages read so far are searchable.",
    ),
    Code.TEXT_LIMIT: (State.PARTIAL, "It holds more text than parsing.max_text_mb; the beginning is searchable."),
    Code.PAGE_LIMIT: (State.PARTIAL, "It has more pages than parsing.max_pages; the first ones are searchable."),
    Code.READER_LIMIT: (
        State.PARTIAL,
        "Parts of it ask for more work than a document may cause, and were left out; the others are searchable.",
    ),
    Code.STRUCTURE_REPAIRED: (State.PARTIAL, "Its structure was broken and was rebuilt; parts of it may be missing."),
    Code.UNDECODABLE_CHARACTERS: (State.PARTIAL, "Some characters fit no known encoding and were replaced."),
    Code.MEMBER_LIMIT: (
        State.PARTIAL,
        "It holds more files than parsing.max_members, or larger ones than parsing.max_unpacked_mb; others were read.",
    ),
    Code.MEMBERS_UNREAD: (
        State.PARTIAL,
        "Some of the files in it, such as attachments, were not fully read; `pipeline show` lists them.",
    ),
    Code.RECOGNITION_UNCERTAIN: (
        State.PARTIAL,
        "Text recognition was not sure of some pages; their text is searchable, and may be wrong.",
    ),
    Code.IMAGES_ONLY: (State.NO_TEXT, "It holds only images or drawings, such as a scan; there is no text to read."),
    Code.BLANK: (State.NO_TEXT, "It is readable, but there is nothing written in it."),
    Code.NOTHING_RECOGNISED: (State.NO_TEXT, "It holds only pictures, in which text recognition found no text."),
    Code.EMPTY_FILE: (State.NO_TEXT, "The file has no content (0 bytes)."),
    Code.PASSWORD_NEEDED: (State.ENCRYPTED, "It opens only with a password."),
    Code.ENCRYPTION_UNKNOWN: (State.ENCRYPTED, "It is encrypted in a way that cannot be undone here."),
    Code.FORMAT_NOT_READ: (State.UNSUPPORTED, "Files of this format are not read yet."),
    Code.BINARY_CONTENT: (State.UNSUPPORTED, "The content is neither text nor a known document format."),
    Code.NESTED_TOO_DEEP: (State.UNSUPPORTED, "It lies deeper in other files than parsing.max_depth; it was not read."),
    Code.HOLDS_ITSELF: (State.UNSUPPORTED, "It is a copy of a file that holds it; it was not read again."),
    Code.FILE_TOO_LARGE: (State.TOO_LARGE, "It is larger than parsing.max_file_mb; raise the limit to read it."),
    Code.NO_TEXT_WITHIN_LIMITS: (
        State.TOO_LARGE,
        "No text was found within parsing.max_text_mb and parsing.max_pages; raise them to read on.",
    ),
    Code.NO_TEXT_WITHIN_READER_LIMITS: (
        State.TOO_LARGE,
        "It asks for more work than a document may cause, as decompression bombs do; no text was found before that.",
    ),
    Code.STRUCTURE_DAMAGED: (State.DAMAGED, "Its structure is broken, so that no page can be reached."),
    Code.ALL_PAGES_FAILED: (State.DAMAGED, "Each of its pages is broken; nothing could be read."),
    Code.SYMBOLIC_LINK: (
        State.REFUSED,
        "It is a symbolic link, which is never followed; put the file or folder itself here.",
    ),
    Code.SPECIAL_FILE: (State.REFUSED, "It is a pipe, a socket or a device, not a document; move it elsewhere."),
    Code.FOREIGN_HARD_LINK: (State.REFUSED, "It is a hard link to a file of another user; put a copy here instead."),
    Code.OTHER_FILE_SYSTEM: (
        State.REFUSED,
        "Another file system is mounted here, which is not entered; `pipeline ingest FOLDER` on it reads it.",
    ),
    Code.PARSER_TIME: (State.FAILED, "Reading was stopped at parsing.timeout_s before any page was ready."),
    Code.PARSER_MEMORY: (State.FAILED, "Reading needed more than parsing.memory_mb before any page was ready."),
    Code.PARSER_CRASHED: (State.FAILED, "The parser process died on it; other documents were not affected."),
    Code.PARSER_ANSWER_REFUSED: (
        State.FAILED,
        "The parser gave an answer that broke its bounds; nothing of it was kept.",
    ),
    Code.FILE_UNREADABLE: (State.FAILED, "This user may not read the file; change its permissions."),
    Code.GAVE_UP: (
        State.FAILED,
        "It was tried jobs.max_attempts times without an end; `pipeline ingest FILE` tries again.",
    ),
    Code.INTERNAL: (State.FAILED, "A fault of this program, not of the file; please report the code."),
}
