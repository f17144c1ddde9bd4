"""Sentences of a paper in the office's own words: they stand in for the program's, also when it is made anew. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crm.word.blocks import Paragraph, Point, SubHeading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.papers.writing import Paper
    from crm.word.blocks import Block, Section


def words(section: Section) -> str:
    """The sentences of a section that a person may put otherwise, one to a line: those before its first part."""
    return "\n".join(block.text for block in _lead(section.blocks) if isinstance(block, Paragraph | Point))


def with_own(paper: Paper, own: Mapping[str, str]) -> Paper:
    """Put a person's words in place, by heading; tables and parts of a section stay as they are counted."""
    if not own:
        return paper
    sections = (_put(one, own[one.heading]) if own.get(one.heading) else one for one in paper.sections)
    return replace(paper, sections=tuple(sections))


def _put(section: Section, text: str) -> Section:
    lead = _lead(section.blocks)
    numbered = any(isinstance(block, Point) for block in lead)
    told = (Point(line) if numbered else Paragraph(line) for line in text.split("\n") if line.strip())
    tables = (block for block in lead if not isinstance(block, Paragraph | Point))
    return replace(section, blocks=(*told, *tables, *section.blocks[len(lead) :]))


def _lead(blocks: Sequence[Block]) -> Sequence[Block]:
    first = next((at for at, block in enumerate(blocks) if isinstance(block, SubHeading)), len(blocks))
    return blocks[:first]
