"""Forms of capital: reporting a voucher, recognising so much of it, sending it back."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.delivery.capital.rules import (
    AREA_LABELS,
    FORM_LABELS,
    VOUCHER_LABELS,
    CapitalForm,
    SourceArea,
    VoucherDraft,
    VoucherKind,
)
from crm.pipeline.deals.rules import CURRENCY_LABELS, HOME, ForeignMoney, in_yuan
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT
from crm.web.fields import DayField, WanField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wtforms import Field


class VoucherForm(Form):
    """Report a voucher of capital that arrived."""

    kind = SelectField(_("凭证种类"), [CHOOSE])
    number = StringField(_("凭证号"), [InputRequired(_("请填写凭证号，例如银行流水号或报告文号。")), SHORT])
    payer = StringField(_("出资方"), [InputRequired(_("请填写出资方或付款人。")), LINE])
    arrived_on = DayField(_("到账日期"), [InputRequired(_("请选择到账日期。"))])
    form = SelectField(_("出资形式"), [CHOOSE])
    area = SelectField(_("资金来源地"), [CHOOSE])
    currency = SelectField(_("币种"), default=HOME, validate_choice=False)
    amount = WanField(_("到位金额（万元）"), [InputRequired(_("请填写到位金额，单位是万元。"))])
    rate = WanField(_("汇率"))
    rate_on = DayField(_("汇率日期"))
    rate_source = StringField(_("汇率来源"), [LINE])
    scan = FileField(_("凭证扫描件"))
    note = TextAreaField(_("备注"), [LONG])

    def offer(self, currencies: Sequence[str] = (HOME,)) -> VoucherForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(VOUCHER_LABELS.items())
        self.form.choices = choices(FORM_LABELS.items())
        self.area.choices = choices(AREA_LABELS.items())
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
            asked: tuple[Field, ...] = (self.rate, self.rate_on, self.rate_source)
            for field in asked:
                if not field.data and not field.errors:
                    field.errors, right = [tr("外币须填汇率、汇率日期和汇率来源。")], False
        return right

    def draft(self) -> VoucherDraft:
        """Return what was typed as the rules want it; only after validation."""
        amount, money, arrived_on = self.amount.data, None, self.arrived_on.data
        assert arrived_on is not None  # noqa: S101 (the form demands it)
        if self.foreign and self.rate_on.data is not None:
            source = text(self.rate_source)
            money = ForeignMoney(text(self.currency), amount, self.rate.data, self.rate_on.data, source)
            amount = in_yuan(money)
        return VoucherDraft(
            kind=VoucherKind(self.kind.data),
            form=CapitalForm(self.form.data),
            area=SourceArea(self.area.data),
            number=text(self.number),
            payer=text(self.payer),
            arrived_on=arrived_on,
            amount=amount,
            foreign=money,
            note=text(self.note),
        )


class RecognitionForm(Form):
    """How much is recognised, and why not all."""

    amount = WanField(_("认定金额（万元）"), [InputRequired(_("请填写认定金额，单位是万元。"))])
    reason = TextAreaField(_("差额原因"), [LONG])
    seen = HiddenField()

    @property
    def looked_at(self) -> Decimal | None:
        """What was recognised when the page was made; None where the page does not say."""
        try:
            seen = Decimal(text(self.seen))
        except InvalidOperation:
            return None
        return seen if seen.is_finite() else None


class RefusalForm(Form):
    """Why a voucher is sent back."""

    reason = TextAreaField(_("退回原因"), [InputRequired(_("请写明退回的原因，让上报人知道怎么补。")), LONG])
