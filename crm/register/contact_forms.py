"""Forms of contacts: the person, a post, who knows them, erasing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.enterprises.contact_words import plain
from crm.enterprises.posts import PostDraft
from crm.enterprises.rules import (
    CLOSENESS,
    CODE,
    KNOWN_LABELS,
    LEGAL_BASES,
    LINE,
    SHORT,
    ContactDraft,
    KnownThrough,
    mask_email,
    mask_phone,
)
from crm.register.relation_forms import ChoosingForm
from crm.web.fields import DayField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.core.errors import Problem
    from crm.enterprises.models import Contact, ContactPost

LONG = 5000
REACH, CHOSEN = ("phone", "email"), ("known_through", "legal_basis")
PLACES = {"enterprise_id": "other_id"}
KNOWN = (("", "未说明"), *((key.value, label) for key, label in KNOWN_LABELS.items()))
PLAIN = ("name", "post", "source", "introducer", "hometown", "note", "notice_on", "retain_until", "do_not_contact")


def _at_most(length: int) -> Length:
    return Length(max=length, message=_("最多 %(max)d 个字。"))


class ContactForm(Form):
    """Add or change a contact; a number on record is never filled in, blank leaves it as it is."""

    name = StringField(_("姓名"), [InputRequired(_("请填写联系人姓名。")), _at_most(SHORT)])
    post = StringField(_("职务"), [_at_most(SHORT)])
    phone = StringField(_("电话"), [_at_most(CODE)])
    clear_phone = BooleanField(_("清除已登记的电话"))
    email = StringField(_("邮箱"), [_at_most(LINE)])
    clear_email = BooleanField(_("清除已登记的邮箱"))
    known_through = SelectField(_("怎么认识的"), choices=lambda: choices(KNOWN), default="")
    introducer = StringField(_("引荐人"), [_at_most(SHORT)])
    hometown = StringField(_("籍贯"), [_at_most(SHORT)])
    legal_basis = SelectField(_("处理依据"), choices=lambda: choices(LEGAL_BASES.items()), default="duty")
    source = StringField(_("来源"), [_at_most(LINE)])
    notice_on = DayField(_("告知日期"))
    retain_until = DayField(_("保存期限"))
    do_not_contact = BooleanField(_("本人要求不再联系"))
    note = TextAreaField(_("备注"), [_at_most(LONG)])
    confirmed = BooleanField(_("确是另一个人，仍要保存"))
    version = HiddenField()

    @classmethod
    def of(cls, row: Contact) -> ContactForm:
        """Return the form filled with a contact, without its numbers."""
        data = {field: getattr(row, field) for field in (*PLAIN, "legal_basis")}
        known = row.known_through.value if row.known_through else ""
        return cls(formdata=None, data={**data, "known_through": known, "version": str(row.version)})

    def mask(self, row: Contact) -> None:
        """Say in the fields what is on record, masked."""
        for field, known, hide in ((self.phone, row.phone, mask_phone), (self.email, row.email, mask_email)):
            if known:
                field.render_kw = {"placeholder": tr("%(masked)s（留空则不改）", masked=hide(known))}

    def theirs(self, row: Contact) -> list[tuple[str, str]]:
        """What stands on record now where something else was typed: label and text, numbers masked."""
        typed = self.changed()
        found = []
        for name, value in typed.items():
            stored = getattr(row, name)
            if (value or None) != (stored or None):
                found.append((str(self[name].label.text), _shown(name, stored)))
        return found

    def draft(self) -> ContactDraft:
        """What was typed about a new contact."""
        known = text(self.known_through)
        return ContactDraft(
            phone=optional(self.phone),
            email=optional(self.email),
            known_through=KnownThrough(known) if known else None,
            legal_basis=text(self.legal_basis),
            confirmed=bool(self.confirmed.data),
            **self._plain(),
        )

    def changed(self) -> dict[str, Any]:
        """What was typed about a contact on record: numbers only when typed or cleared."""
        values = {**self._plain(), "known_through": text(self.known_through), "legal_basis": text(self.legal_basis)}
        for field, clear in ((self.phone, self.clear_phone), (self.email, self.clear_email)):
            if field.data or clear.data:
                values[field.name] = None if clear.data and not field.data else text(field)
        return values

    def _plain(self) -> dict[str, Any]:
        fields = {name: self[name] for name in PLAIN}
        days = {name: fields.pop(name).data for name in ("notice_on", "retain_until")}
        flag = bool(fields.pop("do_not_contact").data)
        words = {name: optional(field) for name, field in fields.items()}
        return {**words, **days, "name": text(self.name), "do_not_contact": flag}


def _shown(name: str, value: Any) -> str:  # noqa: ANN401 (a value of any field)
    """Write a value on record for people."""
    if name in REACH and value:
        return mask_phone(value) if name == "phone" else mask_email(value)
    words = plain(name, value) or "空"
    return tr(words) if name in CHOSEN or isinstance(value, bool) or not value else words


class PostForm(ChoosingForm):
    """A post: at which enterprise (found first), as what, from when to when."""

    post = StringField(_("职务"), [_at_most(SHORT)])
    since = DayField(_("开始日期"))
    until = DayField(_("结束日期"))
    source = StringField(_("来源"), [_at_most(LINE)])
    version = HiddenField()

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field; the enterprise is what was picked."""
        super().refuse(replace(one, field=PLACES.get(one.field or "", one.field)) for one in problems)

    @classmethod
    def of(cls, row: ContactPost) -> PostForm:
        """Return the form filled with a post."""
        data = {"post": row.post, "since": row.since, "until": row.until, "source": row.source}
        return cls(formdata=None, data={**data, "other_id": str(row.enterprise_id)})

    def draft(self) -> PostDraft:
        """What was typed."""
        return PostDraft(self.chosen, optional(self.post), self.since.data, self.until.data, optional(self.source))


class KnowerForm(Form):
    """Who of us knows a contact, and how well."""

    user_id = SelectField(_("同事"), choices=[])
    closeness = SelectField(_("熟悉程度"), choices=lambda: choices(CLOSENESS.items()))

    def offer(self, people: list[tuple[int, str]]) -> KnowerForm:
        """Offer the colleagues."""
        self.user_id.choices = [(str(number), name) for number, name in people]
        return self


class EraseForm(Form):
    """Erase a person: the name typed once more, and why; other records of the same number may go too."""

    name = StringField(_("联系人姓名"), [InputRequired(_("请输入这位联系人的姓名来确认。"))])
    reason = StringField(_("删除原因"), [InputRequired(_("请写明删除原因，例如 本人要求删除。")), _at_most(LINE)])
    also = SelectMultipleField(
        _("同号的其他登记，一并删除"),
        coerce=int,
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, others: list[tuple[int, str]]) -> EraseForm:
        """Offer the other records; what is no longer on offer is dropped from the choice."""
        self.also.choices = list(others)
        known = {number for number, _label in others}
        self.also.data = [one for one in self.also.data or [] if one in known]
        return self
