"""Speaks: the kiosk's pages on loopback, the log; and, in a process of its own, the link to the console. It decides nothing
and holds nothing but the newest scene.

    process    puts the parts together and runs until told to end
    stage      the newest scene, disc and camera state, and waiting for the next
    doorline   the connection to the door: scenes come in, presses go out
    address    the loopback address, the start-up secret and the file that tells both
    log        the one logger: codes and counts
    kiosk/     the pages
    link/      the process that dials the console

No vault, no picture, no embedding: there is no word for them on this side of the wall.
"""
