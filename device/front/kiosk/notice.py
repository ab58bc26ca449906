"""Owns how the notice's plain text becomes blocks: paragraphs, and headings.

The text itself is shown as it came in and will be recorded; nothing in it is markup. A heading is a single line that begins
with `# ` or ends in a colon.
"""

from typing import NamedTuple


class Block(NamedTuple):
    """A heading or a paragraph; line breaks inside a paragraph are kept."""

    heading: bool
    text: str


def blocks(text: str) -> list[Block]:
    """The notice in blocks, in order, nothing left out but the `# ` of headings."""
    found: list[Block] = []
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        bare = line.strip()
        heading = bare.startswith("# ") or (not lines and bare.endswith(":"))
        if lines and (heading or not bare):
            found.append(Block(heading=False, text="\n".join(lines)))
            lines = []
        if heading:
            found.append(Block(heading=True, text=bare.removeprefix("# ")))
        elif bare:
            lines.append(bare)
    return found
