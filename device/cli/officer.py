"""Owns an operator at the console, for the demo and the tests: signs up, writes hours, groups and people down, pairs doors.

Everything goes through the console's own pages. What never happens here: a look into the console's files.
"""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import pyotp

from device.cli.clerk import Clerk
from device.cli.visitor import Visitor
from device.errors import WireError

PAIR_S: Final = 60.0
"""The link looks for a ticket once a second; a loaded machine takes its time."""


@dataclass
class Officer:
    """One operator, signed in."""

    clerk: Clerk
    name: str
    password: str
    secret: str
    now_s: Callable[[], float]

    @classmethod
    def sign_up(cls, clerk: Clerk, path: str, name: str, now_s: Callable[[], float] = time.time) -> "Officer":
        """
        Take up a link that is good once, with a password and codes.

        Raises: WireError when the console does not let them in.
        """
        page = clerk.open(path)
        found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
        if found is None:
            raise WireError("The console's link is not good any more.")
        password = secrets.token_urlsafe(24)
        officer = cls(clerk, name, password, found[1].replace(" ", ""), now_s)
        clerk.submit("", name=name, password=password, again=password, code=officer.code())
        if clerk.page.status != 200 or "/welcome" in clerk.page.url:
            said = re.search(r'class="no"[^>]*>.*?<span>([^<]+)', clerk.page.text, re.DOTALL)
            raise WireError(f"The console did not take the new account ({clerk.page.status}). {said[1] if said else ''}".strip())
        return officer

    def code(self) -> str:
        """The code of the authenticator app, now."""
        return pyotp.TOTP(self.secret).at(int(self.now_s()))

    def sign_in(self) -> None:
        """
        Come back after a while, with a code not used before; the new session is just proved.

        Raises: WireError when the console does not let them in.
        """
        self.clerk.open("/sign-in")
        page = self.clerk.submit("/sign-in", name=self.name, password=self.password, code=self.code())
        if page.status >= 400 or "/sign-in" in page.url:
            raise WireError("The console did not let its operator in.")

    def add_door(self, name: str, *, alone: bool = False) -> str:
        """A new door, sharing badges with the one before unless it is to stand alone; its id, in hex."""
        page = self.clerk.open("/doors/new")
        others = [value for field, value in page.forms[-1].fields if field == "group"]
        self.clerk.submit("/doors/new", name=name, **({"group": "" if alone else others[0]} if others else {"group": ""}))
        found = re.search(r"/doors/([0-9a-f-]{36})/pairing", self.clerk.page.url)
        if found is None:
            raise WireError("The console did not add the door.")
        return UUID(found[1]).hex

    def ticket(self, door: str) -> str:
        """A ticket for whoever stands at this door."""
        self.clerk.open(f"/doors/{UUID(door)}/pairing")
        page = self.clerk.submit("/pairing/ticket")
        found = re.search(r"byleave device (?:pair|replace) (byleave:\S+?)<", page.text)
        if found is None:
            raise WireError("The console made no ticket.")
        return found[1]

    def compare(self, door: str, kiosk: Visitor, within_s: float = PAIR_S) -> str:
        """
        Both screens show digits: say on both whether they are the same; the digits.

        Raises: WireError when none are shown in time, or they differ.
        """
        shown = "".join(kiosk.until("Compare", within_s=within_s)["digits"].split())
        give_up_s = time.monotonic() + within_s
        while True:
            page = self.clerk.open(f"/doors/{UUID(door)}/pairing")
            found = re.search(r'<span aria-hidden="true">(\d{3}) (\d{3})</span>', page.text)
            if found is not None:
                break
            if time.monotonic() > give_up_s:
                raise WireError("The console shows no digits.")
            time.sleep(0.1)
        same = found[1] + found[2] == shown
        self.clerk.submit("/pairing", said="same" if same else "different")
        kiosk.press("same" if same else "different")
        if not same:
            raise WireError("The two screens show different digits.")
        while "is paired" not in self.clerk.open(f"/doors/{UUID(door)}/pairing").text:
            if time.monotonic() > give_up_s:
                raise WireError("The door was not paired.")
            time.sleep(0.1)
        return shown

    def open_once(self, door: str) -> None:
        """Have this door open once, now."""
        self.clerk.open(f"/doors/{UUID(door)}")
        self._done(self.clerk.submit(f"/doors/{UUID(door)}/open"))

    def add_hours(self, name: str, *days: str) -> None:
        """Weekly hours, a line a day from Monday on; what is missing is closed."""
        self.clerk.open("/hours/new")
        self._done(self.clerk.submit("/hours/new", name=name, **{f"day{n}": line for n, line in enumerate(days)}))

    def add_group(self, name: str, doors: dict[str, str]) -> None:
        """A group, with the hours (their number; 0 is always) at each door."""
        self.clerk.open("/people/groups/new")
        self._done(self.clerk.submit("/people/groups/new", name=name, **{f"at_{door}": hours for door, hours in doors.items()}))

    def add_person(self, name: str, *groups: str, **more: Any) -> UUID:
        """A person of these groups (by number); a code is made with them. Who it is."""
        self.clerk.open("/people/new")
        page = self.clerk.submit("/people/new", name=name, groups=list(groups), **more)
        found = re.search(r"/people/([0-9a-f-]{36})", page.url)
        if found is None:
            raise WireError("The console did not add the person.")
        return UUID(found[1])

    def new_code(self, person: UUID) -> None:
        """A new code for somebody whose badge is lost."""
        self.open_person(person, "invitation")
        self._done(self.clerk.submit(f"/people/{person}/code"))

    def add_visitor(self, label: str, door: str, within_s: float = PAIR_S) -> None:
        """A visitor's code for this door, in the span the page proposes, once the door has said what it asks for."""
        give_up_s = time.monotonic() + within_s
        while door not in self.clerk.open("/visitors/new").text:
            if time.monotonic() > give_up_s:
                raise WireError("The door does not say how many factors it asks for.")
            time.sleep(0.1)
        self._done(self.clerk.submit("/visitors/new", label=label, doors=[door]))

    def end_person(self, person: UUID) -> None:
        """This person leaves."""
        self.open_person(person, "leaving")
        self._done(self.clerk.submit(f"/people/{person}/end"))

    def open_person(self, person: UUID, reason: str) -> None:
        """Open somebody's page, with a reason."""
        self.clerk.open(f"/people/{person}")
        if "/reason" in self.clerk.page.url:
            self._done(self.clerk.submit("/reason", reason=reason))

    def sign_out(self) -> None:
        """Leave the console."""
        self.clerk.open("/")
        self._done(self.clerk.submit("/sign-out"))

    def _done(self, page: Any) -> None:
        if page.status >= 400:
            raise WireError(f"The console refused {page.url} ({page.status}).")
