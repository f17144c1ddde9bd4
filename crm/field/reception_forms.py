"""Forms of receptions: the reception, people, items of the itinerary, how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from crm.fieldwork.receptions.rules import (
    HOST_ROLES,
    KIND_LABELS,
    ROLE_LABELS,
    SLOT_LABELS,
    VISITOR_ROLES,
    Outcome,
    PersonDraft,
    PersonRole,
    ReceptionDraft,
    Side,
    SlotDraft,
    SlotKind,
)
from crm.fieldwork.rules import INTENTION_LABELS, LEADER_LABELS, Intention, LeaderLevel, TouchKind
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, choices, optional, text
from crm.web.inputs import number_or_none
from crm.web.times import LocalTimeField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.pipeline.touches import OpenProject

SHORT = Length(max=80, message=_("最多80字。"))
LINE = Length(max=200, message=_("最多200字。"))
LONG = Length(max=20_000, message=_("最多两万字。"))
NOBODY = ("", "—")
WHICH_LEVEL = _("请选择主陪领导是哪一级，接待规格和领导带队按它统计。")


class ReceptionForm(Form):
    """Plan or change a reception."""

    version = HiddenField()
    kind = RadioField(_("类型"), default=TouchKind.INSPECTION.value)
    enterprise_id = StringField(_("企业"))
    q = StringField(_("搜企业"), [LINE])
    title = StringField(_("事由"), [LINE])
    starts_at = LocalTimeField(_("开始"))
    ends_at = LocalTimeField(_("结束"))
    place = StringField(_("集合地点"), [LINE])
    purpose = TextAreaField(_("背景和要求"), [LONG])
    project_id = SelectField(_("关联项目"), validate_choice=False)
    unit_id = SelectField(_("以哪个单位"), coerce=int, validate_choice=False)

    def offer(self, units: Sequence[tuple[int, str]], projects: Iterable[OpenProject]) -> Self:
        """Fill in vocabularies, the person's units and the projects of the enterprise."""
        self.kind.choices = choices(KIND_LABELS.items())
        self.unit_id.choices = list(units)
        self.project_id.choices = [NOBODY, *((str(row.id), row.name) for row in projects)]
        return self

    def draft(self) -> ReceptionDraft:
        """Return what was typed as the rules want it."""
        return ReceptionDraft(
            kind=TouchKind(text(self.kind)),
            title=text(self.title),
            enterprise_id=number_or_none(text(self.enterprise_id)),
            starts_at=self.starts_at.data,
            ends_at=self.ends_at.data,
            place=optional(self.place),
            purpose=optional(self.purpose),
            project_id=number_or_none(text(self.project_id)),
            unit_id=self.unit_id.data,
        )

    @property
    def seen(self) -> int:
        """Return the version the person was looking at."""
        return number_or_none(text(self.version)) or 0


class VisitorForm(Form):
    """Put down a visitor, or some people of a role."""

    contact_id = SelectField(_("已知联系人"), validate_choice=False)
    name = StringField(_("姓名"), [SHORT], description=_("没有名单时可以不写，只写角色和人数"))
    post = StringField(_("职务"), [SHORT])
    role = SelectField(_("角色"), default=PersonRole.MANAGER.value)
    heads = WholeField(_("人数"), default=1)

    def offer(self, contacts: Iterable[tuple[int, str]]) -> Self:
        """Fill in who is known of the enterprise."""
        self.contact_id.choices = [NOBODY, *((str(contact_id), name) for contact_id, name in contacts)]
        self.role.choices = choices((role, ROLE_LABELS[role]) for role in VISITOR_ROLES)
        return self

    def draft(self) -> PersonDraft:
        """Return what was typed as the rules want it."""
        return PersonDraft(
            Side.VISITOR,
            PersonRole(text(self.role)),
            contact_id=number_or_none(text(self.contact_id)),
            name=text(self.name),
            post=optional(self.post),
            heads=1 if self.heads.data is None else self.heads.data,
        )


class HostForm(Form):
    """Put down a host."""

    user_id = SelectField(_("同事"), validate_choice=False)
    name = StringField(_("或填写姓名"), [SHORT])
    post = StringField(_("职务"), [SHORT])
    role = SelectField(_("角色"), default=PersonRole.ESCORT.value)
    level = SelectField(_("层级"), default="")

    def offer(self, people: Iterable[tuple[int, str]]) -> Self:
        """Fill in colleagues and vocabularies."""
        self.user_id.choices = [NOBODY, *((str(user_id), name) for user_id, name in people)]
        self.role.choices = choices((role, ROLE_LABELS[role]) for role in HOST_ROLES)
        self.level.choices = [NOBODY, *choices(LEADER_LABELS.items())]
        return self

    def validate_level(self, field: SelectField) -> None:
        """Ask for the level of the leading host: figures by leader level are counted from it."""
        if not field.data and self.role.data == PersonRole.LEADER:
            raise ValidationError(WHICH_LEVEL)

    def draft(self) -> PersonDraft:
        """Return what was typed as the rules want it."""
        return PersonDraft(
            Side.HOST,
            PersonRole(text(self.role)),
            user_id=number_or_none(text(self.user_id)),
            name=text(self.name),
            post=optional(self.post),
            level=LeaderLevel(text(self.level) or LeaderLevel.STAFF),
        )


class SlotForm(Form):
    """One item of the itinerary."""

    starts_at = LocalTimeField(_("开始"))
    ends_at = LocalTimeField(_("结束"))
    title = StringField(_("内容"), [LINE])
    kind = SelectField(_("类别"), default=SlotKind.SITE.value)
    place = StringField(_("地点"), [LINE])
    user_id = SelectField(_("责任人"), validate_choice=False)
    responsible = StringField(_("外单位责任人"), [SHORT])

    def offer(self, people: Iterable[tuple[int, str]]) -> Self:
        """Fill in colleagues and vocabularies."""
        self.kind.choices = choices(SLOT_LABELS.items())
        self.user_id.choices = [NOBODY, *((str(user_id), name) for user_id, name in people)]
        return self

    def draft(self) -> SlotDraft:
        """Return what was typed as the rules want it."""
        return SlotDraft(
            self.starts_at.data,
            self.ends_at.data,
            text(self.title),
            SlotKind(text(self.kind)),
            optional(self.place),
            number_or_none(text(self.user_id)),
            text(self.responsible),
        )


class OutcomeForm(Form):
    """How it went."""

    summary = TextAreaField(_("谈了什么"), [LONG])
    feedback = TextAreaField(_("对方反馈"), [LONG])
    intention = RadioField(_("投资意向"), default=Intention.UNKNOWN.value)
    next_step = StringField(_("下步打算"), [LINE])
    next_due = DayField(_("期限"))

    def label(self) -> Self:
        """Fill in the vocabulary."""
        self.intention.choices = choices(INTENTION_LABELS.items())
        return self

    def outcome(self) -> Outcome:
        """Return what was typed as the rules want it."""
        return Outcome(
            text(self.summary),
            text(self.feedback),
            Intention(text(self.intention)),
            text(self.next_step),
            self.next_due.data,
        )
