"""Owns which buttons each scene has. The pages draw these, and nothing else can be pressed there.

What never happens here: knowing where a press leads; that is the door's business.
"""

from typing import Final

from device.contract import screen
from device.contract.screen import Button, Purpose, Scene, Standing
from device.front.kiosk.sentences import ASK_SOMEBODY
from device.front.stage import AWAY

_ALWAYS: Final[dict[type[Scene], tuple[Button, ...]]] = {
    screen.CodePad: (Button.SHOW_INVITATION, Button.STOP),
    screen.Second: (Button.PIN, Button.USE_FACE, Button.STOP),
    screen.Opened: (Button.STOP,),
    screen.NotKnown: (Button.SHOW_BADGE, Button.PIN, Button.STOP),
    screen.NotOpened: (Button.SHOW_BADGE, Button.PIN, Button.STOP),
    screen.Issued: (Button.NEXT,),
    screen.Notice: (Button.STOP,),
    screen.Sitting: (Button.STOP,),
    screen.Kept: (Button.STOP,),
    screen.Gone: (Button.STOP,),
    screen.Announced: (Button.STOP,),
    screen.Compare: (Button.SAME, Button.DIFFERENT),
    screen.Joining: (Button.STOP,),
    screen.Joined: (Button.STOP,),
}


def offered(scene: Scene) -> tuple[Button, ...]:
    """The buttons of this scene, in reading order."""
    match scene:
        case screen.Idle():
            return _idle(scene)
        case screen.Aiming():
            return (Button.PIN, Button.STOP) if scene.purpose is Purpose.OPEN else (Button.STOP,)
        case screen.Looking():
            way = Button.SHOW_BADGE if scene.purpose is Purpose.OPEN else Button.PIN
            return (way, Button.STOP)
        case screen.Keypad():
            # Withdrawal needs the badge only, so that a forgotten PIN keeps nobody's face here.
            return (Button.WITHDRAW, Button.STOP) if scene.purpose is Purpose.ABOUT_ME else (Button.STOP,)
        case screen.Choice():
            twins = (Button.BADGE_AND_PIN, Button.MY_FACE_TOO)
            return (*(reversed(twins) if scene.face_first else twins), Button.STOP)
        case screen.Personal():
            return _personal(scene)
        case screen.Fault():
            return _fault(scene)
    return _ALWAYS[type(scene)]


def _idle(scene: screen.Idle) -> tuple[Button, ...]:
    ways = [Button.SHOW_BADGE] if scene.camera else []
    ways += [Button.USE_FACE] if scene.camera and scene.face else []
    # Without a camera nobody can show the badge that opens the personal page.
    about = [Button.ABOUT_ME] if scene.camera else []
    read = [Button.ANNOUNCED] if scene.announced or scene.notice_on is not None else []
    return (*ways, Button.PIN, Button.INVITATION, *about, *read)


def _personal(scene: screen.Personal) -> tuple[Button, ...]:
    begin = () if scene.standing in {Standing.FACE_TOO, Standing.ENDED} else (Button.MY_FACE_TOO,)
    renew = () if scene.renew_by is None else (Button.RENEW,)
    everywhere = () if scene.doors == 0 else (Button.WITHDRAW_EVERYWHERE,)
    return (Button.WITHDRAW, *everywhere, *begin, *renew, Button.STOP)


def _fault(scene: screen.Fault) -> tuple[Button, ...]:
    if scene.scene == AWAY:
        return ()
    return (Button.STOP,) if scene.code in ASK_SOMEBODY else (Button.PIN, Button.STOP)
