"""Owns sending an invitation by e-mail, where the office has a mail server: the letter as text, and attached as PDF.

The password is read from its file when it is used. What never happens here: a mail nobody asked for; a wait that keeps the
doors waiting.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from gevent import get_hub

from admin import letters
from admin.config import Smtp
from admin.errors import BadInput, ConsoleError
from admin.letter_words import WORDS
from admin.letters import Letter, Sender

WAIT_S: Final = 10.0
FAULT: Final = "The mail server did not take it, so nothing was sent. Print the letter, or try again later."


def ready(smtp: Smtp | None, to: str | None) -> tuple[Smtp, str]:
    """
    Server and address, when there are both.

    Raises: BadInput.
    """
    if smtp is None:
        raise BadInput("This console has no mail server. Print the letter instead.")
    if to is None:
        raise BadInput("There is no e-mail address of this person. Write it down first, or print the letter.")
    return smtp, to


def send(smtp: Smtp, sender: Sender, letter: Letter, to: str) -> None:
    """
    Send this invitation. Waits beside the loop, outside of any transaction.

    Raises: ConsoleError when the server does not take it.
    """
    # One thread serves the doors; whatever waits for another machine waits in another.
    get_hub().threadpool.apply(_deliver, (smtp, message(smtp, sender, letter, to)))


def message(smtp: Smtp, sender: Sender, letter: Letter, to: str) -> EmailMessage:
    """The mail, as it goes out."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = smtp.sender, to
    mail["Subject"] = WORDS[letter.language].subject.format(office=sender.office)
    mail["Content-Language"] = letter.language.value
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letters.plain(sender, letter))
    mail.add_attachment(letters.pdf(sender, (letter,)), maintype="application", subtype="pdf", filename="byleave.pdf")
    return mail


def _deliver(smtp: Smtp, mail: EmailMessage) -> None:
    try:
        with smtplib.SMTP(smtp.host, smtp.port, timeout=WAIT_S) as server:
            if smtp.starttls:
                server.starttls(context=ssl.create_default_context())
            if smtp.user is not None and smtp.password_file is not None:
                server.login(smtp.user, smtp.password_file.read_text(encoding="utf-8").strip())
            server.send_message(mail)
    except (OSError, smtplib.SMTPException, UnicodeError):
        raise ConsoleError(FAULT) from None
