"""The console: what the office manager and the privacy officer use. It cannot know who uses a face, or when anybody came.

    actions     every act: its name, who may do it, its sentence      acting      the one way to do one, with its audit row
    schema      the tables; no column could hold a choice             store       the one connection
    app         which views are open, to whom                         views/      the pages, by matter
    link/       the doors' end: inbox, policy, relay, pairing         incident/   `byleave incident`, offline
    people, groups, visitors, doors, hours, holidays, notices, incidents, settings, custodians: the matters of an office
    accounts, sessions, passkeys, passwords, throttle, approvals: who is let in, and what takes two
    retention, backup, beside: what goes, what is kept safe, what a restored backup does not turn back

Of the device it imports `contract.console`, `contract.sealed`, `contract.words` and `errors`, and nothing else.
"""
