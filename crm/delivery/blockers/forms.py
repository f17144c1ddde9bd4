"""Forms of blockers: raising one, telling progress, the firm's word, reasons, a new charge; filters of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.delivery.blockers.queries import Filters
from crm.delivery.blockers.rules import (
    SOURCE_LABELS,
    WAY_LABELS,
    BlockerDraft,
    BlockerSource,
    BlockerState,
    Charge,
    Confirmation,
    Way,
)
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT
from crm.web.fields import DayField
from crm.web.forms import Form, choices, text
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from crm.delivery.blockers.book import Book

Seats = list[tuple[str, str]]
NOBODY = ("", "—")
WHY = InputRequired(_("请写明原因。"))
STALE = InputRequired(_("页面已过期，请刷新后重新提交。"))


class RaiseForm(Form):
    """Raise a blocker."""

    client_id = HiddenField(validators=[STALE, Length(min=8, max=80)])
    enterprise = HiddenField()
    ref = HiddenField()
    project_id = SelectField(_("项目"), validate_choice=False)
    title = StringField(_("项目问题"), [InputRequired(_("请用一句话写明是什么问题。")), LINE])
    category = SelectField(_("类别"), [CHOOSE])
    source = SelectField(_("从哪里来"), [CHOOSE])
    to = SelectField(_("责任单位和责任人"), [CHOOSE])
    due_on = DayField(_("办理时限"))
    detail = TextAreaField(_("情况和诉求"), [LONG])

    def offer(self, projects: Sequence[tuple[int, str]], book: Book, seats: Seats) -> RaiseForm:
        """Fill in what can be chosen."""
        self.project_id.choices = [NOBODY, *((str(key), name) for key, name in projects)]
        self.category.choices = [NOBODY, *choices(book.chosen())]
        self.source.choices = choices(SOURCE_LABELS.items())
        self.to.choices = [NOBODY, *seats]
        return self

    def draft(self, book: Book, today: date) -> BlockerDraft:
        """Return what was typed; no deadline means the usual one of the category. Only after validation."""
        unit_id, responsible_id = seat(text(self.to))
        project_id = number_or_none(text(self.project_id))
        return BlockerDraft(
            client_id=text(self.client_id),
            title=text(self.title),
            category=text(self.category),
            unit_id=unit_id,
            responsible_id=responsible_id,
            due_on=self.due_on.data or book.due(text(self.category), today),
            source=BlockerSource(self.source.data),
            ref_id=number_or_none(text(self.ref)),
            detail=text(self.detail),
            project_id=project_id,
            enterprise_id=None if project_id else number_or_none(text(self.enterprise)),
        )


class ProgressForm(Form):
    """Tell how far it is."""

    text = TextAreaField(_("办理情况"), [InputRequired(_("请写明办理情况。")), LONG])
    solved = BooleanField(_("已经解决，请项目单位听取企业意见"))


class CloseForm(Form):
    """The firm's word."""

    person = StringField(_("企业确认人"), [InputRequired(_("请写明企业由谁确认，例如“晟澜精密 李工”。")), SHORT])
    confirmed_on = DayField(_("确认日期"), [InputRequired(_("请选择日期。"))])
    way = RadioField(_("怎么确认的"), [CHOOSE])
    note = StringField(_("企业的话"), [LINE])

    def offer(self) -> CloseForm:
        """Fill in the ways."""
        self.way.choices = choices(WAY_LABELS.items())
        return self

    def word(self) -> Confirmation:
        """Return what was typed; only after validation."""
        return Confirmation(text(self.person), self.confirmed_on.data, Way(self.way.data), text(self.note))


class AgainForm(Form):
    """Send back or reopen: why, and until when now."""

    reason = TextAreaField(_("原因"), [WHY, LONG])
    due_on = DayField(_("新的时限"), [InputRequired(_("请定办理时限。"))])


class AssignForm(Form):
    """Another unit, person or deadline."""

    to = SelectField(_("责任单位和责任人"), [CHOOSE])
    due_on = DayField(_("新的时限"), [InputRequired(_("请定办理时限。"))])
    reason = TextAreaField(_("原因"), [WHY, LONG])

    def offer(self, seats: Seats) -> AssignForm:
        """Fill in who can be charged."""
        self.to.choices = seats
        return self

    def charge(self) -> Charge:
        """Return what was typed; only after validation."""
        return Charge(*seat(text(self.to)), self.due_on.data)


class CoordinateForm(Form):
    """Ask for a coordination meeting."""

    reason = TextAreaField(_("要协调什么"), [InputRequired(_("请写明要会上协调什么。")), LONG])


def seat(typed: str) -> tuple[int, int]:
    """Read ``unit:person``; 0 for what is missing."""
    unit, _colon, person = typed.partition(":")
    return number_or_none(unit) or 0, number_or_none(person) or 0


def filters_from(args: Mapping[str, str]) -> Filters:
    """Read what an address asks of the list; what it cannot mean is left out."""
    state, source = args.get("state", ""), args.get("source", "")
    return Filters(
        state=BlockerState(state) if state in set(BlockerState) else None,
        every=state == "all",
        category=args.get("category", "")[:40],
        unit_id=number_or_none(args.get("unit", "")),
        source=BlockerSource(source) if source in set(BlockerSource) else None,
        project_id=number_or_none(args.get("project", "")),
        mine=args.get("mine") == "1",
        coordinate=args.get("coordinate") == "1",
        q=args.get("q", "").strip()[:80],
    )


def asked(wanted: Filters) -> dict[str, str]:
    """Write filters as an address asks for them."""
    found = {
        "state": "all" if wanted.every else wanted.state.value if wanted.state else "",
        "category": wanted.category,
        "unit": str(wanted.unit_id or ""),
        "source": wanted.source.value if wanted.source else "",
        "project": str(wanted.project_id or ""),
        "mine": "1" if wanted.mine else "",
        "coordinate": "1" if wanted.coordinate else "",
        "q": wanted.q,
    }
    return {name: value for name, value in found.items() if value}
