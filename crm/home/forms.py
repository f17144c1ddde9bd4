"""Forms of touches and follow-ups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from crm.auth.views import local_path
from crm.fieldwork.rules import (
    INTENTION_LABELS,
    LEADER_LABELS,
    LINE_LENGTH,
    TOUCH_LABELS,
    FollowUpDraft,
    Intention,
    LeaderLevel,
    TouchCorrection,
    TouchDraft,
    TouchKind,
    TouchTarget,
)
from crm.home.fields import LocalTimeField
from crm.web.fields import DayField
from crm.web.forms import Form, optional, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.enterprises.queries import Acquaintance
    from crm.pipeline.touches import OpenProject

TEXT_LENGTH = 20_000
NO_PROJECT = "none"
NEW_ENTERPRISE = "new"


def _own_page(target: str | None) -> str:
    """Keep an address to go back to only if it is one of ours."""
    return local_path(target) if target else ""


def labelled(labels: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Choices of a vocabulary, in the person's language."""
    return [SelectChoice(str(key), tr(label)) for key, label in labels]


class TouchForm(Form):
    """Log a touch: the eight fields that everybody fills in."""

    whole = False
    client_id = HiddenField(validators=[InputRequired(_("页面已过期，请刷新后重新提交。")), Length(min=8, max=80)])
    next = HiddenField(filters=[_own_page])
    kind = RadioField(_("类型"), default=TouchKind.VISIT.value, validators=[InputRequired(_("请选择类型。"))])
    enterprise_id = StringField(_("企业"), [InputRequired(_("请选择企业；库里没有的，可以直接新建。"))])
    q = StringField(_("搜企业"), [Length(max=LINE_LENGTH, message=_("企业名称最多200字。"))])
    confirm_new = BooleanField(_("确认不是同一家，新建"))
    people = StringField(_("见了谁"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    contact_ids = SelectMultipleField(
        _("已知联系人"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    new_name = StringField(_("新联系人姓名"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    new_post = StringField(_("职务"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    new_phone = StringField(_("电话"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    confirm_contact = BooleanField(_("确认不是同一人，仍要登记"))
    occurred_at = LocalTimeField(_("时间"), [InputRequired(_("请选择时间。"))])
    summary = TextAreaField(
        _("谈了什么"),
        [InputRequired(_("请写一句谈了什么，哪怕只有十个字。")), Length(max=TEXT_LENGTH, message=_("最多两万字。"))],
    )
    intention = RadioField(_("投资意向"), default=Intention.UNKNOWN.value)
    next_step = StringField(_("下步打算"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    next_due = DayField(_("期限"), [Optional()])

    def label(self) -> Self:
        """Fill in the vocabularies; what belongs to an enterprise the service checks by itself."""
        self.kind.choices = labelled(TOUCH_LABELS.items())
        self.intention.choices = labelled(INTENTION_LABELS.items())
        return self

    def offer_contacts(self, contacts: Iterable[Acquaintance]) -> None:
        """Fill in who can be chosen; contacts no longer on offer are dropped from the choice."""
        self.contact_ids.choices = [SelectChoice(row.id, contact_words(row)) for row in contacts]
        known = {choice.value for choice in self.contact_ids.choices}  # type: ignore[union-attr]  # older stubs
        self.contact_ids.data = [value for value in self.contact_ids.data or [] if value in known]

    def draft(self) -> TouchDraft:
        """Return what was typed as the rules want it."""
        return TouchDraft(
            kind=TouchKind(text(self.kind)),
            occurred_at=self.occurred_at.data,
            summary=text(self.summary),
            next_step=text(self.next_step),
            next_due=self.next_due.data,
            people=optional(self.people),
            contact_ids=tuple(self.contact_ids.data or ()),
            intention=Intention(text(self.intention)),
        )

    def target(self, enterprise_id: int) -> TouchTarget:
        """Return what the touch belongs to: the person's main unit, and the only open project if there is one."""
        return TouchTarget(enterprise_id=enterprise_id, client_id=text(self.client_id))


class WholeTouchForm(TouchForm):
    """The eight fields and those behind 更多."""

    whole = True
    place = StringField(_("地点"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    leader_level = SelectField(_("带队层级"), default=LeaderLevel.STAFF.value)
    headcount = StringField(_("人数"), [Optional(), Regexp(r"^\d{1,4}$", message=_("人数请填整数。"))])
    project = SelectField(_("关联项目"), validate_choice=False)
    unit_id = SelectField(_("以哪个单位"), coerce=int, validate_choice=False)
    report = TextAreaField(_("考察报告"), [Length(max=TEXT_LENGTH, message=_("最多两万字。"))])

    def label(self) -> Self:
        """Fill in the vocabularies."""
        self.leader_level.choices = labelled(LEADER_LABELS.items())
        return super().label()

    def offer_more(self, units: Iterable[tuple[int, str]], projects: Iterable[OpenProject]) -> None:
        """Fill in the units a person may write for and the projects of the enterprise."""
        self.unit_id.choices = [SelectChoice(unit_id, name) for unit_id, name in units]
        self.project.choices = [
            SelectChoice("", tr("自动（唯一在谈项目）")),
            *(SelectChoice(str(row.id), row.name) for row in projects),
            SelectChoice(NO_PROJECT, tr("不关联项目")),
        ]

    def draft(self) -> TouchDraft:
        """Return what was typed as the rules want it."""
        return replace(
            super().draft(),
            place=optional(self.place),
            leader_level=LeaderLevel(text(self.leader_level)),
            headcount=int(text(self.headcount)) if text(self.headcount) else None,
            report=optional(self.report),
        )

    def target(self, enterprise_id: int) -> TouchTarget:
        """Return what the touch belongs to, as it was chosen."""
        project = text(self.project)
        return replace(
            super().target(enterprise_id),
            unit_id=self.unit_id.data,
            project_id=number_or_none(project),
            auto_link=project != NO_PROJECT,
        )

    @property
    def more_is_open(self) -> bool:
        """Whether 更多 shows at once: an inspection wants its report, a typed or faulty field wants to be seen."""
        more = (self.place, self.headcount, self.report)
        faulty = self.project.errors or self.unit_id.errors
        inspection = text(self.kind) == TouchKind.INSPECTION.value
        return bool(faulty) or inspection or any(field.errors or field.data for field in more)


MORE = frozenset({"place", "leader_level", "headcount", "project", "unit_id", "report"})


def contact_words(contact: Acquaintance) -> str:
    """Name and post of a contact, and whether the person asked to be left alone."""
    named = f"{contact.name}（{contact.post}）" if contact.post else contact.name
    return f"{named} · {tr('不再联系')}" if contact.do_not_contact else named


class CorrectionForm(Form):
    """Correct a logged touch."""

    summary = TextAreaField(_("谈了什么"), [Length(max=TEXT_LENGTH, message=_("最多两万字。"))])
    people = StringField(_("见了谁"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    intention = RadioField(_("投资意向"))
    report = TextAreaField(_("考察报告"), [Length(max=TEXT_LENGTH, message=_("最多两万字。"))])

    def offer(self) -> None:
        """Fill in what can be chosen."""
        self.intention.choices = labelled(INTENTION_LABELS.items())

    def correction(self) -> TouchCorrection:
        """Return what was typed as the rules want it."""
        return TouchCorrection(
            text(self.summary), optional(self.people), Intention(text(self.intention)), optional(self.report)
        )


class ReportForm(Form):
    """Write the report of an inspection."""

    report = TextAreaField(_("考察报告"), [Length(max=TEXT_LENGTH, message=_("最多两万字。"))])


class VoidForm(Form):
    """Void a touch with a reason."""

    reason = StringField(_("作废原因"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])


class PhotoOptionForm(Form):
    """What the office decides about photos."""

    keep_place = BooleanField(_("保留照片里的拍摄地点"))


class FollowUpForm(Form):
    """Add a follow-up, or the next one."""

    next = HiddenField(filters=[_own_page])
    title = StringField(_("要做什么"), [Length(max=LINE_LENGTH, message=_("最多200字。"))])
    due_on = DayField(_("期限"), [Optional()])

    def draft(self) -> FollowUpDraft:
        """Return what was typed as the rules want it."""
        return FollowUpDraft(text(self.title), self.due_on.data)
