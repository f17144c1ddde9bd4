"""Forms of the project bank: a planned project, a step, the yearly target, a proposal's title, a public link."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.bank.rules import LONGEST, BankDraft
from crm.pipeline.forms import LINE
from crm.web.fields import DayField, PlainField, WanField, WholeField
from crm.web.forms import Form, text
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.auth.models import OrgUnit
    from crm.bank.models import BankProject
    from crm.bank.queries import Settings

LONG = Length(max=LONGEST, message=_("最多4000个字。"))
YI = Decimal(10_000)


class BankForm(Form):
    """One planned project."""

    name = StringField(_("项目名称"), [InputRequired(_("请填写项目名称，例如年产2万套减速机项目。")), LINE])
    node_id = SelectField(_("产业链环节"))
    industry = StringField(_("产业"), [LINE])
    unit_id = SelectField(_("策划单位"))
    content = TextAreaField(_("建设内容"), [InputRequired(_("请写清建设什么、规模多大，至少十个字。")), LONG])
    investment = WanField(_("估算总投资（万元）"), [InputRequired(_("请填写估算总投资（万元）。"))])
    land_mu = PlainField(_("用地（亩）"))
    floor_sqm = PlainField(_("厂房（平方米）"))
    conditions = TextAreaField(_("合作条件"), [LONG])
    output = WanField(_("预计年产值（万元）"))
    tax = WanField(_("预计年纳税（万元）"))
    benefit = TextAreaField(_("效益预测"), [LONG])
    carriers = SelectMultipleField(
        _("拟用载体"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), coerce=str
    )
    contact_post = StringField(_("联系岗位"), [InputRequired(_("请填写联系岗位，例如县投促中心产业科。")), LINE])
    seen = HiddenField()

    def offer(
        self, units: Iterable[OrgUnit], nodes: Iterable[tuple[int, str]], carriers: Iterable[tuple[int, str]]
    ) -> BankForm:
        """Fill in what can be chosen."""
        self.unit_id.choices = [(str(unit.id), unit.name) for unit in units]
        self.node_id.choices = [("", _("不属于任何环节")), *((str(key), name) for key, name in nodes)]
        self.carriers.choices = [(str(key), name) for key, name in carriers]
        return self

    def draft(self) -> BankDraft:
        """Return what was typed; only after validation."""
        return BankDraft(
            name=text(self.name),
            unit_id=int(self.unit_id.data),
            content=text(self.content),
            investment=self.investment.data,
            contact_post=text(self.contact_post),
            node_id=number_or_none(text(self.node_id)),
            industry=text(self.industry),
            land_mu=self.land_mu.data,
            floor_sqm=self.floor_sqm.data,
            conditions=text(self.conditions),
            benefit=text(self.benefit),
            output=self.output.data,
            tax=self.tax.data,
            carriers=tuple(int(key) for key in self.carriers.data or ()),
        )


def values_of(row: BankProject, carriers: Iterable[int]) -> dict[str, object]:
    """Give a project as its form shows it."""
    values = {name: getattr(row, name) for name in BankForm.__dict__ if hasattr(row, name)}
    values.update(
        unit_id=str(row.unit_id),
        node_id=str(row.node_id or ""),
        carriers=[str(key) for key in carriers],
        seen=row.version,
    )
    return values


class StepForm(Form):
    """A step of a planned project."""

    to = HiddenField()
    reason = TextAreaField(_("原因"), [LONG])
    enterprise = HiddenField()
    project = HiddenField()
    seen = HiddenField()


class SettingsForm(Form):
    """The yearly target, and whom outsiders may call."""

    count = WholeField(_("每年策划项目（个）"))
    amount = PlainField(_("每年总投资（亿元）"))
    contact = TextAreaField(_("对外联系方式"), [InputRequired(_("请填写对外联系方式。")), LONG])

    def wan(self) -> Decimal | None:
        """Give the sum in 万元."""
        return None if self.amount.data is None else self.amount.data * YI


def settings_values(kept: Settings) -> dict[str, object]:
    """Give the settings as their form shows them."""
    return {"count": kept.goal.count, "amount": kept.goal.amount / YI, "contact": kept.contact}


class TitleForm(Form):
    """The title of a proposal; its texts and rows are read as they were sent."""

    title = StringField(_("标题"), [InputRequired(_("请填写标题，最多200个字。")), LINE])
    seen = HiddenField()


class LinkForm(Form):
    """A public link."""

    label = StringField(_("发给谁、作什么用"), [InputRequired(_("请写明发给谁、作什么用。")), LINE])
    expires_on = DayField(_("到期日"), [InputRequired(_("请选择到期日，一年以内。"))])
