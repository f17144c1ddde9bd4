"""Forms of instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.pipeline.forms import CHOOSE, LONG, SHORT
from crm.pipeline.instructions.rules import REPLY_LABELS, URGENCY_LABELS, InstructionDraft, ReplyKind, Urgency
from crm.web.fields import DayField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Iterable


class InstructionForm(Form):
    """Give an instruction."""

    text = TextAreaField(_("批示或交办内容"), [InputRequired(_("请写明批示或交办的内容。")), LONG])
    leader_id = SelectField(_("批示领导"), [CHOOSE], coerce=int)
    to = SelectField(_("承办"), [CHOOSE])
    due_on = DayField(_("办理期限"), [InputRequired(_("请选择日期。"))])
    urgency = RadioField(_("紧急程度"), [CHOOSE], default=Urgency.NORMAL.value)
    paper_no = StringField(_("批示件文号"), [SHORT], description=_("代领导登记时必填"))

    def offer(self, leaders: Iterable[tuple[int, str]], to: Iterable[tuple[str, str]]) -> InstructionForm:
        """Fill in what can be chosen."""
        self.leader_id.choices = choices((str(user_id), name) for user_id, name in leaders)
        self.to.choices = choices(to)
        self.urgency.choices = choices(URGENCY_LABELS.items())
        return self

    def draft(self, project_id: int | None, enterprise_id: int | None) -> InstructionDraft:
        """Return what was typed; only after validation."""
        unit, _colon, person = text(self.to).partition(":")
        return InstructionDraft(
            text=text(self.text),
            due_on=self.due_on.data,  # type: ignore[arg-type]  # required, so never None here
            urgency=Urgency(self.urgency.data),
            leader_id=self.leader_id.data,
            unit_id=int(unit),
            person_id=int(person) if person else None,
            paper_no=text(self.paper_no),
            project_id=project_id,
            enterprise_id=enterprise_id,
        )


class ReplyForm(Form):
    """Answer an instruction."""

    kind = RadioField(_("办理"), [CHOOSE])
    text = TextAreaField(_("内容"), [LONG])

    def offer(self, kinds: Iterable[ReplyKind]) -> ReplyForm:
        """Fill in what the person may do."""
        self.kind.choices = choices((kind, REPLY_LABELS[kind]) for kind in kinds)
        return self
