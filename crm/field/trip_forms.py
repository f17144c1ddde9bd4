"""Forms of trips: the trip, delegation, stops, money, approval, minutes and what was agreed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from crm.fieldwork.rules import LEADER_LABELS, FollowUpDraft, LeaderLevel
from crm.fieldwork.trips.rules import (
    COST_LABELS,
    ROLE_LABELS,
    Approval,
    CostDraft,
    CostKind,
    MemberDraft,
    MemberRole,
    StopDraft,
    TripDraft,
)
from crm.web.fields import DayField, WanField
from crm.web.forms import Form, choices, optional, text
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.fieldwork.trips.models import Trip, TripStop

SHORT = Length(max=80, message=_("最多80字。"))
LINE = Length(max=200, message=_("最多200字。"))
LONG = Length(max=20_000, message=_("最多两万字。"))
CLOCK = re.compile(r"^([01]?\d|2[0-3]):[0-5]\d$")
NOBODY = ("", "—")
WHICH_LEVEL = _("请选择带队的人是哪一级，走访成效和领导带队按它统计。")


class TripForm(Form):
    """Plan or change a trip."""

    version = HiddenField()
    title = StringField(_("行程名称"), [LINE])
    starts_on = DayField(_("出发"))
    ends_on = DayField(_("返程"))
    purpose = TextAreaField(_("目的和任务"), [LONG])
    unit_id = SelectField(_("以哪个单位"), coerce=int, validate_choice=False)

    def offer(self, units: Sequence[tuple[int, str]]) -> Self:
        """Fill in the person's units."""
        self.unit_id.choices = list(units)
        return self

    def draft(self) -> TripDraft:
        """Return what was typed as the rules want it."""
        return TripDraft(
            text(self.title), self.starts_on.data, self.ends_on.data, optional(self.purpose), self.unit_id.data
        )

    @property
    def seen(self) -> int:
        """Return the version the person was looking at."""
        return number_or_none(text(self.version)) or 0


class MemberForm(Form):
    """Put somebody into the delegation."""

    user_id = SelectField(_("同事"), validate_choice=False)
    name = StringField(_("或填写姓名"), [SHORT])
    post = StringField(_("职务"), [SHORT])
    role = SelectField(_("在团中职责"), default=MemberRole.MEMBER.value)
    level = SelectField(_("层级"), default="")

    def offer(self, people: Iterable[tuple[int, str]]) -> Self:
        """Fill in colleagues and vocabularies."""
        self.user_id.choices = [NOBODY, *((str(user_id), name) for user_id, name in people)]
        self.role.choices = choices(ROLE_LABELS.items())
        self.level.choices = [NOBODY, *choices(LEADER_LABELS.items())]
        return self

    def validate_level(self, field: SelectField) -> None:
        """Ask for the level of whoever leads: figures by leader level are counted from it."""
        if not field.data and self.role.data in {MemberRole.LEADER, MemberRole.DEPUTY}:
            raise ValidationError(WHICH_LEVEL)

    def draft(self) -> MemberDraft:
        """Return what was typed as the rules want it."""
        return MemberDraft(
            number_or_none(text(self.user_id)),
            text(self.name),
            optional(self.post),
            MemberRole(text(self.role)),
            LeaderLevel(text(self.level) or LeaderLevel.STAFF),
        )


class StopForm(Form):
    """One stop, and what to bring along."""

    enterprise_id = StringField(_("企业"))
    q = StringField(_("搜企业"), [LINE])
    title = StringField(_("商会、机构等"), [LINE], description=_("拜访的不是企业时填写"))
    on_day = DayField(_("日期"))
    at_clock = StringField(_("时间"), [Optional(), Regexp(CLOCK, message=_("请填时间，例如 09:30。"))])
    place = StringField(_("地点"), [LINE])
    meets = StringField(_("拟会见"), [LINE])
    points = TextAreaField(_("谈话要点"), [LONG], description=_("一行一条；系统提示的要点会另列，不必重抄"))
    proposals = TextAreaField(_("带去的项目、专案"), [LONG], description=_("一行一条"))
    sites = TextAreaField(
        _("带去的载体、地块"), [LONG], description=_("一行一条，例如：东区标准厂房3号，1.2万平方米，层高8米")
    )
    policies = TextAreaField(_("带去的政策"), [LONG], description=_("一行一条，写明文号"))
    skipped = StringField(_("未成行原因"), [LINE], description=_("没有去成才填写"))

    def fill(self, stop: TripStop) -> Self:
        """Show a stop."""
        for name in ("title", "on_day", "at_clock", "place", "meets", "points", "proposals", "sites", "policies"):
            self[name].data = getattr(stop, name)
        self.skipped.data = stop.skipped
        self.enterprise_id.data = str(stop.enterprise_id or "")
        return self

    def draft(self) -> StopDraft:
        """Return what was typed as the rules want it."""
        clock = text(self.at_clock)
        return StopDraft(
            on_day=self.on_day.data,
            enterprise_id=number_or_none(text(self.enterprise_id)),
            title=optional(self.title),
            at_clock=clock.zfill(5) if clock else None,
            place=optional(self.place),
            meets=optional(self.meets),
            points=optional(self.points),
            proposals=optional(self.proposals),
            sites=optional(self.sites),
            policies=optional(self.policies),
            skipped=optional(self.skipped),
        )


class CostForm(Form):
    """Budget and cost by kind, in 万元."""

    def drafts(self) -> list[CostDraft]:
        """Return what was typed as the rules want it."""
        return [CostDraft(kind, self[f"{kind}_budget"].data, self[f"{kind}_spent"].data) for kind in CostKind]

    def fill(self, trip: Trip) -> Self:
        """Show what is known."""
        for row in trip.costs:
            self[f"{row.kind}_budget"].data = row.budget
            self[f"{row.kind}_spent"].data = row.spent
        return self


for _kind in CostKind:
    setattr(CostForm, f"{_kind}_budget", WanField(_("%(kind)s预算", kind=_(COST_LABELS[_kind]))))
    setattr(CostForm, f"{_kind}_spent", WanField(_("%(kind)s支出", kind=_(COST_LABELS[_kind]))))


class ApprovalForm(Form):
    """Who approved the trip."""

    approved_by = StringField(_("批准人"), [SHORT])
    approved_on = DayField(_("批准日期"))
    paper_no = StringField(_("批件文号"), [SHORT])
    note = TextAreaField(_("审批意见"), [LONG])

    def approval(self) -> Approval:
        """Return what was typed as the rules want it."""
        return Approval(text(self.approved_by), self.approved_on.data, optional(self.paper_no), optional(self.note))


class MinutesForm(Form):
    """The minutes of a trip."""

    version = HiddenField()
    minutes = TextAreaField(_("纪要"), [LONG])

    @property
    def seen(self) -> int:
        """Return the version the person was looking at."""
        return number_or_none(text(self.version)) or 0


class AgreedForm(Form):
    """Something agreed: what, whose, until when."""

    title = StringField(_("议定事项"), [LINE])
    owner_id = SelectField(_("负责人"), coerce=int, validate_choice=False)
    due_on = DayField(_("期限"))
    enterprise_id = SelectField(_("企业"), validate_choice=False)

    def offer(self, people: Iterable[tuple[int, str]], firms: Iterable[tuple[int, str]]) -> Self:
        """Fill in who may own it and which enterprises are on the route."""
        self.owner_id.choices = list(people)
        self.enterprise_id.choices = [NOBODY, *((str(firm_id), name) for firm_id, name in firms)]
        return self

    def draft(self) -> FollowUpDraft:
        """Return what was typed as the rules want it."""
        return FollowUpDraft(text(self.title), self.due_on.data, number_or_none(text(self.enterprise_id)))
