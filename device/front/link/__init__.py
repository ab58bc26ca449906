"""Carries what door and console say to each other, by HTTPS that this side dials; it understands almost none of it.

    process    the one loop: beats, looks for a ticket, keeps a carrier or an introduction going
    memory     what is kept: the link's own key, where the console is, the number of the last request
    console    HTTPS with a pinned certificate and signed requests
    doorline   the connection to the door
    carrier    the two lanes between them: up and down
    tray       what waits to go up
    patience   how long between two tries
    pairing    a ticket becomes a pairing

No vault, no key of the door, no policy key: it cannot make up a word of either side. Of everything it carries it logs codes only.
"""
