"""Forms of the approval chain: start, step, withdrawal, clause, finding, consultation, landing conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.pipeline.approval.rules import (
    CATEGORY_LABELS,
    FINDING_LABELS,
    READINESS_LABELS,
    STANCE_LABELS,
    STATION_LABELS,
    STEP_LABELS,
    Category,
    Finding,
    Readiness,
    Stance,
    Station,
    StepDraft,
    StepResult,
)
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT, member
from crm.web.fields import DayField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.auth.models import OrgUnit

DAY_NEEDED = InputRequired(_("请选择日期。"))


class StartForm(Form):
    """Send a paper."""

    category = SelectField(_("项目类别"), [CHOOSE])
    title = StringField(_("文件名称"), [LINE], description=_("例如：年产五万吨电解液项目投资协议（送审稿）"))

    def offer(self) -> StartForm:
        """Fill in what can be chosen."""
        self.category.choices = choices(CATEGORY_LABELS.items())
        return self

    def kind(self) -> Category:
        """Return the category; only after validation."""
        return Category(self.category.data)


class StepForm(Form):
    """What a station did with the paper."""

    result = RadioField(_("办理结果"), [CHOOSE])
    decided_on = DayField(_("办理日期"), [DAY_NEEDED])
    minutes_no = StringField(_("会议纪要编号"), [SHORT])
    text = TextAreaField(_("意见"), [LONG], description=_("退回须写明理由"))
    back_to = SelectField(_("退回到"), default="")
    file = FileField(_("意见书或纪要"))

    def offer(self, stations: Iterable[Station]) -> StepForm:
        """Fill in what can be chosen; ``stations`` are those a paper may be sent back to."""
        self.result.choices = choices(STEP_LABELS.items())
        pairs = [("", "—"), *((str(station), STATION_LABELS[station]) for station in stations)]
        self.back_to.choices = choices(pairs)
        return self

    def draft(self, station: Station, *, has_file: bool) -> StepDraft:
        """Return what was typed; only after validation."""
        return StepDraft(
            station=station,
            result=StepResult(self.result.data),
            decided_on=self.decided_on.data,  # type: ignore[arg-type]  # required, so never None here
            minutes_no=text(self.minutes_no),
            text=text(self.text),
            back_to=member(Station, self.back_to.data),
            has_file=has_file,
        )


class WithdrawForm(Form):
    """Take a paper back."""

    reason = StringField(_("撤回的理由"), [InputRequired(_("撤回须写明理由。")), LINE])


class ClauseForm(Form):
    """A clause that promises something."""

    body = TextAreaField(_("条款原文"), [InputRequired(_("请写下条款原文。")), LONG])


class FindingForm(Form):
    """What the fair-competition review says of a clause."""

    finding = RadioField(_("审查结果"), [CHOOSE])
    basis = TextAreaField(_("依据"), [InputRequired(_("请写明依据。")), LONG])

    def offer(self) -> FindingForm:
        """Fill in what can be chosen."""
        self.finding.choices = choices(FINDING_LABELS.items())
        return self

    def found(self) -> Finding | None:
        """Return the finding."""
        return member(Finding, self.finding.data)


class ConsultForm(Form):
    """Ask a department."""

    department_id = SelectField(_("部门"), [CHOOSE], coerce=int)

    def offer(self, units: Iterable[OrgUnit]) -> ConsultForm:
        """Fill in the departments."""
        self.department_id.choices = choices((str(unit.id), unit.name) for unit in units)
        return self


class AnswerForm(Form):
    """What a department answered."""

    stance = RadioField(_("态度"), [CHOOSE])
    body = TextAreaField(_("意见或复函文号"), [InputRequired(_("请写明意见或复函文号。")), LONG])

    def offer(self) -> AnswerForm:
        """Fill in what can be chosen."""
        self.stance.choices = choices(STANCE_LABELS.items())
        return self

    def said(self) -> Stance | None:
        """Return the stance."""
        return member(Stance, self.stance.data)


class ReadinessForm(Form):
    """One landing condition."""

    item = SelectField(_("条件"), [CHOOSE])
    readiness = SelectField(_("状态"), [CHOOSE])
    note = StringField(_("说明"), [LINE])

    def offer(self, items: Iterable[str]) -> ReadinessForm:
        """Fill in what can be chosen."""
        self.item.choices = choices((item, item) for item in items)
        self.readiness.choices = choices(READINESS_LABELS.items())
        return self

    def checked(self) -> dict[str, tuple[Readiness, str]]:
        """Return the item with its state; only after validation."""
        return {text(self.item): (Readiness(self.readiness.data), text(self.note))}
