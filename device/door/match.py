"""Owns the decision whether a probe is one of the templates: pure, one threshold and one margin for everybody (ACC-05).

What never happens here: a clock, a disk, randomness, a person's name, an adapted template (ACC-14).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

THRESHOLD: Final = 0.351
"""
Largest L2 distance between probe and template that opens, alone or with the badge.
Source: FMR 1e-5 at template = mean of 5 looks, probe = mean of 3 frames (docs/accuracy.md, table "5, 3"); the risk budget
replaces it by one that follows the number enrolled.
"""
MARGIN: Final = 0.05
"""
The second-nearest person must be at least this much farther away, else nobody is meant (ACC-12).
Source: re-photographs of one portrait move a mean distance by less than this; two different people's templates lie
0.5 to 0.9 apart.
"""


@dataclass(frozen=True, slots=True)
class Match:
    """The template of this row is meant."""

    row: int


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Nobody at this door, or more than one."""


def nearest(probe: NDArray[np.float32], templates: NDArray[np.float32]) -> Match | NoMatch:
    """
    The one template that the probe means.

    Shapes: probe (128,) float32, templates (N, 128) float32, one row a person.
    """
    if not len(templates) or not np.isfinite(probe).all():
        return NoMatch()
    difference = templates - probe
    squared = np.einsum("ij,ij->i", difference, difference)
    row = int(squared.argmin())
    best = float(np.sqrt(squared[row]))
    if not best <= THRESHOLD:
        return NoMatch()
    if len(squared) > 1:
        second = float(np.sqrt(np.partition(squared, 1)[1]))
        if second - best < MARGIN:
            return NoMatch()
    return Match(row)


def agree(looks: NDArray[np.float32]) -> bool:
    """
    Whether these embeddings are of one person: each within the threshold of their mean.

    Shapes: (n, 128) float32, n of at least 1.
    """
    distances = np.linalg.norm(looks - looks.mean(axis=0), axis=1)
    return bool((distances <= THRESHOLD).all())
