"""Decides: consent, templates, matching, badges, the lock. The only process that can open the vault or ask the lock.

attempt  enrol  forget   the three stories              entry     the one act of opening
consent                  the table of states            match     threshold, margin, nearest: pure
vault  seal  keys        templates, closed              limits    how failures slow a way in: pure
store  schema            the one database               visit/    one person's visit at the screen
people  badges           codes, badges, PINs            office    what the office may ask
journal  receipts        what is written down           lock      the door's end of the keeper
notice  deadlines        what was agreed, until when    loop  process   sockets, and how it is put together
search                   looking for what must be gone  ports  times    eyes, lock, clock; moments
"""
