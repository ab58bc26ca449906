"""What two custodians do together on any computer without a network: open a day, open evidence, hand over to others.

keys      three key pairs from one secret, and the secret as three word lists of which two are enough
export    what the console writes for them; the only part that knows the console
opening   from such a file and the keys to what was asked, and nothing else
cli       `byleave incident`
"""
