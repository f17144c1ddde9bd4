"""Rows of an export of projects: the list as its address narrows and sorts it.

A confidential project stands under its code name unless asked for with a reason: a file leaves the house.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from crm.fieldwork.rules import DueState
from crm.pipeline import board
from crm.pipeline.cards import DUE_LABELS, Clock
from crm.pipeline.forms import filters_from, order_from
from crm.pipeline.models import Project
from crm.pipeline.rules import STAGE_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.board import Order
    from crm.pipeline.cards import CardRow, Filters
    from crm.register.export import Wish
    from crm.register.export_file import Book

STEP = 500
MOST_ROWS = 200_000
LONGEST = 100
HIDDEN = "（涉密）"
ASKED = (
    "q", "unit", "owner", "capital", "channel", "stage", "state", "due", "day", "expect", "light", "tier",
    "grade", "score", "fit", "intent", "trend", "own", "sort", "dir",
)  # fmt: skip
HEADS = (
    "项目", "企业", "阶段", "总投资（万元）", "评分", "等级", "匹配度", "意向", "评分30天变化",
    "机构", "负责人", "进入本阶段", "停留（天）", "下步", "下步期限",
)  # fmt: skip
WIDTHS = (34, 34, 14, 14, 8, 8, 10, 10, 14, 16, 12, 14, 12, 16, 14)


def kept(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keep what an address asks of the list, nothing else."""
    found = {name: value.strip()[:LONGEST] for name, value in pairs if name in ASKED}
    return {name: value for name, value in found.items() if value}


def read(state: Mapping[str, Any]) -> tuple[Filters, Order]:
    """Read a kept state as the list reads its address."""
    args = MultiDict({name: str(state[name]) for name in ASKED if name in state})
    return filters_from(args), order_from(args)


def fill(
    session: Session, actor: Actor, state: Mapping[str, Any], wish: Wish, book: Book
) -> tuple[int, list[tuple[int, int]]]:
    """Write the rows the list shows, in its order; return how many, and the confidential ones shown in full."""
    filters, order = read(state)
    clock = Clock(book.now, book.now.astimezone(book.zone).date(), book.zone)
    sheet = book.sheet("项目", HEADS, WIDTHS)
    total = max(1, min(MOST_ROWS, board.totals(session, actor, filters, clock)[0]))
    revealed: list[tuple[int, int]] = []
    rows, cursor = 0, None
    while rows < MOST_ROWS:
        page = board.listing(session, actor, filters, clock, order, cursor, size=STEP)
        secret = _code_names(session, page.rows)
        if wish.full:
            revealed += [(row.id, row.enterprise_id) for row in page.rows if row.id in secret]
            secret = {}
        for row in page.rows:
            sheet.add(_cells(row, clock, secret.get(row.id)))
        rows += len(page.rows)
        book.show(min(99, rows * 100 // total), f"{rows} / {total}")
        session.expunge_all()
        cursor = page.next
        if cursor is None:
            break
    return rows, revealed


def _code_names(session: Session, rows: Iterable[CardRow]) -> dict[int, str]:
    """Code names of the confidential among these."""
    ids = [row.id for row in rows]
    statement = select(Project.id, Project.code_name).where(Project.id.in_(ids), Project.confidential)
    return {key: name or "" for key, name in session.execute(statement)}


def _cells(row: CardRow, clock: Clock, code_name: str | None) -> list[str | float | None]:
    shown = row.own or row
    told: list[str | float | None] = [
        row.name,
        row.enterprise,
        STAGE_LABELS[row.stage],
        None if row.amount is None else float(row.amount),
        shown.points,
        shown.grade,
        row.fit,
        row.intent,
        row.trend,
    ]
    if code_name is not None:
        told = [code_name, HIDDEN, STAGE_LABELS[row.stage], *[None] * 6]
    return [
        *told,
        row.unit,
        row.owner,
        f"{row.since.astimezone(clock.zone):%Y-%m-%d}",
        row.in_stage,
        DUE_LABELS[DueState(row.due)],
        row.due_on.isoformat() if row.due_on else "",
    ]
