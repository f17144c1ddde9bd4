"""The list of enterprises: a page at a time, in any order, at the same cost on page 1 and page 1,000.

First the ids of the page by narrow columns, then what its rows show: one query for each kind of fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BigInteger, bindparam, func, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import load_only

from crm.core import searchindex
from crm.core.paging import PAGE_SIZE, Key, Page, fetch_page
from crm.core.types import UtcDateTime
from crm.enterprises import queries as enterprises
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project
from crm.register import conditions
from crm.scoring import asking, narrowing
from crm.scoring import queries as scoring
from crm.scoring.badge import Own, beyond, own_of, trend
from crm.scoring.models import EnterpriseScore, ScoreOverride

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, CompoundSelect, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from crm.auth.rules import Actor
    from crm.register.list_state import State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_COUNTED = 10_000
MOST_VALUES = 60
NOTHING = null()
TEXTS = {"industry": Enterprise.industry, "region": Enterprise.region, "source_kind": Enterprise.source_kind}
SHOWN_OF_SCORE = ("points", "grade", "fit", "intent", "points_30d", "z", "model_id")
SUMS = {"capital": Enterprise.registered_capital, "revenue": Enterprise.revenue}


@dataclass(frozen=True, slots=True)
class Line:
    """One enterprise in the list; ``contacts`` and ``projects`` are None unless their columns are shown."""

    enterprise: Enterprise
    points: int | None
    grade: str | None
    last_touch: datetime | None
    places: tuple[enterprises.Place, ...]
    fit: int | None = None
    intent: int | None = None
    trend: int | None = None
    own: Own | None = None
    beyond: int | None = None
    contacts: int | None = None
    projects: int | None = None


def matching(session: Session, actor: Actor, state: State, now: datetime) -> Select[Any]:
    """Select the ids of the enterprises a state lets through."""
    statement = select(Enterprise.id).where(enterprises.live(), *conditions.within(state.groups, actor, now))
    ids = searchindex.matching(session, ENTERPRISE, state.q) if state.q else None
    return statement if ids is None else statement.where(Enterprise.id.in_(ids))


def count(session: Session, actor: Actor, state: State, *, now: datetime, most: int = MOST_COUNTED) -> int:
    """How many enterprises a state lets through; ``most + 1`` stands for more than ``most``."""
    bounded = matching(session, actor, state, now).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def page(
    session: Session, actor: Actor, state: State, *, cursor: str | None, now: datetime, size: int = PAGE_SIZE
) -> tuple[Page[Any], list[Line]]:
    """Return a page of ids with their lines."""
    statement, leads = _ordered(matching(session, actor, state, now), actor, state, now)
    order = [*(Key(lead, state.descending) for lead in leads), *_names(state)]
    columns = [Enterprise.id, *(key.column for key in order)]
    found = fetch_page(
        session, statement.with_only_columns(*columns), order, lambda row: row[1:], cursor=cursor, size=size
    )
    return found, lines(session, actor, [row[0] for row in found.rows], state.columns, now)


def lines(session: Session, actor: Actor, ids: Sequence[int], columns: Sequence[str], now: datetime) -> list[Line]:
    """What the rows of some enterprises show, in the given order."""
    if not ids:
        return []
    statement = _rows().add_columns(
        _last_touch(actor).label("last_touch"),
        (_people(actor) if "contacts" in columns else NOTHING).label("contacts"),
        (_deals(actor) if "projects" in columns else NOTHING).label("projects"),
    )
    rows = {row[0].id: row for row in session.execute(statement, {"ids": ids, "now": now})}
    places = enterprises.places(session, ids) if "lists" in columns else {}
    raw = beyond(session, [row[1] for row in rows.values() if row[1]])
    return [_line(row, places.get(one, ()), raw.get(one)) for one in ids if (row := rows.get(one)) is not None]


def _line(row: Any, places: tuple[enterprises.Place, ...], raw: int | None) -> Line:  # noqa: ANN401 (a row of named columns)
    score, override = row[1], row[2]
    return Line(
        enterprise=row[0],
        points=score.points if score else None,
        grade=score.grade if score else None,
        last_touch=row.last_touch,
        places=places,
        fit=score.fit if score else None,
        intent=score.intent if score else None,
        trend=trend(score) if score else None,
        own=own_of(override) if score and override else None,
        beyond=raw,
        contacts=row.contacts,
        projects=row.projects,
    )


@cache
def _rows() -> Select[*tuple[Any, ...]]:
    score = EnterpriseScore.enterprise_id == Enterprise.id
    instead = (ScoreOverride.enterprise_id == Enterprise.id) & scoring.in_force(
        cast("Any", bindparam("now", type_=UtcDateTime()))
    )
    shown = select(Enterprise, EnterpriseScore, ScoreOverride)
    shown = shown.outerjoin(EnterpriseScore, score).outerjoin(ScoreOverride, instead)
    shown = shown.options(load_only(*(getattr(EnterpriseScore, name) for name in SHOWN_OF_SCORE)))
    return shown.where(Enterprise.id.in_(bindparam("ids", expanding=True)))


def values(
    session: Session, columns: Sequence[InstrumentedAttribute[str | None]], most: int = MOST_VALUES
) -> list[list[str]]:
    """Values in use of some indexed columns, each in order.

    Found by leaping from one value to the next in the index: the register is never scanned.
    """
    sorted_out: list[list[str]] = [[] for _ in columns]
    for index, value in session.execute(_leaps(tuple(columns), most)):
        sorted_out[index].append(str(value))
    return sorted_out


@cache
def _leaps(columns: tuple[InstrumentedAttribute[str | None], ...], most: int) -> CompoundSelect[Any]:
    leaps = []
    for index, column in enumerate(columns):
        first = select(func.min(column).label("value")).where(column != "").cte(f"leap_{index}", recursive=True)
        following = select(func.min(column)).where(column > first.c.value).scalar_subquery()
        leap = first.union_all(select(following).where(first.c.value.is_not(None)))
        found = select(leap.c.value).where(leap.c.value.is_not(None)).limit(most).subquery()
        leaps.append(select(literal(index), found.c.value))
    return union_all(*leaps)


def _names(state: State) -> list[Key]:
    falling = state.descending and state.sort == "name"
    return [Key(Enterprise.sort_key, falling), Key(Enterprise.id, falling)]


def _ordered(
    statement: Select[Any], actor: Actor, state: State, now: datetime
) -> tuple[Select[Any], tuple[ColumnElement[Any], ...]]:
    """Join what the order needs; a blank value comes as the smallest."""
    if state.sort in asking.SORTS:
        joined = statement.outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Enterprise.id)
        if state.sort == "score":
            instead = (ScoreOverride.enterprise_id == Enterprise.id) & scoring.in_force(now)
            joined = joined.outerjoin(ScoreOverride, instead)
        return joined, narrowing.sorted_by(state.sort, now)
    if state.sort == "touch" and not conditions.sees_all_touches(actor):
        last = _latest(actor).subquery()
        joined = statement.outerjoin(last, last.c.enterprise_id == Enterprise.id)
        return joined, (func.coalesce(last.c.at, literal(EPOCH, UtcDateTime())),)
    own: dict[str, ColumnElement[Any]] = {
        **{key: func.coalesce(column, "") for key, column in TEXTS.items()},
        **{key: func.coalesce(type_coerce(column, BigInteger), -1) for key, column in SUMS.items()},
        "updated": func.coalesce(Enterprise.updated_at, literal(EPOCH, UtcDateTime())),
        "touch": func.coalesce(Enterprise.last_touch_at, literal(EPOCH, UtcDateTime())),
    }
    return statement, (own[state.sort],) if state.sort in own else ()


def _latest(actor: Actor) -> Select[Any]:
    statement: Any = (
        select(Touch.enterprise_id, func.max(Touch.occurred_at).label("at"))
        .where(fieldwork.visible_to(actor), fieldwork.counted())
        .group_by(Touch.enterprise_id)
    )
    return cast("Select[Any]", statement)


def _last_touch(actor: Actor) -> ColumnElement[Any]:
    if conditions.sees_all_touches(actor):
        return type_coerce(Enterprise.last_touch_at, UtcDateTime())
    latest = select(func.max(Touch.occurred_at)).where(
        Touch.enterprise_id == Enterprise.id, fieldwork.visible_to(actor), fieldwork.counted()
    )
    return latest.correlate(Enterprise).scalar_subquery()


def _people(actor: Actor) -> ColumnElement[Any]:
    own = select(func.count(Contact.id)).where(
        Contact.enterprise_id == Enterprise.id, Contact.archived_at.is_(None), enterprises.visible_to(actor)
    )
    return own.correlate(Enterprise).scalar_subquery()


def _deals(actor: Actor) -> ColumnElement[Any]:
    going = select(func.count(Project.id)).where(
        Project.enterprise_id == Enterprise.id, Project.exit_kind.is_(None), pipeline.visible_to(actor)
    )
    return going.correlate(Enterprise).scalar_subquery()
