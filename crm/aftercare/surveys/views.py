"""Pages of satisfaction surveys: the list, one with its counts, answering for a firm, and the firm's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.aftercare import picking
from crm.aftercare.picking import FirmForm
from crm.aftercare.surveys import links, rules, services
from crm.aftercare.surveys.rules import SurveyDraft, questions_of
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.enterprises.queries import enterprise
from crm.pipeline.attempts import attempt
from crm.pipeline.forms import LINE, LONG
from crm.web import db, timing
from crm.web.access import public, requires
from crm.web.fields import DayField
from crm.web.forms import Form, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.aftercare.surveys.models import Survey
    from crm.auth.rules import Actor

bp = Blueprint("surveys", __name__)
P = Permission
DAY = InputRequired(_("请选择日期。"))


class SurveyForm(Form):
    """Open a survey."""

    title = StringField(_("调查名称"), [InputRequired(_("请填写调查名称。")), LINE])
    questions = TextAreaField(_("问题（每行一个）"), [InputRequired(_("请填1到10个问题，每行一个，每个最多100字。"))])
    closes_on = DayField(_("截止日期"), [DAY])


class AnswerForm(Form):
    """What a firm says besides its scores, which are fields of the page's own."""

    remark = TextAreaField(_("意见和建议"), [LONG])


@bp.get("/surveys")
@requires(P.CASE_READ)
def index() -> ResponseReturnValue:
    """List surveys."""
    page = services.listing(db.session(), current_actor(), cursor=request.args.get("cursor"))
    return render_template("aftercare/surveys/index.html", page=page, today=timing.today())


@bp.route("/surveys/new", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def new() -> ResponseReturnValue:
    """Open a survey."""
    form, status = SurveyForm(questions="\n".join(tr(one) for one in rules.USUAL)), None
    if request.method == "POST":
        made: list[Survey] = []

        def act() -> None:
            day = form.closes_on.data
            assert day is not None  # noqa: S101 (the form demands it)
            draft = SurveyDraft(text(form.title), questions_of(text(form.questions)), day)
            made.append(services.begin(db.session(), current_actor(), draft, now=timing.now(), today=timing.today()))

        status = attempt(form, act)
        if status is None:
            flash(tr("已发起，选企业把链接发给它"), "ok")
            return redirect(url_for("surveys.show", survey_id=made[0].id), 303)
    return render_template("aftercare/surveys/form.html", form=form), status or 200


@bp.get("/surveys/<int:survey_id>")
@requires(P.CASE_READ)
def show(survey_id: int) -> ResponseReturnValue:
    """Show a survey with its counts; a firm chosen has its link."""
    session, actor = db.session(), current_actor()
    survey = services.get(session, actor, survey_id)
    form = FirmForm(formdata=None, enterprise_id=request.args.get("enterprise_id", ""))
    firm = enterprise(session, form.firm_id) if form.firm_id else None
    found = services.answers(session, survey.id)
    return render_template(
        "aftercare/surveys/show.html",
        survey=survey,
        answers=found,
        counted=rules.counted(survey.questions, [row.scores for row in found]),
        form=form,
        firm=firm,
        link=url_for("surveys.own", token=links.token(survey.id, firm.id), _external=True) if firm else "",
        open=timing.today() <= survey.closes_on,
        rules=rules,
        **picking.offered(actor, form),
    )


@bp.route("/surveys/<int:survey_id>/firms/<int:enterprise_id>", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def type_in(survey_id: int, enterprise_id: int) -> ResponseReturnValue:
    """Type in what a firm said on paper or by phone."""
    survey = services.get(db.session(), current_actor(), survey_id)
    back = url_for("surveys.show", survey_id=survey.id)
    return _answer(survey, enterprise_id, current_actor(), "aftercare/surveys/type_in.html", back)


@bp.route("/survey/<token>", methods=["GET", "POST"])
@public
def own(token: str) -> ResponseReturnValue:
    """Let a firm answer on its own link, without an account; who is signed in types it in for the firm."""
    known = links.read(token)
    if known is None:
        raise NotFoundError(services.ABSENT)
    survey = services.known(db.session(), known[0])
    if request.args.get("done") == "1" or services.answered(db.session(), *known):
        return render_template("aftercare/surveys/thanks.html", survey=survey)
    actor = current_actor() if current_user.is_authenticated else None
    return _answer(survey, known[1], actor, "aftercare/surveys/own.html", url_for("surveys.own", token=token, done="1"))


def _answer(survey: Survey, enterprise_id: int, actor: Actor | None, page: str, back: str) -> ResponseReturnValue:
    session, form, status = db.session(), AnswerForm(), None
    scores = [number_or_none(request.form.get(f"q{place}", "")) for place in range(len(survey.questions))]
    if request.method == "POST":

        def act() -> None:
            typed = (survey, enterprise_id, scores, text(form.remark))
            services.answer(session, actor, *typed, now=timing.now(), today=timing.today())

        status = attempt(form, act)
        if status is None:
            flash(tr("已提交，谢谢"), "ok")
            return redirect(back, 303)
    firm = enterprise(session, enterprise_id)
    typed = {"survey": survey, "firm": firm, "form": form, "scores": scores, "labels": rules.SCORE_LABELS}
    return render_template(page, **typed, open=timing.today() <= survey.closes_on), status or 200
