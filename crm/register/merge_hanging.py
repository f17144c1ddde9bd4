"""What hangs on two records, counted for the preview of a merge in two queries whatever the number of tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, literal, select, union_all

from crm.fieldwork.secrecy import not_secret
from crm.register.merge_rows import RENAMED, moving, name_of, uniques

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement
    from sqlalchemy.orm import Session

LABELS: Mapping[str, str] = {
    "contact": "联系人",
    "touch": "走访记录",
    "touch_contact": "参加的走访",
    "project": "项目",
    "follow_up": "待办",
    "site_inspection": "现场督查",
    "instruction": "批示",
    "blocker": "项目问题",
    "event_guest": "活动邀请",
    "agenda_item": "会议议题",
    "stream_comment": "评论",
    "stream_pin": "置顶",
    "meeting_decision": "会议议定事项",
    "list_entry": "榜单位次",
    "enterprise_alias": "名称和别名",
    "enterprise": "下属企业",
    "enterprise_relation": "企业关系",
    "profile_entry": "档案条目",
    "contact_post": "任职经历",
    "contact_knower": "相识的同事",
    "signal": "动态",
    "mention": "新闻提及",
}
OTHER = "其他记录"
BORN = ("created_at", "recorded_at")


@dataclass(frozen=True, slots=True)
class Hanging:
    """How many rows of a kind hang on either record; ``doubled`` of the loser's the winner has already."""

    table: str
    winner: int
    loser: int
    doubled: int

    @property
    def label(self) -> str:
        """Chinese name of these rows."""
        return LABELS.get(self.table, OTHER)

    @property
    def renamed(self) -> bool:
        """Whether doubled rows are kept under another name instead of being taken for the same."""
        return self.table in RENAMED


def label_of(table: str) -> str:
    """Chinese name of the rows of a table."""
    return LABELS.get(table, OTHER)


def tally(session: Session, kind: str, winner: int, loser: int) -> tuple[Hanging, ...]:
    """Count what hangs on both, in the order of the labels; what neither has is left out."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    both: list[Column[Any]] = []
    columns = moving(kind)
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for name, owner, number in session.execute(
        union_all(*(_counted(column, kind, winner, loser) for column in columns))
    ):
        found[name][owner] = number
    for column in columns:
        mine, its = (found[name_of(column)].get(one, 0) for one in (winner, loser))
        counts[column.table.name][0] += mine
        counts[column.table.name][1] += its
        if mine and its:
            both.append(column)
    doubles = [part for column in both for part in _doubles(column, winner, loser)]
    for table, number in session.execute(union_all(*doubles)) if doubles else ():
        counts[table][2] = max(counts[table][2], number)
    order = list(LABELS)
    shown = sorted(counts, key=lambda table: order.index(table) if table in LABELS else len(order))
    return tuple(Hanging(table, *counts[table]) for table in shown if any(counts[table]))


def added_since(session: Session, kind: str, owner: int, moment: datetime) -> dict[str, int]:
    """How many rows by table were added to a record after a moment, as far as the tables tell."""
    parts = []
    for column in moving(kind):
        born = next((column.table.c[name] for name in BORN if name in column.table.c), None)
        if born is not None:
            parts.append(select(literal(column.table.name), func.count()).where(column == owner, born > moment))
    found: defaultdict[str, int] = defaultdict(int)
    for name, number in session.execute(union_all(*parts)):
        found[name] += number
    return {name: number for name, number in found.items() if number}


def _counted(column: Column[Any], kind: str, winner: int, loser: int) -> Any:  # noqa: ANN401 (a Select of three columns)
    here: ColumnElement[bool] = column.in_([winner, loser])
    if column.table.name == kind:
        here = and_(here, column.table.c.id.not_in([winner, loser]))
    project = column.table.c.get("id" if column.table.name == "project" else "project_id")
    if project is not None:
        here = and_(here, not_secret(project))  # merged with the rest, but told to nobody
    return select(literal(name_of(column)), column, func.count()).where(here).group_by(column)


def _doubles(column: Column[Any], winner: int, loser: int) -> list[Any]:
    """Count rows of the loser which share the rest of a unique key with a row of the winner."""
    parts = []
    for others in uniques(column):
        mine, its = column.table.alias(), column.table.alias()
        same = [mine.c[other.name] == its.c[other.name] for other in others]
        pair = and_(mine.c[column.name] == winner, its.c[column.name] == loser, *same)
        parts.append(select(literal(column.table.name), func.count()).select_from(mine).join(its, pair))
    return parts
