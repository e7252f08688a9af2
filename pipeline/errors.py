"""The exceptions that callers may see; each says what happened, under a stable code, and what to do next.

    PipelineError
    ├── ConfigError      the configuration cannot be used                      exit 2
    ├── UsageError       an argument makes no sense                            exit 2
    ├── ModelError       a model file is missing or not the one promised       exit 4
    ├── LockError        this process cannot be kept off networks              exit 4
    ├── RedactionError   a copy would still hold what was to be taken out of it exit 4
    ├── StoreError       the store cannot be opened, read or written           exit 1
    ├── FileUnavailable  one file could not be opened or changed while read    never leaves the runner
    ├── SandboxError     the parser process could not be started               exit 1
    ├── ModelChanged     the index got another model meanwhile                 never reaches a user
    └── Stopped          work was given up because the user asked to stop      exit 130

What a document turned out to be (encrypted, damaged, ...) is not an error but an outcome: see outcomes.py.
No message holds document text, a query or a file name of a document.
"""

from typing import ClassVar


class PipelineError(Exception):
    """Base of all errors raised on purpose. `code` is stable, `advice` is the user's next step."""

    exit_status: ClassVar[int] = 1
    default_advice: ClassVar[str] = "Run `pipeline doctor` for a check of the installation."

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice or self.default_advice

    def __str__(self) -> str:
        return f"{self.message} [{self.code}] {self.advice}"


class ConfigError(PipelineError):
    """config.yaml is missing, malformed, or holds an unknown key, a wrong type or a bad bound."""

    exit_status = 2
    default_advice = "See config.yaml of the project: it lists every key with its default."


class UsageError(PipelineError):
    """An argument is outside what the operation accepts."""

    exit_status = 2
    default_advice = "See `pipeline COMMAND --help`."


class ModelError(PipelineError):
    """A model is missing, unverifiable or tampered with. Nothing was loaded and nothing was changed."""

    exit_status = 4
    default_advice = "Run `make setup`, or `pipeline models build`, to make the model again from verified weights."


class LockError(PipelineError):
    """The lock could not be taken, or something tried to pass it. Nothing was read and nothing was changed."""

    exit_status = 4
    default_advice = "See docs/security.md for what the lock needs."


class RedactionError(PipelineError):
    """A copy would still hold what was to be taken out of it, or cannot be made. Nothing was written."""

    exit_status = 4
    default_advice = "Write a text instead, with --out FILE.txt; the pictures of a document are not in it."


class StoreError(PipelineError):
    """The store cannot be used. What was committed before stays as it was."""

    default_advice = "Run `pipeline doctor`; nothing that was committed is lost."


class FileUnavailable(PipelineError):  # noqa: N818 - it reads as what happened, and is an outcome of one file
    """One file vanished, changed while it was read, or may not be read by this user."""

    default_advice = "It is looked at again at the next scan."


class SandboxError(PipelineError):
    """The parser process could not be started or spoken to; the document is not to blame."""

    default_advice = "Check free memory and the process limit (`ulimit -u`), then run the command again."


class ModelChanged(PipelineError):  # noqa: N818 - what happened; the work in hand begins again with the new model
    """Another process switched the index to another model; nothing of the old one's was stored since."""

    default_advice = "Run the command again."

    def __init__(self) -> None:
        super().__init__("model_changed", "The index was switched to another model meanwhile.")


class Stopped(PipelineError):  # noqa: N818 - a request that was honoured, not a fault
    """The user asked to stop; the work in hand was released and will be taken up again."""

    exit_status = 130
    default_advice = "Start again to continue; nothing is lost."

    def __init__(self) -> None:
        super().__init__("stopped", "Stopped before the work was finished.")
