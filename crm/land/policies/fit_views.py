"""Which clauses fit a project: the page 政策 of a project, with what each is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.land.policies.forms import ValuesForm
from crm.matching import fitting
from crm.pipeline import queries as projects
from crm.pipeline import sections
from crm.resources.matching.clauses import WHY_NOT
from crm.resources.policies import rules
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("policy_fits", __name__)


@bp.get("/projects/<int:project_id>/policies")
@requires(Permission.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show clauses that fit a project with their reasons and worth, and why the others do not."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    form = ValuesForm(request.args)
    right = form.validate()
    typed = form.values() if right else {}
    applicant = fitting.applicant_of(session, project, typed, form.tax.data if right else None)
    fits = fitting.fits(session, applicant, timing.today())
    page = render_template(
        "policies/fits.html",
        project=project,
        tabs=sections.tabs(actor, project, "sites.show"),
        form=form,
        fits=fits,
        total=sum((fit.worth.total for fit in fits.best if fit.worth), rules.ZERO),
        why_not=WHY_NOT,
        rules=rules,
    )
    return page, 200 if right else DomainError.status
