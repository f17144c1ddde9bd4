"""Measures that rates are made of: what became of the leads, talks, signings and starts of a period, by the cut-off."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, column, exists, func, null, or_, select, values
from sqlalchemy.orm import aliased

from crm.assessment.facts import (
    ONE,
    Clause,
    Counting,
    entered,
    owner_on,
    touched,
)
from crm.assessment.window import fact, known_by
from crm.core.scheduling import SHANGHAI
from crm.core.types import UtcDateTime
from crm.core.workdays import add_workdays
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.enterprises.models import Contact, ListEdition, ListEntry
from crm.fieldwork.models import Touch, TouchContact
from crm.fieldwork.overlap import person
from crm.fieldwork.rules import TouchKind
from crm.fieldwork.secrecy import not_secret
from crm.pipeline.intake.models import LeadEvent, LeadTip
from crm.pipeline.intake.rules import OWNED
from crm.pipeline.models import Project, Review, StageEntry
from crm.pipeline.rules import ORDER, ReviewResult, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select

    from crm.assessment.window import Window

MEETINGS = (TouchKind.VISIT, TouchKind.RECEPTION, TouchKind.INSPECTION, TouchKind.NEGOTIATION)
LOOK_BACK = timedelta(days=3660)
ONE_DAY = timedelta(days=1)


def came_to(stage: Stage, cutoff: datetime) -> ColumnElement[bool]:
    """Condition: the project reached a stage or went beyond it by the cut-off."""
    later = aliased(StageEntry)
    beyond = [one.value for one in ORDER[ORDER.index(stage) :]]
    return exists().where(
        later.project_id == Project.id,
        later.to_stage.in_(beyond),
        later.at <= cutoff,
        known_by(later.undone_at, cutoff),
    )


def registered_or_funded(window: Window) -> Select[Any]:
    """Projects first signed in the period that were registered, or whose money came, by the cut-off (履约)."""
    funded = exists().where(
        CapitalVoucher.project_id == Project.id,
        CapitalDecision.voucher_id == CapitalVoucher.id,
        CapitalDecision.amount > 0,
        CapitalDecision.decided_at <= window.cutoff,
    )
    return entered(Stage.SIGNED)(window).where(or_(funded, came_to(Stage.REGISTERED, window.cutoff)))


def cohort(first: Stage, then: Stage, *clauses: Clause) -> Counting:
    """Projects that first entered a stage in the period and reached another by the cut-off."""

    def rows(window: Window) -> Select[Any]:
        return entered(first)(window).where(came_to(then, window.cutoff))

    return Counting(rows, clauses)


def taken(window: Window) -> Select[Any]:
    """Leads of the period that somebody had taken on, or gone beyond, by the cut-off."""
    owned = exists().where(
        LeadEvent.project_id == Project.id,
        LeadEvent.to_state.in_([state.value for state in OWNED]),
        LeadEvent.at <= window.cutoff,
    )
    return entered(Stage.LEAD)(window).where(or_(owned, came_to(Stage.VISITING, window.cutoff)))


def reviews(window: Window) -> Select[Any]:
    """Results of reviews of the period."""
    owner = owner_on(window.cutoff)
    columns = fact(
        Review.id,
        Project.unit_id,
        Project.enterprise_id,
        Project.id,
        Review.decided_at,
        Review.minutes_no,
        ONE,
        owner,
    )
    decided = (window.holds(Review.decided_at), Review.decided_at <= window.cutoff)
    statement = select(*columns).join(Project, Project.id == Review.project_id).where(*decided)
    return _of(statement, window, owner)


def _of(statement: Select[Any], window: Window, owner: Any) -> Select[Any]:  # noqa: ANN401 (a scalar expression)
    covered = (window.covers(Project.unit_id), Project.confidential.is_(False), *window.sized())
    return statement.where(*covered, *([window.by(owner)] if window.lens.people is not None else []))


def passed_reviews(window: Window) -> Select[Any]:
    """Reviews of the period that were passed."""
    return reviews(window).where(Review.result == ReviewResult.PASSED)


def created(window: Window) -> Select[Any]:
    """Projects created in the period."""
    owner = owner_on(window.cutoff)
    columns = fact(
        Project.id, Project.unit_id, Project.enterprise_id, Project.id, Project.created_at, null(), ONE, owner
    )
    made = (window.holds(Project.created_at), Project.created_at <= window.cutoff)
    return _of(select(*columns).where(*made), window, owner)


def fitting(window: Window) -> Select[Any]:
    """Projects created in the period whose words name a planned industry of the office."""
    texts = func.lower(
        func.coalesce(Project.industry, "") + " " + func.coalesce(Project.product_line, "") + " " + Project.folded_name
    )
    return created(window).where(or_(False, *(texts.contains(word.lower(), autoescape=True) for word in window.words)))  # noqa: FBT003 (nothing to find matches nothing)


def listed(window: Window) -> ColumnElement[bool]:
    """Condition: the enterprise of a touch is on a target list that was on record by the cut-off."""
    known = select(ListEntry.enterprise_id).join(ListEdition).where(ListEdition.imported_at <= window.cutoff)
    return Touch.enterprise_id.in_(known)


def persons(only: Callable[[Any, Window], ColumnElement[bool]] | None = None) -> Callable[[Window], Select[Any]]:
    """Persons met, each once for each unit, by the first meeting of the period; ``only`` may ask for the first ever."""

    def build(window: Window) -> Select[Any]:
        who = (Touch.unit_id, person())
        place = func.row_number().over(partition_by=who, order_by=(Touch.occurred_at, Touch.id, Contact.id))
        columns = fact(
            Contact.id,
            Touch.unit_id,
            Touch.enterprise_id,
            Touch.project_id,
            Touch.occurred_at,
            Touch.summary,
            ONE,
            Touch.created_by,
        )
        met = _met(select(*columns, person().label("person"), place.label("place")), window).subquery()
        kept = [one for one in met.c if one.name not in {"place", "person"}]
        if only is None:
            return select(*kept).where(met.c.place == 1)
        first = func.min(Touch.occurred_at).label("first")
        parts: list[Any] = [Touch.unit_id, person().label("person"), first]
        earlier = _met(select(*parts), window, ever=True).where(Touch.occurred_at < window.instants[0])
        before = earlier.group_by(*who).subquery()
        ever = func.coalesce(before.c.first, met.c.at).label("ever")
        same = and_(before.c.unit_id == met.c.unit_id, before.c.person == met.c.person)
        inner = select(*kept, ever).outerjoin(before, same).where(met.c.place == 1).subquery()
        return select(*(one for one in inner.c if one.name != "ever")).where(only(inner, window))

    return build


def _met(statement: Select[Any], window: Window, *, ever: bool = False) -> Select[Any]:
    """Select from meetings with contacts that count in a window, or ``ever`` up to its end."""
    return (
        statement.select_from(Touch)
        .join(TouchContact, TouchContact.touch_id == Touch.id)
        .join(Contact, Contact.id == TouchContact.contact_id)
        .where(*touched(window, *MEETINGS, ever=ever), Contact.erased_at.is_(None))
    )


def tips(window: Window) -> Select[Any]:
    """Tips of the period."""
    columns = fact(
        LeadTip.id,
        LeadTip.unit_id,
        LeadTip.enterprise_id,
        LeadTip.project_id,
        LeadTip.reported_at,
        LeadTip.text,
        ONE,
        LeadTip.reported_by,
    )
    known = (window.holds(LeadTip.reported_at), LeadTip.reported_at <= window.cutoff, window.covers(LeadTip.unit_id))
    kept = (window.by(LeadTip.reported_by), window.within(LeadTip.project_id), not_secret(LeadTip.project_id))
    return select(*columns).where(*known, *kept)


def tips_in_time(window: Window) -> Select[Any]:
    """Tips that were answered by the end of the next working day after they came."""
    stop = min(window.instants[1], window.cutoff)
    first = max(window.start, (stop - LOOK_BACK).astimezone(SHANGHAI).date())
    days = [first + ONE_DAY * step for step in range(max((stop.astimezone(SHANGHAI).date() - first).days, 0) + 1)]
    rows = [(_begin(day), _begin(day + ONE_DAY), _begin(add_workdays(day, 1) + ONE_DAY)) for day in days]
    names = ("since", "until", "due")
    clock = values(*(column(name, UtcDateTime()) for name in names), name="clock").data(rows).cte()
    came = and_(LeadTip.reported_at >= clock.c.since, LeadTip.reported_at < clock.c.until)
    answered = (LeadTip.answered_at < clock.c.due, LeadTip.answered_at <= window.cutoff)
    return tips(window).join(clock, came).where(*answered)


def _begin(day: Any) -> datetime:  # noqa: ANN401 (a date)
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
