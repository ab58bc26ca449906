"""Owns how the notice's plain text becomes blocks: paragraphs, and headings.

The text itself is shown as it came in and will be recorded; nothing in it is markup. A heading is a single line that begins
with `# ` or ends in a colon, or a first line that is no sentence. A paragraph's short first sentence is its lead.
"""

from typing import Final, NamedTuple

LEAD_MOST: Final = 6
"""Words of a first sentence that still reads as the name of its paragraph, as in "How long. At most ..."."""


class Block(NamedTuple):
    """A heading or a paragraph; line breaks inside a paragraph are kept."""

    heading: bool
    text: str

    @property
    def lead(self) -> str:
        """The short first sentence of a paragraph that says more; else nothing."""
        first, stop, more = self.text.partition(". ")
        return first + stop if more and len(first.split()) <= LEAD_MOST else ""

    @property
    def rest(self) -> str:
        """What follows the lead."""
        return self.text.removeprefix(self.lead)


def blocks(text: str) -> list[Block]:
    """The notice in blocks, in order, nothing left out but the `# ` of headings."""
    found: list[Block] = []
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        bare = line.strip()
        heading = bare.startswith("# ") or (not lines and bare.endswith(":"))
        if lines and (heading or not bare):
            title = not found and len(lines) == 1 and lines[0][-1] not in ".!?"
            found.append(Block(heading=title, text="\n".join(lines)))
            lines = []
        if heading:
            found.append(Block(heading=True, text=bare.removeprefix("# ")))
        elif bare:
            lines.append(bare)
    return found
