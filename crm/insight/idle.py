"""What stands still by group: open projects without progress for longer than their stage allows, by age."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, or_, select, true, type_coerce

from crm.core.scheduling import SHANGHAI
from crm.core.types import UtcDateTime
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import Touch
from crm.insight import keys
from crm.insight.ahead import open_to
from crm.insight.buckets import AGE_LABELS, AGES
from crm.pipeline.models import Project, ProjectNote
from crm.pipeline.rules import IDLE_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.insight.rules import Dimension

ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A group: open projects, and those that stand still by age, with their planned investment (万元)."""

    key: str
    label: str
    open: int
    ages: tuple[int, ...]
    amount: Decimal
    told: int  # those that stand still with a planned investment

    @property
    def stalled(self) -> int:
        """Projects that stand still."""
        return sum(self.ages)


def _before(today: date, days: int) -> Any:  # noqa: ANN401 (a literal)
    """Return the instant before which something is more than so many days of the calendar ago."""
    return literal(
        datetime.combine(today - timedelta(days=days), time(), tzinfo=SHANGHAI).astimezone(UTC), UtcDateTime()
    )


def last_deed(session: Session) -> Any:  # noqa: ANN401 (a column)
    """When a person last moved the project, met its investor or noted something."""
    touched = select(func.max(Touch.occurred_at)).where(Touch.project_id == Project.id, Touch.voided_at.is_(None))
    noted = select(func.max(ProjectNote.at)).where(ProjectNote.project_id == Project.id)
    newest = func.greatest if session.get_bind().dialect.name == "postgresql" else func.max
    since = Project.stage_since
    parts = [func.coalesce(one.correlate(Project).scalar_subquery(), since) for one in (touched, noted)]
    return type_coerce(newest(since, *parts), UtcDateTime())


def standing_still(session: Session, actor: Actor, today: date) -> Any:  # noqa: ANN401 (a subquery)
    """Projects that stand still: their id and since when nothing has happened."""
    late = or_(
        *(and_(Project.stage == stage, Project.stage_since < _before(today, days)) for stage, days in IDLE_DAYS.items())
    )
    last = last_deed(session)
    found = select(Project.id, Project.stage, last.label("last")).where(*open_to(actor), late).subquery()
    still = or_(
        *(and_(found.c.stage == stage, found.c.last < _before(today, days)) for stage, days in IDLE_DAYS.items())
    )
    return select(found.c.id, found.c.last).where(still).subquery()


def aged(last: Any, part: str, today: date) -> ColumnElement[bool]:  # noqa: ANN401 (a column)
    """Condition: of one age, a place among the labels as text; any without a part."""
    if not part:
        return true()
    at = int(part)
    upper = [last < _before(today, AGES[at - 1] - 1)] if at else []
    lower = [last >= _before(today, AGES[at] - 1)] if at < len(AGES) else []
    return and_(*upper, *lower)


def standings(session: Session, actor: Actor, by: tuple[Dimension, Sequence[Decimal]], today: date) -> list[Standing]:
    """Open projects by group and those that stand still by age, the stillest group first, in two queries."""
    key = keys.column(*by)
    base = select(key.label("key"), func.count()).select_from(Project)
    base = base.join(Enterprise, Enterprise.id == Project.enterprise_id)
    opened = {_text(value): count for value, count in session.execute(base.where(*open_to(actor)).group_by(key))}
    still = standing_still(session, actor, today)
    marks = [(still.c.last >= _before(today, edge - 1), literal(at)) for at, edge in enumerate(AGES)]
    age = case(*marks, else_=literal(len(AGES)))
    sums = (func.sum(keys.INVESTMENT), func.count(Project.total_investment))
    statement = base.add_columns(age.label("age"), *sums).join(still, still.c.id == Project.id)
    ages: dict[str, list[int]] = defaultdict(lambda: [0] * len(AGE_LABELS))
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    told: dict[str, int] = defaultdict(int)
    for value, count, at, amount, known in session.execute(statement.group_by(key, age)):
        ages[_text(value)][int(at)] += count
        amounts[_text(value)] += Decimal(amount)
        told[_text(value)] += known
    names = keys.names(session, by[0], list(opened), by[1])
    rows = [
        Standing(one, names.get(one, one or "未填"), count, tuple(ages[one]), amounts[one], told[one])
        for one, count in opened.items()
    ]
    return sorted(rows, key=lambda row: (-row.stalled, -row.open, row.label))


def _text(value: object) -> str:
    return "" if value is None else str(value)
