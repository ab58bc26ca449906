"""Later steps of the vault's shape, one file a step; `schema` applies them in order.

policy   0005: what came from the console: spans, hours, guests, notices, requests
cells    0006: matters between doors, siblings, joining
days     0007: outbox-bound daily bundles, release and evidence keys
"""
