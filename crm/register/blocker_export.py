"""Rows of an export of blockers: the list as its address narrows it.

A confidential project stands under its code name, and what is in its way is not written: a file leaves the house.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.lamps import LAMP_LABELS
from crm.delivery.blockers import queries
from crm.delivery.blockers.forms import asked, filters_from
from crm.delivery.blockers.rules import SOURCE_LABELS, STATE_LABELS, WAY_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.blockers.book import Book as Rules
    from crm.delivery.blockers.models import Blocker
    from crm.delivery.blockers.queries import Filters
    from crm.register.export_file import Book

STEP = 500
MOST_ROWS = 100_000
HIDDEN = "（涉密）"
HEADS = (
    "编号", "项目", "问题", "情况", "类别", "责任单位", "责任人", "登记日期", "最初时限", "现在时限", "亮灯", "状态",
    "从哪里来", "登记人", "企业确认人", "确认日期", "确认方式",
)  # fmt: skip
WIDTHS = (18, 30, 36, 40, 14, 20, 12, 12, 12, 12, 8, 20, 12, 12, 16, 12, 14)


def kept(pairs: Mapping[str, str]) -> dict[str, str]:
    """Keep what an address asks of the list, nothing else."""
    return asked(filters_from(pairs))


def read(state: Mapping[str, Any]) -> Filters:
    """Read a kept state as the list reads its address."""
    return filters_from({name: str(value) for name, value in state.items()})


def fill(session: Session, actor: Actor, state: Mapping[str, Any], book: Book) -> int:
    """Write the rows the list shows, in its order; return how many."""
    wanted, today = read(state), book.now.astimezone(book.zone).date()
    rules = queries.rules_of(session)
    sheet = book.sheet("问题台账", HEADS, WIDTHS)
    total = max(1, min(MOST_ROWS, queries.total(session, actor, wanted, today)))
    rows, cursor = 0, None
    while rows < MOST_ROWS:
        page = queries.page(session, actor, wanted, today, cursor=cursor, size=STEP)
        for row in page.rows:
            sheet.add(_cells(row, rules, today))
        rows += len(page.rows)
        book.show(min(99, rows * 100 // total), f"{rows} / {total}")
        session.expunge_all()
        cursor = page.next
        if cursor is None:
            break
    return rows


def _cells(row: Blocker, rules: Rules, today: date) -> list[str | float | None]:
    secret = row.project is not None and row.project.confidential
    subject = (row.project.code_name or "") if row.project is not None and secret else queries.subject(row)
    return [
        queries.number(row),
        subject,
        HIDDEN if secret else row.title,
        None if secret else row.detail,
        rules.name(row.category),
        row.unit.name,
        row.responsible.name,
        row.raised_on.isoformat(),
        row.first_due_on.isoformat(),
        row.due_on.isoformat(),
        LAMP_LABELS[queries.lamp(row, today)],
        STATE_LABELS[queries.state(row, today)],
        SOURCE_LABELS[row.source],
        row.raiser.name,
        None if secret else row.confirmed_by,
        row.confirmed_on.isoformat() if row.confirmed_on else None,
        WAY_LABELS[row.confirmed_way] if row.confirmed_way else None,
    ]
