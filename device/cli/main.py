"""Owns the `byleave` command: its groups, and how a fault ends it: one clear sentence and a non-zero exit."""

import sys
from importlib import import_module
from typing import Any, Final

import click

from device.errors import ByleaveError

COMMANDS: Final = {
    "demo": "device.cli.demo",
    "device": "device.cli.device",
    "bench": "device.cli.bench",
    "admin": "admin.cli",
    "incident": "admin.incident.cli",
}
"""Each is a module with a command of that name, in the order one meets them."""


class OneSentence(click.Group):
    """A group whose faults are one sentence, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; our own faults become a sentence."""
        try:
            return super().invoke(ctx)
        except ByleaveError as fault:
            raise click.ClickException(fault.sentence) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command only when it is asked for, so that the others start fast."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in their order."""
        del ctx
        return list(COMMANDS)


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="byleave")
def main() -> None:
    """Byleave: a door that asks.

    Example: byleave demo
    """


if __name__ == "__main__":
    sys.exit(main())
