"""The page on which the office sets its terms of moves, exceptions, agreements and local views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits
from crm.pipeline.deals import setting
from crm.pipeline.deals.rules import CURRENCY_LABELS, HOME
from crm.pipeline.deals.terms import Terms, read_view, write_view
from crm.pipeline.forms import LONG
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import WholeField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr
from crm.web.inputs import asked

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.deals.terms import LocalView

bp = Blueprint("deal_settings", __name__, url_prefix="/projects")
P = Permission
NUMBER = InputRequired(_("请填整数。"))


class TermsForm(Form):
    """Everything the office sets here."""

    undo_hours = WholeField(_("撤销误操作的时限（小时）"), [NUMBER])
    exception_days = WholeField(_("例外最长有效期（天）"), [NUMBER])
    ageing_months = WholeField(_("意向多久没有合同要提醒（月）"), [NUMBER])
    learn_days = WholeField(_("流失后多少天内复盘"), [NUMBER])
    currencies = SelectMultipleField(
        _("可用币种"), validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    view_five = TextAreaField(_("五个一批"), [LONG])
    view_eight = TextAreaField(_("八步工作规程"), [LONG])

    def offer(self) -> TermsForm:
        """Fill in what can be chosen."""
        self.currencies.choices = choices(CURRENCY_LABELS.items())
        return self

    def views(self) -> tuple[LocalView, ...] | None:
        """Read the mappings; the line that cannot be read is named beside its field."""
        found = []
        for key, name, field in (
            ("five", "五个一批", self.view_five),
            ("eight", "八步工作规程", self.view_eight),
        ):
            view, line = read_view(key, name, text(field))
            if view is None:
                field.errors = [tr("看不懂这一行：%(line)s。请照例子改写。", line=line[:60])]
                return None
            found.append(view)
        return tuple(found)

    def terms(self, views: tuple[LocalView, ...]) -> Terms:
        """Return what was typed; only after validation."""
        return Terms(
            undo_hours=self.undo_hours.data or 0,
            exception_days=self.exception_days.data or 0,
            ageing_months=self.ageing_months.data or 0,
            learn_days=self.learn_days.data or 0,
            currencies=tuple(dict.fromkeys((HOME, *(self.currencies.data or ())))),
            views=views,
        )


@bp.route("/settings/deals", methods=["GET", "POST"])
@requires(P.PIPELINE_CONFIGURE)
def edit() -> ResponseReturnValue:
    """Set the terms; a refusal keeps everything typed."""
    session, actor = db.session(), current_actor()
    terms = setting.current(session)
    texts = {f"view_{view.key}": write_view(view) for view in terms.views}
    form = TermsForm(obj=terms, data=texts).offer()
    if request.method == "GET":
        return render_template("pipeline/deals/settings.html", form=form)
    views = form.views() if form.validate() else None
    if views is None:
        return render_template("pipeline/deals/settings.html", form=form), limits.REFUSED
    try:
        setting.change(session, actor, form.terms(views), now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return render_template("pipeline/deals/settings.html", form=form), error.status
    flash(tr("已保存"), "ok")
    return redirect(url_for("deal_settings.edit"), 303)


@bp.get("/groups")
@requires(P.PROJECT_READ)
def local() -> ResponseReturnValue:
    """Lead to the projects by groups, which are a view of the board's query."""
    args: dict[str, Any] = {**asked(), "view": "groups"}
    return redirect(url_for("pipeline.index", **args))
