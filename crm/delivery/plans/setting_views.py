"""The page on which the office sets its template of plans and the thresholds of the lights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.delivery.plans import pages, setting
from crm.delivery.plans.lights import Thresholds
from crm.delivery.plans.rules import NEEDED
from crm.delivery.plans.template import Template
from crm.pipeline.attempts import attempt
from crm.pipeline.landing.nodes import NODE_LABELS, NODE_ORDER, STATUTORY
from crm.pipeline.landing.template import TemplateNode
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import WholeField
from crm.web.forms import Form, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

bp = Blueprint("plan_settings", __name__, url_prefix="/projects")
P = Permission
NUMBER = InputRequired(_("请填整数。"))


class _Limits(Form):
    yellow_gap = WholeField(_("落后多少个百分点亮黄灯"), [NUMBER])
    red_gap = WholeField(_("超过多少个百分点亮红灯"), [NUMBER])
    start_red = WholeField(_("逾期未开工几个月亮红灯"), [NUMBER])
    statistics_yellow = WholeField(_("开工几个月未纳统亮黄灯"), [NUMBER])
    statistics_red = WholeField(_("开工几个月未纳统亮红灯"), [NUMBER])


# One row of fields for every node: days, clock, unit, whether it is used.
_FIELDS: dict[str, Any] = {}
for _kind in NODE_ORDER:
    _FIELDS[f"days_{_kind}"] = WholeField(_("签约后第几个工作日"), [NUMBER])
    _FIELDS[f"clock_{_kind}"] = WholeField(_("法定时限（工作日）"))
    _FIELDS[f"unit_{_kind}"] = SelectField(_("责任单位"), validate_choice=False)
    _FIELDS[f"used_{_kind}"] = BooleanField(_("要办"))
TemplateForm = type("TemplateForm", (_Limits,), _FIELDS)


def _offered(form: Any, units: Sequence[tuple[int, str]]) -> Any:  # noqa: ANN401 (its fields are made above)
    for kind in NODE_ORDER:
        own = (("", tr("项目所属单位")), *((str(key), name) for key, name in units))
        form[f"unit_{kind}"].choices = list(own)
    return form


def _data(template: Template) -> dict[str, Any]:
    limits = template.limits
    found: dict[str, Any] = {name: getattr(limits, name) for name in Thresholds.__dataclass_fields__}
    for node in template.nodes:
        found |= {f"days_{node.kind}": node.days, f"clock_{node.kind}": node.clock}
        found |= {f"unit_{node.kind}": str(node.unit_id or ""), f"used_{node.kind}": node.used}
    return found


def _typed(form: Any) -> Template:  # noqa: ANN401 (its fields are made above)
    nodes = tuple(
        TemplateNode(
            kind,
            form[f"days_{kind}"].data or 0,
            form[f"clock_{kind}"].data if kind in STATUTORY else None,
            number_or_none(text(form[f"unit_{kind}"])),
            used=bool(form[f"used_{kind}"].data) or kind in NEEDED,
        )
        for kind in NODE_ORDER
    )
    return Template(nodes, Thresholds(**{name: form[name].data or 0 for name in Thresholds.__dataclass_fields__}))


@bp.route("/settings/plans", methods=["GET", "POST"])
@requires(P.PIPELINE_CONFIGURE)
def edit() -> ResponseReturnValue:
    """Set the template; a refusal keeps everything typed."""
    session, actor, now, today = db.session(), current_actor(), timing.now(), timing.today()
    units = pages.units(session, today)
    sent = request.method == "POST"
    form = _offered(TemplateForm() if sent else TemplateForm(data=_data(setting.current(session))), units)

    def write() -> None:
        setting.change(session, actor, _typed(form), now=now, today=today)

    status = attempt(form, write) if sent else 200
    if status is None:
        flash(tr("已保存，以后签约的项目按新模板生成计划"), "ok")
        return redirect(url_for("plan_settings.edit"), 303)
    page = render_template(
        "delivery/plans/settings.html",
        form=form,
        kinds=[(kind, NODE_LABELS[kind], kind in STATUTORY, kind in NEEDED) for kind in NODE_ORDER],
    )
    return page, status
