"""Reads of chains: the templates, and what is under way where the person looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, or_, select

from crm.auth.models import User
from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.fieldwork.chains.models import Chain, ChainMark, ChainRun
from crm.fieldwork.models import FollowUp
from crm.fieldwork.secrecy import open_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A run with the step it stands at."""

    run: ChainRun
    chain: str
    firm: str
    owner: str
    step: FollowUp | None = None
    place: int = 0


def chains(session: Session) -> list[Chain]:
    """Return the chains of the office, those in use first."""
    return list(session.scalars(select(Chain).order_by(Chain.active.desc(), Chain.name)))


def under_way(session: Session, actor: Actor, *, cursor: str | None) -> Page[UnderWay]:
    """Return a page of runs that have not ended, newest first, each with the step it stands at."""
    statement = cast(
        "Select[Any]",
        select(ChainRun, Chain.name, Enterprise.name, User.name)
        .join(Chain, Chain.id == ChainRun.chain_id)
        .join(Enterprise, Enterprise.id == ChainRun.enterprise_id)
        .join(User, User.id == ChainRun.owner_id)
        .where(_visible_to(actor), ChainRun.ended_at.is_(None)),
    )
    order = (Key(ChainRun.id, descending=True),)
    page = fetch_page(session, statement, order, lambda row: (row[0].id,), cursor=cursor)
    steps = _standing(session, [row[0].id for row in page.rows])
    rows = tuple(UnderWay(run, chain, firm, owner, *steps.get(run.id, ())) for run, chain, firm, owner in page.rows)
    return Page(rows, page.next, page.previous)


def counts(session: Session, actor: Actor) -> dict[int, int]:
    """Count the runs under way by chain."""
    statement = select(ChainRun.chain_id, func.count()).where(_visible_to(actor), ChainRun.ended_at.is_(None))
    return {chain_id: count for chain_id, count in session.execute(statement.group_by(ChainRun.chain_id))}  # noqa: C416 (a row is not a pair to dict())


def firms(session: Session, enterprise_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return the enterprises a chain can be started for, by name."""
    known = select(Enterprise.id, Enterprise.name).where(
        Enterprise.id.in_(enterprise_ids), Enterprise.deleted_at.is_(None), Enterprise.merged_into_id.is_(None)
    )
    return [(firm_id, name) for firm_id, name in session.execute(known.order_by(Enterprise.sort_key, Enterprise.id))]


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    mine = or_(ChainRun.owner_id == actor.user_id, within(ChainRun.unit_id, actor, Permission.TOUCH_READ))
    return mine & open_to(ChainRun.project_id, actor)


def _standing(session: Session, run_ids: Sequence[int]) -> dict[int, tuple[FollowUp, int]]:
    """Return the first open step of runs."""
    statement = (
        select(ChainMark.run_id, ChainMark.place, FollowUp)
        .join(FollowUp, FollowUp.id == ChainMark.follow_up_id)
        .where(ChainMark.run_id.in_(run_ids), FollowUp.done_at.is_(None))
        .order_by(ChainMark.place.desc())
    )
    return {run_id: (follow_up, place) for run_id, place, follow_up in session.execute(statement)}
