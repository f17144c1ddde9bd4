"""Visits and other touches for programs: list, read, log."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

from flask import request, url_for
from pydantic import Field

from crm.api import once
from crm.api.fields import Answer, Body, Day, Line, Listed, LongText, Moment, Named, Paged, RecordId, Whole
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.fieldwork import queries
from crm.fieldwork.queries import TouchFilter
from crm.fieldwork.rules import Intention, LeaderLevel, TouchDraft, TouchKind, TouchTarget
from crm.pipeline import touches
from crm.web import db, timing

if TYPE_CHECKING:
    from crm.fieldwork.models import Touch as Row

bp = group("touches", "touches")
READ = Door(Scope.TOUCHES_READ, Permission.TOUCH_READ)
WRITE = Door(Scope.TOUCHES_WRITE, Permission.TOUCH_WRITE)
DAY = timedelta(days=1)
MOST_MET = 50


class TouchLine(Answer):
    """A dated contact with an enterprise: a visit, a reception, an inspection, a call."""

    id: int
    kind: TouchKind
    enterprise: Named
    project_id: int | None
    unit: Named
    author: Named
    occurred_at: datetime
    recorded_at: datetime
    place: str | None
    people: str | None
    headcount: int | None
    leader_level: LeaderLevel
    intention: Intention
    summary: str
    voided_at: datetime | None


class Touches(Listed):
    """A page of touches, newest first."""

    items: list[TouchLine]


class Touch(TouchLine):
    """A touch with its report and whom of the register was met."""

    report: str | None
    void_reason: str | None
    contacts: list[Named]


class TouchList(Paged):
    """Filters as in the list of the pages."""

    kind: TouchKind | None = None
    unit: RecordId | None = None
    person: RecordId | None = None
    enterprise: RecordId | None = None
    since: Annotated[Day | None, Field(description="First day, in the office's calendar")] = None
    until: Annotated[Day | None, Field(description="Last day")] = None
    voided: bool = False


class NewTouch(Body):
    """A touch to log in the name of the person; ``next_step`` and ``next_due`` make a follow-up."""

    enterprise_id: RecordId
    kind: TouchKind
    occurred_at: Moment
    summary: Annotated[str, Field(min_length=1, max_length=20_000)]
    project_id: Annotated[
        RecordId | None, Field(description="Left out: the only open project of the enterprise in the person's unit")
    ] = None
    unit_id: RecordId | None = None
    place: Line | None = None
    people: Line | None = None
    headcount: Annotated[Whole, Field(ge=1, le=500)] | None = None
    leader_level: LeaderLevel = LeaderLevel.STAFF
    intention: Intention = Intention.UNKNOWN
    report: LongText | None = None
    contact_ids: Annotated[list[RecordId], Field(default_factory=list, max_length=MOST_MET)]
    next_step: Line = ""
    next_due: Day | None = None


def read(touch_id: int) -> object:
    """Find a touch, or refuse as reading it does."""
    return queries.touch(db.session(), current_actor(), touch_id)


@operation(bp, "GET", "/touches", READ, Touches, query=TouchList)
def index(query: TouchList) -> Touches:
    """List touches, newest first."""
    wanted = TouchFilter(
        kind=query.kind, unit_id=query.unit, person_id=query.person, enterprise_id=query.enterprise,
        since=_begins(query.since), until=_begins(query.until and query.until + DAY), voided=query.voided,
    )  # fmt: skip
    page = queries.touches(db.session(), current_actor(), wanted, cursor=query.cursor, size=query.limit)
    return Touches(items=[TouchLine.model_validate(row) for row in page.rows], next_cursor=page.next)


@operation(bp, "GET", "/touches/<int:touch_id>", READ, Touch)
def show(touch_id: int) -> Touch:
    """Read one touch."""
    return Touch.model_validate(queries.touch(db.session(), current_actor(), touch_id))


@operation(bp, "POST", "/touches", WRITE, Touch, body=NewTouch, status=201, reads=read)
def create(body: NewTouch) -> tuple[Touch, dict[str, str]]:
    """Log a touch; a request sent twice is one touch, by its Idempotency-Key or by saying the very same."""
    session, actor = db.session(), current_actor()
    draft = TouchDraft(
        kind=body.kind, occurred_at=body.occurred_at, summary=body.summary, next_step=body.next_step,
        next_due=body.next_due, people=body.people or None, contact_ids=tuple(body.contact_ids),
        intention=body.intention, place=body.place or None, leader_level=body.leader_level,
        headcount=body.headcount, report=body.report or None,
    )  # fmt: skip
    target = TouchTarget(body.enterprise_id, _client_id(body), body.unit_id, body.project_id)
    row: Row = touches.log(session, actor, draft, target, now=timing.now(), today=timing.today())
    session.flush()
    made = Touch.model_validate(queries.touch(session, actor, row.id))
    return made, {"Location": url_for("api_touches.show", touch_id=row.id)}


def _client_id(body: NewTouch) -> str:
    """Name the touch: with a key each request is one of its own, without one the same words of a person are one."""
    if once.HEADER in request.headers:
        return f"api-{uuid4().hex}"
    said = f"{current_actor().user_id} {body.model_dump_json()}"
    return queries.free_client_id(db.session(), f"api-{sha256(said.encode()).hexdigest()[:40]}")


def _begins(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), tzinfo=timing.zone())
