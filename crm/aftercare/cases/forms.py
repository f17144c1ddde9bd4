"""Forms of complaint cases: what came in, one step, the office's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from crm.aftercare.cases.rules import LIMIT_LABELS, CaseDraft, CaseStepDraft, Limits
from crm.aftercare.cases.words import (
    CHANNEL_LABELS,
    KIND_LABELS,
    REFUSAL_LABELS,
    TOPIC_LABELS,
    VERDICT_LABELS,
    CaseKind,
    CaseStepKind,
    Channel,
    Refusal,
    Topic,
    Verdict,
)
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT, member
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class CaseForm(Form):
    """Register what a firm asks or complains of."""

    touch_id = HiddenField()
    q = HiddenField()
    enterprise_id = HiddenField(_("企业"))
    kind = RadioField(_("类别"), [CHOOSE], default=CaseKind.DEMAND.value)
    title = StringField(_("诉求"), [InputRequired(_("请用一句话写明诉求。")), LINE])
    body = TextAreaField(_("情况和要求"), [InputRequired(_("请写明企业说的情况和要求，至少四个字。")), LONG])
    topic = SelectField(_("事项"), [CHOOSE])
    channel = SelectField(_("来源渠道"), [CHOOSE])
    received_on = DayField(_("收到日期"), [InputRequired(_("请选择日期。"))])
    person = StringField(_("联系人"), [SHORT])
    phone = StringField(_("联系电话"), [SHORT])
    confidential = BooleanField(_("为投诉人保密：承办单位看不到联系人和电话"))

    def offer(self) -> CaseForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(KIND_LABELS.items())
        self.topic.choices = choices(TOPIC_LABELS.items())
        self.channel.choices = choices(CHANNEL_LABELS.items())
        return self

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for the firm."""
        right = bool(super().validate(extra_validators))
        if number_or_none(text(self.enterprise_id)) is None:
            self.enterprise_id.errors, right = [tr("请选择企业；登记册里没有的先新增。")], False
        return right

    def draft(self) -> CaseDraft:
        """Return what was typed; only after validation."""
        day, firm = self.received_on.data, number_or_none(text(self.enterprise_id))
        assert day is not None  # noqa: S101 (the form demands it)
        assert firm is not None  # noqa: S101 (the form demands it)
        return CaseDraft(
            kind=CaseKind(self.kind.data),
            topic=Topic(self.topic.data),
            title=text(self.title),
            body=text(self.body),
            channel=Channel(self.channel.data),
            received_on=day,
            enterprise_id=firm,
            person=text(self.person),
            phone=text(self.phone),
            confidential=bool(self.confidential.data),
            touch_id=number_or_none(text(self.touch_id)),
        )


class CaseStepForm(Form):
    """One step; a page shows of it what this kind of step needs."""

    kind = HiddenField()
    text = TextAreaField(_("情况或理由"), [LONG])
    lead_id = SelectField(_("主办单位"), coerce=int, default=0, validate_choice=False)
    with_ids = SelectMultipleField(
        _("协办单位"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        coerce=int,
        validate_choice=False,
    )
    due_on = DayField(_("新的期限"))
    refusal = SelectField(_("不予受理的情形"), default="", validate_choice=False)
    verdict = RadioField(_("企业评价"), validate_choice=False)

    def offer(self, units: Sequence[tuple[int, str]]) -> CaseStepForm:
        """Fill in what can be chosen."""
        self.lead_id.choices = [(0, tr("请选择")), *units]
        self.with_ids.choices = list(units)
        self.refusal.choices = choices([("", "请选择"), *REFUSAL_LABELS.items()])
        self.verdict.choices = choices(VERDICT_LABELS.items())
        return self

    def draft(self, kind: CaseStepKind) -> CaseStepDraft:
        """Return what was typed; only after validation."""
        lead = self.lead_id.data or None
        return CaseStepDraft(
            kind=kind,
            text=text(self.text),
            lead_id=lead,
            with_ids=tuple(one for one in self.with_ids.data or () if one != lead),
            due_on=self.due_on.data,
            refusal=member(Refusal, self.refusal.data),
            verdict=member(Verdict, self.verdict.data),
        )


class LimitsForm(Form):
    """The office's limits in working days."""

    demand_accept = WholeField()
    demand_close = WholeField()
    foreign_accept = WholeField()
    foreign_close = WholeField()
    redo = WholeField()
    ask = WholeField()
    warn = WholeField()

    @classmethod
    def labels(cls) -> Mapping[str, str]:
        """Say what each field is."""
        return LIMIT_LABELS

    def limits(self) -> Limits:
        """Return what was typed; a blank field is nothing the rules let through."""
        return Limits(**{name: getattr(self, name).data or 0 for name in LIMIT_LABELS})
