"""All that may cross between the processes of a door, and out of it; standard library only.

    words    the grammar: what a field may be, and the strict codec
    wire     Unix sockets that speak one vocabulary each
    sight    eyes ⇄ door
    screen   door ⇄ front
    bolt     door ⇄ the lock's keeper
    console  office ⇄ door

`docs/what-crosses.md` is generated from these files.
"""
