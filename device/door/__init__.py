"""Decides: consent, templates, matching, badges, the lock. The only process that can open the vault or ask the lock.

attempt  enrol  forget   the three stories              entry     the one act of opening
consent                  the table of states            match     threshold, margin, nearest: pure
vault  seal  keys        templates, closed              limits    how failures slow a way in: pure
store  schema  shape/    the one database               visit/    one person's visit at the screen
people  badges           codes, badges, PINs            office    what the office may ask beside the door
journal  receipts        what is written down           lock      the door's end of the keeper
notice  deadlines        what was agreed, until when    loop  process   sockets, and how it is put together
search                   looking for what must be gone  ports  clock  times    eyes, lock, clocks; moments

linked  console          the link, and what is known of whoever is behind it    pairing   how they came to know each other
policy  commands         what a signed word of the console does                 told      what the screen tells of it
outbox  reports          what the console is told, and when
admission  hours  guests when who may enter             custodians  days  evidence  incidents    what only two can open
cells  matters  book     what doors tell one another    group  heard  joining  newcomer    which doors, and a new one
"""
