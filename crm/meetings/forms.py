"""Forms of meetings: a series, one meeting, an item, minutes, a decision and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.meetings.rules import (
    MEETING_LABELS,
    RHYTHM_LABELS,
    DecisionDraft,
    MeetingDraft,
    MeetingKind,
    Rhythm,
    SeriesDraft,
)
from crm.web.fields import DayField, WholeField
from crm.web.filters import WEEKDAYS
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Pairs: TypeAlias = Iterable[tuple[int, str]]

SHORT = Length(max=80, message=_("最多80字。"))
LINE = Length(max=200, message=_("最多200字。"))
LONG = Length(max=20_000, message=_("最多两万字。"))
CHOOSE = InputRequired(_("请选择一项。"))
PICK_DAY = InputRequired(_("请选择日期。"))


class PeopleField(SelectMultipleField):
    """Tick people."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SeriesForm(Form):
    """Begin or change a series."""

    name = StringField(_("会议名称"), [InputRequired(_("请填写会议名称。")), SHORT])
    kind = SelectField(_("类型"), [CHOOSE])
    rhythm = SelectField(_("多久一次"), [CHOOSE])
    weekday = SelectField(_("星期几"), coerce=int, validate_choice=False)
    month_day = WholeField(_("每月几号"), description=_("按月开的填；没有这一天的月份在月底开"))
    first_on = DayField(_("从哪天起"), [PICK_DAY])
    starts_at = StringField(_("开始时间"), [SHORT], default="09:00")
    place = StringField(_("地点"), [LINE])
    chair_id = SelectField(_("主持人"), coerce=int, validate_choice=False)
    unit_id = SelectField(_("哪个单位的会"), coerce=int, validate_choice=False)
    members = PeopleField(_("参会人"), coerce=int, validate_choice=False)

    def offer(self, people: Pairs, units: Pairs) -> SeriesForm:
        """Fill in what can be chosen."""
        people = list(people)
        self.kind.choices = choices(MEETING_LABELS.items())
        self.rhythm.choices = choices(RHYTHM_LABELS.items())
        self.weekday.choices = [(number, tr(name)) for number, name in enumerate(WEEKDAYS)]
        self.chair_id.choices = [(0, tr("请选择")), *people]
        self.unit_id.choices = list(units)
        self.members.choices = people
        return self

    def draft(self) -> SeriesDraft:
        """Return what was typed; only after validation."""
        rhythm = Rhythm(text(self.rhythm))
        day = self.month_day.data or 0 if rhythm is Rhythm.MONTHLY else self.weekday.data
        return SeriesDraft(
            name=text(self["name"]),
            kind=MeetingKind(text(self.kind)),
            rhythm=rhythm,
            day=0 if day is None else day,
            first_on=self.first_on.data,  # type: ignore[arg-type]  # required, so never None here
            starts_at=clock(text(self.starts_at)),
            place=text(self.place),
            unit_id=self.unit_id.data or None,
            chair_id=self.chair_id.data or None,
            members=tuple(self.members.data or ()),
        )


def clock(typed: str) -> str:
    """Write a time of day in two digits each, as lists are sorted by it: 9：30 becomes 09:30."""
    return typed.replace("：", ":").zfill(len("09:30")) if typed else typed


class MeetingForm(Form):
    """Call or change one meeting."""

    version = WholeField()
    title = StringField(_("会议名称"), [InputRequired(_("请填写会议名称。")), LINE])
    kind = SelectField(_("类型"), [CHOOSE])
    held_on = DayField(_("日期"), [PICK_DAY])
    starts_at = StringField(_("开始时间"), [SHORT], default="09:00")
    place = StringField(_("地点"), [LINE])
    chair_id = SelectField(_("主持人"), coerce=int, validate_choice=False)
    unit_id = SelectField(_("哪个单位的会"), coerce=int, validate_choice=False)
    members = PeopleField(_("参会人"), coerce=int, validate_choice=False)

    def offer(self, people: Pairs, units: Pairs) -> MeetingForm:
        """Fill in what can be chosen."""
        people = list(people)
        self.kind.choices = choices(MEETING_LABELS.items())
        self.chair_id.choices = [(0, tr("请选择")), *people]
        self.unit_id.choices = list(units)
        self.members.choices = people
        return self

    def draft(self) -> MeetingDraft:
        """Return what was typed; only after validation."""
        return MeetingDraft(
            title=text(self.title),
            kind=MeetingKind(text(self.kind)),
            held_on=self.held_on.data,  # type: ignore[arg-type]  # required, so never None here
            starts_at=clock(text(self.starts_at)),
            place=text(self.place),
            unit_id=self.unit_id.data or None,
            chair_id=self.chair_id.data or None,
            members=tuple(self.members.data or ()),
        )


class ItemForm(Form):
    """Add an item by hand."""

    title = StringField(_("议题"), [LINE])
    detail = TextAreaField(_("说明"), [LONG])
    project_id = SelectField(_("关于哪个项目"), coerce=int, validate_choice=False)

    def offer(self, projects: Pairs) -> ItemForm:
        """Fill in what can be chosen."""
        self.project_id.choices = [(0, tr("不关联项目")), *projects]
        return self


class NoteForm(Form):
    """What was said on an item."""

    note = TextAreaField(_("讨论情况"), [LONG])


class MinutesForm(Form):
    """The minutes and who came besides colleagues."""

    version = WholeField()
    minutes = TextAreaField(
        _("会议纪要"), [LONG], description=_("参会人都能看到这里；涉及保密项目的话请写在对应的议题里")
    )
    guests = TextAreaField(_("列席和外单位人员"), [LONG], description=_("一行一位：单位、姓名、职务"))


class DecisionForm(Form):
    """Write a decision down."""

    text = TextAreaField(_("议定什么"), [LONG])
    item_id = SelectField(_("哪项议题"), coerce=int, validate_choice=False)
    owner = SelectField(_("承办单位和人"), [CHOOSE])
    due_on = DayField(_("办理期限"), [PICK_DAY])

    def offer(self, items: Pairs, seats: Iterable[tuple[int, int, str]]) -> DecisionForm:
        """Fill in what can be chosen."""
        self.item_id.choices = [(0, tr("不属于某项议题")), *items]
        self.owner.choices = [("", tr("请选择")), *((f"{unit}:{user}", label) for unit, user, label in seats)]
        return self

    def draft(self) -> DecisionDraft:
        """Return what was typed; only after validation."""
        unit, _colon, owner = text(self.owner).partition(":")
        return DecisionDraft(
            text=text(self["text"]),
            unit_id=int(unit),
            owner_id=int(owner),
            due_on=self.due_on.data,  # type: ignore[arg-type]  # required, so never None here
            item_id=self.item_id.data or None,
        )


class DoneForm(Form):
    """Close a decision with its result."""

    note = TextAreaField(_("办理结果"), [LONG])


class DropForm(Form):
    """Drop a decision because a later one says so."""

    number = StringField(_("决定不再办的纪要或文件编号"), [SHORT])
    dropped_on = DayField(_("作出决定的日期"))
    reason = TextAreaField(_("为什么不再办"), [LONG])


class ReasonForm(Form):
    """Why a meeting is cancelled."""

    reason = StringField(_("取消原因"), [LINE], id="cancel-reason")
