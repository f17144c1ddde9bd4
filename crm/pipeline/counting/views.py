"""The page of a project that says whether it counts and why, and what is decided there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import decisions, limits, record, sections
from crm.pipeline import queries as projects
from crm.pipeline.counting import queries, services, telling
from crm.pipeline.counting.words import SPECS, Rule
from crm.pipeline.forms import CHOOSE, LONG, AgreementRefusalForm, RecognitionForm, member
from crm.pipeline.rules import AGREEMENT_LABELS, AgreementKind
from crm.pipeline.words import AREA_LABELS, SourceArea
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import Form, choices, text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("counting", __name__, url_prefix="/projects/<int:project_id>")
P = Permission
YES, NO = "yes", "no"


class RulingForm(Form):
    """Whether a project counts under a rule, and why."""

    rule = SelectField(_("规则"), [CHOOSE], validate_choice=False)
    counts = RadioField(_("核定"), [CHOOSE])
    reason = TextAreaField(_("理由"), [InputRequired(_("请写明核定理由。")), LONG])

    def offer(self, rules: list[Rule]) -> RulingForm:
        """Fill in what can be chosen."""
        self.rule.choices = choices((rule.value, SPECS[rule].label) for rule in rules)
        self.counts.choices = choices([(NO, "不计入"), (YES, "计入")])
        return self


@bp.get("/counting")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show how the project stands under every rule."""
    project = projects.get(db.session(), current_actor(), project_id)
    return _page(project, None)


@bp.post("/counting")
@requires(P.CLAIM_RULE)
def decide(project_id: int) -> ResponseReturnValue:
    """Rule by hand."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    form = RulingForm().offer(list(Rule))
    if not form.validate():
        return _page(project, form), limits.REFUSED
    counts = {YES: True, NO: False}.get(str(form.counts.data))
    asked = member(Rule, form.rule.data)
    try:
        services.rule(session, actor, project_id, asked, text(form.reason), counts=counts, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _page(project, form), error.status
    flash(tr("已核定，从现在起按此计数"), "ok")
    return redirect(url_for("counting.show", project_id=project_id), 303)


@bp.post("/agreements/<int:agreement_id>/area")
@requires(P.PROJECT_READ)
def area(project_id: int, agreement_id: int) -> ResponseReturnValue:
    """Say where the money of a contract comes from."""
    session, actor = db.session(), current_actor()
    chosen = member(SourceArea, request.form.get("area"))
    try:
        services.set_area(session, actor, project_id, agreement_id, chosen, now=timing.now())
    except DomainError as error:
        flash(say(error.problems[0]), "bad")
    else:
        flash(tr("已登记资金来源地"), "ok")
    return redirect(url_for("counting.show", project_id=project_id), 303)


@bp.post("/agreements/<int:agreement_id>/refuse")
@requires(P.AGREEMENT_RECOGNIZE)
def refuse(project_id: int, agreement_id: int) -> ResponseReturnValue:
    """Recognise nothing of a contract (不予认定)."""
    session, actor, form = db.session(), current_actor(), AgreementRefusalForm()
    if form.validate():
        reason = text(form.reason)
        decisions.refuse_agreement(session, actor, project_id, agreement_id, reason=reason, now=timing.now())
        flash(tr("已登记不予认定，上报单位会看到理由"), "ok")
        return redirect(url_for("pipeline.show", project_id=project_id), 303)
    project = projects.get_for(session, actor, project_id, P.AGREEMENT_RECOGNIZE)
    return recognition_page(project, agreement_id, refusal=form), limits.REFUSED


def recognition_page(
    project: Project,
    agreement_id: int,
    form: RecognitionForm | None = None,
    refusal: AgreementRefusalForm | None = None,
) -> str:
    """Render the page on which a contract is recognised or refused, with what the rules say of it."""
    session, actor = db.session(), current_actor()
    entry = record.filed(session, project.id, agreement_id)
    return render_template(
        "pipeline/recognize.html",
        project=project,
        entry=entry,
        form=form or RecognitionForm(formdata=None, amount=entry.agreement.amount),
        refusal=refusal or AgreementRefusalForm(formdata=None),
        own=entry.agreement.reported_by == actor.user_id,
        bars=telling.of_contract(session, project.id, agreement_id),
        kinds=AGREEMENT_LABELS,
        areas=AREA_LABELS,
    )


def _page(project: Project, form: RulingForm | None) -> str:
    session, actor = db.session(), current_actor()
    lines, signed = queries.standings(session, project.id, timing.today())
    filed = record.all_filed(session, project.id)
    on = [line.rule for line in lines]
    return render_template(
        "pipeline/counting/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "counting.show"),
        lines=[(line, SPECS[line.rule], [telling.told(bar) for bar in line.bars]) for line in lines],
        until={bar.rule: bar.from_on for line in lines for bar in line.bars if bar.from_on},
        signed=signed,
        rulings=queries.rulings(session, project.id),
        contracts=[entry.agreement for entry in filed if entry.agreement.kind is AgreementKind.CONTRACT],
        areas=AREA_LABELS,
        specs=SPECS,
        form=(form or RulingForm(formdata=None)).offer(on),
        may_rule=actor.may(P.CLAIM_RULE),
        barred=actor.user_id in {project.created_by, project.owner_id},
        may_area=actor.reaches(P.PROJECT_WRITE, project.unit_id)
        or actor.reaches(P.AGREEMENT_RECOGNIZE, project.unit_id),
    )
