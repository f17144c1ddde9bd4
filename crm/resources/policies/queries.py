"""Reads of policies: the list, one with its versions, clauses that hold on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.resources.policies.models import OfficeAnswer, Policy, PolicyClause, PolicyVersion
from crm.resources.policies.rules import GRANTED, SOON, PolicyLevel, Review, Standing, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MISSING = Problem("policy.missing", "没有这份政策，可能已被删除。")
NO_CLAUSE = Problem("clause.missing", "没有这一条，可能已被删除。")
MOST = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of policies is narrowed to."""

    text: str = ""
    level: PolicyLevel | None = None
    state: Standing | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A policy by its latest version, and how many clauses wait for review."""

    version: PolicyVersion
    unit_id: int
    state: Standing
    clauses: int
    waiting: int


def may_manage(actor: Actor, unit_id: int) -> bool:
    """Whether a person keeps the policies of a unit."""
    return actor.reaches(Permission.RESOURCE_MANAGE, unit_id)


def state_of(row: PolicyVersion, day: date) -> Standing:
    """How a version stands on a day."""
    return standing(
        published=row.published_at is not None, valid_from=row.valid_from, valid_until=row.valid_until, day=day
    )


def _latest() -> ColumnElement[bool]:
    """The published version of the highest number, or the draft of a policy that has none yet."""
    other = aliased(PolicyVersion)
    best = (
        select(other.id)
        .where(other.policy_id == PolicyVersion.policy_id)
        .order_by(other.published_at.is_(None), other.number.desc())
        .limit(1)
        .correlate(PolicyVersion)
        .scalar_subquery()
    )
    return PolicyVersion.id == best


def listing(session: Session, actor: Actor, wanted: Wanted, day: date, *, cursor: str | None) -> Page[Listed]:
    """List policies by their latest version; drafts only to those who keep them."""
    statement: Any = (
        select(PolicyVersion, Policy.unit_id)
        .join(Policy, Policy.id == PolicyVersion.policy_id)
        .where(_latest(), *_conditions(actor, wanted, day))
    )
    page = fetch_page(
        session, statement, [Key(PolicyVersion.id, descending=True)], lambda row: [row[0].id], cursor=cursor
    )
    counts = _counts(session, [row[0].id for row in page.rows])
    rows = tuple(Listed(row[0], row[1], state_of(row[0], day), *counts.get(row[0].id, (0, 0))) for row in page.rows)
    return Page(rows, page.next, page.previous)


def _counts(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    waiting = func.count().filter(PolicyClause.review == Review.PENDING)
    statement = (
        select(PolicyClause.version_id, func.count(), waiting)
        .where(PolicyClause.version_id.in_(ids))
        .group_by(PolicyClause.version_id)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(statement)}


def _conditions(actor: Actor, wanted: Wanted, day: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [or_(PolicyVersion.published_at.is_not(None), _kept_by(actor))]
    if wanted.text:
        found.append(
            or_(
                PolicyVersion.title.contains(wanted.text, autoescape=True),
                PolicyVersion.document_no.contains(wanted.text, autoescape=True),
            )
        )
    if wanted.level is not None:
        found.append(PolicyVersion.level == wanted.level)
    return found + _by_state(wanted.state, day)


def _kept_by(actor: Actor) -> ColumnElement[bool]:
    units = actor.scope(Permission.RESOURCE_MANAGE)
    if not actor.may(Permission.RESOURCE_MANAGE):
        return PolicyVersion.id.is_(None)
    return PolicyVersion.id.is_not(None) if units is None else Policy.unit_id.in_(units)


def _by_state(state: Standing | None, day: date) -> list[ColumnElement[bool]]:
    row, out = PolicyVersion, PolicyVersion.published_at.is_not(None)
    soon = func.coalesce(row.valid_until, day) <= day.fromordinal(day.toordinal() + SOON)
    ends = and_(row.valid_until.is_not(None), row.valid_until >= day, soon)
    match state:
        case None:
            return []
        case Standing.DRAFT:
            return [~out]
        case Standing.COMING:
            return [out, row.valid_from > day]
        case Standing.ENDED:
            return [out, row.valid_until < day]
        case Standing.ENDING:
            return [out, row.valid_from <= day, ends]
        case Standing.HOLDS:
            return [out, row.valid_from <= day, ~func.coalesce(ends, False)]


def policy(session: Session, policy_id: int, *, lock: bool = False) -> Policy:
    """Return a policy."""
    found = session.get(Policy, policy_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def versions(session: Session, actor: Actor, row: Policy) -> list[PolicyVersion]:
    """Give the versions a person may see, the newest first."""
    statement = select(PolicyVersion).where(PolicyVersion.policy_id == row.id).order_by(PolicyVersion.number.desc())
    if not may_manage(actor, row.unit_id):
        statement = statement.where(PolicyVersion.published_at.is_not(None))
    found = list(session.scalars(statement.limit(MOST)))
    if not found:
        raise NotFoundError(MISSING)
    return found


def version(session: Session, version_id: int) -> PolicyVersion:
    """Return a version."""
    found = session.get(PolicyVersion, version_id)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def clause(session: Session, clause_id: int) -> PolicyClause:
    """Return a clause."""
    found = session.get(PolicyClause, clause_id)
    if found is None:
        raise NotFoundError(NO_CLAUSE)
    return found


def clauses(session: Session, version_id: int) -> list[PolicyClause]:
    """Give the clauses of a version in order."""
    statement = select(PolicyClause).where(PolicyClause.version_id == version_id).order_by(PolicyClause.id).limit(MOST)
    return list(session.scalars(statement))


def in_force(day: date) -> Select[Any]:
    """Clauses that may be promised on a day: of the latest published version, valid, reviewed; with their version."""
    newest = (
        select(PolicyVersion.policy_id, func.max(PolicyVersion.number).label("number"))
        .where(PolicyVersion.published_at.is_not(None))
        .group_by(PolicyVersion.policy_id)
        .subquery()
    )
    latest = and_(newest.c.policy_id == PolicyVersion.policy_id, newest.c.number == PolicyVersion.number)
    found: Any = (
        select(PolicyClause, PolicyVersion)
        .join(PolicyVersion, PolicyVersion.id == PolicyClause.version_id)
        .join(newest, latest)
        .where(
            PolicyVersion.valid_from <= day,
            or_(PolicyVersion.valid_until.is_(None), PolicyVersion.valid_until >= day),
            PolicyClause.review.in_(GRANTED),
        )
    )
    return cast("Select[Any]", found)


def named(session: Session, ids: Sequence[int]) -> dict[int, tuple[PolicyClause, PolicyVersion]]:
    """Give clauses with their versions by id."""
    statement: Any = select(PolicyClause, PolicyVersion).join(
        PolicyVersion, PolicyVersion.id == PolicyClause.version_id
    )
    rows = session.execute(statement.where(PolicyClause.id.in_(ids)))
    return {clause.id: (clause, version) for clause, version in rows}


def ending(session: Session, day: date, most: int = 20) -> list[PolicyVersion]:
    """Policies that run out within :data:`SOON` days, the first to end first."""
    statement = select(PolicyVersion).where(_latest(), *_by_state(Standing.ENDING, day))
    return list(session.scalars(statement.order_by(PolicyVersion.valid_until, PolicyVersion.id).limit(most)))


def latest_ending(session: Session, day: date, within: int) -> list[tuple[PolicyVersion, int]]:
    """Latest published versions that end within so many days, the last day included, with their units."""
    until = PolicyVersion.valid_until
    statement = (
        select(PolicyVersion, Policy.unit_id)
        .join(Policy, Policy.id == PolicyVersion.policy_id)
        .where(_latest(), PolicyVersion.published_at.is_not(None), until >= day, until <= day + timedelta(days=within))
        .order_by(until, PolicyVersion.id)
    )
    return [(version, unit_id) for version, unit_id in session.execute(statement)]


def answers(session: Session) -> dict[str, OfficeAnswer]:
    """Give the latest answer of each key."""
    latest = select(func.max(OfficeAnswer.id)).group_by(OfficeAnswer.key)
    return {row.key: row for row in session.scalars(select(OfficeAnswer).where(OfficeAnswer.id.in_(latest)))}
