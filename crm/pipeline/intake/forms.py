"""Forms of the intake: a tip, its answer, triage and hand-over, referrers, leaders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT
from crm.pipeline.intake.dimensions import LINK_LABELS, REFERRER_LABELS, LinkKind, ReferrerKind
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.intake.rules import LONGEST_TIP, SOURCE_LABELS, TipSource
from crm.pipeline.intake.tips import TipDraft
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.pipeline.intake.queries import Seat

UNIT = "unit-"


class TipForm(Form):
    """One text; the rest is optional."""

    client_id = HiddenField(validators=[InputRequired(_("页面已过期，请刷新后重新提交。")), Length(min=8, max=80)])
    text = TextAreaField(
        _("谁想投什么，从哪听来的"),
        [
            InputRequired(_("请写一句：谁想投什么，从哪听来的。")),
            Length(max=LONGEST_TIP, message=_("最多两千字，请先写要点。")),
        ],
    )
    enterprise_name = StringField(_("企业名称（不知道可以不填）"), [LINE])
    enterprise_id = WholeField()
    source = RadioField(_("从哪来"), default=TipSource.STAFF.value)

    def offer(self) -> TipForm:
        """Fill in what can be chosen."""
        self.source.choices = choices(SOURCE_LABELS.items())
        return self

    def draft(self) -> TipDraft:
        """Return what was typed as the rules want it; only after validation."""
        return TipDraft(
            text=text(self["text"]),
            enterprise_name=text(self.enterprise_name),
            enterprise_id=self.enterprise_id.data,
            source=TipSource(self.source.data),
        )


class ReasonForm(Form):
    """One reason."""

    reason = TextAreaField(_("理由"), [LONG])


class ReceiverForm(Form):
    """Who takes a project over, and why."""

    version = HiddenField()
    owner_id = SelectField(_("交给谁"), [CHOOSE])
    reason = TextAreaField(_("理由"), [LONG])
    decide = BooleanField(_("由我决定，立即生效，不用对方接收"))

    def offer(self, seats: Iterable[Seat], *, units: bool = True) -> ReceiverForm:
        """Fill in who can be chosen: the people of each unit, and the unit itself, which then names the person."""
        grouped: dict[tuple[int, str], list[tuple[int, str]]] = {}
        for unit_id, user_id, unit, name in seats:
            grouped.setdefault((unit_id, unit), []).append((user_id, name))
        self.owner_id.choices = {
            unit: [
                *((str(user_id), name) for user_id, name in people),
                *([(f"{UNIT}{unit_id}", tr("%(unit)s（由该单位定人）", unit=unit))] if units else []),
            ]
            for (unit_id, unit), people in grouped.items()
        }
        return self

    def receiver(self, seats: Sequence[Seat], prefer: int) -> Receiver:
        """Return who was chosen; a person of several units in the preferred one if they sit there."""
        chosen = text(self.owner_id)
        if chosen.startswith(UNIT):
            return Receiver(number_or_none(chosen.removeprefix(UNIT)) or 0)
        person = number_or_none(chosen)
        places = [unit_id for unit_id, user_id, _unit, _name in seats if user_id == person]
        unit_id = prefer if prefer in places else next(iter(places), prefer)
        return Receiver(unit_id, person)


class ReferrerForm(Form):
    """Who brings projects."""

    name = StringField(_("名称"), [InputRequired(_("请填写名称。")), LINE])
    kind = SelectField(_("类别"), [CHOOSE])
    contract_no = StringField(_("委托合同编号"), [SHORT])
    contract_from = DayField(_("合同起"))
    contract_to = DayField(_("合同止"))
    note = TextAreaField(_("说明"), [LONG])

    def offer(self) -> ReferrerForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(REFERRER_LABELS.items())
        return self

    def values(self) -> dict[str, object]:
        """Return what was typed, by column."""
        return {
            "name": text(self["name"]),
            "kind": ReferrerKind(self.kind.data),
            "contract_no": optional(self.contract_no),
            "contract_from": self.contract_from.data,
            "contract_to": self.contract_to.data,
            "note": optional(self.note),
        }


class LinkForm(Form):
    """Link a leader to a region, a project or a squad."""

    leader_id = SelectField(_("领导"), [CHOOSE], coerce=int)
    kind = RadioField(_("挂钩什么"), [CHOOSE], default=LinkKind.REGION.value)
    region = StringField(_("片区"), [SHORT])
    project_id = SelectField(_("项目"), coerce=int, validate_choice=False)
    unit_id = SelectField(_("小分队"), coerce=int, validate_choice=False)
    valid_from = DayField(_("起"), [InputRequired(_("请选择日期。"))])
    valid_to = DayField(_("止"))

    def offer(
        self, leaders: Iterable[tuple[int, str]], projects: Iterable[tuple[int, str]], units: Iterable[tuple[int, str]]
    ) -> LinkForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(LINK_LABELS.items())
        self.leader_id.choices = list(leaders)
        self.project_id.choices = [(0, tr("请选择")), *projects]
        self.unit_id.choices = [(0, tr("请选择")), *units]
        return self
