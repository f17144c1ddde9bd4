"""Forms of events: the event itself, its delegation, somebody at the door, a project credited by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.fieldwork.events.rules import EVENT_LABELS, Delegate, EventDraft, EventKind, Guest
from crm.pipeline.rules import CHANNEL_LABELS, Channel
from crm.web.fields import DayField, WanField, WholeField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.fieldwork.events.models import Event

LINE = Length(max=200, message=_("最多200字。"))
SHORT = Length(max=80, message=_("最多80字。"))
LONG = Length(max=20_000, message=_("最多两万字。"))
CHOOSE = InputRequired(_("请选择一项。"))
PICK_DAY = InputRequired(_("请选择日期。"))


class EventForm(Form):
    """Plan or change an event."""

    version = WholeField()
    kind = SelectField(_("类型"), [CHOOSE])
    name = StringField(_("活动名称"), [InputRequired(_("请填写活动名称。")), LINE])
    start_on = DayField(_("开始日期"), [PICK_DAY])
    end_on = DayField(_("结束日期"), description=_("一天的活动可以不填"))
    hours = StringField(_("时间"), [SHORT], description=_("例如 14:30—17:00"))
    place = StringField(_("地点"), [LINE])
    host = StringField(_("主办单位"), [LINE])
    partners = TextAreaField(_("承办、协办单位"), [LONG], description=_("一行一个"))
    theme = TextAreaField(_("主题和安排"), [LONG])
    channel = SelectField(_("招商方式"), [CHOOSE], description=_("转出的线索按这个方式统计"))
    budget = WanField(_("预算（万元）"))
    cost = WanField(_("实际花费（万元）"))
    owner_id = SelectField(_("负责人"), coerce=int, validate_choice=False)
    unit_id = SelectField(_("办活动的单位"), coerce=int, validate_choice=False)

    def offer(self, people: Iterable[tuple[int, str]], units: Iterable[tuple[int, str]]) -> EventForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(EVENT_LABELS.items())
        self.channel.choices = choices(CHANNEL_LABELS.items())
        self.owner_id.choices = list(people)
        self.unit_id.choices = list(units)
        return self

    def draft(self) -> EventDraft:
        """Return what was typed; only after validation."""
        start = self.start_on.data
        return EventDraft(
            kind=EventKind(text(self.kind)),
            name=text(self["name"]),
            start_on=start,  # type: ignore[arg-type]  # required, so never None here
            end_on=self.end_on.data or start,  # type: ignore[arg-type]  # the same
            place=text(self.place),
            hours=text(self.hours),
            host=text(self.host),
            partners=text(self.partners),
            theme=text(self.theme),
            channel=text(self.channel),
            budget=self.budget.data,
            cost=self.cost.data,
            owner_id=self.owner_id.data or None,
            unit_id=self.unit_id.data or None,
        )


def filled(event: Event | None, owner_id: int, kind: str) -> dict[str, object]:
    """Return what an untouched form shows."""
    if event is None:
        round_table = kind == EventKind.ROUNDTABLE
        channel = Channel.ROUNDTABLE if round_table else Channel.PROFESSIONAL
        return {"kind": kind, "channel": channel.value, "owner_id": owner_id}
    names = ("name", "start_on", "end_on", "hours", "place", "host", "partners", "theme", "channel", "budget", "cost")
    values: dict[str, object] = {name: getattr(event, name) for name in names}
    return {**values, "kind": event.kind.value, "owner_id": event.owner_id, "version": event.version}


class DelegateForm(Form):
    """Put one of us on the delegation."""

    user_id = SelectField(_("同事"), coerce=int, validate_choice=False)
    name = StringField(_("或填写姓名"), [SHORT])
    post = StringField(_("职务"), [SHORT])
    speech = StringField(_("发言题目"), [LINE])

    def offer(self, people: Iterable[tuple[int, str]]) -> DelegateForm:
        """Fill in who can be chosen."""
        self.user_id.choices = [(0, tr("请选择")), *people]
        return self

    def delegate(self) -> Delegate:
        """Return what was typed."""
        return Delegate(text(self["name"]), self.user_id.data or None, text(self.post), text(self.speech))


class WalkInForm(Form):
    """Somebody who came uninvited."""

    enterprise_id = WholeField()
    firm = StringField(_("企业"), [LINE])
    person = StringField(_("姓名"), [LINE])

    def guest(self) -> Guest:
        """Return what was typed; an enterprise of the register brings its own name."""
        firm = "" if self.enterprise_id.data else text(self.firm)
        return Guest(enterprise_id=self.enterprise_id.data, firm=firm, person=text(self.person))


class CreditForm(Form):
    """Credit a project by hand."""

    project_id = SelectField(_("项目"), [CHOOSE], coerce=int, validate_choice=False)
    reason = StringField(_("理由"), [LINE])

    def offer(self, projects: Iterable[tuple[int, str]]) -> CreditForm:
        """Fill in what can be chosen."""
        self.project_id.choices = [(0, tr("请选择")), *projects]
        return self


class CancelForm(Form):
    """Call an event off."""

    reason = StringField(_("取消原因"), [LINE], id="cancel-reason")  # two reasons stand on one page
