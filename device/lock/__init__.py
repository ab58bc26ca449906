"""The lock's keeper: a process of its own that opens for a time and always closes again.

    bolt       the port: what can be moved, and what it says of itself
    simulated  a bolt with travel time; refuses to exist unless the settings say simulated
    relay      a bolt behind a GPIO relay (gpiozero)
    keeper     the loop: who may ask, the timer, the moves

It outlives the door: whatever is killed, the timer here runs out and the bolt closes. It knows no person and no network.
"""
