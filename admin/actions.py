"""Owns the list of every act: its name, who may do it, and the sentence the audit log says. What is not here cannot be done.

What never happens here: doing any of it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from device.contract.console import Role

DESK: Final = frozenset({Role.FRONT_DESK, Role.OPERATOR})
OPERATORS: Final = frozenset({Role.OPERATOR})
PRIVACY: Final = frozenset({Role.PRIVACY_OFFICER})
INSTALLERS: Final = frozenset({Role.INSTALLER, Role.OPERATOR})
EVERYBODY: Final = frozenset(Role)


class Act(StrEnum):
    """Every act, by name."""

    SIGNED_IN = "account.signed_in"
    SIGN_IN_FAILED = "account.sign_in_failed"
    SIGNED_OUT = "account.signed_out"
    PROVED_AGAIN = "account.proved_again"
    PASSKEY_ADD = "account.passkey_add"
    PASSKEY_REMOVE = "account.passkey_remove"
    PASSWORD_SET = "account.password_set"  # noqa: S105  (an act's name)
    SESSIONS_END = "account.sessions_end"
    ACCOUNT_INVITE = "account.invite"
    ACCOUNT_MADE = "account.made"
    ACCOUNT_RENEWED = "account.renewed"
    ACCOUNT_DISABLE = "account.disable"
    DENIED = "account.denied"

    PERSON_ADD = "person.add"
    PERSON_IMPORT = "person.import"
    PERSON_CHANGE = "person.change"
    PERSON_OPEN = "person.open"
    PERSON_CODE = "person.code"
    PERSON_LETTER = "person.letter"
    PERSON_MAIL = "person.mail"
    PERSON_END = "person.end"
    PERSON_COPY = "person.copy"
    REQUEST_NOTE = "person.request_note"
    REQUEST_ANSWER = "person.request_answer"
    GROUP_CHANGE = "group.change"
    VISITOR_ADD = "visitor.add"
    VISITOR_PAPER = "visitor.paper"
    VISITOR_END = "visitor.end"

    DOOR_PAIR = "door.pair"
    DOOR_CONFIRM = "door.confirm"
    DOOR_REPLACE = "door.replace"
    DOOR_RETIRE = "door.retire"
    DOOR_RENAME = "door.rename"
    DOOR_OPEN = "door.open_once"
    DOOR_TEST = "door.test_mode"
    HOURS_CHANGE = "hours.change"
    HOLIDAYS_CHANGE = "holidays.change"
    ALARM_SEEN = "alarm.seen"

    NOTICE_DRAFT = "notice.draft"
    NOTICE_PUBLISH = "notice.publish"
    INCIDENT_ASK = "incident.ask"
    INCIDENT_EXPORT = "incident.export"
    EVIDENCE_ASK = "evidence.ask"
    EVIDENCE_EXPORT = "evidence.export"
    CUSTODIANS_CHANGE = "custodians.change"
    SETTING_CHANGE = "setting.change"
    CUSTODY_ENABLE = "setting.custody"
    BUDGET_CHANGE = "setting.budget"
    APPROVAL_ASK = "approval.ask"
    APPROVAL_DECIDE = "approval.decide"
    AUDIT_EXPORT = "audit.export"
    RETENTION_RAN = "retention.ran"
    BACKUP_MADE = "backup.made"
    BACKUP_RESTORED = "backup.restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One act, described."""

    roles: frozenset[Role]
    sentence: str
    grave: bool = False
    """Whether it asks for passkey or password once more (WEB-06)."""
    two_persons: bool = False
    """Whether a second person has to agree (WEB-16)."""


ACTIONS: Final[dict[Act, Action]] = {
    Act.SIGNED_IN: Action(roles=EVERYBODY, sentence="Signed in."),
    Act.SIGN_IN_FAILED: Action(roles=EVERYBODY, sentence="A sign-in failed."),
    Act.SIGNED_OUT: Action(roles=EVERYBODY, sentence="Signed out."),
    Act.PROVED_AGAIN: Action(roles=EVERYBODY, sentence="Proved again who they are."),
    Act.PASSKEY_ADD: Action(roles=EVERYBODY, sentence="Added a passkey of their own.", grave=True),
    Act.PASSKEY_REMOVE: Action(roles=EVERYBODY, sentence="Removed a passkey of their own.", grave=True),
    Act.PASSWORD_SET: Action(roles=EVERYBODY, sentence="Set their own password.", grave=True),
    Act.SESSIONS_END: Action(roles=EVERYBODY, sentence="Ended sessions."),
    Act.ACCOUNT_INVITE: Action(roles=OPERATORS, sentence="Made a link for a new account.", grave=True),
    Act.ACCOUNT_MADE: Action(roles=EVERYBODY, sentence="Used a link: the account began."),
    Act.ACCOUNT_RENEWED: Action(roles=EVERYBODY, sentence="Used a link: chose anew what they sign in with."),
    Act.ACCOUNT_DISABLE: Action(roles=OPERATORS, sentence="Disabled an account and ended its sessions.", grave=True),
    Act.DENIED: Action(roles=EVERYBODY, sentence="Was refused something their role may not do."),
    Act.PERSON_ADD: Action(roles=DESK, sentence="Added a person."),
    Act.PERSON_IMPORT: Action(roles=OPERATORS, sentence="Added people from a file."),
    Act.PERSON_CHANGE: Action(roles=DESK, sentence="Changed a person's name, language, groups or span."),
    Act.PERSON_OPEN: Action(roles=DESK | PRIVACY, sentence="Opened a person's page; the person is told."),
    Act.PERSON_CODE: Action(roles=DESK, sentence="Made a new code for a person."),
    Act.PERSON_LETTER: Action(roles=DESK, sentence="Printed a person's invitation."),
    Act.PERSON_MAIL: Action(roles=DESK, sentence="Sent a person's invitation by e-mail."),
    Act.PERSON_END: Action(roles=DESK, sentence="Ended a person.", grave=True),
    Act.PERSON_COPY: Action(roles=PRIVACY, sentence="Made a copy of the console's data on a person.", grave=True),
    Act.REQUEST_NOTE: Action(roles=DESK | PRIVACY, sentence="Noted a person's request; a month runs."),
    Act.REQUEST_ANSWER: Action(roles=PRIVACY, sentence="Marked a person's request as answered."),
    Act.GROUP_CHANGE: Action(roles=OPERATORS, sentence="Changed a group, its doors or its hours."),
    Act.VISITOR_ADD: Action(roles=DESK, sentence="Made a visitor's code."),
    Act.VISITOR_PAPER: Action(roles=DESK, sentence="Printed a visitor's code."),
    Act.VISITOR_END: Action(roles=DESK, sentence="Took a visitor's code back."),
    Act.DOOR_PAIR: Action(roles=INSTALLERS, sentence="Made a ticket to pair a door.", grave=True),
    Act.DOOR_CONFIRM: Action(roles=INSTALLERS, sentence="Said whether both screens showed the same digits."),
    Act.DOOR_REPLACE: Action(roles=INSTALLERS, sentence="Made a ticket to replace a door.", grave=True),
    Act.DOOR_RETIRE: Action(roles=OPERATORS, sentence="Retired a door.", grave=True),
    Act.DOOR_RENAME: Action(roles=INSTALLERS, sentence="Renamed a door."),
    Act.DOOR_OPEN: Action(roles=DESK, sentence="Opened a door once.", grave=True),
    Act.DOOR_TEST: Action(roles=INSTALLERS, sentence="Began or ended a door's test mode.", grave=True),
    Act.HOURS_CHANGE: Action(roles=OPERATORS, sentence="Changed weekly hours."),
    Act.HOLIDAYS_CHANGE: Action(roles=OPERATORS, sentence="Changed the holidays."),
    Act.ALARM_SEEN: Action(roles=DESK | INSTALLERS, sentence="Marked an alarm as seen."),
    Act.NOTICE_DRAFT: Action(roles=OPERATORS | PRIVACY, sentence="Wrote a draft of the notice."),
    Act.NOTICE_PUBLISH: Action(roles=PRIVACY, sentence="Published a notice.", grave=True),
    Act.INCIDENT_ASK: Action(roles=PRIVACY, sentence="Asked for a day of a door; the people concerned are told.", grave=True),
    Act.INCIDENT_EXPORT: Action(roles=PRIVACY, sentence="Exported a released day for two custodians.", grave=True),
    Act.EVIDENCE_ASK: Action(roles=PRIVACY, sentence="Asked for a person's consent evidence; the person is told.", grave=True),
    Act.EVIDENCE_EXPORT: Action(roles=PRIVACY, sentence="Exported a person's released evidence for two custodians.", grave=True),
    Act.CUSTODIANS_CHANGE: Action(roles=PRIVACY, sentence="Brought in a signed change of custodians.", grave=True),
    Act.SETTING_CHANGE: Action(roles=OPERATORS, sentence="Changed a setting.", grave=True),
    Act.CUSTODY_ENABLE: Action(roles=PRIVACY, sentence="Enabled templates at the door.", grave=True, two_persons=True),
    Act.BUDGET_CHANGE: Action(roles=PRIVACY, sentence="Changed the risk budget.", grave=True, two_persons=True),
    Act.APPROVAL_ASK: Action(roles=PRIVACY, sentence="Asked a second person to agree."),
    Act.APPROVAL_DECIDE: Action(roles=OPERATORS | PRIVACY, sentence="Agreed or disagreed as the second person.", grave=True),
    Act.AUDIT_EXPORT: Action(roles=frozenset({Role.AUDITOR}) | PRIVACY, sentence="Exported the audit log.", grave=True),
    Act.RETENTION_RAN: Action(roles=frozenset(), sentence="The console removed what is past its time."),
    Act.BACKUP_MADE: Action(roles=frozenset(), sentence="A backup was made from the command line."),
    Act.BACKUP_RESTORED: Action(roles=frozenset(), sentence="A backup was restored from the command line."),
}
