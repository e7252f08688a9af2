"""`pipeline labels`: examples, and what is learned of them."""

import click

from pipeline.interfaces.cli.lazy import LazyGroup

COMMANDS = {
    "list": "Say how many documents have each label.",
    "review": "Show the documents whose label is least certain.",
    "add": "Say that documents have a label.",
    "remove": "Take back what was said of documents.",
    "train": "Learn from all that was said.",
    "evaluate": "Say how good that would be, on examples held back.",
    "rollback": "Give labels by what was learned before.",
    "export": "Write what was learned to a file.",
    "import": "Use what was learned elsewhere.",
}
set_name = click.argument("set_name", metavar="SET", default="kind")


@click.group(cls=LazyGroup, package=__name__, summaries=COMMANDS)
@click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
@click.pass_context
def command(context: click.Context, config_file: str | None) -> None:
    """Correct labels, and let the program learn from it. SET is a set of labels of the configuration, such as kind.

    A label comes from its description at first. `review` proposes documents, `add` says what they are, and after some
    of each label `train` makes the probabilities true: no more labels are wrong than labels.max_error asks for.
    """
    context.obj = config_file or context.obj
