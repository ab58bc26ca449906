"""A child that enrols, forgets, uses and ends without pause until it is killed; it says what lay in the vault before each act.

Run by `test_kill.py`: `python -m tests.door.vault.crash FOLDER`.
"""

import secrets
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from device.door.consent import Event, State, Who
from tests.door.vault.made import NOW, Door


def main(folder: Path) -> None:
    """Go on for ever."""
    door = Door.at(folder)
    door.forget.finish(NOW)
    people = [UUID(bytes=row[0]) for row in door.store.rows("SELECT id FROM people")]
    now = NOW
    while True:
        now += timedelta(seconds=1)
        person = secrets.choice(people)
        state = door.vault.state(person)
        if state is State.ENROLLED and secrets.randbelow(3):
            door.forget.forget(person, Event.WITHDRAW, Who.PERSON, now)
        elif state is State.ENROLLED:
            door.vault.used(person, now)
            door.vault.journal.opened(person, now)
        else:
            door.enrol(person, now)
            wrapped, sealed = door.row(person)
            sys.stdout.write(f"{person.hex} {sealed.hex()} {wrapped.hex()}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
