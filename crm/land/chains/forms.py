"""Forms of chains: a chain, a node, an enterprise on a node, a call set by hand, a file of the guide."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.core.scheduling import SHANGHAI
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import (
    CALL_LABELS,
    TIER_LABELS,
    Call,
    ChainDraft,
    NodeDraft,
    Side,
    Tier,
    split_words,
)
from crm.web.fields import DayField, WanField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from crm.resources.chains.models import IndustryChain, IndustryNode, IndustryPlace

CHOOSE = InputRequired(_("请选择一项。"))
NAME = Length(max=80, message=_("最多80个字。"))
LINE = Length(max=200, message=_("最多200个字。"))
LONG = Length(max=20_000, message=_("最多两万字。"))


class ChainForm(Form):
    """The head of a chain and its five duties."""

    name = StringField(_("产业链名称"), [InputRequired(_("请填写产业链名称，例如“新能源汽车”。")), NAME])
    industry = StringField(_("所属产业"), [LINE])
    summary = TextAreaField(_("本地基础和方向"), [LONG])
    leader = StringField(_("牵头领导"), [LINE])
    unit_id = SelectField(_("责任部门"), default="", validate_choice=False)
    team = TextAreaField(_("工作班子"), [LONG])
    guide = TextAreaField(_("招商指南"), [LONG])
    version = HiddenField()

    def offer(self, units: Iterable[tuple[int, str]], *, blank: bool) -> ChainForm:
        """Fill in the departments; ``blank``: none may be chosen for now."""
        first = [("", tr("暂未确定"))] if blank else []
        self.unit_id.choices = [*first, *((str(key), name) for key, name in units)]
        return self

    def show(self, chain: IndustryChain) -> ChainForm:
        """Fill in what is stored."""
        for name in ("name", "industry", "summary", "leader", "team", "guide"):
            getattr(self, name).data = getattr(chain, name) or ""
        self.unit_id.data, self.version.data = str(chain.unit_id or ""), str(chain.version)
        return self

    def draft(self) -> ChainDraft:
        """Return what was typed."""
        unit = text(self.unit_id)
        return ChainDraft(
            name=text(self.name),
            industry=text(self.industry),
            summary=text(self.summary),
            leader=text(self.leader),
            unit_id=int(unit) if unit.isdecimal() else None,
            team=text(self.team),
            guide=text(self.guide),
        )


class NodeForm(Form):
    """A node and what it supplies."""

    name = StringField(_("环节名称"), [InputRequired(_("请填写环节名称，例如“隔膜”。")), NAME])
    tier = SelectField(_("位置"), [CHOOSE])
    words = StringField(_("产品词"), [Length(max=500, message=_("产品词太多了，请只留常用的。"))])
    codes = StringField(_("行业代码"), [LINE])
    key = BooleanField(_("关键环节"))
    goal = WanField(_("年产值目标（万元）"))
    supplies = SelectMultipleField(_("供应给"), coerce=int)
    note = TextAreaField(_("说明"), [LONG])
    version = HiddenField()

    def offer(self, others: Iterable[IndustryNode]) -> NodeForm:
        """Fill in what can be chosen."""
        self.tier.choices = choices(TIER_LABELS.items())
        self.supplies.choices = [(one.id, f"{tr(TIER_LABELS[one.tier])} · {one.name}") for one in others]
        return self

    def show(self, node: IndustryNode, supplies: Sequence[int]) -> NodeForm:
        """Fill in what is stored."""
        self.name.data, self.tier.data, self.key.data = node.name, node.tier.value, node.key
        self.words.data, self.codes.data = "、".join(node.words), "、".join(node.codes)
        self.goal.data, self.note.data = node.goal, node.note or ""
        self.supplies.data, self.version.data = list(supplies), str(node.version)
        return self

    def draft(self) -> NodeDraft:
        """Return what was typed."""
        return NodeDraft(
            name=text(self.name),
            tier=Tier(self.tier.data),
            words=split_words(text(self.words)),
            codes=tuple(code.upper() for code in split_words(text(self.codes).replace(" ", "、"))),
            key=bool(self.key.data),
            goal=self.goal.data,
            note=text(self.note),
            supplies=tuple(self.supplies.data or ()),
        )


class PlaceForm(Form):
    """An enterprise on a node."""

    q = StringField(_("查找企业"), [LINE])
    other_id = HiddenField(_("企业"))
    find = HiddenField()
    leading = BooleanField(_("链主或龙头企业"))
    scale = WanField(_("在这个环节的年产值（万元）"))
    since = DayField(_("从哪天起"))
    until = DayField(_("有效至"))
    note = StringField(_("备注"), [LINE])

    @property
    def looking(self) -> bool:
        """Whether only the search was sent."""
        return bool(self.find.data)

    @property
    def chosen(self) -> int | None:
        """Id of the chosen enterprise."""
        return number_or_none(text(self.other_id))

    def show(self, place: IndustryPlace) -> PlaceForm:
        """Fill in what is stored."""
        self.other_id.data = str(place.enterprise_id)
        self.leading.data, self.scale.data, self.note.data = place.leading, place.scale, place.note or ""
        self.since.data = place.since.astimezone(SHANGHAI).date()
        self.until.data = place.until.astimezone(SHANGHAI).date() if place.until else None
        return self

    def complete(self) -> bool:
        """Whether everything needed was given."""
        right = bool(self.validate())
        if self.chosen is None:
            self.other_id.errors = [*self.other_id.errors, tr("请查找并选中一家企业。")]
            return False
        return right

    def draft(self, side: Side) -> PlaceDraft:
        """Return what was typed."""
        return PlaceDraft(
            enterprise_id=self.chosen or 0,
            side=side,
            leading=bool(self.leading.data),
            scale=self.scale.data,
            note=text(self.note),
            since=midnight(self.since.data),
            until=midnight(self.until.data),
        )


def midnight(day: date | None) -> datetime | None:
    """Give the beginning of a day here, as an instant."""
    return None if day is None else datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


class OverrideForm(Form):
    """What a person says a node calls for, and why."""

    call = SelectField(_("判为"), [CHOOSE])
    reason = TextAreaField(_("理由"), [InputRequired(_("请写明理由，别人要看得懂为什么这样定。")), LONG])

    def offer(self) -> OverrideForm:
        """Fill in what can be chosen."""
        self.call.choices = choices(CALL_LABELS.items())
        return self

    @property
    def chosen(self) -> Call:
        """What was chosen."""
        return Call(self.call.data)


class ReasonForm(Form):
    """Why an enterprise is taken off."""

    reason = TextAreaField(_("理由"), [InputRequired(_("请写明理由，别人要看得懂为什么这样定。")), LONG])


class GuideForm(Form):
    """A file of the guide."""

    file = FileField(_("招商指南文件"))


class HomeForm(Form):
    """What counts as here."""

    regions = StringField(_("本地地区"), [LINE])
