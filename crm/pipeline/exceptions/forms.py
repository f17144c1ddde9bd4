"""Forms of exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.pipeline.exceptions.rules import FAIR_LABELS, KIND_LABELS, ExceptionKind, FairReview, Request
from crm.pipeline.forms import CHOOSE, LONG, SHORT
from crm.web.fields import DayField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Iterable


class RequestForm(Form):
    """Ask for an exception."""

    kind = RadioField(_("种类"), [CHOOSE])
    demand = SelectField(_("豁免的条件"), validate_choice=False)
    reason = TextAreaField(_("理由"), [InputRequired(_("请说明为什么要特事特办。")), LONG])
    granted = TextAreaField(_("给予什么"), [LONG])
    legal_basis = TextAreaField(_("法律和政策依据"), [LONG])
    fair_review = SelectField(_("公平竞争审查"), [CHOOSE])
    valid_until = DayField(_("有效期至"), [InputRequired(_("请选择日期，到期自动失效。"))])

    def offer(self, demands: Iterable[tuple[str, str]]) -> RequestForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(KIND_LABELS.items())
        self.demand.choices = choices([("", "—"), *demands])
        self.fair_review.choices = choices(FAIR_LABELS.items())
        return self

    def request(self) -> Request:
        """Return what was typed as the rules want it; only after validation."""
        return Request(
            kind=ExceptionKind(self.kind.data),
            reason=text(self.reason),
            valid_until=self.valid_until.data,  # type: ignore[arg-type]  # required, so never None here
            demand=text(self.demand) or None,
            granted=text(self.granted),
            legal_basis=text(self.legal_basis),
            fair_review=FairReview(self.fair_review.data),
        )


class DecisionForm(Form):
    """Decide a request."""

    decision_no = StringField(_("批准文号"), [SHORT])
    note = TextAreaField(_("意见"), [LONG])
