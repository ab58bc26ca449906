"""Owns the notice: the text a person reads before a yes, and every text that was ever shown, by version and hash.

What never happens here: a consent; a text that changes after it was shown.
"""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from device.config import Keeping, Site
from device.contract.words import NOTICE_MOST, NoticeText
from device.door.deadlines import by_now
from device.door.store import Store
from device.door.times import days, moment, seconds
from device.errors import SettingsError, VaultError

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
"""What takes six bytes of a message for one of text, and shows as nothing."""

TOLD_FOR: Final = timedelta(days=30)
"""How long everybody is told that the notice changed. Source: CON-04."""

_TEXT = """Opening {door} with your face

Your choice. You have a badge and a PIN. They open the same door, at the same hours, at no cost, whatever you choose here. \
Nobody is told what you chose: not your employer, not your colleagues. Saying no, or changing your mind later, has no effect \
on anything else.

Who asks. {controller} runs this door ({name}). Questions and complaints: {contact}. You may also complain to your data \
protection authority.

What is made. The camera looks at your face while you stand here. From several looks this door computes one template: \
128 numbers by which it can recognise your face. That is biometric data. No picture is kept, and none is shown or sent.

What it is for. To open {door} when you press "Use my face", and for nothing else. To do that, the door compares the face \
before the camera with every template it holds, so yours also serves as comparison when somebody else presses the button. Under \
this yes it may also be compared with the others to see whether two people look too much alike for a face to open safely. \
These comparisons belong to opening by face and cannot be refused apart.

What it is never for. Attendance, hours, movements, watch lists, or guessing age, sex, mood or anything else about you.

Where it is. On this door only, encrypted. It is never sent, copied or exported; nobody can look at it.

How long. At most {template_days} days from your yes; you may then say yes again. It goes sooner if you take it back, if your \
face is not used for {unused_days} days, if you leave, if this notice changes, or if the door is tampered with. Your own \
openings are kept for {openings_days} days, whatever you use, for you to read at the door. That you said yes or took it back \
is kept as evidence, without any biometric data.

How to take it back. At this door: "What this door knows about me", then your badge and PIN, then "Withdraw". It takes no \
more steps than saying yes, and nobody has to approve it. The template and its key are destroyed at once, the door looks \
whether anything is left, and you get a signed receipt.

What cannot be promised. Whoever controls this computer could replace its program. Encryption and checks make that hard and \
visible, not impossible. A template, if it were ever stolen unencrypted, could be used to guess what a face looks like.

Your rights. You can read all of it under "What this door knows about me", ask for a copy, have it corrected or erased, and \
take back your yes at any time; what was done before stays lawful.
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One text as it was shown."""

    version: int
    text: NoticeText
    sha256: bytes


def render(site: Site, keeping: Keeping) -> NoticeText:
    """
    The notice of this site.

    Raises: SettingsError when one of the site's names makes it too long for a message, or holds control characters.
    """
    names = asdict(site)
    for key, name in names.items():
        if _CONTROL.search(name):
            raise SettingsError(f"`site.{key}` holds a control character. Write it in one line of plain text.")
    text = _TEXT.format(
        **names,
        template_days=keeping.template_days,
        unused_days=keeping.unused_days,
        openings_days=keeping.openings_days,
    )
    # In bytes, because a message is measured in bytes; the text has never more characters than that.
    if len(text.encode()) > NOTICE_MOST:
        longest = max(names, key=lambda key: len(names[key]))
        raise SettingsError(f"`site.{longest}` makes the notice too long. Shorten it.")
    return NoticeText(text)


class Notices:
    """Every notice ever in force at this door."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put_in_force(self, text: NoticeText, now: datetime, grace_days: int = 0) -> Notice:
        """
        This text, in force from now; the same text again changes nothing, another one is a new version (CON-04).

        A yes to an older one is live for the grace from now on, and no later setting makes it longer.
        """
        last = self._last()
        if last is not None and last.text == text:
            return last
        version = 1 if last is None else last.version + 1
        sha256 = hashlib.sha256(text.encode()).digest()
        since = seconds(by_now(self._store, now))
        values = (version, text, sha256, since, since + days(grace_days))
        self._store.run("INSERT INTO notices (version, text, sha256, since, older_until) VALUES (?, ?, ?, ?, ?)", values)
        return Notice(version, text, sha256)

    def publish(self, version: int, language: str, text: NoticeText, now: datetime, grace_days: int) -> None:
        """The office published this; its newest version is in force, in English if there is one. In the policy's transaction."""
        with self._store.transaction():
            self._store.run("INSERT OR REPLACE INTO published VALUES (?, ?, ?)", (version, language, text))
            newest = self.published
            if newest is not None:
                self.put_in_force(newest, now, grace_days)

    @property
    def published(self) -> NoticeText | None:
        """The newest text that the office published; nothing where it never did."""
        row = self._store.row("SELECT text FROM published ORDER BY version DESC, language = 'en' DESC, language LIMIT 1")
        return None if row is None else NoticeText(row[0])

    def changed_on(self, now: datetime) -> datetime | None:
        """When the notice changed, if that was in the last 30 days; the first one is no change."""
        row = self._store.row("SELECT since FROM notices WHERE version > 1 ORDER BY version DESC LIMIT 1")
        if row is None or now >= moment(row[0]) + TOLD_FOR:
            return None
        return moment(row[0])

    @property
    def current(self) -> Notice:
        """
        The notice in force.

        Raises: VaultError when none was ever put in force.
        """
        last = self._last()
        if last is None:
            raise VaultError("No notice is in force, so nobody can agree to one.")
        return last

    def of(self, version: int) -> Notice:
        """
        The text that was shown as this version.

        Raises: VaultError when there was none.
        """
        row = self._store.row("SELECT version, text, sha256 FROM notices WHERE version = ?", (version,))
        if row is None:
            raise VaultError("There was no notice of this version.")
        return Notice(*row)

    def _last(self) -> Notice | None:
        row = self._store.row("SELECT version, text, sha256 FROM notices ORDER BY version DESC LIMIT 1")
        return None if row is None else Notice(*row)
