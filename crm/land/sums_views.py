"""The page 供地测算: land subsidy and payback with the formula shown."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _
from wtforms.validators import InputRequired

from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.resources.carriers.sums import LABELS, LandSums, problems_of
from crm.web.access import requires
from crm.web.fields import PlainField
from crm.web.forms import Form

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("land_sums", __name__)
NEEDED = InputRequired(_("请填写这一项。"))
START = {"area": Decimal(100), "cost": Decimal(15), "price": Decimal("1.2"), "tax": Decimal(10), "kept": Decimal(50)}


class SumsForm(Form):
    """What is reckoned with."""

    class Meta(Form.Meta):
        """Nothing is written: the address can be sent to a colleague."""

        csrf = False

    area = PlainField(_("面积（亩）"), [NEEDED])
    cost = PlainField(_("开发成本（万元/亩）"), [NEEDED])
    price = PlainField(_("供地价格（万元/亩）"), [NEEDED])
    tax = PlainField(_("亩均年税收（万元）"), [NEEDED])
    kept = PlainField(_("地方留成（%）"), [NEEDED])


@bp.get("/carriers/sums")
@requires(Permission.RESOURCE_READ)
def show() -> ResponseReturnValue:
    """Reckon what the address asks."""
    asked = any(name in request.args for name in LABELS)
    form = SumsForm(request.args) if asked else SumsForm(formdata=None, data=START)
    sums = None
    if not asked or form.validate():
        sums = LandSums(**{name: form[name].data for name in LABELS})
        problems = problems_of(sums)
        if problems:
            form.refuse(problems)
            sums = None
    status = 200 if sums is not None else DomainError.status
    return render_template("land/carriers/sums.html", form=form, sums=sums), status
