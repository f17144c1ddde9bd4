"""Follow-ups for programs: list, add, tick off."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from crm.api.fields import Answer, Body, Day, Line, Listed, Named, Paged, RecordId
from crm.api.operations import group, operation
from crm.api.touches import READ, WRITE
from crm.auth.identity import current_actor
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.enterprises.queries import enterprise
from crm.fieldwork import followups, queries
from crm.fieldwork.rules import FollowUpDraft
from crm.pipeline.touches import enterprise_of
from crm.web import db, timing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.fieldwork.models import FollowUp as Row

bp = group("follow_ups", "touches")
NO_ENTERPRISE = Problem("enterprise.absent", "没有这家企业。", "enterprise_id")
NO_PROJECT = Problem("project.absent", "没有这个项目，或者不在您的查看范围内。", "project_id")


class FollowUp(Answer):
    """Something promised: one owner, one date."""

    id: int
    title: str
    enterprise: Named | None
    project_id: int | None
    touch_id: int | None
    unit_id: int
    owner: Named
    due_on: date | None
    created_at: datetime
    done_at: datetime | None
    done_note: str | None


class FollowUps(Listed):
    """A page of follow-ups, newest first."""

    items: list[FollowUp]


class FollowUpList(Paged):
    """Whose, and whether done."""

    state: Annotated[Literal["open", "done", "all"], Field(description="Open ones unless told")] = "open"
    own: Annotated[bool, Field(description="Only those of the person")] = False
    until: Annotated[Day | None, Field(description="Due by this day")] = None


class NewFollowUp(Body):
    """Something to do, owned by the person."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    due_on: Day | None = None
    enterprise_id: RecordId | None = None
    project_id: RecordId | None = None


class Done(Body):
    """How it ended."""

    note: Line = ""


def read(follow_up_id: int) -> object:
    """Find a follow-up, or refuse as listing it does."""
    return queries.follow_up(db.session(), current_actor(), follow_up_id)


@operation(bp, "GET", "/follow-ups", READ, FollowUps, query=FollowUpList)
def index(query: FollowUpList) -> FollowUps:
    """List follow-ups of the person and of the units whose touches this person reads."""
    page = queries.follow_ups(
        db.session(), current_actor(), state=query.state, own=query.own, until=query.until, cursor=query.cursor,
        size=query.limit,
    )  # fmt: skip
    return FollowUps(items=[FollowUp.model_validate(row) for row in page.rows], next_cursor=page.next)


@operation(bp, "POST", "/follow-ups", WRITE, FollowUp, body=NewFollowUp, status=201, reads=read)
def create(body: NewFollowUp) -> FollowUp:
    """Add a follow-up."""
    session, actor = db.session(), current_actor()
    firm_id = _firm_of(session, body)
    draft = FollowUpDraft(body.title, body.due_on, firm_id, body.project_id)
    return _answer(followups.add_follow_up(session, actor, draft, now=timing.now(), today=timing.today()))


@operation(bp, "POST", "/follow-ups/<int:follow_up_id>/done", WRITE, FollowUp, body=Done, reads=read)
def done(follow_up_id: int, body: Done) -> FollowUp:
    """Tick off a follow-up; twice is the same as once."""
    note = body.note or None
    return _answer(
        followups.complete_follow_up(db.session(), current_actor(), follow_up_id, now=timing.now(), note=note)
    )


def _firm_of(session: Session, body: NewFollowUp) -> int | None:
    """Return the enterprise a follow-up is about; that of the project, where one is named."""
    if body.project_id is not None:
        firm_id = enterprise_of(session, current_actor(), body.project_id)
        if firm_id is None or body.enterprise_id not in {None, firm_id}:
            raise DomainError(NO_PROJECT)
        return firm_id
    if body.enterprise_id is not None:
        try:
            enterprise(session, body.enterprise_id)
        except NotFoundError as error:
            raise DomainError(NO_ENTERPRISE) from error
    return body.enterprise_id


def _answer(row: Row) -> FollowUp:
    session = db.session()
    session.flush()
    return FollowUp.model_validate(queries.follow_up(session, current_actor(), row.id))
