"""Forms of teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from crm.pipeline.forms import CHOOSE, LINE, LONG
from crm.pipeline.team.rules import ForceDraft, Seat, TeamRole
from crm.web.fields import DayField
from crm.web.forms import Form, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

DAY = InputRequired(_("请选择日期，例如 2026-11-20。"))


class SeatForm(Form):
    """Give one role."""

    role = StringField()
    holder = SelectField(_("由谁担任"), [CHOOSE], coerce=int, validate_choice=False)
    valid_from = DayField(_("起始日期"), [DAY])

    def seat(self) -> Seat | None:
        """Return what was chosen, None if the role is unknown; only after validation."""
        role = next((role for role in TeamRole if role == text(self.role)), None)
        day = self.valid_from.data
        return None if role is None or day is None else Seat(role, self.holder.data or 0, day)


class ForceForm(Form):
    """Form a task force."""

    name = StringField(_("专班名称"), [InputRequired(_("请填写专班名称。")), LINE])
    leader_id = SelectField(_("牵头人"), [CHOOSE], coerce=int, validate_choice=False)
    sponsor_id = SelectField(_("挂帅领导"), coerce=int, default=0, validate_choice=False)
    liaison_id = SelectField(_("联络员"), coerce=int, default=0, validate_choice=False)
    purpose = TextAreaField(_("任务"), [InputRequired(_("请写明专班的任务。")), LONG])
    starts_on = DayField(_("开始日期"), [DAY])
    ends_on = DayField(_("计划结束日期"))
    members = SelectMultipleField(
        _("成员"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    whole = BooleanField(_("为整个企业成立：成员可以查看这家企业的全部项目"))

    def offer(self, people: Sequence[tuple[int, str]]) -> ForceForm:
        """Fill in who can be chosen."""
        self.leader_id.choices = list(people)
        self.sponsor_id.choices = self.liaison_id.choices = [(0, "—"), *people]
        self.members.choices = list(people)
        return self

    def draft(self, today: date) -> ForceDraft:
        """Return what was typed as the rules want it; only after validation."""
        return ForceDraft(
            name=text(self.name),
            purpose=text(self.purpose),
            leader_id=self.leader_id.data or 0,
            starts_on=self.starts_on.data or today,
            ends_on=self.ends_on.data,
            member_ids=tuple(self.members.data or ()),
            sponsor_id=self.sponsor_id.data or 0,
            liaison_id=self.liaison_id.data or 0,
        )
