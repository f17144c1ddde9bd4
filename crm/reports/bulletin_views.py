"""Pages of a campaign's bulletins: list, draft, edit, issue, rows behind each figure, Word file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.assessment import queries as assessment
from crm.assessment.measures import MEASURES
from crm.assessment.rules import BulletinKind
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError
from crm.reports import bulletin_file, bulletin_paper, bulletin_words, bulletins
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

bp = Blueprint("bulletins", __name__, url_prefix="/campaigns")
P = Permission
REFUSED = (422, 409)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHOWN = 500


class DayForm(Form):
    """As of which day a bulletin counts."""

    as_of = DayField(_("数据截至"), [InputRequired(_("请选择日期。"))])


class BulletinForm(Form):
    """The words of a draft."""

    version = WholeField()
    title = StringField(_("标题"), [Length(max=200, message=_("最多200字。"))])
    body = TextAreaField(_("正文"), [Length(max=20_000, message=_("最多两万字。"))])


@bp.get("/<int:campaign_id>/bulletins")
@requires(P.REPORT_READ)
def index(campaign_id: int) -> ResponseReturnValue:
    """List the bulletins of a campaign."""
    return _list(campaign_id, DayForm(formdata=None, as_of=timing.today()))


@bp.post("/<int:campaign_id>/bulletins")
@requires(P.REPORT_BUILD)
def build(campaign_id: int) -> ResponseReturnValue:
    """Draft the next bulletin."""
    session, actor, form = db.session(), current_actor(), DayForm()
    if not form.validate() or form.as_of.data is None:
        return _list(campaign_id, form), REFUSED[0]
    try:
        row = bulletins.build(
            session,
            actor,
            campaign_id,
            form.as_of.data,
            now=timing.now(),
            today=timing.today(),
            kind=BulletinKind.CLOSING if "closing" in request.form else BulletinKind.BULLETIN,
        )
    except DomainError as error:
        if error.status not in REFUSED:
            raise
        form.refuse(error.problems)
        return _list(campaign_id, form), error.status
    flash(tr("简报草稿已编好，改好文字后印发。"), "ok")
    return redirect(url_for("bulletins.show", bulletin_id=row.id), 303)


@bp.get("/bulletins/<int:bulletin_id>")
@requires(P.REPORT_READ)
def show(bulletin_id: int) -> ResponseReturnValue:
    """Show a bulletin."""
    return _page(bulletin_id)


@bp.post("/bulletins/<int:bulletin_id>")
@requires(P.REPORT_BUILD)
def edit(bulletin_id: int) -> ResponseReturnValue:
    """Save the words of a draft."""
    session, actor, form = db.session(), current_actor(), BulletinForm()
    if not form.validate():
        return _page(bulletin_id, form), REFUSED[0]
    words = (text(form.title), text(form.body))
    try:
        bulletins.edit(session, actor, bulletin_id, *words, version=form.version.data or 0, now=timing.now())
    except DomainError as error:
        if error.status not in REFUSED:
            raise
        form.refuse(error.problems)
        return _page(bulletin_id, form), error.status
    flash(tr("简报已保存。"), "ok")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


@bp.post("/bulletins/<int:bulletin_id>/rebuild")
@requires(P.REPORT_BUILD)
def rebuild(bulletin_id: int) -> ResponseReturnValue:
    """Count a draft anew as of a day."""
    form = DayForm()
    if form.validate() and form.as_of.data is not None:
        try:
            bulletins.rebuild(
                db.session(), current_actor(), bulletin_id, form.as_of.data, now=timing.now(), today=timing.today()
            )
            flash(tr("数据已按所选日期重新统计，文字从头生成。"), "ok")
        except DomainError as error:
            if error.status not in REFUSED:
                raise
            db.session().rollback()
            for problem in error.problems:
                flash(say(problem), "bad")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


@bp.post("/bulletins/<int:bulletin_id>/issue")
@requires(P.REPORT_FREEZE)
def issue(bulletin_id: int) -> ResponseReturnValue:
    """Number a bulletin and fix it."""
    form = BulletinForm()
    session, actor, version = db.session(), current_actor(), form.version.data or 0
    try:
        row = bulletins.issue(session, actor, bulletin_id, version=version, now=timing.now())
    except DomainError as error:
        if error.status not in REFUSED:
            raise
        session.rollback()
        for problem in error.problems:
            flash(say(problem), "bad")
    else:
        flash(tr("已印发第%(n)s期，数据和文字不再变。", n=row.number), "ok")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


@bp.get("/bulletins/<int:bulletin_id>/rows/<metric>")
@requires(P.REPORT_READ)
def rows(bulletin_id: int, metric: str) -> ResponseReturnValue:
    """Show the frozen rows behind a figure."""
    session, actor = db.session(), current_actor()
    row = bulletins.get(session, actor, bulletin_id)
    figures = row.figures
    unit = next((one for one in figures["units"] if one["id"] == request.args.get("unit", type=int)), None)
    found = bulletins.rows(session, actor, row, metric, unit["id"] if unit else None)
    place = next(at for at, one in enumerate(figures["metrics"]) if one["key"] == metric)
    figure = figures["metrics"][place]
    return render_template(
        "reports/bulletin_rows.html",
        bulletin=row,
        label=figure["label"],
        basis=MEASURES[bulletins.measure_of(figure)].basis,
        rows=found[:SHOWN],
        total=len(found),
        figure={**figure, "done": unit["cells"][place][0]} if unit else figure,
        unit=unit["name"] if unit else "",
    )


@bp.get("/bulletins/<int:bulletin_id>/bulletin.docx")
@requires(P.REPORT_READ)
def file(bulletin_id: int) -> Response:
    """Hand out the bulletin as a Word file."""
    session = db.session()
    row = bulletins.get(session, current_actor(), bulletin_id)
    if bulletin_words.hidden(session, current_actor(), row):
        raise ConflictError(bulletin_words.SECRET)
    body = bulletin_file.content(session, row)
    with db.writing() as own:
        subject = (bulletins.SUBJECT, row.id)
        audit.record(own, current_actor().user_id, "bulletin.download", subject, now=timing.now(), number=row.number)
    return send_file(io.BytesIO(body), mimetype=WORD, as_attachment=True, download_name=bulletin_paper.file_name(row))


def _list(campaign_id: int, form: DayForm) -> str:
    session, actor = db.session(), current_actor()
    campaign = assessment.campaign(session, campaign_id)
    found = bulletins.of_campaign(session, actor, campaign_id)
    return render_template(
        "reports/bulletins.html",
        campaign=campaign,
        closable=bulletins.closable(session, actor, campaign, timing.today()),
        found=found,
        hidden=bulletin_words.hidden(session, actor, *found),
        form=form if actor.may(P.REPORT_BUILD) else None,
        today=timing.today(),
    )


def _page(bulletin_id: int, form: BulletinForm | None = None) -> str:
    session, actor = db.session(), current_actor()
    row = bulletins.get(session, actor, bulletin_id)
    draft = row.number is None
    hidden = say(bulletin_words.SECRET) if bulletin_words.hidden(session, actor, row) else ""
    may_issue = draft and actor.may(P.REPORT_FREEZE)
    blocked = bulletin_words.problems(session, actor, row) if may_issue else []
    ready = BulletinForm(formdata=None, title=row.title, body=row.body, version=row.version)
    return render_template(
        "reports/bulletin.html",
        bulletin=row,
        form=(form or ready) if draft and actor.may(P.REPORT_BUILD) else None,
        day_form=DayForm(formdata=None, as_of=row.as_of) if draft and actor.may(P.REPORT_BUILD) else None,
        hidden=hidden,
        may_issue=may_issue,
        blocked=[say(one).rstrip("。") for one in blocked],
        today=timing.today(),
    )
