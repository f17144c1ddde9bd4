"""Forms of delivery plans: nodes, the agent, the half-monthly check, internal opinions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.delivery.plans.checks import CheckDraft
from crm.delivery.plans.opinions import Question
from crm.delivery.plans.rules import Arrangement, Finish
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

NOBODY = "未定"


class AgentForm(Form):
    """Who runs the errands."""

    agent_id = SelectField(_("代办员"))

    def offer(self, staff: Sequence[tuple[int, str]]) -> AgentForm:
        """Fill in who can be chosen, nobody first."""
        self.agent_id.choices = [("", tr(NOBODY)), *((str(key), name) for key, name in staff)]
        return self


class ArrangeForm(Form):
    """Who answers for a node, until when, the clock."""

    unit_id = SelectField(_("责任单位"), [CHOOSE])
    due_on = DayField(_("期限"), [InputRequired(_("请选择期限。"))])
    clock_days = WholeField(_("法定时限（工作日）"))
    reason = TextAreaField(_("调整原因"), [LONG])

    def offer(self, units: Sequence[tuple[int, str]]) -> ArrangeForm:
        """Fill in the units."""
        self.unit_id.choices = choices((str(key), name) for key, name in units)
        return self

    def arrangement(self) -> Arrangement:
        """Return what was typed; only after validation."""
        return Arrangement(int(self.unit_id.data), self.due_on.data, self.clock_days.data, text(self.reason))  # type: ignore[arg-type]  # the form demands the day


class AcceptForm(Form):
    """The day the department accepted the application."""

    accepted_on = DayField(_("受理日期"), [InputRequired(_("请选择受理日期。"))])


class FinishForm(Form):
    """What finishes a node."""

    done_on = DayField(_("办结日期"), [InputRequired(_("请选择办结日期。"))])
    number = StringField(_("证照或批复编号"), [SHORT])
    paused_days = WholeField(_("不计时的工作日"))
    pause_reason = StringField(_("不计时的原因"), [LINE])
    begun = BooleanField(_("主体工程已经动工（开工仪式不算）"))
    file = MultipleFileField(_("佐证材料"))

    def draft(self) -> Finish:
        """Return what was typed; only after validation."""
        done_on = self.done_on.data
        assert done_on is not None  # noqa: S101 (the form demands it)
        return Finish(
            done_on, text(self.number), self.paused_days.data or 0, text(self.pause_reason), begun=bool(self.begun.data)
        )


class FilesForm(Form):
    """More evidence."""

    file = MultipleFileField(_("佐证材料"))


class ReasonForm(Form):
    """Why a node is not needed, or taken up again."""

    reason = TextAreaField(_("原因"), [InputRequired(_("请写明原因。")), LONG])


class CheckForm(Form):
    """The half-monthly check."""

    progress = TextAreaField(_("本期进展"), [LONG])
    problem = TextAreaField(_("存在问题"), [LONG])
    next_step = TextAreaField(_("下步打算"), [LONG])
    after = HiddenField()

    @property
    def followed(self) -> int:
        """The check the form followed, 0 for the first; -1 where the page does not say."""
        found = number_or_none(text(self.after))
        return -1 if found is None else found

    def draft(self) -> CheckDraft:
        """Return what was typed."""
        return CheckDraft(text(self.progress), text(self.problem), text(self.next_step))


class QuestionForm(Form):
    """Ask a department for an internal opinion."""

    unit_id = SelectField(_("部门"), [CHOOSE])
    matter = StringField(_("征求什么意见"), [LINE])
    notice = StringField(_("送达凭据"), [SHORT])
    noticed_on = DayField(_("送达日期"), [InputRequired(_("请选择送达日期。"))])
    days = WholeField(_("答复时限（工作日）"), [InputRequired(_("请填整数。"))])

    def offer(self, units: Sequence[tuple[int, str]]) -> QuestionForm:
        """Fill in the departments."""
        self.unit_id.choices = choices((str(key), name) for key, name in units)
        return self

    def question(self) -> Question:
        """Return what was typed; only after validation."""
        day = self.noticed_on.data
        assert day is not None  # noqa: S101 (the form demands it)
        return Question(int(self.unit_id.data), text(self.matter), text(self.notice), day, self.days.data or 0)


class AnswerForm(Form):
    """What the department answered."""

    answer = TextAreaField(_("答复内容"), [LONG])


class DeemForm(Form):
    """Who of the department answers for its silence."""

    responsible_id = SelectField(_("部门负责人"), validate_choice=False)
