"""The page of a project's team: four roles, two leading units, task forces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits, queries, sections
from crm.pipeline.team import queries as teams
from crm.pipeline.team import services
from crm.pipeline.team.forms import ForceForm, SeatForm
from crm.pipeline.team.rules import FORCE_LABELS, TEAM_LABELS, UNIT_ROLES, ForceRole, TeamRole
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("team", __name__, url_prefix="/projects")
P = Permission


@bp.get("/<int:project_id>/team")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show who answers for a project, and its task forces."""
    return _page(queries.get(db.session(), current_actor(), project_id))


@bp.post("/<int:project_id>/team")
@requires(P.PROJECT_WRITE)
def set_role(project_id: int) -> ResponseReturnValue:
    """Give a role."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = SeatForm()
    seat = form.seat() if form.validate() else None
    if seat is None:
        return _page(project, problem=tr("请选择由谁担任和起始日期。")), limits.REFUSED
    try:
        services.set_role(session, actor, project_id, seat, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        return _page(project, problem=say(error.problems[0])), error.status
    flash(tr("已定：%(role)s", role=tr(TEAM_LABELS[seat.role])), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/forces")
@requires(P.FORCE_FORM)
def form_force(project_id: int) -> ResponseReturnValue:
    """Form a task force."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.FORCE_FORM)
    form = ForceForm().offer(teams.people(session, timing.today()))
    if not form.validate():
        return _page(project, form=form), limits.REFUSED
    draft, whole = form.draft(timing.today()), bool(form.whole.data)
    try:
        services.form_force(session, actor, project_id, draft, whole_enterprise=whole, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _page(project, form=form), error.status
    flash(tr("专班已成立"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/forces/<int:force_id>/people")
@requires(P.FORCE_FORM)
def add_member(project_id: int, force_id: int) -> ResponseReturnValue:
    """Add a person to a task force, or give one who is there another role."""
    user_id = request.form.get("user_id", 0, type=int)
    asked = request.form.get("role", "")
    role = ForceRole(asked) if asked in set(ForceRole) else ForceRole.MEMBER
    services.add_member(db.session(), current_actor(), project_id, force_id, user_id, role, now=timing.now())
    flash(tr("已定成员和分工"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/forces/<int:force_id>/people/<int:user_id>/remove")
@requires(P.FORCE_FORM)
def remove_member(project_id: int, force_id: int, user_id: int) -> ResponseReturnValue:
    """Take a person off a task force."""
    services.remove_member(db.session(), current_actor(), project_id, force_id, user_id, now=timing.now())
    flash(tr("已移出成员"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/forces/<int:force_id>/end")
@requires(P.FORCE_FORM)
def end_force(project_id: int, force_id: int) -> ResponseReturnValue:
    """Dissolve a task force."""
    services.end_force(db.session(), current_actor(), project_id, force_id, now=timing.now())
    flash(tr("专班已解散"), "ok")
    return _back(project_id)


def _page(project: Project, *, problem: str = "", form: ForceForm | None = None) -> str:
    session, actor, today = db.session(), current_actor(), timing.today()
    held = teams.roles(session, project.id, today)
    people, places, leaders = teams.people(session, today), teams.places(session, today), teams.leaders(session, today)
    return render_template(
        "pipeline/team/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "team.show"),
        held={entry.row.role: entry for entry in held if entry.row.valid_to is None},
        past=[entry for entry in held if entry.row.valid_to is not None],
        missing=teams.missing(held),
        forces=teams.forces(session, project),
        choices={role: _choices(role, people, places, leaders) for role in TeamRole},
        offered={TeamRole.MANAGER: project.owner_id, TeamRole.LEAD_UNIT: project.unit_id},
        people=people,
        form=form or ForceForm(starts_on=today).offer(people),
        labels=TEAM_LABELS,
        duties=FORCE_LABELS,
        today=today,
        problem=problem,
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        may_form=actor.reaches(P.FORCE_FORM, project.unit_id),
    )


def _choices(
    role: TeamRole, people: list[tuple[int, str]], places: list[tuple[int, str]], leaders: list[tuple[int, str]]
) -> list[tuple[int, str]]:
    if role in UNIT_ROLES:
        return places
    return leaders if role is TeamRole.LEADER and leaders else people


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("team.show", project_id=project_id), 303)
