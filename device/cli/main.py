"""Owns the `byleave` command: its groups, and how a fault ends it: one clear sentence and a non-zero exit."""

import sys
from typing import Any

import click

from device.errors import ByleaveError


class OneSentence(click.Group):
    """A group whose faults are one sentence, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; our own faults become a sentence."""
        try:
            return super().invoke(ctx)
        except ByleaveError as fault:
            raise click.ClickException(fault.sentence) from None

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Load a command only when it is asked for, so that the others start fast."""
        if name == "device":
            from device.cli.device import device  # noqa: PLC0415  (loaded when asked for)

            return device
        if name == "demo":
            from device.cli.demo import demo  # noqa: PLC0415  (loaded when asked for)

            return demo
        if name == "bench":
            from device.cli.bench import bench  # noqa: PLC0415  (loaded when asked for)

            return bench
        return super().get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order one meets them."""
        del ctx
        return ["demo", "device", "bench"]


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="byleave")
def main() -> None:
    """Byleave: a door that asks.

    Example: byleave demo
    """


if __name__ == "__main__":
    sys.exit(main())
