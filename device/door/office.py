"""Owns what the office may have the door do, and what it is told: invite, end, list, status.

What never happens here: an answer that differs with a person's choice; a camera; *I agree*.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from device.config import Keeping
from device.contract import office
from device.contract.words import Digits, Message
from device.door.consent import Event, Who
from device.door.forget import Forget
from device.door.joining import Joining
from device.door.pairing import Pairing
from device.door.people import People
from device.door.ports import Clock, Lock
from device.errors import ByleaveError, FaultCode

PAGE = 100
"""People in one answer."""


@dataclass(frozen=True, slots=True)
class Office:
    """What it takes to serve the office."""

    people: People
    forget: Forget
    lock: Lock
    clock: Clock
    keeping: Keeping
    awake: Callable[[], tuple[bool, bool]]
    """Whether eyes and front answer."""
    pairing: Pairing
    joining: Joining
    up: Callable[[], bool] = lambda: False
    """Whether the link says that the console answers."""

    def answer(self, message: Message) -> Message:
        """The answer to one command; a fault is an answer, too."""
        try:
            return self._answer(message)
        except ByleaveError as fault:
            return office.Refused(code=fault.code)

    def _answer(self, message: Message) -> Message:
        now = self.clock.now()
        until = now + timedelta(days=self.keeping.code_days)
        if isinstance(message, office.Invite):
            person, code = self.people.invite(now, until)
            return office.Invited(person=person, code=Digits(code), until=until)
        if isinstance(message, office.InviteAgain):
            code = self.people.invite_again(message.person, now, until)
            return office.Invited(person=message.person, code=Digits(code), until=until)
        if isinstance(message, office.ListPeople):
            lines = self.people.lines(message.after, PAGE)
            return office.People(people=lines, more=len(lines) == PAGE)
        if isinstance(message, office.End):
            self.people.known(message.person)
            self.forget.forget(message.person, Event.END, Who.OFFICE, now)
            return office.Ended(person=message.person)
        if isinstance(message, office.Pair | office.AskPairing):
            return self._pair(message, now)
        if isinstance(message, office.Expect):
            return office.Expecting(until=self.joining.expect(now, first=message.first))
        if isinstance(message, office.AskStatus):
            eyes, front = self.awake()
            return office.Status(
                eyes=eyes,
                front=front,
                lock=self.lock.state(),
                swept_at=self.forget.swept_at,
                people=self.people.count(),
                paired=self.pairing.paired,
                console=self.up(),
            )
        return office.Refused(code=FaultCode.WIRE)

    def _pair(self, message: Message, now: datetime) -> Message:
        if isinstance(message, office.Pair):
            self.pairing.begin(now)
        digits = self.pairing.digits(now)
        return office.PairingIs(
            stage=self.pairing.stage(now), digits=None if digits is None else Digits(digits), peopled=self.people.count() > 0
        )
