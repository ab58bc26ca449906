"""Owns `byleave admin …`: a console made, run, backed up and restored, and the links by which people get in.

What never happens here: a password, asked for or printed; the custodians' words a second time.
"""

import json
from pathlib import Path
from typing import Final

import click

from admin import accounts, app, audit, backup, custodians, founding, retention, server
from admin.actions import Act
from admin.config import Preset
from admin.console import Console
from admin.errors import ConsoleError
from device.contract.console import Role

FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
ROLE = click.option("--role", type=click.Choice(list(Role)), default=Role.OPERATOR, show_default=True, help="What they do.")
HOURS_GOOD: Final = accounts.WELCOME_S // 3600


@click.group()
def admin() -> None:
    """The office's console: make it, run it, back it up.

    Example: byleave admin init console && byleave admin run console
    """


@admin.command()
@FOLDER
@click.option("--office", default="Our office", show_default=True, help="Who runs it.")
@click.option("--contact", default="the office", show_default=True, help="Where people ask; stands in letters.")
@click.option("--zone", default="Europe/Berlin", show_default=True, help="The office's time zone.")
@click.option("--preset", type=click.Choice(list(Preset)), default=Preset.EU, show_default=True, help="Whose law sets the caps.")
@click.option("--name", default="localhost", show_default=True, help="The host name by which browsers and doors reach it.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address it listens on.")
@click.option("--port", default=8443, show_default=True, help="The port it listens on.")
@click.option("--simulated", is_flag=True, help="To try things out; allows a simulated clock.")
@click.option("--clock", type=click.Path(path_type=Path), help="With --simulated: a file that holds the seconds since 1970.")
@JSON
def init(
    folder: Path,
    office: str,
    contact: str,
    zone: str,
    preset: str,
    name: str,
    host: str,
    port: int,
    simulated: bool,
    clock: Path | None,
    as_json: bool,
) -> None:
    """Make a new console in FOLDER: settings, keys, an empty database, three custodians.

    Prints the first person's link (good once, for 24 hours), and the custodians' words, which are stored nowhere.

    Example: byleave admin init console --office "Studio Nord" --name console.studio-nord.example --host 0.0.0.0
    """
    console = founding.create(
        folder,
        office=office,
        contact=contact,
        zone=zone,
        preset=str(preset),
        name=name,
        host=host,
        port=port,
        simulated=simulated,
        clock=None if clock is None else str(clock.resolve()),
    )
    words = custodians.create(console)
    link = _link(console, Role.OPERATOR)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "link": link, "custodians": list(words)}))
        return
    click.echo(f"Made {folder / 'console.toml'}, keys and an empty database.\n")
    click.echo("Three people become custodians; any two of them can open a day together. Give each one list, on paper.")
    click.echo("They are shown now and never again, and stored nowhere:\n")
    for number, one in enumerate(words, 1):
        click.echo(f"  Custodian {number}:\n{_wrapped(one)}\n")
    click.echo(f"Start it with: byleave admin run {folder}")
    click.echo(f"Then open this link, good once and for {HOURS_GOOD} hours:\n  {link}")


@admin.command()
@FOLDER
def run(folder: Path) -> None:
    """Run the console in FOLDER until told to end (Ctrl-C).

    Example: byleave admin run console
    """
    console = founding.opened(folder)
    try:
        server.serve(
            console,
            app.create_app(console),
            hourly=lambda: hour(console),
            ready=lambda port: click.echo(f"The console answers at https://{console.config.name}:{port}/"),
        )
    finally:
        console.store.close()


def hour(console: Console) -> None:
    """What a console does by itself each hour, and when it starts; whatever breaks, the next hour tries again."""
    try:
        retention.run(console)
    except Exception as fault:  # noqa: BLE001  (the console goes on answering; WEB-13)
        click.echo(f"byleave console: unexpected {type(fault).__name__} while removing what is past its time", err=True)


@admin.group()
def account() -> None:
    """Who signs in; for when nobody can.

    Example: byleave admin account list console
    """


@account.command("list")
@FOLDER
@JSON
def list_accounts(folder: Path, as_json: bool) -> None:
    """Print every account: its number, name and role.

    Example: byleave admin account list console
    """
    console = founding.opened(folder)
    known = accounts.everyone(console)
    if as_json:
        told = [{"id": one.id, "name": one.name, "role": one.role, "disabled": one.disabled_at is not None} for one in known]
        click.echo(json.dumps(told))
        return
    for one in known:
        click.echo(f"{one.id:>4}  {one.name}  ({one.role.replace('_', ' ')}{', disabled' if one.disabled_at else ''})")
    if not known:
        click.echo("Nobody yet. `byleave admin account link` makes a link.")


@account.command()
@FOLDER
@ROLE
@click.option("--account", "number", type=int, help="For this account, to choose anew what it signs in with.")
@JSON
def link(folder: Path, role: str, number: int | None, as_json: bool) -> None:
    """Print a link for a new account, or for one that has nothing left to sign in with; good once, for 24 hours.

    Example: byleave admin account link console --role privacy_officer
    """
    made = _link(founding.opened(folder), Role(role), number)
    click.echo(json.dumps({"link": made}) if as_json else made)


@account.command()
@FOLDER
@click.option("--account", "number", type=int, required=True, help="Which one; `list` tells.")
def disable(folder: Path, number: int) -> None:
    """Disable an account and end its sessions.

    Example: byleave admin account disable console --account 3
    """
    console = founding.opened(folder)
    with console.store.transaction():
        accounts.disable(console, number)
        audit.write(console, Act.ACCOUNT_DISABLE, subject=number)
    click.echo("The account is disabled and its sessions have ended.")


@admin.command("backup")
@FOLDER
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def make_backup(folder: Path, file: Path) -> None:
    """Copy the console in FOLDER into FILE; it may run meanwhile. Whoever has FILE has the console: keep it locked away.

    Example: byleave admin backup console /mnt/safe/console-2030-01-31.backup
    """
    backup.make(founding.opened(folder), file)
    click.echo(f"Made {file}. It opens no template, badge or PIN, but it is this console, names and keys, and not encrypted.")
    click.echo("Only this user can read it here. Wherever it goes, encrypt it and lock it away.")


@admin.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@FOLDER
@click.option("--ended", type=click.Path(path_type=Path, dir_okay=False), help="The old console's list `ended`.")
@click.option("--without-ended", is_flag=True, help="The list is lost; look through people and doors by hand.")
def restore_backup(file: Path, folder: Path, ended: Path | None, without_ended: bool) -> None:
    """Make a console in FOLDER, new or empty, from the backup FILE. Whoever was ended since stays ended; nobody can sign in yet.

    Example: byleave admin restore console-2030-01-31.backup console --ended /mnt/safe/ended
    """
    if (ended is None) is not without_ended:
        raise ConsoleError(
            "Name the old console's list `ended` with --ended, so that nobody is revived; or say --without-ended if it is lost."
        )
    console = backup.restore(file, folder, ended)
    click.echo(f"Restored into {folder}. Doors are told everything again as soon as they reach it.\n")
    click.echo("What was taken away since would be back, so all codes, visitors' codes and approvals are gone, and what")
    click.echo("accounts sign in with. Look through accounts, groups, hours and settings: they are as on the day of the backup.")
    click.echo("Add again whoever was added since, and pair again each door that was paired or replaced since.")
    if without_ended:
        click.echo(
            "\nWithout the list: whoever was ended since is there again, and so is a door that was retired since. Whoever was"
        )
        click.echo(
            "added since is let in by the doors and is in no list here: compare `byleave device people`, and `forget` them."
        )
    click.echo(f"\nThis link makes an operator; it is good once, for {HOURS_GOOD} hours:\n  {_link(console, Role.OPERATOR)}")
    click.echo(f"For an account that is there: byleave admin account list {folder}, then account link {folder} --account NUMBER")
    console.store.close()


def _link(console: Console, role: Role, account: int | None = None) -> str:
    with console.store.transaction():
        token = accounts.invite(console, role, account)
        audit.write(console, Act.ACCOUNT_INVITE, subject=account, details={"new_role": role})
    return f"{console.config.origin}/welcome/{token}"


def _wrapped(words: str) -> str:
    told = words.split()
    lines = [told[at : at + 7] for at in range(0, len(told), 7)]
    return "\n".join("    " + "  ".join(f"{word:<9}" for word in line).rstrip() for line in lines)
