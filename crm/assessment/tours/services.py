"""Writes of site tours (观摩拉练): planned, opened to the judges, sheets handed in, closed with a fixed result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crm.assessment.tours import queries, rules
from crm.assessment.tours.models import SiteTour, TourJudge, TourResult, TourSheet, TourStop
from crm.assessment.tours.rules import TourState
from crm.auth.models import OrgUnit
from crm.auth.queries import valid_on
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.notices.rules import NoticeKind
from crm.notices.services import tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
STARTED = Problem("tour.started", "评分已经开始，不能再改。")
NOT_OPEN = Problem("tour.not_open", "观摩还没有开始评分，或已经汇总。")
OWN_UNIT = Problem("tour.own_unit", "您在被观摩的单位任职（或负责这个项目），请回避，不能打分。")
UNJUDGED = "“%(title)s”没有能评分的评委（都要回避），请补请评委。"
SILENT = "“%(title)s”还没有评委交分，不能汇总。"
INVITED = "请您担任“%(name)s”的评委，%(day)s观摩，在手机上打分。"
NAME_LENGTH, TITLE_LENGTH = 80, 200


@dataclass(frozen=True, slots=True)
class TourDraft:
    """What a person typed about a tour; ``criteria`` are lines of name, full mark and weight."""

    name: str
    held_on: date | None
    criteria: str
    judges: frozenset[int]
    trim: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StopDraft:
    """What is shown at a stop."""

    unit_id: int
    title: str
    project_id: int | None = None


def _demand(actor: Actor) -> None:
    if not actor.may(Permission.TARGET_MANAGE):
        raise ForbiddenError(FORBIDDEN)


def _draft(session: Session, tour_id: int) -> SiteTour:
    row = queries.tour(session, tour_id, lock=True)
    if row.state is not TourState.DRAFT:
        raise ConflictError(STARTED)
    return row


def save(session: Session, actor: Actor, draft: TourDraft, *, now: datetime, tour_id: int | None = None) -> SiteTour:
    """Plan a tour, or change one that is still being planned."""
    _demand(actor)
    row = _draft(session, tour_id) if tour_id is not None else None
    criteria, problems = rules.typed_criteria(draft.criteria)
    name = draft.name.strip()
    if not name or len(name) > NAME_LENGTH:
        problems.append(Problem("tour.name", "请给这次观摩起个名称，最多80字，例如 2026年三季度观摩拉练。", "name"))
    elif queries.twin(session, name, but=tour_id):
        problems.append(Problem("tour.twin", "已有同名的观摩，请换个名称。", "name"))
    if draft.held_on is None:
        problems.append(Problem("tour.day", "请选择观摩日期。", "held_on"))
    if not 0 < len(draft.judges) <= rules.MOST_JUDGES:
        problems.append(Problem("tour.judges", "请选评委，1到60人。", "judges"))
    if problems or draft.held_on is None:
        raise DomainError(*problems)
    if row is None:
        row = SiteTour(state=TourState.DRAFT, created_by=actor.user_id, created_at=now)
        session.add(row)
    row.name, row.held_on, row.trim = name, draft.held_on, draft.trim
    row.year, row.quarter = draft.held_on.year, (draft.held_on.month + 2) // 3
    row.note, row.criteria = (draft.note or "").strip() or None, rules.write_criteria(criteria)
    session.flush()
    _set_judges(session, row, draft.judges)
    detail = {"name": name, "judges": len(draft.judges), "criteria": len(criteria)}
    audit.record(session, actor.user_id, "tour.save", ("site_tour", row.id), now=now, **detail)
    return row


def _set_judges(session: Session, row: SiteTour, wanted: frozenset[int]) -> None:
    held = set(session.scalars(select(TourJudge.user_id).where(TourJudge.tour_id == row.id)))
    session.execute(delete(TourJudge).where(TourJudge.tour_id == row.id, TourJudge.user_id.in_(held - wanted)))
    session.add_all(TourJudge(tour_id=row.id, user_id=one) for one in sorted(wanted - held))
    session.flush()
    session.expire(row, ["judges"])


def add_stop(session: Session, actor: Actor, tour_id: int, draft: StopDraft, *, now: datetime) -> TourStop:
    """Add a stop at the end of a tour that is being planned."""
    _demand(actor)
    row = _draft(session, tour_id)
    title = draft.title.strip()
    unit = session.scalar(select(OrgUnit).where(OrgUnit.id == draft.unit_id, valid_on(OrgUnit, row.held_on)))
    problems = []
    if unit is None:
        problems.append(Problem("stop.unit", "请选一个单位。", "unit_id"))
    elif draft.project_id is not None:
        offered = dict(queries.projects_of(session, actor, [unit.id]))
        title = title or offered.get(draft.project_id, "")
        if draft.project_id not in offered:
            problems.append(Problem("stop.project", "这个项目不是该单位的，或不能公开观摩，请重新选。", "project_id"))
    if not title or len(title) > TITLE_LENGTH:
        problems.append(Problem("stop.title", "请写观摩点的名称，或选一个项目。", "title"))
    if any(one.title == title and one.unit_id == draft.unit_id for one in row.stops):
        problems.append(Problem("stop.twin", "这个观摩点已经加过了。", "title"))
    if len(row.stops) >= rules.MOST_STOPS:
        problems.append(Problem("stop.many", "一次观摩最多60个点，请分开办。"))
    if problems:
        raise DomainError(*problems)
    position = max((one.position for one in row.stops), default=0) + 1
    fresh = TourStop(tour_id=row.id, position=position, unit_id=draft.unit_id, project_id=draft.project_id, title=title)
    session.add(fresh)
    session.flush()
    detail = {"unit": draft.unit_id, **_named(fresh)}
    audit.record(session, actor.user_id, "tour.stop", ("site_tour", row.id), now=now, **detail)
    session.expire(row, ["stops"])
    return fresh


def _named(stop: TourStop) -> dict[str, object]:
    """What the log keeps of a stop: not the name of a project, which may be confidential one day."""
    return {"title": stop.title} if stop.project_id is None else {"project": stop.project_id}


def remove_stop(session: Session, actor: Actor, tour_id: int, stop_id: int, *, now: datetime) -> None:
    """Take a stop off a tour that is being planned."""
    _demand(actor)
    row = _draft(session, tour_id)
    stop = next((one for one in row.stops if one.id == stop_id), None)
    if stop is None:
        raise NotFoundError(Problem("stop.absent", "没有这个观摩点，可能已被删除。"))
    audit.record(session, actor.user_id, "tour.stop_off", ("site_tour", row.id), now=now, **_named(stop))
    session.execute(delete(TourStop).where(TourStop.id == stop.id))
    session.expire(row, ["stops"])


def open_tour(session: Session, actor: Actor, tour_id: int, *, now: datetime) -> SiteTour:
    """Open the sheets to the judges and tell them."""
    _demand(actor)
    row = _draft(session, tour_id)
    barred, titles = queries.conflicts(session, row), queries.titles(session, row, None)
    problems = [] if row.stops else [Problem("tour.no_stops", "请先加观摩点，再开始评分。")]
    problems += [
        Problem("tour.unjudged", UNJUDGED, None, {"title": titles[stop.id]})
        for stop in row.stops
        if all((judge.id, stop.id) in barred for judge in row.judges)
    ]
    if problems:
        raise DomainError(*problems)
    row.state, row.opened_at = TourState.OPEN, now
    audit.record(session, actor.user_id, "tour.open", ("site_tour", row.id), now=now, stops=len(row.stops))
    said = {"name": row.name, "day": row.held_on.isoformat()}
    users = [one.user_id for one in row.judges]
    link = f"/assessment/tours/{row.id}/judge"
    tell(session, users, NoticeKind.OTHER, INVITED, link, ("site_tour", row.id), now, params=said)
    session.flush()
    return row


def hand_in(
    session: Session,
    actor: Actor,
    place: tuple[int, int],
    marks: Mapping[str, str],
    *,
    remark: str,
    now: datetime,
) -> TourSheet:
    """Hand in the sheet for (tour, stop), again and again until the tour is closed."""
    tour_id, stop_id = place
    row = queries.tour(session, tour_id, lock=True)
    judge = queries.judge_of(row, actor.user_id)
    if row.state is not TourState.OPEN:
        raise ConflictError(NOT_OPEN)
    stop = next((one for one in row.stops if one.id == stop_id), None)
    if stop is None:
        raise NotFoundError(queries.NO_TOUR)
    if (judge.id, stop.id) in queries.conflicts(session, row):
        raise ForbiddenError(OWN_UNIT)
    criteria = rules.read_criteria(row.criteria)
    problems = rules.mark_problems(criteria, marks)
    if problems:
        raise DomainError(*problems)
    kept = {one.key: marks[one.key].strip() for one in criteria}
    hidden = queries.titles(session, row, actor)[stop.id] != stop.title
    sheet = queries.own_sheets(session, judge.id).get(stop.id)
    if sheet is None:
        sheet = TourSheet(stop_id=stop.id, judge_id=judge.id)
        session.add(sheet)
    sheet.marks, sheet.points = kept, rules.points_of(criteria, kept)
    sheet.remark = remark.strip()[: rules.MOST_REMARK] or (sheet.remark if hidden else None)
    sheet.at = now
    audit.record(session, actor.user_id, "tour.hand_in", ("site_tour", row.id), now=now, stop=stop.id)
    session.flush()
    return sheet


def close(session: Session, actor: Actor, tour_id: int, *, now: datetime) -> SiteTour:
    """Close a tour: sheets are opened, extremes dropped where asked, places fixed for good."""
    _demand(actor)
    row = queries.tour(session, tour_id, lock=True)
    if row.state is not TourState.OPEN:
        raise ConflictError(NOT_OPEN)
    sheets = queries.sheets(session, row.id)
    found = stop_points(row, sheets)
    silent = [stop for stop in row.stops if stop.id not in found]
    if silent:
        titles = queries.titles(session, row, None)
        raise DomainError(*(Problem("tour.silent", SILENT, None, {"title": titles[stop.id]}) for stop in silent))
    placed = rules.places((stop.unit_id, found[stop.id]) for stop in row.stops)
    session.add_all(
        TourResult(tour_id=row.id, unit_id=one.unit_id, points=one.points, rank=one.rank, stops=one.stops)
        for one in placed
    )
    row.state, row.closed_by, row.closed_at = TourState.CLOSED, actor.user_id, now
    detail = {"sheets": len(sheets), "units": len(placed)}
    audit.record(session, actor.user_id, "tour.close", ("site_tour", row.id), now=now, **detail)
    session.flush()
    return row


def stop_points(row: SiteTour, sheets: Sequence[TourSheet]) -> dict[int, Decimal]:
    """Points of each stop that has sheets."""
    by_stop: dict[int, list[Decimal]] = {}
    for sheet in sheets:
        by_stop.setdefault(sheet.stop_id, []).append(sheet.points)
    means = {stop_id: rules.stop_points(held, trim=row.trim) for stop_id, held in by_stop.items()}
    return {stop_id: points for stop_id, points in means.items() if points is not None}
