"""A paper as a page: its sections with their numbers, for the template. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.papers.own import written as sentences
from crm.word.numbering import level_one, numbered_lines

if TYPE_CHECKING:
    from crm.papers.writing import Paper
    from crm.word.numbering import Line


def sections(paper: Paper) -> list[tuple[str, str, list[tuple[str, str, Line]]]]:
    """Return each section: its number, its heading, its lines with label and kind."""
    return [
        (
            level_one(number),
            section.heading,
            [(label, type(line).__name__, line) for label, line in numbered_lines(section)],
        )
        for number, section in enumerate(paper.sections, start=1)
    ]


def written(program: Paper, shown: Paper) -> dict[str, tuple[str, str]]:
    """Sentences that may be put otherwise, by heading: the program's, and those that stand now."""
    now = sentences(shown)
    return {heading: (text, now[heading]) for heading, text in sentences(program).items()}
