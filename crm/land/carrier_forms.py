"""Forms of carriers: keeping one, holding a part of it, ending a hold, steps against idle land, needs of a project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT
from crm.resources.carriers.geometry import written
from crm.resources.carriers.rules import (
    BASIS_LABELS,
    HOLD_LABELS,
    KIND_LABELS,
    NUMBERS,
    USE_LABELS,
    CarrierDraft,
    CarrierKind,
    HoldKind,
    LandUse,
    PriceBasis,
)
from crm.resources.carriers.services import HoldDraft
from crm.resources.idle.rules import KIND_LABELS as IDLE_LABELS
from crm.resources.idle.rules import STEP_LABELS, IdleStepKind, StepDraft
from crm.web.fields import DayField, PlainField
from crm.web.forms import Form, choices, text
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.auth.models import OrgUnit
    from crm.resources.carriers.models import Carrier

APART = re.compile(r"[、，,；;\n]+")
MOST_WORDS = 40
WORDS = Length(max=1000, message=_("最多1000个字。"))


def words(typed: str) -> tuple[str, ...]:
    """Read words set apart by commas or lines, each once."""
    return tuple(dict.fromkeys(word.strip()[:40] for word in APART.split(typed) if word.strip()))[:MOST_WORDS]


class CarrierForm(Form):
    """One carrier."""

    kind = SelectField(_("载体类别"))
    name = StringField(_("名称"), [InputRequired(_("请填写载体名称，例如东区3号标准厂房。")), LINE])
    code = StringField(_("编号"), [InputRequired(_("请填写编号，全局唯一，例如 DQ-C03。")), SHORT])
    unit_id = SelectField(_("所属单位"))
    parent_id = SelectField(_("所在园区"))
    address = StringField(_("地址"), [LINE])
    use = SelectField(_("用途"))
    area = PlainField(_("面积"), [InputRequired(_("请填写面积。"))])
    price = PlainField(_("价格"))
    basis = SelectField(_("计价方式"))
    industries = TextAreaField(_("接受的产业"), [WORDS])
    barred = TextAreaField(_("禁止的产业"), [WORDS])
    height_limit = PlainField(_("限高（米）"))
    ceiling = PlainField(_("层高（米）"))
    load = PlainField(_("荷载（吨/平方米）"))
    power = PlainField(_("电力容量（千伏安）"))
    energy = PlainField(_("能耗指标（吨标煤/年）"))
    min_intensity = PlainField(_("投资强度底线（万元/亩）"))
    min_tax = PlainField(_("亩均税收底线（万元）"))
    longitude = PlainField(_("经度"))
    latitude = PlainField(_("纬度"))
    outline = TextAreaField(_("轮廓（GeoJSON）"))
    listed_from = DayField(_("上架日期"))
    facilities = TextAreaField(_("配套"), [LONG])
    note = TextAreaField(_("备注"), [LONG])
    seen = HiddenField()

    def offer(self, units: Iterable[OrgUnit], parks: Sequence[tuple[int, str]]) -> CarrierForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(KIND_LABELS.items())
        self.use.choices = choices(USE_LABELS.items())
        self.basis.choices = [("", _("未定价")), *choices(BASIS_LABELS.items())]
        self.unit_id.choices = [(str(unit.id), unit.name) for unit in units]
        self.parent_id.choices = [("", _("不在园区内")), *((str(key), name) for key, name in parks)]
        return self

    def draft(self) -> CarrierDraft:
        """Return what was typed as the rules want it; only after validation."""
        numbers = {name: self[name].data for name in NUMBERS}
        return CarrierDraft(
            kind=CarrierKind(self.kind.data),
            name=text(self.name),
            code=text(self.code),
            unit_id=int(self.unit_id.data),
            area=self.area.data,
            parent_id=number_or_none(text(self.parent_id)),
            address=text(self.address),
            use=LandUse(self.use.data),
            price=self.price.data,
            basis=PriceBasis(self.basis.data) if self.basis.data else None,
            industries=words(text(self.industries)),
            barred=words(text(self.barred)),
            longitude=self.longitude.data,
            latitude=self.latitude.data,
            outline=text(self.outline),
            listed_from=self.listed_from.data,
            facilities=text(self.facilities),
            note=text(self.note),
            **numbers,
        )


def carrier_values(row: Carrier) -> dict[str, object]:
    """Give the values of a carrier as its form shows them."""
    names = [name for name in CarrierForm.__dict__ if hasattr(row, name)]
    values = {name: getattr(row, name) for name in names}
    values.update(
        kind=str(row.kind),
        use=str(row.use),
        basis=str(row.basis or ""),
        unit_id=str(row.unit_id),
        parent_id=str(row.parent_id or ""),
        industries="、".join(row.industries),
        barred="、".join(row.barred),
        outline=written(row.outline),
        seen=row.version,
    )
    return values


class HoldForm(Form):
    """Somebody takes a part of a carrier."""

    kind = SelectField(_("占用方式"))
    area = PlainField(_("占用面积"), [InputRequired(_("请填写占用面积。"))])
    project_id = SelectField(_("项目"), validate_choice=False)
    holder = StringField(_("占用人"), [LINE])
    from_on = DayField(_("开始日期"), [InputRequired(_("请选择开始日期。"))])
    until_on = DayField(_("结束日期"))
    start_due = DayField(_("约定开工日期"))
    document_no = StringField(_("文号或合同号"), [SHORT])

    def offer(self, projects: Iterable[tuple[int, str]]) -> HoldForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(HOLD_LABELS.items())
        self.project_id.choices = [("", _("不是本系统的项目")), *((str(key), name) for key, name in projects)]
        return self

    def draft(self) -> HoldDraft:
        """Return what was typed; only after validation."""
        assert self.from_on.data is not None  # noqa: S101 (the form demands it)
        return HoldDraft(
            kind=HoldKind(self.kind.data),
            area=self.area.data,
            from_on=self.from_on.data,
            until_on=self.until_on.data,
            project_id=number_or_none(text(self.project_id)),
            holder=text(self.holder),
            document_no=text(self.document_no),
            start_due=self.start_due.data,
        )


class EndForm(Form):
    """A hold ends."""

    until_on = DayField(_("占用到哪一天"), [InputRequired(_("请选择日期。"))])
    reason = TextAreaField(_("原因"), [InputRequired(_("请写明原因，至少四个字。")), LONG])


class ReasonForm(Form):
    """Why a carrier is taken off."""

    reason = TextAreaField(_("原因"), [InputRequired(_("请写明原因，至少四个字。")), LONG])


class FoundForm(Form):
    """Land is found idle."""

    kind = SelectField(_("闲置情形"), [CHOOSE])
    on = DayField(_("认定日期"), [InputRequired(_("请选择日期。"))])
    detail = TextAreaField(_("情况"), [InputRequired(_("请写明情况，至少四个字。")), LONG])

    def offer(self) -> FoundForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(IDLE_LABELS.items())
        return self


class StepForm(Form):
    """The next step of a case."""

    kind = SelectField(_("办理"), [CHOOSE])
    on = DayField(_("办理日期"), [InputRequired(_("请选择日期。"))])
    due_on = DayField(_("期限"))
    document_no = StringField(_("文号"), [SHORT])
    detail = TextAreaField(_("情况"), [InputRequired(_("请写明情况，至少四个字。")), LONG])

    def offer(self, kinds: Iterable[IdleStepKind]) -> StepForm:
        """Fill in what can come next."""
        self.kind.choices = choices((str(kind), STEP_LABELS[kind]) for kind in kinds)
        return self

    def draft(self) -> StepDraft:
        """Return what was typed; only after validation."""
        assert self.on.data is not None  # noqa: S101 (the form demands it)
        return StepDraft(
            IdleStepKind(self.kind.data), self.on.data, text(self.detail), self.due_on.data, text(self.document_no)
        )


class NeedForm(Form):
    """What a project needs of a place."""

    floor = PlainField(_("厂房面积（平方米）"))
    ceiling = PlainField(_("层高至少（米）"))
    load = PlainField(_("荷载至少（吨/平方米）"))
    power = PlainField(_("用电（千伏安）"))
    energy = PlainField(_("年用能（吨标煤）"))
    building = PlainField(_("建筑高度（米）"))
    price = PlainField(_("价格上限"))
    tax = PlainField(_("年纳税（万元）"))
