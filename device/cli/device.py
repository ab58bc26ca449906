"""Owns `byleave device …`: a door's own command line. It speaks to the running door, or, when none runs, opens it briefly itself.

What never happens here: a list of who chose what.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import click
import segno

from device.cli import init as new_door
from device.cli import pairing
from device.cli.supervise import Supervisor, ask, end_on_signals
from device.config import Engine, Settings, load
from device.contract import office
from device.contract.words import Message
from device.errors import ByleaveError, FaultCode, SetupError, Unknown, WireError

SETTINGS = click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("settings.toml"),
    show_default=True,
    help="The door's settings file.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def device() -> None:
    """One door: make it, run it, invite people.

    Example: byleave device init front-door && byleave device run --settings front-door/settings.toml
    """


@device.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="Our office", show_default=True, help="Who runs the door.")
@click.option("--door", "door_name", default="front door", show_default=True, help="Which door.")
@click.option("--controller", default="Our office", show_default=True, help="Who answers for the data.")
@click.option("--contact", default="the office", show_default=True, help="Where to ask.")
@click.option("--zone", default="Europe/Berlin", show_default=True, help="The door's time zone.")
@click.option("--camera", default="/dev/video0", show_default=True, help="The attached camera.")
@click.option("--relay", default=17, show_default=True, help="GPIO number of the lock's relay.")
@click.option("--pins", default="lgpio", show_default=True, help="gpiozero pin factory.")
@click.option("--simulated", is_flag=True, help="Portraits for a camera and a simulated lock, to try things out.")
def init(
    folder: Path,
    name: str,
    door_name: str,
    controller: str,
    contact: str,
    zone: str,
    camera: str,
    relay: int,
    pins: str,
    simulated: bool,
) -> None:
    """Make a new door in FOLDER: settings, keys, an empty vault.

    Example: byleave device init front-door --name "Studio Nord" --contact "privacy@studio-nord.example"
    """
    new_door.make(
        folder,
        simulated=simulated,
        name=name,
        door=door_name,
        controller=controller,
        contact=contact,
        zone=zone,
        run="run",
        models="models",
        camera="portraits" if simulated else "attached",
        source="stage" if simulated else camera,
        face="alone" if simulated else "with_badge",
        factors=1 if simulated else 2,
        lock="simulated" if simulated else "relay",
        pin=relay,
        pins=pins,
        port=8470,
    )
    click.echo(f"Made {folder / 'settings.toml'}, keys and an empty vault. Look the settings over; then:")
    click.echo(f"  byleave device run --settings {folder / 'settings.toml'}")


@device.command()
@SETTINGS
def run(path: Path) -> None:
    """Run the door until told to end (Ctrl-C).

    Example: byleave device run --settings front-door/settings.toml
    """
    settings = load(path)
    supervisor = Supervisor(path.resolve(), settings)
    supervisor.claim()
    prepare(settings)
    end_on_signals(supervisor.end)
    link = settings.folders.run / "kiosk.url"
    supervisor.run(lambda: click.echo(f"The door is ready. The kiosk's link is in {link}."))


def prepare(settings: Settings) -> None:
    """See that the networks are there, and say what the stock engine must say of itself."""
    from device.eyes import networks, stock_reader  # noqa: PLC0415  (numpy and onnx only where needed)

    if settings.recognition.engine is Engine.STOCK:
        click.echo(stock_reader.LICENCE_SENTENCE, err=True)
    else:
        networks.build(settings.folders.models)


@device.command()
@SETTINGS
@JSON
@click.option("--again", "person", type=click.UUID, help="A new code for this person, whose code or badge is lost.")
def invite(path: Path, as_json: bool, person: UUID | None) -> None:
    """Print a one-time code for one person; write down whose it is, the door does not.

    Example: byleave device invite
    """
    message = office.Invite() if person is None else office.InviteAgain(person=person)
    answer = tell(path, message)
    if not isinstance(answer, office.Invited):
        raise _refused(answer)
    if as_json:
        click.echo(json.dumps({"person": str(answer.person), "code": answer.code, "until": answer.until.isoformat()}))
        return
    code = str(answer.code)
    click.echo(f"Person {answer.person}")
    click.echo(f"Code   {code[:5]} {code[5:]}   good once, until {answer.until:%d %B %Y}")
    click.echo("They enter it at the door, or show this:")
    segno.make(code, micro=False).terminal(compact=True)


@device.command()
@SETTINGS
@JSON
def people(path: Path, as_json: bool) -> None:
    """List who is admitted here. It cannot say who uses a face.

    Example: byleave device people
    """
    lines = list(_people(path))
    if as_json:
        rows = [
            {
                "person": str(line.person),
                "collected_on": line.collected_on and f"{line.collected_on:%Y-%m-%d}",
                "ended": line.ended,
            }
            for line in lines
        ]
        click.echo(json.dumps({"people": rows}))
        return
    if not lines:
        click.echo("Nobody is invited yet. `byleave device invite` makes a code.")
    for line in lines:
        state = "ended" if line.ended else f"collected {line.collected_on:%d %b %Y}" if line.collected_on else "invited"
        click.echo(f"{line.person}  {state}")


def _people(path: Path) -> Iterator[office.PersonLine]:
    after: UUID | None = None
    while True:
        answer = tell(path, office.ListPeople(after=after))
        if not isinstance(answer, office.People):
            raise _refused(answer)
        yield from answer.people
        if not answer.more:
            return
        after = answer.people[-1].person


@device.command()
@SETTINGS
@click.argument("person", type=click.UUID)
def forget(path: Path, person: UUID) -> None:
    """End a person at this door: badge, PIN, record and any face.

    Example: byleave device forget 2f1c7f0a-5d3e-4b8e-9a54-0c4f1d2e3b4a
    """
    answer = tell(path, office.End(person=person))
    if not isinstance(answer, office.Ended):
        raise _refused(answer)
    click.echo("This person cannot open this door, and no face of theirs is here.")


@device.command()
@SETTINGS
@click.argument("ticket")
def pair(path: Path, ticket: str) -> None:
    """Pair the running door with the console that shows this TICKET; two people compare six digits.

    Example: byleave device pair byleave:console.studio-nord.example:8471:...
    """
    pairing.pair(load(path), ticket, click.echo, replacing=False)
    click.echo("Paired. What the office set for this door comes by itself.")


@device.command()
@SETTINGS
@click.argument("ticket")
def replace(path: Path, ticket: str) -> None:
    """Let this new door take a broken one's place at the console that shows this TICKET.

    Policy comes back by itself, badges and PINs from another door of the office, templates never.

    Example: byleave device replace byleave:console.studio-nord.example:8471:...
    """
    pairing.pair(load(path), ticket, click.echo, replacing=True)
    click.echo("Paired, in the old door's place. If the kiosk shows twelve digits, run `byleave device expect` beside another")
    click.echo("door and type them there: badges and PINs come from it. Without another door everybody needs a new code.")


@device.command()
@SETTINGS
@click.option("--first", is_flag=True, help="No door of this office holds its key yet: this one's own becomes it.")
def expect(path: Path, first: bool) -> None:
    """Let a new door of this office join: for 15 minutes its twelve digits may be typed at this door's screen.

    Example: byleave device expect
    """
    answer = tell(path, office.Expect(first=first))
    if not isinstance(answer, office.Expecting):
        raise SetupError("This door waits for the office's key itself. Go to one that has it; where none has, say --first here.")
    click.echo("Now press “I have an invitation” at this door's screen and type the digits that the new door shows.")


@device.command()
@SETTINGS
@JSON
def status(path: Path, as_json: bool) -> None:
    """Tell how the running door is.

    Example: byleave device status --json
    """
    settings = load(path)
    try:
        answer = ask(settings.folders.run, office.AskStatus())
    except WireError:
        raise SetupError("This door is not running. `byleave device run` starts it.") from None
    if not isinstance(answer, office.Status):
        raise _refused(answer)
    swept = answer.swept_at.isoformat() if answer.swept_at else None
    figures = {
        "eyes": answer.eyes,
        "front": answer.front,
        "lock": answer.lock,
        "swept_at": swept,
        "people": answer.people,
        "paired": answer.paired,
        "console": answer.console,
    }
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(f"Lock {answer.lock}. Camera process {_up(answer.eyes)}, screen {_up(answer.front)}.")
    click.echo(f"{answer.people} people admitted. Deadlines last served {swept or 'not yet'}.")
    click.echo(f"Paired with a console, which is {_up(answer.console)}." if answer.paired else "Not paired with a console.")


def _up(holds: bool) -> str:
    return "up" if holds else "not answering"


def tell(path: Path, message: Message) -> Message:
    """One command of the office, to the running door or, when none runs, to the door opened for this command alone."""
    settings = load(path)
    try:
        return ask(settings.folders.run, message)
    except WireError:
        from device.door.process import brief  # noqa: PLC0415  (the vault only where no door runs)

        with brief(settings) as office:
            return office.answer(message)


def _refused(answer: Message) -> ByleaveError:
    code = answer.code if isinstance(answer, office.Refused) else FaultCode.WIRE
    if code is FaultCode.UNKNOWN:
        return Unknown("No such person at this door. `byleave device people` lists them.")
    return SetupError(f"The door could not do it ({code}).", code)
