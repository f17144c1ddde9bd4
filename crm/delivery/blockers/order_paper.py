"""The slip of a blocker (问题交办单) as a paper: number, matter, unit, person, deadline, progress, lamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.lamps import LAMP_LABELS
from crm.core.scheduling import local_day
from crm.delivery.blockers import queries, rules
from crm.word.blocks import Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.delivery.blockers.book import Book
    from crm.delivery.blockers.models import Blocker, BlockerStep

TITLE = "问题交办单"


def render(row: Blocker, book: Book, steps: Sequence[BlockerStep], today: date) -> bytes:
    """Return the slip as .docx, with what happened up to the day."""
    facts = (
        ("项目", queries.subject(row)),
        ("问题类别", book.name(row.category)),
        ("责任单位", row.unit.name),
        ("责任人", row.responsible.name),
        ("办理时限", date_text(row.due_on)),
        ("状态", f"{rules.STATE_LABELS[queries.state(row, today)]}　{LAMP_LABELS[queries.lamp(row, today)]}"),
    )
    told = tuple(Paragraph(text) for text in (row.title, row.detail or "") if text)
    sections = [
        Section("交办事项", (*told, Table("交办", ("项", "内容"), facts, (1, 4)))),
        Section("办理情况", (_history(steps),)),
    ]
    below = f"问题〔{row.raised_on.year}〕{row.id}号　{row.raiser.name}　{date_text(row.raised_on)}"
    return paper(Properties(TITLE, row.raiser.name, today), sections, below=below)


def _history(steps: Sequence[BlockerStep]) -> Table:
    rows = tuple(
        (
            date_text(local_day(step.at)),
            rules.STEP_LABELS[step.kind],
            step.body or "—",
            step.author.name if step.author else "系统",
        )
        for step in reversed(steps)
    )
    return Table("办理情况", ("日期", "事项", "内容", "办理人"), rows, (2, 2, 5, 2))
