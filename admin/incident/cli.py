"""Owns `byleave incident …`: what two custodians type and read, on any computer, best without a network.

What never happens here: a word list kept or shown again; a name or a time written anywhere but on the screen.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from admin.errors import BadInput, ConsoleError
from admin.incident import files, keys, opening
from admin.incident.files import ChangeFile, DayFile, EvidenceFile
from device.contract.console import Custodians

WORDS: Final = click.option(
    "--words",
    "lists",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file with one custodian's words; give two. Without it they are asked for.",
)
_LIST: Final = "Words of the {} custodian"


@click.group()
def incident() -> None:
    """Two custodians together: open what a door released, or hand over to others.

    Example: byleave incident open request-3.json
    """


@incident.command("open")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@WORDS
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def open_(file: Path, lists: tuple[Path, ...], *, as_json: bool) -> None:
    """Open FILE, which the console exported: who opened the door in the span asked for, or what one person agreed to.

    Example: byleave incident open request-3.json
    """
    exported = files.read(file.read_bytes())
    if isinstance(exported, ChangeFile):
        raise BadInput("This file hands over to new custodians; it goes into the console.")
    together = keys.derive(_secret(lists))
    if isinstance(exported, DayFile):
        _print_span(exported, opening.span(exported, together), as_json=as_json)
    else:
        _print_choices(exported, opening.choices(exported, together), as_json=as_json)


@incident.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@WORDS
def rotate(file: Path, lists: tuple[Path, ...]) -> None:
    """Hand over to new custodians: prints three new word lists once and writes FILE, which the console brings in.

    Example: byleave incident rotate new-custodians.json
    """
    before, secret = keys.derive(_secret(lists)), keys.draw()
    after = keys.derive(secret).public(by=before.statement)
    try:
        with file.open("xb") as new:
            for number, words in enumerate(keys.split(secret), start=1):
                click.echo(f"\nCustodian {number}, on paper, for nobody else:\n\n{words}")
            new.write(files.write(_change(after)))
    except OSError:
        raise ConsoleError(f"{file} cannot be written, or is there already. Name another.") from None
    click.echo(f"\nThese words are nowhere else. Bring {file} into the console; its doors then seal to the new custodians.")
    click.echo("Keep the old lists, too, until the last day that was sealed before is gone.")


def _secret(lists: tuple[Path, ...]) -> bytes:
    if lists and len(lists) != keys.ENOUGH:
        raise BadInput("It takes two word lists.")
    if lists:
        return keys.join([_read(path) for path in lists])
    first = click.prompt(_LIST.format("first"), value_proc=_typed(1))
    click.clear()  # the other custodian sits beside
    second = click.prompt(_LIST.format("second"), value_proc=_typed(2))
    click.clear()
    return keys.join([first, second])


def _typed(number: int) -> Callable[[str], str]:
    def check(words: str) -> str:
        try:
            return keys.checked(words, number)
        except BadInput as wrong:
            raise click.UsageError(wrong.sentence) from None

    return check


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{path} holds no word list.") from None


def _change(after: Custodians) -> ChangeFile:
    return ChangeFile(incident=after.incident, evidence=after.evidence, statement=after.statement, signature=after.signature)


def _print_span(file: DayFile, found: opening.Span, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {
            "incident": file.incident,
            "reason": file.reason.value,
            "door": file.door_name,
            "begins_at": found.begins_at.isoformat(),
            "ends_at": found.ends_at.isoformat(),
            "whole": found.whole,
            "openings": [{"at": one.at.isoformat(), "person": one.person.hex, "name": one.name} for one in found.passed],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{file.door_name}, {_time(found.begins_at)} to {_time(found.ends_at)}, because of: {_plain(file.reason.value)}")
    for one in found.passed:
        click.echo(f"{_time(one.at)}  {one.name or f'somebody the console has no name of any more ({one.person.hex})'}")
    if not found.passed:
        click.echo("Nobody opened the door.")
    if not found.whole:
        click.echo("The door has not released all of this span yet; export it again when its last day is over.", err=True)


def _print_choices(file: EvidenceFile, found: tuple[opening.Choice, ...], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "door": one.door_name,
                "number": one.number,
                "at": one.at.isoformat(),
                "event": one.event,
                "who": one.who,
                "state": one.state,
                "consent": one.consent.hex,
                "notice": one.notice,
                "notice_sha256": one.notice_sha256,
            }
            for one in found
        ]
        told = {"request": file.request, "person": file.person.hex, "name": file.name, "choices": rows}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"Consent evidence on {file.name or file.person.hex}")
    for one in found:
        notice = f"notice {one.notice}, SHA-256 {one.notice_sha256}"
        click.echo(f"{_time(one.at)}  {one.door_name}: {_plain(one.event)}, by the {one.who}; {notice}")
    if not found:
        click.echo("There is none: no consent of this person is in what the doors sent.")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S %Z}"


def _plain(word: str) -> str:
    return word.replace("_", " ")
