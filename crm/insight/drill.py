"""The rows behind a figure of the management views: the same conditions, so the same total."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, type_coerce

from crm.assessment.facts import furthest
from crm.auth.models import OrgUnit, User
from crm.core.paging import Key, Page, fetch_page
from crm.core.types import UtcDateTime, Wan
from crm.enterprises.models import Enterprise
from crm.insight import ahead, idle, keys, queries
from crm.insight.buckets import AGE_LABELS, is_month
from crm.insight.rules import Dimension
from crm.pipeline.models import Project
from crm.pipeline.outlook.queries import chance
from crm.pipeline.outlook.rules import CERTAIN
from crm.pipeline.rules import ORDER, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.assessment.window import Window
    from crm.auth.rules import Actor
    from crm.pipeline.outlook.rules import Probabilities

LEFT, HERE = "left", "here"
AGED = tuple(str(at) for at in range(len(AGE_LABELS)))


class Of(StrEnum):
    """Which view a figure stands in."""

    GROUPS = "groups"
    AHEAD = "forecast"
    STALLED = "stalled"
    COHORTS = "cohorts"
    STAYS = "stays"


GROUPED = (Of.GROUPS, Of.AHEAD, Of.STALLED)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A figure: its view, the dimension and the group (None is all groups), the column it stands in.

    Of first talks ``key`` is a month, of stays a stage, and the group stands in ``group``.
    """

    of: Of
    by: Dimension = Dimension.UNIT
    key: str | None = None
    part: str = ""
    group: str | None = None

    @property
    def one_group(self) -> str | None:
        """The group whose rows are meant; None is all of them."""
        return self.key if self.of in GROUPED else self.group


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who asks about which days: the actor, the window of facts, the office's bands and probabilities."""

    actor: Actor
    window: Window
    today: date
    edges: Sequence[Decimal]
    chances: Probabilities


@dataclass(frozen=True, slots=True)
class Whole:
    """The totals of the rows: how many, their investment and what it is worth weighted (万元)."""

    count: int
    amount: Decimal
    weighted: Decimal


def _stage(part: str) -> int | None:
    return ORDER.index(Stage(part)) if part in set(Stage) else None


def _reached(_session: Session, chosen: Chosen, eyes: Eyes) -> Any:  # noqa: ANN401 (a subquery)
    far, at = furthest(eyes.window), _stage(chosen.part)
    if at is None:
        return None
    found = select(far.c.project_id.label("id"), Project.created_at.label("at"), Project.created_at.label("until"))
    return found.join(Project, Project.id == far.c.project_id).where(far.c.place >= at).subquery()


def _talked(session: Session, chosen: Chosen, eyes: Eyes) -> Any:  # noqa: ANN401 (a subquery)
    talks, at = queries.talks_of(eyes.window), _stage(chosen.part)
    if at is None or (chosen.key is not None and not is_month(chosen.key)):
        return None
    found = select(talks.c.project_id.label("id"), talks.c.first.label("at"), talks.c.first.label("until"))
    found = found.where(talks.c.far >= at)
    if chosen.key is not None:
        found = found.where(queries.month_of(session, talks.c.first) == chosen.key)
    return found.subquery()


def _stayed(_session: Session, chosen: Chosen, eyes: Eyes) -> Any:  # noqa: ANN401 (a subquery)
    entries = queries.entries_of(eyes.window)
    if chosen.part not in {LEFT, HERE} or (chosen.key is not None and chosen.key not in set(Stage)):
        return None
    until = entries.c.left_at if chosen.part == LEFT else literal(eyes.window.cutoff, UtcDateTime())
    when = queries.inside(eyes.window, entries.c.left_at) if chosen.part == LEFT else entries.c.left_at.is_(None)
    found = select(entries.c.project_id.label("id"), entries.c.at, type_coerce(until, UtcDateTime()).label("until"))
    stage = entries.c.stage.in_(queries.STAYS) if chosen.key is None else entries.c.stage == chosen.key
    return found.where(stage, when).subquery()


def _coming(_session: Session, chosen: Chosen, eyes: Eyes) -> Any:  # noqa: ANN401 (a subquery)
    part = ahead.in_part(chosen.part, eyes.today)
    if part is None:
        return None
    found = select(Project.id, Project.stage_since.label("at"), Project.stage_since.label("until"))
    return found.where(*ahead.open_to(eyes.actor), part).subquery()


def _standing(session: Session, chosen: Chosen, eyes: Eyes) -> Any:  # noqa: ANN401 (a subquery)
    if chosen.part and chosen.part not in AGED:
        return None
    still = idle.standing_still(session, eyes.actor, eyes.today)
    found = select(still.c.id, still.c.last.label("at"), still.c.last.label("until"))
    return found.where(idle.aged(still.c.last, chosen.part, eyes.today)).subquery()


ROWS = {Of.GROUPS: _reached, Of.COHORTS: _talked, Of.STAYS: _stayed, Of.AHEAD: _coming, Of.STALLED: _standing}


def _narrowed(session: Session, chosen: Chosen, eyes: Eyes, *columns: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Select columns of the projects of a figure; None for a figure there is not."""
    facts = ROWS[chosen.of](session, chosen, eyes)
    if facts is None:
        return None, None
    statement = select(*columns).select_from(Project).join(facts, facts.c.id == Project.id)
    statement = statement.join(Enterprise, Enterprise.id == Project.enterprise_id)
    if chosen.one_group is not None:
        group = keys.condition(chosen.by, eyes.edges, chosen.one_group)
        if group is None:
            return None, None
        statement = statement.where(group)
    return statement, facts


def whole(session: Session, chosen: Chosen, eyes: Eyes) -> Whole | None:
    """Count and sum the rows of a figure; None for a figure there is not."""
    weighted = func.coalesce(ahead.weight(eyes.chances), literal(0, Wan()))
    columns = (func.count(), func.coalesce(func.sum(keys.INVESTMENT), literal(0, Wan())), weighted)
    statement, _facts = _narrowed(session, chosen, eyes, *columns)
    if statement is None:
        return None
    count, amount, raw = session.execute(statement).one()
    return Whole(int(count), amount, raw / CERTAIN)


def page(session: Session, chosen: Chosen, eyes: Eyes, cursor: str | None) -> Page[Any]:
    """Return a page of the rows of a figure, the one waiting longest first; only for one :func:`whole` knows."""
    statement, facts = _narrowed(
        session,
        chosen,
        eyes,
        Project.id,
        Project.name,
        Project.enterprise_id,
        Project.stage,
        Project.total_investment.label("amount"),
        Project.expected_sign_on.label("expected_on"),
        chance(eyes.chances).label("chance"),
        Enterprise.name.label("enterprise"),
        OrgUnit.name.label("unit"),
        User.name.label("owner"),
    )
    statement = statement.join(OrgUnit, OrgUnit.id == Project.unit_id).outerjoin(User, User.id == Project.owner_id)
    statement = statement.add_columns(facts.c.at, facts.c.until)
    order = [Key(facts.c.at), Key(Project.id)]
    return fetch_page(session, statement, order, lambda row: (row.at, row.id), cursor=cursor)
