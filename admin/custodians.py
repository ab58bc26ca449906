"""Owns the custodians' public keys at the console: made once, changed only by a statement that those before have signed.

What never happens here: a word list or a private half kept.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from admin import marks
from admin.console import Console
from admin.errors import BadInput, ConsoleError
from admin.incident import files, keys
from admin.incident.files import ChangeFile
from admin.marks import Kind
from admin.times import seconds
from device.contract import sealed
from device.contract.console import Custodians
from device.contract.words import Blob


def create(console: Console) -> tuple[str, str, str]:
    """
    At the beginning: new custodians, and their three word lists, which are nowhere else.

    Raises: ConsoleError when there are custodians already.
    """
    if in_force(console) is not None:
        raise ConsoleError("There are custodians already. `byleave incident rotate` hands over to others.")
    secret = keys.draw()
    _put(console, keys.derive(secret).public())
    return keys.split(secret)


def in_force(console: Console) -> Custodians | None:
    """Those that doors pin at pairing; nobody before `create`."""
    row = console.store.row("SELECT incident, evidence, statement, signature FROM custodians ORDER BY number DESC LIMIT 1")
    if row is None:
        return None
    incident, evidence, statement, signature = map(Blob, row)
    return Custodians(incident=incident, evidence=evidence, statement=statement, signature=signature)


def change(console: Console, file: bytes) -> None:
    """
    Bring in the file that `byleave incident rotate` wrote; every door is told.

    Raises: BadInput when it is no such file, or those in force have not signed it; ConsoleError when there are none.
    """
    told, before = files.read(file), in_force(console)
    if not isinstance(told, ChangeFile):
        raise BadInput("This file is no change of custodians.")
    if before is None:
        raise ConsoleError("There are no custodians yet. `byleave admin init` makes them.")
    incident, evidence, statement, signature = map(Blob, (told.incident, told.evidence, told.statement, told.signature))
    new = Custodians(incident=incident, evidence=evidence, statement=statement, signature=signature)
    if new == before:
        raise BadInput("These custodians are in force already.")
    try:
        signed = sealed.change(incident, evidence, statement)
        Ed25519PublicKey.from_public_bytes(before.statement).verify(signature, signed)
        for key in (incident, evidence):
            X25519PublicKey.from_public_bytes(key)
        Ed25519PublicKey.from_public_bytes(statement)
    except (InvalidSignature, ValueError):
        raise BadInput("The custodians in force have not signed this change.") from None
    doors = marks.paired(console)
    with console.store.transaction():
        _put(console, new)
        marks.mark(console, doors, Kind.CUSTODIANS)
    console.wake(doors)


def _put(console: Console, new: Custodians) -> None:
    values = (new.incident, new.evidence, new.statement, new.signature, seconds(console.clock.now()))
    console.store.run("INSERT INTO custodians (incident, evidence, statement, signature, since) VALUES (?, ?, ?, ?, ?)", values)
