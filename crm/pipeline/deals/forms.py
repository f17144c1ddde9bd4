"""Forms of agreements: reporting one with what it binds to, settling, paying, another scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.pipeline.deals.duties import DUTY_LABELS, SIDES
from crm.pipeline.deals.promise_rows import PromiseRows
from crm.pipeline.deals.rules import (
    CURRENCY_LABELS,
    HOME,
    OBLIGATION_LABELS,
    SIDE_LABELS,
    Covenant,
    ForeignMoney,
    ObligationState,
    Promise,
    Side,
    in_yuan,
    read_deposits,
    read_promises,
)
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT, member
from crm.pipeline.limits import AgreementDraft
from crm.pipeline.words import AGREEMENT_LABELS, AREA_LABELS, AgreementKind, SourceArea
from crm.web.fields import DayField, WanField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wtforms import Field


class AgreementForm(Form):
    """Report an agreement, with its scan if there is one; a contract with what it binds both sides to."""

    kind = RadioField(_("协议类型"), [CHOOSE])
    number = StringField(_("编号"), [SHORT])
    signed_on = DayField(_("签订日期"), [InputRequired(_("请选择签订日期。"))])
    currency = SelectField(_("币种"), default=HOME, validate_choice=False)
    amount = WanField(_("协议金额（万元）"), [InputRequired(_("请填写协议金额，单位是万元。"))])
    rate = WanField(_("汇率"))
    rate_on = DayField(_("汇率日期"))
    rate_source = StringField(_("汇率来源"), [LINE])
    area = SelectField(_("资金来源地"), validate_choice=False)
    promises = PromiseRows(_("双方义务"))
    ours = TextAreaField(_("我方义务"), [LONG])
    none_ours = StringField(_("没有我方义务的理由"), [LINE])
    theirs = TextAreaField(_("对方义务"), [LONG])
    none_theirs = StringField(_("没有对方义务的理由"), [LINE])
    deposits = TextAreaField(_("履约保证金"), [LONG])
    no_deposit = StringField(_("不收保证金的理由"), [LINE])
    scan = FileField(_("扫描件"))

    def offer(self, currencies: Sequence[str] = (HOME,)) -> AgreementForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(AGREEMENT_LABELS.items())
        self.area.choices = choices([("", "还不清楚"), *AREA_LABELS.items()])
        self.currency.choices = choices((code, CURRENCY_LABELS[code]) for code in currencies)
        return self

    @property
    def foreign(self) -> bool:
        """Whether another currency was chosen."""
        return text(self.currency) not in {"", HOME}

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for the rate of a foreign amount, and read obligations and deposits line by line."""
        right = bool(super().validate(extra_validators))
        if self.foreign:
            words = tr("外币须填汇率、汇率日期和汇率来源。")
            asked: tuple[Field, ...] = (self.rate, self.rate_on, self.rate_source)
            for field in asked:
                if not field.data and not field.errors:
                    field.errors, right = [words], False
        texts = tr("看不懂这一行：%(line)s。请照例子改写。")
        readers: tuple[tuple[Field, Callable[[str], tuple[object, str]]], ...] = (
            (self.ours, lambda typed: read_promises(Side.OURS, typed)),
            (self.theirs, lambda typed: read_promises(Side.THEIRS, typed)),
            (self.deposits, read_deposits),
        )
        for field, read in readers:
            line = read(text(field))[1]
            if line:
                field.errors, right = [texts % {"line": line[:60]}], False
        return right

    def draft(self) -> AgreementDraft:
        """Return what was typed as the rules want it; only after validation."""
        money = None
        if self.foreign and self.rate_on.data is not None:
            money = ForeignMoney(
                text(self.currency), self.amount.data, self.rate.data, self.rate_on.data, text(self.rate_source)
            )
        ours, _line = read_promises(Side.OURS, text(self.ours))
        theirs, _line = read_promises(Side.THEIRS, text(self.theirs))
        return AgreementDraft(
            kind=AgreementKind(self.kind.data),
            signed_on=self.signed_on.data,  # type: ignore[arg-type]  # required, so never None here
            amount=in_yuan(money) if money else self.amount.data,
            number=optional(self.number),
            foreign=money,
            covenant=Covenant(
                promises=(*self.promises.promises, *ours, *theirs),
                none_ours=text(self.none_ours),
                none_theirs=text(self.none_theirs),
                deposits=tuple(read_deposits(text(self.deposits))[0]),
                no_deposit=text(self.no_deposit),
            ),
            area=member(SourceArea, text(self.area)),
        )


class SettleForm(Form):
    """Settle an obligation."""

    state = SelectField(_("结果"), [CHOOSE])
    evidence = StringField(_("依据"), [LINE])
    kind = SelectField(_("种类"), validate_choice=False)

    def offer(self) -> SettleForm:
        """Fill in what can be chosen."""
        ours = [(kind, label) for kind, label in DUTY_LABELS.items() if SIDES.get(kind, Side.OURS) is Side.OURS]
        self.kind.choices = choices([("", "—"), *ours])
        self.state.choices = choices((key, label) for key, label in OBLIGATION_LABELS.items() if key != "open")
        return self

    def settled(self) -> ObligationState:
        """Return the result; only after validation."""
        return ObligationState(self.state.data)


class PromiseForm(Form):
    """Add an obligation to an agreement."""

    side = SelectField(_("哪一方"), [CHOOSE])
    text = StringField(_("义务"), [InputRequired(_("请写明义务的内容。")), LINE])
    due_on = DayField(_("期限"))

    def offer(self) -> PromiseForm:
        """Fill in what can be chosen."""
        self.side.choices = choices(SIDE_LABELS.items())
        return self

    def promise(self) -> Promise:
        """Return what was typed; only after validation."""
        return Promise(Side(self.side.data), text(self.text), self.due_on.data)


class PaymentForm(Form):
    """Record that an instalment arrived."""

    paid_on = DayField(_("到账日期"))
    voucher = StringField(_("凭证号"), [SHORT])


class ScanForm(Form):
    """Add a scan to an agreement."""

    scan = FileField(_("扫描件"))
