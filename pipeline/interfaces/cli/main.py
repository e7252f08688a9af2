"""Entry point: finds the command, runs it, and turns errors into one message and an exit code. Imports no command."""

import os
import sys

import click

from pipeline.errors import PipelineError
from pipeline.interfaces.cli.lazy import LazyGroup
from pipeline.isolation import environment

# Commands load when they are run, so that `pipeline --help` needs none of their libraries.
COMMANDS = {
    "watch": "Watch the inbox until stopped; --once: bring it up to date and exit.",
    "ingest": "Bring files or folders into the index; they stay where they are.",
    "search": "Find passages by meaning and by word.",
    "alerts": "Report what came for saved searches.",
    "similar": "Find documents, or passages, like one of them.",
    "duplicates": "List documents with nearly the same text.",
    "documents": "List every document with its state.",
    "show": "Say how one document was read, and what was not.",
    "labels": "Correct labels, and let them be learned.",
    "sensitivity": "Set how sensitive a document is, or leave it to the rules.",
    "redact": "Write a copy of a document without personal data.",
    "retry": "Read anew what ended in a state, such as encrypted.",
    "status": "Say how many files are in which state.",
    "doctor": "Check the installation, the model and the store.",
    "prove-offline": "Show that nothing leaves: try every way out, and sign what came of it.",
    "models": "List, verify, build, compare and change models.",
}


@click.group(
    cls=LazyGroup,
    package="pipeline.interfaces.cli",
    summaries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="sealed-inbox", prog_name="pipeline")
@click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
@click.pass_context
def cli(context: click.Context, config_file: str | None) -> None:
    """Sealed Inbox: drop documents into a folder; find them by meaning and by word, on this machine only.

    Exit codes: 0 done; 1 failed; 2 wrong use; 3 finished, but some documents were not fully examined;
    4 refused for safety; 130 interrupted.
    """
    context.obj = config_file


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; no exception and no traceback reaches the user."""
    environment.close_off()  # before any library is imported that would read it
    try:
        outcome = cli.main(arguments, prog_name="pipeline", standalone_mode=False)
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else 0
    except PipelineError as error:
        click.echo(f"pipeline: {error.message} [{error.code}]\n  {error.advice}", err=True)
        return error.exit_status
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("pipeline: interrupted; nothing is lost.", err=True)
        return 130
    except BrokenPipeError:
        _discard_output()  # the reader left
        return 0
    except Exception as error:  # the last wall: a fault of ours is told in one line, without any data
        if os.environ.get("PIPELINE_DEBUG") == "1":
            raise
        fault = f"pipeline: an internal fault ({type(error).__name__}) ended the command [internal]"
        click.echo(f"{fault}\n  Run it again with PIPELINE_DEBUG=1 and report what it prints.", err=True)
        if isinstance(error, OSError):
            _discard_output()  # it may be what failed, such as a file on a full disk
        return 1


def _discard_output() -> None:
    """What could not be written is not tried again at exit, which would change the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
