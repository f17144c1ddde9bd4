"""What the pages of blockers share: words, who can be charged, the page of one blocker with what may be done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import render_template
from sqlalchemy import select

from crm.auth import queries as people
from crm.core.lamps import LAMP_LABELS, LAMP_TONES
from crm.delivery.blockers import keeping, queries, rules, services
from crm.delivery.blockers.forms import AgainForm, AssignForm, CloseForm, CoordinateForm, ProgressForm
from crm.delivery.blockers.rules import BlockerSource
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.blockers.forms import Seats
    from crm.delivery.blockers.models import Blocker
    from crm.web.forms import Form

USUAL = timedelta(days=7)
WORDS = {
    "states": rules.STATE_LABELS,
    "tones": rules.STATE_TONES,
    "icons": rules.STATE_ICONS,
    "sources": rules.SOURCE_LABELS,
    "steps": rules.STEP_LABELS,
    "step_icons": rules.STEP_ICONS,
    "ways": rules.WAY_LABELS,
    "lamps": LAMP_LABELS,
    "lamp_tones": LAMP_TONES,
}
ORIGINS = {
    BlockerSource.VISIT: "/visits/{}",
    BlockerSource.MEETING: "/meetings/{}",
    BlockerSource.INSTRUCTION: "/instructions/{}",
    BlockerSource.INSPECTION: "/inspections/findings/{}",
}


def seats(session: Session, today: date) -> Seats:
    """Everybody in service with their unit, as choices of ``unit:person``."""
    return [(f"{unit}:{person}", label) for unit, person, label in people.seats(session, None, today)]


def shown(session: Session, actor: Actor, row: Blocker, today: date, refused: tuple[str, Form] | None = None) -> str:
    """Return the page of a blocker; ``refused`` is the form that was refused, by the name of its act."""
    forms: dict[str, Any] = _forms(session, actor, row, today)
    if refused is not None and refused[0] in forms:
        forms[refused[0]] = refused[1]
    return render_template(
        "delivery/blockers/show.html",
        row=row,
        number=queries.number(row),
        subject=queries.subject(row),
        state=queries.state(row, today),
        lamp=queries.lamp(row, today),
        category=queries.rules_of(session).name(row.category),
        steps=queries.steps(session, row.id),
        opens_project=_opens(session, actor, row),
        origin=ORIGINS[row.source].format(row.ref_id) if row.ref_id and row.source in ORIGINS else "",
        forms=forms,
        unfolded=refused[0] if refused else "",
        addressed=keeping.addressed(actor, row),
        words=WORDS,
    )


def _forms(session: Session, actor: Actor, row: Blocker, today: date) -> dict[str, Form]:
    """Forms of what the person may do with a blocker as it stands, by the name of the act."""
    forms: dict[str, Form] = {}
    addressed, manages = keeping.addressed(actor, row), keeping.manages(actor, row)
    live, reported = row.closed_at is None, row.follow_up.done_at is not None
    if live and addressed and not reported:
        forms["progress"] = ProgressForm(formdata=None)
    if live and services.may_close(session, actor, row):
        forms["close"] = CloseForm(formdata=None, confirmed_on=today).offer()
    if live and reported and manages:
        forms["return"] = AgainForm(formdata=None, due_on=today + USUAL)
    if live and (addressed or manages) and row.coordinate_at is None:
        forms["coordinate"] = CoordinateForm(formdata=None)
    if live and manages:
        to = f"{row.unit_id}:{row.responsible_id}"
        due_on = max(row.due_on, today)
        forms["assign"] = AssignForm(formdata=None, to=to, due_on=due_on).offer(seats(session, today))
    if not live and manages:
        forms["reopen"] = AgainForm(formdata=None, due_on=today + USUAL)
    return forms


def _opens(session: Session, actor: Actor, row: Blocker) -> bool:
    if row.project_id is None:
        return False
    statement = select(Project.id).where(Project.id == row.project_id, projects_visible_to(actor))
    return session.scalar(statement) is not None
