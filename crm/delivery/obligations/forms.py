"""Forms of obligations: a measured one, a record, a payout, a dunning letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from crm.delivery.obligations.rules import DutyDraft, PayoutDraft, RecordDraft
from crm.pipeline.deals.duties import DUTY_LABELS, Duty
from crm.pipeline.deals.rules import CURRENCY_LABELS, HOME, ForeignMoney
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT
from crm.web.fields import DayField, PlainField, WanField, WholeField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wtforms import Field


class ChecksField(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DutyForm(Form):
    """A measured obligation."""

    agreement = SelectField(_("合同"), [CHOOSE], validate_choice=False)
    kind = SelectField(_("种类"), [CHOOSE])
    text = StringField(_("义务内容"), [InputRequired(_("请写明义务的内容。")), LINE])
    due_on = DayField(_("期限"))
    amount = PlainField(_("数量"))
    currency = SelectField(_("币种"), default=HOME, validate_choice=False)
    rate = WanField(_("汇率"))
    rate_on = DayField(_("汇率日期"))
    rate_source = StringField(_("汇率来源"), [LINE])
    needs = ChecksField(_("兑现条件"), validate_choice=False)
    clause = SelectField(_("依据的政策条款"), validate_choice=False)

    def offer(
        self,
        agreements: Iterable[tuple[int, str]],
        firms: Iterable[tuple[int, str]],
        clauses: Iterable[tuple[int, str]],
        currencies: Sequence[str] = (HOME,),
    ) -> DutyForm:
        """Fill in what can be chosen."""
        self.agreement.choices = [(str(key), label) for key, label in agreements]
        self.kind.choices = choices((key, label) for key, label in DUTY_LABELS.items() if key is not Duty.OTHER)
        self.needs.choices = [(str(key), label) for key, label in firms]
        self.clause.choices = [
            ("", tr("不按政策条款，按合同送审时的公平竞争审查")),
            *((str(key), label) for key, label in clauses),
        ]
        self.currency.choices = choices((code, CURRENCY_LABELS[code]) for code in currencies)
        return self

    @property
    def foreign(self) -> bool:
        """Whether another currency was chosen."""
        return text(self.currency) not in {"", HOME}

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for the rate of a foreign amount."""
        right = bool(super().validate(extra_validators))
        if self.foreign:
            asked: tuple[Field, ...] = (self.amount, self.rate, self.rate_on, self.rate_source)
            for field in asked:
                if not field.data and not field.errors:
                    field.errors, right = [tr("外币须填数量、汇率、汇率日期和汇率来源。")], False
        return right

    def draft(self) -> DutyDraft:
        """Return what was typed; only after validation."""
        money = None
        if self.foreign and self.rate_on.data is not None:
            money = ForeignMoney(
                text(self.currency), self.amount.data, self.rate.data, self.rate_on.data, text(self.rate_source)
            )
        needs = tuple(number for typed in self.needs.data or () if (number := number_or_none(typed)) is not None)
        return DutyDraft(
            kind=Duty(self.kind.data),
            text=text(self.text),
            due_on=self.due_on.data,
            amount=None if money else self.amount.data,
            foreign=money,
            needs=needs,
            clause_id=number_or_none(text(self.clause)),
        )


class RecordForm(Form):
    """How far an obligation is."""

    on = DayField(_("日期"), [InputRequired(_("请选择日期。"))])
    value = PlainField(_("实际数"))
    evidence = TextAreaField(_("依据"), [InputRequired(_("请写明依据，例如文件、凭证的名称和编号。")), LONG])

    def draft(self) -> RecordDraft:
        """Return what was typed."""
        return RecordDraft(self.on.data, text(self.evidence), self.value.data)


class PayoutForm(Form):
    """Money paid."""

    amount = WanField(_("兑现金额（万元）"), [InputRequired(_("请填写兑现金额，单位是万元。"))])
    paid_on = DayField(_("兑现日期"), [InputRequired(_("请选择兑现日期。"))])
    voucher = StringField(_("凭证号"), [InputRequired(_("请填凭证号。")), SHORT])

    def draft(self) -> PayoutDraft:
        """Return what was typed."""
        return PayoutDraft(self.amount.data, self.paid_on.data, text(self.voucher))


class DunForm(Form):
    """A dunning letter."""

    days = WholeField(_("期限（工作日）"), default=10)
    detail = TextAreaField(_("有关情况"), [LONG])
