"""Form of an entry of what was spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from crm.assessment.budgets.rules import KIND_LABELS, SpendDraft, SpendKind
from crm.web.fields import DayField, WanField
from crm.web.forms import Form, choices, optional, text

if TYPE_CHECKING:
    from collections.abc import Iterable


class SpendForm(Form):
    """What was spent, by whom, for what."""

    unit_id = SelectField(_("单位"), coerce=int, validate_choice=False)
    spent_on = DayField(_("支出日期"), [InputRequired(_("请选择日期。"))])
    amount = WanField(_("金额（万元）"), [InputRequired(_("请填金额，单位是万元，例如 1.25。"))])
    kind = SelectField(_("类别"), validate_choice=False)
    purpose = StringField(
        _("用途"), [InputRequired(_("请写明用途，例如“赴深圳拜访机票”。")), Length(max=200, message=_("最多200字。"))]
    )
    receipt = StringField(_("票据或文号"), [Length(max=80, message=_("最多80字。"))])
    trip_id = SelectField(_("外出招商"), validate_choice=False)
    event_id = SelectField(_("活动"), validate_choice=False)
    touch_id = SelectField(_("走访接待"), validate_choice=False)
    project_id = SelectField(_("线索或项目"), validate_choice=False)

    def offer(self, units: Iterable[tuple[int, str]], **links: Iterable[tuple[int, str]]) -> SpendForm:
        """Fill in what can be chosen; ``links`` are named as the fields."""
        self.unit_id.choices = list(units)
        self.kind.choices = choices((kind.value, label) for kind, label in KIND_LABELS.items())
        for name, pairs in links.items():
            self._fields[name].choices = [("", "—"), *((str(key), label) for key, label in pairs)]
        return self

    def draft(self) -> SpendDraft:
        """What was typed."""
        kind = text(self.kind)
        return SpendDraft(
            self.unit_id.data or 0,
            self.spent_on.data,
            self.amount.data,
            SpendKind(kind) if kind in set(SpendKind) else SpendKind.OTHER,
            text(self.purpose),
            optional(self.receipt),
            *(_number(text(self._fields[name])) for name in ("trip_id", "event_id", "touch_id", "project_id")),
        )


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None  # noqa: PLR2004 (fits an integer column)
