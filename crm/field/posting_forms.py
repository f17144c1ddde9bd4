"""Forms of posts: open one, send people, call them back, sign, put down an absence, settings of the rota."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.fieldwork.postings.rules import (
    ABSENCE_LABELS,
    POST_ROLE_LABELS,
    RANK_LABELS,
    AbsenceDraft,
    AbsenceReason,
    PostDraft,
    PostingDraft,
    PostRole,
    Rank,
)
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, choices, optional, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from crm.fieldwork.postings.models import StationedPost

DAY = InputRequired(_("请选择日期，例如 2026-11-20。"))
SHORT = Length(max=80, message=_("最多80字。"))
LINE = Length(max=200, message=_("最多200字。"))
LONG = Length(max=5000, message=_("最多5000字。"))
CHOOSE = InputRequired(_("请从列表里选择。"))
NONE = (0, "—")


class PostForm(Form):
    """A post: where, who answers for it, how many people it should have."""

    name = StringField(_("驻点名称"), [InputRequired(_("请填写驻点名称，例如 昆山驻点。")), SHORT])
    region = StringField(_("负责区域"), [InputRequired(_("请填写负责区域，例如 苏州昆山。")), SHORT])
    address = StringField(_("地址"), [LINE])
    unit_id = SelectField(_("责任单位"), [CHOOSE], coerce=int)
    managing_unit_id = SelectField(_("管理部门"), coerce=int)
    opened_on = DayField(_("设立日期"), [DAY])
    target_people = WholeField(_("应派人数"), [InputRequired(_("应派人数请填 1 到 200 之间的整数。"))])
    target_rank = SelectField(_("负责人职级不低于"))
    note = TextAreaField(_("备注"), [LONG])

    def offer(self, units: Sequence[tuple[int, str]]) -> Self:
        """Fill in units and ranks."""
        self.unit_id.choices = list(units)
        self.managing_unit_id.choices = [NONE, *units]
        self.target_rank.choices = choices((rank.value, label) for rank, label in RANK_LABELS.items())
        return self

    def draft(self, today: date) -> PostDraft:
        """Return what was typed as the rules want it; only after validation."""
        return PostDraft(
            name=text(self.name),
            region=text(self.region),
            address=optional(self.address),
            unit_id=self.unit_id.data,
            managing_unit_id=self.managing_unit_id.data or None,
            opened_on=self.opened_on.data or today,
            target_people=self.target_people.data or 0,
            target_rank=Rank(text(self.target_rank)),
            note=optional(self.note),
        )


class SendForm(Form):
    """Send a person to a post."""

    user_id = SelectField(_("人员"), [CHOOSE], coerce=int)
    role = SelectField(_("在驻点的角色"))
    rank = SelectField(_("职级"))
    full_time = BooleanField(_("全职驻点"), default=True)
    valid_from = DayField(_("起始日期"), [DAY])
    valid_to = DayField(_("结束日期"))

    def offer(self, people: Iterable[tuple[int, str]]) -> Self:
        """Fill in people, roles and ranks."""
        self.user_id.choices = list(people)
        self.role.choices = choices((role.value, label) for role, label in POST_ROLE_LABELS.items())
        self.rank.choices = choices((rank.value, label) for rank, label in RANK_LABELS.items())
        return self

    def draft(self, today: date) -> PostingDraft:
        """Return what was typed as the rules want it; only after validation."""
        return PostingDraft(
            user_id=self.user_id.data,
            role=PostRole(text(self.role)),
            rank=Rank(text(self.rank)),
            full_time=bool(self.full_time.data),
            valid_from=self.valid_from.data or today,
            valid_to=self.valid_to.data,
        )


class EndForm(Form):
    """End a posting or close a post: the last day and why."""

    day = DayField(_("最后一天"), [DAY])
    reason = StringField(_("原因"), [InputRequired(_("请写明原因，例如 轮岗回局。")), LINE])


class AbsenceForm(Form):
    """Put down days on which somebody is not at the post."""

    reason = SelectField(_("原因"))
    from_day = DayField(_("起始日期"), [DAY])
    to_day = DayField(_("结束日期"), [DAY])
    note = StringField(_("说明"), [LINE])

    def offer(self) -> Self:
        """Fill in the reasons."""
        self.reason.choices = choices((one.value, label) for one, label in ABSENCE_LABELS.items())
        return self

    def draft(self, today: date) -> AbsenceDraft:
        """Return what was typed as the rules want it; only after validation."""
        first = self.from_day.data or today
        return AbsenceDraft(AbsenceReason(text(self.reason)), first, self.to_day.data or first, optional(self.note))


class RotaForm(Form):
    """How the rota of the leaders is measured."""

    share = WholeField(_("领导参与驻点的比例不低于（%）"), [InputRequired(_("请填 1 到 100 的整数。"))])
    min_days = WholeField(_("一期内到点几天才算参与"), [InputRequired(_("请填 1 到 31 的整数。"))])
    heads_needed = WholeField(_("党政主要领导至少几人轮值"), [InputRequired(_("请填 0 到 10 的整数。"))])
    head_ids = SelectMultipleField(
        _("党政主要领导"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), coerce=int
    )


def of_post(row: StationedPost, units: Sequence[tuple[int, str]]) -> PostForm:
    """Return the form filled in with a post; units that were closed since stay on offer for it."""
    known = dict(units)
    extra = [
        (unit.id, unit.name) for unit in (row.unit, row.managing_unit) if unit is not None and unit.id not in known
    ]
    names = ("name", "region", "address", "unit_id", "opened_on", "target_people", "note")
    values = {name: getattr(row, name) for name in names}
    values |= {"managing_unit_id": row.managing_unit_id or 0, "target_rank": row.target_rank.value}
    return PostForm(formdata=None, data=values).offer([*units, *extra])
