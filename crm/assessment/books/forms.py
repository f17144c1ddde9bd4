"""Forms of assessments: a book of rules, a run, values of a unit, an adjustment, a slip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.core.errors import DomainError, Problem
from crm.web.fields import DayField, WanField
from crm.web.forms import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONG = Length(max=20_000, message=_("最多两万字。"))
LISTED: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
LINE = Length(max=200, message=_("最多200字。"))


class BookForm(Form):
    """The rules as JSON, and what changed."""

    body = TextAreaField(_("考核规则（JSON）"), [InputRequired(_("请填写考核规则，可以从示例开始改。"))])
    note = StringField(_("修改说明"), [LINE])


class RunForm(Form):
    """Which book, which days, which units."""

    book_id = SelectField(_("考核办法"), coerce=int, validate_choice=False)
    name = StringField(
        _("名称"),
        [InputRequired(_("请给这次考核起个名称，例如 2026年三季度考核。")), Length(max=80, message=_("最多80字。"))],
    )
    start_on = DayField(_("开始日期"), [InputRequired(_("请选择日期。"))])
    end_on = DayField(_("结束日期"), [InputRequired(_("请选择日期。"))])

    def offer(self, books: Iterable[tuple[int, str]]) -> RunForm:
        """Fill in what can be chosen."""
        self.book_id.choices = list(books)
        return self


class AdjustForm(Form):
    """A signed entry beside the rules."""

    points = WanField(_("调整分"), [InputRequired(_("请填写调整分，扣分写负数。"))])
    reason = TextAreaField(_("理由和依据"), [InputRequired(_("请写明调整的理由和依据。")), LONG])


class SlipForm(Form):
    """What is asked of the units at the bottom, and till when."""

    demand = TextAreaField(_("整改要求"), [InputRequired(_("请写明整改要求。")), LONG])
    due_on = DayField(_("整改期限"), [InputRequired(_("请选择日期。"))])


class ReplyForm(Form):
    """What a unit did."""

    text = TextAreaField(_("整改情况"), [InputRequired(_("请写明整改情况。")), LONG])


class RatingForm(Form):
    """Till when, which units are rated; :meth:`of` adds who rates, a field for each group."""

    due_on = DayField(_("截止日期"), [InputRequired(_("请选择日期。"))])
    units = SelectMultipleField(_("被评单位"), **LISTED)

    @classmethod
    def of(cls, groups: Sequence[str]) -> type[RatingForm]:
        """Make the form of a rating with these groups of raters."""
        fields = {f"group_{at}": SelectMultipleField(group or _("评分人"), **LISTED) for at, group in enumerate(groups)}
        return type("RatingForm", (cls,), fields)

    def offer(self, units: Iterable[tuple[int, str]], people: Sequence[tuple[int, str]]) -> RatingForm:
        """Fill in what can be chosen."""
        self.units.choices = [(str(key), name) for key, name in units]
        for name, field in self._fields.items():
            if name.startswith("group_"):
                field.choices = [(str(key), label) for key, label in people]
        return self

    def raters(self, groups: Sequence[str]) -> dict[int, str]:
        """Who rates in which group; somebody chosen in two groups is refused."""
        found: dict[int, str] = {}
        for at, group in enumerate(groups):
            for one in self._fields[f"group_{at}"].data or ():
                if int(one) in found:
                    name = dict(self._fields[f"group_{at}"].choices)[one]
                    raise DomainError(
                        Problem("rating.both", "%(name)s不能在两个组里评分。", f"group_{at}", {"name": name})
                    )
                found[int(one)] = group
        return found
