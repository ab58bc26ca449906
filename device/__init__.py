"""One Byleave door: three small processes that talk through contract messages.

- contract/    all that may cross, standard library only
- eyes/        sees and forgets: camera, networks, QR codes; no vault, no disk, no network
- door/        decides: consent, vault, matching, badges, lock; no network
- lock/        the keeper: holds the lock open for a time and always closes it
- front/       speaks: the kiosk's pages on loopback, the log; no vault, no picture
- cli/         the `byleave` command; starts and supervises the processes
- evaluation/  benchmarks and error rates; never imported by the rooms
- config.py    the settings, read once
- beat.py      a room's line to its supervisor
- errors.py    every fault
"""
