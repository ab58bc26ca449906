"""Measures: the engines side by side, matching, erasing. Never imported by the rooms.

engines   frame to decision, embedding against the machine's own floor, matching
vaults    erasing among 500 templates
fleet     one console with a thousand doors
machine   which machine it was
"""
