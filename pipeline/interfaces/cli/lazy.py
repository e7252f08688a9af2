"""A group of commands that are imported when they are run: help, and every other command, stays fast."""

import importlib
from collections.abc import Mapping

import click


class LazyGroup(click.Group):
    """Finds each command in the module of its name below `package`; `summaries` gives their order and one line each."""

    def __init__(self, *, package: str, summaries: Mapping[str, str], **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]  # click's own keywords
        self._package = package
        self._summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order in which people need them."""
        return list(self._summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module; a name that Python reserves has an underscore there."""
        if cmd_name not in self._summaries:
            return None
        module = importlib.import_module(f"{self._package}.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Print the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._summaries.items()))


_MODULES = {"list": "listing", "import": "importing", "prove-offline": "prove_offline"}
