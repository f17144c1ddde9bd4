"""The page of a piece of land: what was found on the spot, delays that do not count, and its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ForbiddenError, NotFoundError
from crm.land import holders, suspects
from crm.pipeline.attempts import attempt
from crm.pipeline.forms import CHOOSE, LONG, SHORT
from crm.resources.carriers import queries as carriers
from crm.resources.carriers import services as keeping
from crm.resources.carriers.rules import HoldKind
from crm.resources.idle import clocking, clocks, rules
from crm.resources.idle.clocking import DelayDraft
from crm.resources.idle.clocks import Delay, DelayCause, Progress
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import DayField, PlainField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("land_clocks", __name__)
P = Permission
DAY = InputRequired(_("请选择日期。"))


class ProgressForm(Form):
    """What was found on the spot."""

    on = DayField(_("核查日期"), [DAY])
    begun_on = DayField(_("动工日期"))
    stopped_on = DayField(_("停工日期"))
    built = PlainField(_("已开发面积（亩）"))
    invested = PlainField(_("已投资额（万元）"))
    planned = PlainField(_("总投资额（万元）"))

    def found(self) -> Progress:
        """Return what was typed; only after validation."""
        assert self.on.data is not None  # noqa: S101 (the form demands it)
        return Progress(
            self.on.data,
            self.begun_on.data,
            self.stopped_on.data,
            self.built.data or clocks.ZERO,
            self.invested.data or clocks.ZERO,
            self.planned.data,
        )


class DelayForm(Form):
    """A delay the holder does not answer for."""

    cause = SelectField(_("延误原因"), [CHOOSE])
    from_on = DayField(_("开始日期"), [DAY])
    until_on = DayField(_("结束日期"))
    document_no = StringField(_("文号"), [SHORT])
    detail = TextAreaField(_("情况"), [InputRequired(_("请写明情况，至少四个字。")), LONG])

    def draft(self) -> DelayDraft:
        """Return what was typed; only after validation."""
        assert self.from_on.data is not None  # noqa: S101 (the form demands it)
        days = Delay(self.from_on.data, self.until_on.data)
        return DelayDraft(DelayCause(self.cause.data), days, text(self.detail), text(self.document_no))


class EndForm(Form):
    """A delay is over."""

    until_on = DayField(_("结束日期"), [DAY])


@bp.route("/carriers/holds/<int:hold_id>/clock", methods=["GET"])
@requires(P.RESOURCE_MANAGE)
def show(hold_id: int) -> ResponseReturnValue:
    """Show the clock of a piece of land with what it is read from."""
    return _page(hold_id)


def _page(
    hold_id: int,
    progress: ProgressForm | None = None,
    delay: DelayForm | None = None,
    ending: dict[int, EndForm] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, actor, today = db.session(), current_actor(), timing.today()
    held = carriers.hold(session, hold_id)
    row = carriers.get(session, held.carrier_id)
    if not carriers.may_manage(actor, row.unit_id):
        raise ForbiddenError(keeping.FORBIDDEN)
    if held.kind is not HoldKind.ALLOTTED:
        raise NotFoundError(clocking.NOT_LAND)
    delay = delay or DelayForm(formdata=None)
    delay.cause.choices = choices(clocks.CAUSE_LABELS.items())
    page = render_template(
        "land/idle/clock.html",
        held=held,
        row=row,
        holder=holders.names(session, actor, [held])[held.id],
        clock=suspects.clocks_of(session, [held], today).get(held.id),
        found=clocking.progress(session, hold_id),
        delays=clocking.delays(session, hold_id),
        progress_form=progress or ProgressForm(formdata=None, data={"on": today}),
        delay_form=delay,
        end_form=EndForm(formdata=None, data={"until_on": today}),
        ending=ending or {},
        rules=rules,
        causes=clocks.CAUSE_LABELS,
    )
    return page, status


@bp.post("/carriers/holds/<int:hold_id>/progress")
@requires(P.RESOURCE_MANAGE)
def add_progress(hold_id: int) -> ResponseReturnValue:
    """Keep what was found on the spot."""
    session, actor, form = db.session(), current_actor(), ProgressForm()

    def act() -> None:
        clocking.note_progress(session, actor, hold_id, form.found(), now=timing.now(), today=timing.today())

    status = attempt(form, act)
    return _page(hold_id, progress=form, status=status) if status else _done(hold_id)


@bp.post("/carriers/holds/<int:hold_id>/delays")
@requires(P.RESOURCE_MANAGE)
def add_delay(hold_id: int) -> ResponseReturnValue:
    """Keep a delay."""
    session, actor, form = db.session(), current_actor(), DelayForm()
    form.cause.choices = choices(clocks.CAUSE_LABELS.items())

    def act() -> None:
        clocking.add_delay(session, actor, hold_id, form.draft(), now=timing.now(), today=timing.today())

    status = attempt(form, act)
    return _page(hold_id, delay=form, status=status) if status else _done(hold_id)


@bp.post("/carriers/delays/<int:delay_id>/end")
@requires(P.RESOURCE_MANAGE)
def end_delay(delay_id: int) -> ResponseReturnValue:
    """Say on which day a delay was over."""
    session, actor, form = db.session(), current_actor(), EndForm()
    hold_id = clocking.delay(session, delay_id).hold_id

    def act() -> None:
        assert form.until_on.data is not None  # noqa: S101 (the form demands it)
        clocking.end_delay(session, actor, delay_id, form.until_on.data, now=timing.now(), today=timing.today())

    status = attempt(form, act)
    return _page(hold_id, ending={delay_id: form}, status=status) if status else _done(hold_id)


def _done(hold_id: int) -> ResponseReturnValue:
    flash(tr("已登记"), "ok")
    return redirect(url_for("land_clocks.show", hold_id=hold_id), 303)
