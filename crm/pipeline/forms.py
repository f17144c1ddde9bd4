"""Forms of projects: registration, owner, exit, review, agreement, recognition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from crm.fieldwork.rules import DueState
from crm.pipeline.board import SORTS, Order
from crm.pipeline.cards import DUE_LABELS, Filters
from crm.pipeline.intake.clocks import LIGHT_LABELS, Light
from crm.pipeline.intake.dimensions import (
    CHAIN_LABELS,
    COOPERATION_LABELS,
    DEAL_LABELS,
    ChainRole,
    Cooperation,
    DealType,
)
from crm.pipeline.limits import Exit, ProjectDraft
from crm.pipeline.outlook.rules import expected
from crm.pipeline.rules import (
    CAPITAL_LABELS,
    CHANNEL_LABELS,
    EXIT_LABELS,
    REASON_LABELS,
    STAGE_LABELS,
    Capital,
    Channel,
    ExitKind,
    ExitReason,
    Stage,
)
from crm.scoring import asking
from crm.web.fields import DayField, WanField, WholeField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import tr
from crm.web.inputs import day_or_none, number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum
    from typing import Any, TypeVar

    from werkzeug.datastructures import MultiDict

    Choice = TypeVar("Choice", bound=StrEnum)

LINE = Length(max=200, message=_("最多200字。"))
SHORT = Length(max=80, message=_("最多80字。"))
LONG = Length(max=20_000, message=_("最多两万字。"))
CHOOSE = InputRequired(_("请选择一项。"))


class VersionField(WholeField):
    """The version of the row the person saw, hidden."""

    widget = HiddenInput()


class ProjectForm(Form):
    """Register a lead or change the facts of a project."""

    version = VersionField()
    name = StringField(_("项目名称"), [InputRequired(_("请填写项目名称。")), LINE])
    content = TextAreaField(_("建设内容"), [LONG])
    total_investment = WanField(_("总投资（万元）"))
    fixed_investment = WanField(_("固定资产投资（万元）"))
    capital = SelectField(_("资本性质"), [CHOOSE])
    channel = SelectField(_("招商方式"), [CHOOSE])
    referrer_id = SelectField(_("引荐人"), coerce=int, default=0)
    deal_type = SelectField(_("投资方式"), default="")
    cooperation = SelectField(_("合作方式"), default="")
    chain_role = SelectField(_("产业链作用"), default="")
    industry = StringField(_("产业"), [LINE])
    product_line = StringField(_("主要产品"), [LINE])
    site = StringField(_("意向选址"), [LINE])
    land_mu = WholeField(_("用地（亩）"))

    def offer(self, referrers: Iterable[tuple[int, str]] = ()) -> ProjectForm:
        """Fill in what can be chosen."""
        self.capital.choices = choices(CAPITAL_LABELS.items())
        self.channel.choices = choices(CHANNEL_LABELS.items())
        self.referrer_id.choices = [(0, tr("没有引荐人")), *referrers]
        _offer_none(self.deal_type, DEAL_LABELS)
        _offer_none(self.cooperation, COOPERATION_LABELS)
        _offer_none(self.chain_role, CHAIN_LABELS)
        self.referrer_id.data = self.referrer_id.data or 0
        return self

    def draft(self) -> ProjectDraft:
        """Return what was typed as the rules want it; only after validation."""
        return ProjectDraft(
            name=text(self.name),
            content=text(self.content),
            capital=Capital(self.capital.data),
            channel=Channel(self.channel.data),
            total_investment=self.total_investment.data,
            fixed_investment=self.fixed_investment.data,
            land_mu=self.land_mu.data,
            industry=optional(self.industry),
            site=optional(self.site),
            product_line=optional(self.product_line),
            deal_type=member(DealType, self.deal_type.data),
            cooperation=member(Cooperation, self.cooperation.data),
            chain_role=member(ChainRole, self.chain_role.data),
            referrer_id=self.referrer_id.data or None,
        )


def _offer_none(field: SelectField, labels: Mapping[Any, str]) -> None:
    field.choices = choices([("", "还没定"), *labels.items()])
    field.data = field.data or ""


class ExitForm(Form):
    """Take a project off the road."""

    version = VersionField()
    kind = RadioField(_("退出方式"), [CHOOSE])
    reason = SelectField(_("原因"), [CHOOSE])
    review_on = DayField(_("复核日期"))
    place = StringField(_("流失到哪里"), [LINE])
    merged_into_id = SelectField(_("并入项目"), coerce=int, validate_choice=False)
    to_unit_id = SelectField(_("流转到"), coerce=int, validate_choice=False)
    detail = TextAreaField(_("经过"), [InputRequired(_("请写明经过，例如落户去了哪里、何时再议。")), LONG])

    def offer(self, projects: Iterable[tuple[int, str]] = (), units: Iterable[tuple[int, str]] = ()) -> ExitForm:
        """Fill in what can be chosen: kinds, reasons, projects to merge into, units to hand to."""
        self.kind.choices = choices(EXIT_LABELS.items())
        self.reason.choices = choices(REASON_LABELS.items())
        self.merged_into_id.choices = [(0, "—"), *projects]
        self.to_unit_id.choices = [(0, "—"), *units]
        return self

    def leaving(self) -> Exit:
        """Return what was typed as the rules want it; only after validation."""
        return Exit(
            kind=ExitKind(self.kind.data),
            reason=ExitReason(self.reason.data),
            detail=text(self.detail),
            review_on=self.review_on.data,
            place=text(self.place),
            merged_into_id=self.merged_into_id.data or None,
            to_unit_id=self.to_unit_id.data or None,
        )


class RecognitionForm(Form):
    """Recognise a contract."""

    amount = WanField(_("认定金额（万元）"), [InputRequired(_("请填写认定金额，单位是万元。"))])
    reason = StringField(_("与上报不同的理由"), [LINE])


class AgreementRefusalForm(Form):
    """Recognise nothing of a contract."""

    reason = StringField(_("不予认定的理由"), [InputRequired(_("不予认定的，请写明理由。")), LINE], id="refusal")


def filters_from(args: MultiDict[str, str]) -> Filters:
    """Read the filters of an address; what cannot be read does not narrow."""
    return Filters(
        unit_id=args.get("unit", type=int),
        owner_id=args.get("owner", type=int),
        capital=member(Capital, args.get("capital")),
        channel=member(Channel, args.get("channel")),
        stage=member(Stage, args.get("stage")),
        q=args.get("q", "").strip()[:80],
        left=args.get("state") == "left",
        due=member(DueState, args.get("due")),
        day=day_or_none(args.get("day", "")),
        expect=expected(args.get("expect", "")),
        light=member(Light, args.get("light")),
        tier=number_or_none(args.get("tier", "")),
        scored=asking.read(args),
    )


def order_from(args: MultiDict[str, str]) -> Order:
    """Read the order of an address; the latest move first when it cannot be read."""
    sort = args.get("sort", "")
    return Order(sort if sort in SORTS else "since", args.get("dir", "desc") != "asc")


def member(kind: type[Choice], value: str | None) -> Choice | None:
    """Return the member of a vocabulary, None for anything else."""
    return next((choice for choice in kind if choice == value), None)


def filter_labels() -> dict[str, Mapping[Any, str]]:
    """Vocabularies of the filter row, for the template."""
    return {
        "capital": CAPITAL_LABELS,
        "channel": CHANNEL_LABELS,
        "stage": STAGE_LABELS,
        "due": DUE_LABELS,
        "light": LIGHT_LABELS,
    }
