"""Reads of site tours. While a tour is judged, the marks of others are read by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from crm.assessment.tours.models import SiteTour, TourJudge, TourResult, TourSheet, TourStop
from crm.assessment.tours.rules import TourState
from crm.auth.models import Roster
from crm.auth.queries import subtree, valid_on
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.fieldwork.secrecy import UNSEEN, hidden_from, not_secret, secret
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

NO_TOUR = Problem("tour.absent", "没有这次观摩，可能已被删除。")
NOT_ASKED = Problem("tour.not_asked", "没有这次观摩，或者没有请您当评委。")
MOST, MOST_PROJECTS = 100, 300


def page(session: Session, cursor: str | None) -> Page[SiteTour]:
    """Tours, the latest day first."""
    order = [Key(SiteTour.held_on, descending=True), Key(SiteTour.id, descending=True)]
    return fetch_page(session, select(SiteTour), order, lambda row: (row.held_on, row.id), cursor=cursor)


def tour(session: Session, tour_id: int, *, lock: bool = False) -> SiteTour:
    """Return a tour with its stops and judges."""
    if lock:
        session.execute(select(SiteTour.id).where(SiteTour.id == tour_id).with_for_update())
    statement = (
        select(SiteTour)
        .where(SiteTour.id == tour_id)
        .options(
            selectinload(SiteTour.stops).joinedload(TourStop.unit),
            selectinload(SiteTour.judges).joinedload(TourJudge.user),
        )
    )
    found = session.scalar(statement.execution_options(populate_existing=lock))
    if found is None:
        raise NotFoundError(NO_TOUR)
    return found


def twin(session: Session, name: str, *, but: int | None = None) -> bool:
    """Whether another tour has this name."""
    statement = select(SiteTour.id).where(SiteTour.name == name)
    if but is not None:
        statement = statement.where(SiteTour.id != but)
    return session.scalar(statement.limit(1)) is not None


def judged_by(session: Session, user_id: int) -> list[tuple[TourJudge, int, int]]:
    """Tours a person judges, open ones first: with how many stops and how many sheets handed in."""
    stops = select(func.count(TourStop.id)).where(TourStop.tour_id == TourJudge.tour_id).scalar_subquery()
    done = select(func.count(TourSheet.id)).where(TourSheet.judge_id == TourJudge.id).scalar_subquery()
    statement = (
        select(TourJudge, stops, done)
        .join(TourJudge.tour)
        .options(joinedload(TourJudge.tour))
        .where(TourJudge.user_id == user_id, SiteTour.state != TourState.DRAFT)
        .order_by(SiteTour.state == TourState.CLOSED, SiteTour.held_on.desc(), SiteTour.id.desc())
    )
    return [(judge, int(all_stops), int(made)) for judge, all_stops, made in session.execute(statement.limit(MOST))]


def sheets(session: Session, tour_id: int) -> list[TourSheet]:
    """Every sheet of a tour, by stop and judge."""
    statement = select(TourSheet).join(TourSheet.stop).where(TourStop.tour_id == tour_id)
    return list(session.scalars(statement.order_by(TourStop.position, TourStop.id, TourSheet.judge_id)))


def handed(session: Session, tour_id: int) -> set[tuple[int, int]]:
    """Which sheets are in, as (judge, stop), without what stands in them."""
    statement = select(TourSheet.judge_id, TourSheet.stop_id).join(TourSheet.stop).where(TourStop.tour_id == tour_id)
    return {(judge_id, stop_id) for judge_id, stop_id in session.execute(statement)}


def own_sheets(session: Session, judge_id: int) -> dict[int, TourSheet]:
    """The sheets of a judge by stop: for that judge's own page alone."""
    return {row.stop_id: row for row in session.scalars(select(TourSheet).where(TourSheet.judge_id == judge_id))}


def conflicts(session: Session, row: SiteTour) -> set[tuple[int, int]]:
    """(judge, stop) where a judge may not judge: a post on that day in the unit shown or below, or its project."""
    day, users = row.held_on, [one.user_id for one in row.judges]
    posts: dict[int, set[int]] = {}
    held = select(Roster.user_id, Roster.unit_id).where(Roster.user_id.in_(users), valid_on(Roster, day))
    for user_id, unit_id in session.execute(held):
        posts.setdefault(user_id, set()).add(unit_id)
    projects = [stop.project_id for stop in row.stops if stop.project_id is not None]
    owners = dict(session.execute(select(Project.id, Project.owner_id).where(Project.id.in_(projects))).all())
    trees = subtree(session)
    return {
        (judge.id, stop.id)
        for judge in row.judges
        for stop in row.stops
        if trees.get(stop.unit_id, frozenset({stop.unit_id})) & posts.get(judge.user_id, set())
        or (stop.project_id is not None and owners.get(stop.project_id) == judge.user_id)
    }


def judge_of(row: SiteTour, user_id: int) -> TourJudge:
    """Return a person as a judge of a tour."""
    found = next((one for one in row.judges if one.user_id == user_id), None)
    if found is None or row.state is TourState.DRAFT:
        raise NotFoundError(NOT_ASKED)
    return found


def results(session: Session, tour_id: int) -> list[TourResult]:
    """What units got, the best first."""
    statement = select(TourResult).options(joinedload(TourResult.unit)).where(TourResult.tour_id == tour_id)
    return list(session.scalars(statement.order_by(TourResult.rank, TourResult.id)))


def seen_projects(session: Session, actor: Actor, row: SiteTour) -> dict[int, str]:
    """Names of the projects of stops that the person may see."""
    ids = [stop.project_id for stop in row.stops if stop.project_id is not None]
    statement = select(Project.id, Project.name).where(Project.id.in_(ids), visible_to(actor))
    return dict(session.execute(statement).all()) if ids else {}


def titles(session: Session, row: SiteTour, actor: Actor | None, word: str = UNSEEN) -> dict[int, str]:
    """Title of each stop; a word where its project became confidential and the person may not know of it.

    Without a person: what may be told to anybody, as papers and messages are handed round.
    """
    ids = {stop.project_id for stop in row.stops if stop.project_id is not None}
    barred = secret() if actor is None else hidden_from(actor)
    hidden = (
        set(session.scalars(select(Project.id).where(Project.id.in_(ids), Project.id.in_(barred)))) if ids else set()
    )
    return {stop.id: word if stop.project_id in hidden else stop.title for stop in row.stops}


def projects_of(session: Session, actor: Actor, unit_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Projects of units that can be shown, the latest moved first; confidential ones are not."""
    statement = (
        select(Project.id, Project.name)
        .where(Project.unit_id.in_(unit_ids), visible_to(actor), not_secret(Project.id))
        .order_by(Project.id.desc())
        .limit(MOST_PROJECTS)
    )
    return [(key, name) for key, name in session.execute(statement)]


def points_between(session: Session, start: date, end: date, cutoff: datetime) -> list[tuple[int, Decimal]]:
    """(unit, points) of each tour held in some days and closed by a moment."""
    statement = (
        select(TourResult.unit_id, TourResult.points)
        .join(SiteTour, SiteTour.id == TourResult.tour_id)
        .where(SiteTour.held_on.between(start, end), SiteTour.closed_at <= cutoff)
        .order_by(TourResult.id)
    )
    return [(unit_id, points) for unit_id, points in session.execute(statement)]
