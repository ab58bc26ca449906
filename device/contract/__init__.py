"""All that may cross between the processes of a door, and out of it; standard library only.

    words    the grammar: what a field may be, and the strict codec
    wire     Unix sockets that speak one vocabulary each
    sight    eyes ⇄ door
    screen   door ⇄ front
    bolt     door ⇄ the lock's keeper
    office   the command line beside the door ⇄ door
    console  door ⇄ console, carried by the link
    sealed   the form of sealed days and evidence: door ⇄ the custodians' offline tool

`docs/what-crosses.md` is generated from these files.
"""
