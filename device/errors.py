"""Owns the one tree of errors and their codes; nothing else leaves a story.

    ByleaveError            code, sentence
    ├── SettingsError       the settings are wrong: names the key and the mend
    ├── SetupError          a folder, key, model file or second process is in the way
    ├── VaultError          the vault refuses or is damaged
    │   ├── NoConsent       no live consent of this person to the notice shown
    │   ├── VaultFull       500 templates, by schema
    │   └── Unknown         no such person, code or badge
    ├── CameraFault         missing, unplugged or dark camera
    ├── FaceFault           a network gave something that is no embedding
    ├── PictureError        a file that should be a picture and is not
    ├── LockFault           the lock's keeper does not answer
    ├── PolicyRefused       what the console says is not signed, not for this door, or over a cap
    └── WireError           a message that the contract does not know

Sentences here never hold a person's data, a path's content or a value that came over a socket.
No error ever sends an unlock.
"""

from enum import StrEnum


class FaultCode(StrEnum):
    """Every fault that may be shown, counted or logged."""

    SETTINGS = "settings"
    SETUP = "setup"
    SECOND_PROCESS = "second_process"
    KEYS_MISSING = "keys_missing"
    MODELS_DAMAGED = "models_damaged"
    VAULT = "vault"
    VAULT_DAMAGED = "vault_damaged"
    VAULT_FULL = "vault_full"
    NO_CONSENT = "no_consent"
    UNKNOWN = "unknown"
    CAMERA = "camera"
    CAMERA_MISSING = "camera_missing"
    CAMERA_LOST = "camera_lost"
    FACE = "face"
    PICTURE = "picture"
    LOCK = "lock"
    POLICY = "policy"
    WIRE = "wire"
    UNEXPECTED = "unexpected"


class ByleaveError(Exception):
    """A fault with a code for records and one plain sentence for a person."""

    code = FaultCode.UNEXPECTED

    def __init__(self, sentence: str, code: FaultCode | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if code is not None:
            self.code = code


class SettingsError(ByleaveError):
    """The settings are wrong; the sentence names the key and the mend."""

    code = FaultCode.SETTINGS


class SetupError(ByleaveError):
    """Something outside the program is missing, damaged or in use."""

    code = FaultCode.SETUP


class VaultError(ByleaveError):
    """The vault refuses, or is damaged."""

    code = FaultCode.VAULT


class NoConsent(VaultError):
    """This person has no live consent to the notice in force."""

    code = FaultCode.NO_CONSENT


class VaultFull(VaultError):
    """The door holds as many templates as its schema allows."""

    code = FaultCode.VAULT_FULL


class Unknown(VaultError):
    """No such person, code or badge at this door."""

    code = FaultCode.UNKNOWN


class CameraFault(ByleaveError):
    """The camera is missing, was unplugged, or gives no frame in time."""

    code = FaultCode.CAMERA


class FaceFault(ByleaveError):
    """A network gave something that is no embedding."""

    code = FaultCode.FACE


class PictureError(ByleaveError):
    """A file that should be a picture is none."""

    code = FaultCode.PICTURE


class LockFault(ByleaveError):
    """The lock's keeper does not answer; the lock stays as it was, which is closed."""

    code = FaultCode.LOCK


class PolicyRefused(ByleaveError):
    """What the console says is not signed, not for this door, or over a cap; nothing of it was done."""

    code = FaultCode.POLICY


class WireError(ByleaveError):
    """A message the contract does not know, or one that is not this socket's."""

    code = FaultCode.WIRE
