"""Owns passkeys: what the browser is asked, and whether its answer is right; `webauthn` does the reading.

A passkey here always verifies its user (PIN, finger or the like on their own device), so that it is two factors.
A challenge is made of the console's secret, is good for five minutes, one purpose and one use.
What never happens here: a session; an answer made for another name, purpose or person.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from admin.console import Console
from admin.errors import BadInput
from admin.keys import derived

GOOD_S: Final = 300
ANSWER_MOST: Final = 20_000
"""Characters of a browser's answer."""
REFUSED: Final = "This passkey is not known here. Try again, or use your password."
_NONCE_BYTES: Final = 24
_USED: Final[dict[bytes, int]] = {}
"""Challenges that were answered rightly, until they die; only a right answer adds one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new passkey."""

    id: bytes
    public: bytes
    counter: int


def wanted(console: Console, purpose: str, user: bytes, name: str, known: list[bytes]) -> str:
    """What `navigator.credentials.create` is asked, as JSON; `known` are passkeys the person has already."""
    options = generate_registration_options(
        rp_id=console.config.name,
        rp_name=f"Byleave, {console.config.office}",
        user_id=user,
        user_name=name,
        challenge=_challenge(console, purpose),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options)


def asked(console: Console, purpose: str, known: list[bytes] | None = None) -> str:
    """What `navigator.credentials.get` is asked, as JSON; without `known`, the person chooses one of theirs."""
    options = generate_authentication_options(
        rp_id=console.config.name,
        challenge=_challenge(console, purpose),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known or []],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def made(console: Console, purpose: str, answer: str) -> Made:
    """The new passkey of this answer. Raises: BadInput."""
    challenge = _answered(console, purpose, answer)
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=console.config.name,
            expected_origin=console.config.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise BadInput("The browser's answer cannot be used. Try again, or choose a password.", "credential") from None
    _use(console, challenge)
    return Made(id=verified.credential_id, public=verified.credential_public_key, counter=verified.sign_count)


def shown(console: Console, purpose: str, answer: str) -> int:
    """
    The account whose passkey made this answer; its counter goes on.

    Raises: BadInput, in the same words whatever is wrong.
    """
    challenge = _answered(console, purpose, answer)
    try:
        key = base64url_to_bytes(json.loads(answer)["id"])
        row = console.store.row(
            """SELECT public, counter, account FROM passkeys JOIN accounts ON accounts.id = account
            WHERE passkeys.id = ? AND disabled_at IS NULL""",
            (key,),
        )
        if row is None:
            raise BadInput(REFUSED, "credential")
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=console.config.name,
            expected_origin=console.config.origin,
            credential_public_key=row[0],
            credential_current_sign_count=row[1],
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise BadInput(REFUSED, "credential") from None
    _use(console, challenge)
    console.store.run("UPDATE passkeys SET counter = ?, used_at = ? WHERE id = ?", (verified.new_sign_count, _now(console), key))
    return int(row[2])


def _challenge(console: Console, purpose: str) -> bytes:
    body = (_now(console) + GOOD_S).to_bytes(8, "big") + secrets.token_bytes(_NONCE_BYTES)
    return body + _seal(console, purpose, body)


def _answered(console: Console, purpose: str, answer: str) -> bytes:
    """The challenge in this answer, if it is ours, for this purpose, in time and not used. Raises: BadInput."""
    try:
        told: Any = json.loads(answer) if len(answer) <= ANSWER_MOST else None
        client: Any = json.loads(base64url_to_bytes(told["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client["challenge"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput(REFUSED, "credential") from None
    body, seal = challenge[: 8 + _NONCE_BYTES], challenge[8 + _NONCE_BYTES :]
    ours = hmac.compare_digest(seal, _seal(console, purpose, body))
    if not ours or int.from_bytes(body[:8], "big") < _now(console) or sha256(challenge).digest() in _USED:
        raise BadInput(REFUSED, "credential")
    return challenge


def _use(console: Console, challenge: bytes) -> None:
    now = _now(console)
    for key in [key for key, until in _USED.items() if until < now]:
        del _USED[key]
    _USED[sha256(challenge).digest()] = now + GOOD_S


def _seal(console: Console, purpose: str, body: bytes) -> bytes:
    return hmac.digest(derived(console, b"challenges"), purpose.encode() + b"\0" + body, "sha256")


def _now(console: Console) -> int:
    return int(console.clock.now().timestamp())
