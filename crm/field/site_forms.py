"""Forms of inspections on site: the inspection with its findings, one more finding, mended, a second look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.fieldwork.supervision.rules import FindingDraft, InspectionDraft, RecheckDraft, finding_problems
from crm.web.fields import DayField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import say
from crm.web.inputs import number_or_none
from crm.web.times import LocalTimeField

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

LINE = Length(max=200, message=_("最多200字。"))
LONG = Length(max=20_000, message=_("最多两万字。"))
ROWS = 3
NOBODY = (0, "—")
PASSED = {"yes": "整改到位，销号", "no": "没有到位，再定期限"}


class InspectionForm(Form):
    """Record an inspection."""

    client_id = HiddenField(validators=[InputRequired(_("页面已过期，请刷新后重新提交。")), Length(min=8, max=80)])
    project = HiddenField()
    enterprise_id = StringField(_("企业"))
    q = StringField(_("搜企业"), [LINE])
    place = StringField(_("地点"), [LINE])
    unit_id = SelectField(_("被督查单位"), coerce=int)
    inspected_at = LocalTimeField(_("督查时间"), [InputRequired(_("请选择时间。"))])
    inspector_ids = SelectMultipleField(
        _("督查人员"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), coerce=int
    )
    outside_people = StringField(_("外单位人员"), [LINE])
    summary = TextAreaField(_("看到的情况"), [InputRequired(_("请写一句看到的情况。")), LONG])

    def offer(
        self,
        units: Sequence[tuple[int, str]],
        inspectors: Sequence[tuple[int, str]],
        people: Sequence[tuple[int, str]],
    ) -> Self:
        """Fill in units and people."""
        self.unit_id.choices = list(units)
        self.inspector_ids.choices = list(inspectors)
        for _body, responsible, _due in self.rows():
            responsible.choices = [NOBODY, *people]
        return self

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the rows for findings: words, responsible person, deadline."""
        return [(self[f"body_{n}"], self[f"responsible_{n}"], self[f"due_{n}"]) for n in range(ROWS)]

    def draft(self, at: datetime, project_id: int | None) -> InspectionDraft:
        """Return what was typed as the rules want it."""
        return InspectionDraft(
            client_id=text(self.client_id),
            unit_id=self.unit_id.data,
            inspected_at=self.inspected_at.data or at,
            summary=text(self.summary),
            enterprise_id=number_or_none(text(self.enterprise_id)),
            project_id=project_id,
            place=optional(self.place),
            inspector_ids=tuple(self.inspector_ids.data or ()),
            outside_people=optional(self.outside_people),
        )

    def findings(self, today: date) -> list[FindingDraft]:
        """Return the findings somebody began to write; what is wrong with one stands beside its fields."""
        found = []
        for fields in self.rows():
            body, responsible, due = fields
            draft = FindingDraft(text(body), responsible.data or 0, due.data)
            if not (draft.body or draft.responsible_id or draft.due_on):
                continue
            found.append(draft)
            places = dict(zip(("body", "responsible_id", "due_on"), fields, strict=True))
            for problem in finding_problems(draft, today=today):
                field = places[problem.field or "body"]
                field.errors = [*field.errors, say(problem)]
        return found

    @property
    def faultless(self) -> bool:
        """Whether no field has anything to complain of."""
        return not any(field.errors for field in self)


for _n in range(ROWS):
    setattr(InspectionForm, f"body_{_n}", TextAreaField(_("问题"), [LONG]))
    setattr(InspectionForm, f"responsible_{_n}", SelectField(_("责任人"), coerce=int, default=0))
    setattr(InspectionForm, f"due_{_n}", DayField(_("整改期限")))


class FindingForm(Form):
    """Put down one more finding."""

    body = TextAreaField(_("问题"), [InputRequired(_("请写明问题是什么。")), LONG])
    responsible_id = SelectField(_("责任人"), coerce=int)
    due_on = DayField(_("整改期限"), [InputRequired(_("请定一个整改期限。"))])

    def offer(self, people: Sequence[tuple[int, str]]) -> Self:
        """Fill in people."""
        self.responsible_id.choices = [NOBODY, *people]
        return self

    def draft(self) -> FindingDraft:
        """Return what was typed as the rules want it."""
        return FindingDraft(text(self.body), self.responsible_id.data or 0, self.due_on.data)


class MendedForm(Form):
    """Tell how a finding was mended."""

    note = StringField(_("怎么整改的"), [InputRequired(_("请写明怎么整改的。")), LINE])


class RecheckForm(Form):
    """Look again."""

    passed = RadioField(_("复查结论"), [InputRequired(_("请选择复查结论。"))])
    note = StringField(_("复查看到的情况"), [InputRequired(_("请写明复查看到的情况。")), LINE])
    new_due_on = DayField(_("新的期限"))

    def offer(self) -> Self:
        """Fill in the two answers."""
        self.passed.choices = choices(PASSED.items())
        return self

    def draft(self) -> RecheckDraft:
        """Return what was typed as the rules want it."""
        return RecheckDraft(text(self.passed) == "yes", text(self.note), self.new_due_on.data)


class VoidForm(Form):
    """Void an inspection."""

    reason = StringField(_("作废原因"), [InputRequired(_("请写明作废原因，例如“重复登记”。")), LINE])
