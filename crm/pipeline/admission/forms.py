"""Forms of the review: opening, opinion, notice, silence, scorecard, vote, decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.pipeline.admission.closing import DecisionDraft
from crm.pipeline.admission.rules import (
    BALLOT_LABELS,
    DIMENSIONS,
    NOTICE_LABELS,
    OUTCOME_LABELS,
    SPOKEN,
    VERDICT_LABELS,
    Ballot,
    NoticeWay,
    Outcome,
    Verdict,
)
from crm.pipeline.admission.scorecard import CRITERIA
from crm.pipeline.admission.silence import NoticeDraft
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT, member
from crm.web.fields import DayField, WanField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from wtforms import Field

    from crm.auth.models import OrgUnit

NEEDED = _("请填写。")


class OpeningForm(Form):
    """Open a case: a department for each opinion, and the tax that is expected."""

    annual_tax = WanField(_("预计年税收（万元）"))

    def offer(self, departments: Iterable[OrgUnit]) -> OpeningForm:
        """Fill in the departments."""
        pairs = [("0", "—"), *((str(unit.id), unit.name) for unit in departments)]
        for key in DIMENSIONS:
            self[key].choices = choices(pairs)
        return self

    def departments(self) -> dict[str, int]:
        """Return the departments chosen."""
        return {key: self[key].data for key in DIMENSIONS if self[key].data}


for _key, _label in DIMENSIONS.items():
    setattr(OpeningForm, _key, SelectField(_(_label), coerce=int, default=0))


class OpinionForm(Form):
    """A department's opinion."""

    verdict = RadioField(_("意见"), [CHOOSE])
    text = TextAreaField(_("意见和依据"), [InputRequired(_("请写明意见和依据。")), LONG])
    conditions = TextAreaField(_("附加条件"), [LONG], description=_("附条件通过时必填"))
    reason = StringField(_("更正的理由"), [LINE])
    paper = FileField(_("意见书"))

    def offer(self) -> OpinionForm:
        """Fill in what can be chosen."""
        self.verdict.choices = choices((verdict, VERDICT_LABELS[verdict]) for verdict in SPOKEN)
        return self

    def said(self) -> Verdict | None:
        """Return the verdict."""
        return member(Verdict, self.verdict.data)


class NoticeForm(Form):
    """Proof that a department was told."""

    way = SelectField(_("送达方式"), [CHOOSE])
    reference = StringField(_("送达凭据"), [InputRequired(NEEDED), LINE], description=_("文号、签收人、通话记录"))
    sent_on = DayField(_("送达日期"), [InputRequired(_("请选择日期。"))])

    def offer(self) -> NoticeForm:
        """Fill in what can be chosen."""
        self.way.choices = choices(NOTICE_LABELS.items())
        return self

    def draft(self) -> NoticeDraft:
        """Return what was typed."""
        return NoticeDraft(member(NoticeWay, self.way.data), text(self.reference), self.sent_on.data)


class DeemedForm(Form):
    """Take silence for consent: somebody of the department answers for it."""

    responsible_id = SelectField(_("部门责任人"), [CHOOSE], coerce=int)

    def offer(self, people: Iterable[tuple[int, str]]) -> DeemedForm:
        """Fill in who can be named."""
        self.responsible_id.choices = choices((str(user_id), name) for user_id, name in people)
        return self


class ScoreForm(Form):
    """The scorecard: points and a reason for each line."""

    def lines(self) -> dict[str, tuple[Decimal, str]]:
        """Return the lines that were filled in."""
        filled = {}
        for key in CRITERIA:
            points: Field = self[key]
            if points.data is not None:
                filled[key] = (points.data, text(self[f"{key}_reason"]))
        return filled

    def show(self, points: Mapping[str, tuple[Decimal, str]]) -> ScoreForm:
        """Fill in what is known."""
        for key, (value, reason) in points.items():
            self[key].data, self[f"{key}_reason"].data = value, reason
        return self


for _key, _label in CRITERIA.items():
    setattr(ScoreForm, _key, WanField(_(_label)))
    setattr(ScoreForm, f"{_key}_reason", StringField(_("%(name)s的理由", name=_(_label)), [LINE]))


class VoteForm(Form):
    """One vote."""

    ballot = RadioField(_("表决"), [CHOOSE])
    reason = StringField(_("理由"), [LINE], description=_("不同意或弃权须写明"))

    def offer(self) -> VoteForm:
        """Fill in what can be chosen."""
        self.ballot.choices = choices(BALLOT_LABELS.items())
        return self

    def cast(self) -> Ballot | None:
        """Return the ballot."""
        return member(Ballot, self.ballot.data)


class RecusalForm(Form):
    """A conflict of interest."""

    recuse_reason = StringField(_("回避理由"), [InputRequired(_("请写明回避的理由。")), LINE])


class DecisionForm(Form):
    """What the board decided."""

    outcome = RadioField(_("结论"), [CHOOSE])
    minutes_no = StringField(_("会议纪要编号"), [InputRequired(_("请填写会议纪要编号。")), SHORT])
    minutes_on = DayField(_("会议日期"), [InputRequired(_("请选择日期。"))])
    due_on = DayField(_("再议期限"), description=_("暂缓时必填"))
    note = TextAreaField(_("综合意见"), [LONG])
    override = TextAreaField(_("低于底线仍通过的理由"), [LONG])

    def offer(self) -> DecisionForm:
        """Fill in what can be chosen."""
        self.outcome.choices = choices(OUTCOME_LABELS.items())
        return self

    def draft(self) -> DecisionDraft:
        """Return what was typed; only after validation."""
        return DecisionDraft(
            outcome=Outcome(self.outcome.data),
            minutes_no=text(self.minutes_no),
            minutes_on=self.minutes_on.data,  # type: ignore[arg-type]  # required, so never None here
            note=text(self.note),
            due_on=self.due_on.data,
            override=text(self.override),
        )
