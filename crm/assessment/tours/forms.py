"""Forms of site tours: the tour with its criteria and judges, a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.assessment.tours.services import StopDraft, TourDraft
from crm.web.fields import DayField
from crm.web.forms import Form, optional, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LISTED: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}


class TourForm(Form):
    """A tour."""

    name = StringField(
        _("名称"),
        [
            InputRequired(_("请给这次观摩起个名称，例如 2026年三季度观摩拉练。")),
            Length(max=80, message=_("最多80字。")),
        ],
    )
    held_on = DayField(_("观摩日期"), [InputRequired(_("请选择日期。"))])
    criteria = TextAreaField(
        _("评分项目"), [InputRequired(_("请至少写一个评分项目。")), Length(max=2000, message=_("最多2000字。"))]
    )
    trim = BooleanField(_("去掉一个最高分和一个最低分（三张评分表起）"))
    judges = SelectMultipleField(_("评委"), **LISTED)
    note = TextAreaField(_("说明"), [Length(max=2000, message=_("最多2000字。"))])

    def offer(self, people: Iterable[tuple[int, str]]) -> TourForm:
        """Fill in who can judge."""
        self.judges.choices = [(str(key), label) for key, label in people]
        return self

    def draft(self) -> TourDraft:
        """What was typed."""
        judges = frozenset(map(int, self.judges.data or ()))
        return TourDraft(
            text(self.name), self.held_on.data, text(self.criteria), judges, bool(self.trim.data), optional(self.note)
        )


class StopForm(Form):
    """A stop: a unit, and one of its projects or a title."""

    unit_id = SelectField(_("单位"), coerce=int, validate_choice=False)
    project_id = SelectField(_("项目"), validate_choice=False)
    title = StringField(_("观摩点名称"), [Length(max=200, message=_("最多200字。"))])

    def offer(self, units: Iterable[tuple[int, str]], projects: Sequence[tuple[int, str]], none: str) -> StopForm:
        """Fill in what can be chosen."""
        self.unit_id.choices = list(units)
        self.project_id.choices = [("", none), *((str(key), name) for key, name in projects)]
        return self

    def draft(self) -> StopDraft:
        """What was chosen."""
        chosen = text(self.project_id)
        project = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None  # noqa: PLR2004 (fits an integer column)
        return StopDraft(self.unit_id.data or 0, text(self.title), project)
