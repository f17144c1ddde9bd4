"""Forms of relations and profile entries."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.enterprises.profile import BODY, EntryDraft
from crm.enterprises.relations import ROLE_LABELS, RelationDraft
from crm.enterprises.rules import BLOCK_LABELS, LINE, ProfileBlock
from crm.web.fields import DayField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none


def _at_most(length: int) -> Length:
    return Length(max=length, message=_("最多 %(max)d 个字。"))


class ChoosingForm(Form):
    """A form in which another enterprise is looked up and chosen."""

    q = StringField(_("查找企业"), [_at_most(LINE)])
    other_id = HiddenField(_("企业"))
    find = HiddenField()

    @property
    def looking(self) -> bool:
        """Whether only the search was sent."""
        return bool(self.find.data)

    @property
    def chosen(self) -> int | None:
        """Id of the chosen enterprise."""
        return number_or_none(text(self.other_id))


class RelationForm(ChoosingForm):
    """Add or change a typed relation."""

    role = SelectField(_("对方是本企业的"), choices=[], validate_choice=False)
    since = DayField(_("开始日期"))
    until = DayField(_("结束日期"))
    source = StringField(_("来源"), [_at_most(LINE)])
    note = StringField(_("备注"), [_at_most(LINE)])

    def offer_roles(self) -> None:
        """Fill in what the other one may be, in the person's language."""
        self.role.choices = choices(ROLE_LABELS.items())

    def complete(self) -> bool:
        """Whether everything needed was given."""
        ok = self.validate()
        if self.chosen is None:
            self.other_id.errors = [*self.other_id.errors, tr("请查找并选中一家企业。")]
            return False
        return bool(ok)

    def draft(self) -> RelationDraft:
        """What was typed."""
        return RelationDraft(
            other_id=self.chosen or 0,
            role=text(self.role),
            since=self.since.data,
            until=self.until.data,
            source=optional(self.source),
            note=optional(self.note),
        )


class ParentForm(ChoosingForm):
    """Say which enterprise this one belongs to."""

    alone = BooleanField(_("不属于任何集团"))

    @property
    def parent_id(self) -> int | None:
        """Id of the parent; None when it stands alone."""
        return None if self.alone.data else self.chosen

    def complete(self) -> bool:
        """Whether a parent was chosen, or none on purpose."""
        ok = self.validate()
        if self.chosen is None and not self.alone.data:
            self.other_id.errors = [*self.other_id.errors, tr("请选中上级企业，或者勾选“不属于任何集团”。")]
            return False
        return bool(ok)


class EntryForm(Form):
    """Write an entry of the profile."""

    block = SelectField(_("栏目"), choices=[], validate_choice=False)
    body = TextAreaField(_("内容"), [InputRequired(_("请填写内容。")), _at_most(BODY)])
    source = StringField(_("来源"), [InputRequired(_("请填写来源，例如 年报、官网、走访。")), _at_most(LINE)])
    as_of = DayField(_("截至日期"), [InputRequired(_("请选择这些内容是哪一天的。"))])
    version = HiddenField()

    def offer_blocks(self) -> None:
        """Fill in the six blocks, in the person's language."""
        self.block.choices = choices((block.value, label) for block, label in BLOCK_LABELS.items())

    def draft(self) -> EntryDraft:
        """What was typed; an unknown block is the first one."""
        known = {block.value: block for block in ProfileBlock}
        block = known.get(text(self.block), ProfileBlock.HISTORY)
        return EntryDraft(block=block, body=text(self.body), source=text(self.source), as_of=self.as_of.data)
