"""What is ahead by group: open projects, their investment, weighted, by the month signing is expected in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, literal, select, type_coerce

from crm.core.types import Wan
from crm.enterprises.models import Enterprise
from crm.insight import keys
from crm.insight.buckets import BEYOND, LATER, MONTHS, SHOWN_MONTHS, SLIPPED, UNDATED, months
from crm.pipeline.models import Project
from crm.pipeline.outlook.queries import chance
from crm.pipeline.outlook.rules import CERTAIN, UNSIGNED
from crm.pipeline.queries import visible_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.insight.rules import Dimension
    from crm.pipeline.outlook.rules import Probabilities

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many projects, their investment and what it is worth weighted by probability (万元)."""

    count: int = 0
    amount: Decimal = ZERO
    weighted: Decimal = ZERO

    def __add__(self, other: Sum) -> Sum:
        """Return both together."""
        return Sum(self.count + other.count, self.amount + other.amount, self.weighted + other.weighted)


@dataclass(frozen=True, slots=True)
class Outlooks:
    """A group: its sums by part of the calendar."""

    key: str
    label: str
    parts: Mapping[str, Sum]

    @property
    def whole(self) -> Sum:
        """All of the group."""
        return sum(self.parts.values(), Sum())


def open_to(actor: Actor) -> list[ColumnElement[bool]]:
    """Conditions: on the road to signing, the person's to see, and in figures at all."""
    on_the_road = (Project.exit_kind.is_(None), Project.stage.in_(UNSIGNED), Project.confidential.is_(False))
    return [visible_to(actor), *on_the_road]


def weight(chances: Probabilities) -> Any:  # noqa: ANN401 (a column)
    """Sum the investment weighted by probability, a hundredfold."""
    return type_coerce(func.sum(keys.INVESTMENT * chance(chances)), Wan)


def part_of(today: date) -> Any:  # noqa: ANN401 (a column)
    """Return the part of the calendar a project stands in."""
    on = Project.expected_sign_on
    marks: list[Any] = [(on.is_(None), literal(UNDATED)), (on < today, literal(SLIPPED))]
    marks += [(on <= span.last, literal(span.key)) for span in months(today)]
    return case(*marks, else_=literal(BEYOND))


def in_part(part: str, today: date) -> ColumnElement[bool] | None:
    """Condition: the project stands in a part as the table shows it; None for one there is not."""
    on = Project.expected_sign_on
    coming = {span.key: span for span in months(today, MONTHS)}
    if part in coming:
        span = coming[part]
        return (on >= max(today, span.first or today)) & (on <= span.last)
    near, far = months(today, SHOWN_MONTHS)[-1].last, months(today, MONTHS)[-1].last
    whole = {"": Project.id.is_not(None), UNDATED: on.is_(None), SLIPPED: on < today}
    return {**whole, LATER: on > near, BEYOND: on > far}.get(part)


def outlooks(
    session: Session,
    actor: Actor,
    by: tuple[Dimension, Sequence[Decimal]],
    chances: Probabilities,
    today: date,
) -> list[Outlooks]:
    """Open projects by group and part of the calendar, the weightiest group first, in one query."""
    key, part = keys.column(*by), part_of(today)
    statement = (
        select(key.label("key"), part.label("part"), func.count(), func.sum(keys.INVESTMENT), weight(chances))
        .select_from(Project)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .where(*open_to(actor))
        .group_by(key, part)
    )
    found: dict[str, dict[str, Sum]] = defaultdict(dict)
    for value, where, count, amount, weighted in session.execute(statement):
        found["" if value is None else str(value)][where] = Sum(int(count), Decimal(amount), weighted / CERTAIN)
    names = keys.names(session, by[0], list(found), by[1])
    rows = [Outlooks(one, names.get(one, one or "未填"), parts) for one, parts in found.items()]
    return sorted(rows, key=lambda row: (-row.whole.weighted, -row.whole.count, row.label))
