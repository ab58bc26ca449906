"""One person's visit at the screen: which scene is shown, and where each press leads.

visit      the state of a visit: scene, deadline, camera window
opening    badge, PIN and face, as ways in
choosing   invitation, choice, notice, looks, receipt
personal   what this door knows about me, withdrawal, and the notice page
pairing    digits to compare with the console, digits of a new door
tidings    what the screen is told by the office, the other doors and a pairing
table      every press of every scene, and where it leads
"""
