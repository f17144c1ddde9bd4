"""Sentences of a paper in the office's own words: they stand in for the program's, also when it is made anew. Pure.

Beside a section's words is kept who wrote them and over which sentences of the program: of those only a digest, since
they may name what is confidential by then.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crm.papers.writing import NOTE
from crm.word.blocks import Paragraph, Point, SubHeading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.papers.writing import Paper
    from crm.word.blocks import Block, Section


def words(section: Section) -> str:
    """The sentences of a section that a person may put otherwise, one to a line: those before its first part."""
    return "\n".join(block.text for block in _lead(section.blocks) if isinstance(block, Paragraph | Point))


def written(paper: Paper) -> dict[str, str]:
    """The sentences that may be put otherwise, by heading: all but the note on how it was counted."""
    return {one.heading: words(one) for one in paper.sections if one.heading != NOTE}


def signed(before: Mapping[str, Any], user_id: int, program: str) -> dict[str, Any]:
    """What is kept beside words that stand for the program's: all who wrote them, and over what."""
    return {"by": sorted({*before.get("by", ()), user_id}), "over": _digest(program)}


def writers(content: Mapping[str, Any]) -> set[int]:
    """Ids of those who wrote words that stand in a paper."""
    return {user_id for one in content.get("signed", {}).values() for user_id in one["by"]}


def moved(content: Mapping[str, Any], program: Mapping[str, str]) -> list[str]:
    """Headings whose words were written over other sentences than the program writes now."""
    kept = content.get("signed", {})
    return [key for key in content.get("own", {}) if kept.get(key, {}).get("over") != _digest(program.get(key, ""))]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
