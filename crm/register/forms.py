"""Forms of the register."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import InputRequired, Length

from crm.enterprises.aliases import AliasDraft
from crm.enterprises.rules import CODE, LINE, SHORT, AliasKind, ContactDraft, EnterpriseDraft
from crm.web.fields import DayField
from crm.web.forms import Form, optional, text

LONG = 5000
KINDS = (
    (AliasKind.SHORT, _("简称")),
    (AliasKind.BRAND, _("品牌")),
    (AliasKind.FULL, _("全称")),
    (AliasKind.FORMER, _("曾用名")),
    (AliasKind.ENGLISH, _("外文名")),
    (AliasKind.TICKER, _("证券简称")),
)


def _at_most(length: int) -> Length:
    return Length(max=length, message=_("最多 %(max)d 个字。"))


class EnterpriseForm(Form):
    """Add or change an enterprise."""

    name = StringField(_("企业全称"), [InputRequired(_("请填写企业全称，例如营业执照上的名称。")), _at_most(LINE)])
    name_en = StringField(_("英文名"), [_at_most(LINE)])
    uscc = StringField(_("统一社会信用代码"), [_at_most(CODE)])
    stock_codes = StringField(_("股票代码"), [_at_most(LINE)])
    industry = StringField(_("行业"), [_at_most(LINE)])
    region = StringField(_("总部地区"), [_at_most(LINE)])
    website = StringField(_("网址"), [_at_most(LINE)])
    profile = TextAreaField(_("简介"), [_at_most(LONG)])
    confirmed = BooleanField(_("确是另一家企业，仍要保存"))
    version = HiddenField()

    def draft(self) -> EnterpriseDraft:
        """What was typed."""
        return EnterpriseDraft(
            name=text(self.name),
            name_en=optional(self.name_en),
            uscc=optional(self.uscc),
            stock_codes=optional(self.stock_codes),
            industry=optional(self.industry),
            region=optional(self.region),
            website=optional(self.website),
            profile=optional(self.profile),
            confirmed=bool(self.confirmed.data),
        )


class AliasForm(Form):
    """Add another name, or change its kind, source and days."""

    alias = StringField(_("别名"), [InputRequired(_("请填写别名。")), _at_most(LINE)])
    kind = SelectField(_("类别"), choices=[SelectChoice(kind.value, label) for kind, label in KINDS])
    valid_from = DayField(_("启用日期"))
    valid_to = DayField(_("停用日期"))
    source = StringField(_("来源"), [_at_most(LINE)])

    def draft(self) -> AliasDraft:
        """What was typed."""
        return AliasDraft(
            alias=text(self.alias),
            kind=AliasKind(self.kind.data),
            source=optional(self.source),
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
        )


class ContactForm(Form):
    """Add or change a contact."""

    name = StringField(_("姓名"), [InputRequired(_("请填写联系人姓名。")), _at_most(SHORT)])
    post = StringField(_("职务"), [_at_most(SHORT)])
    phone = StringField(_("电话"), [_at_most(CODE)])
    email = StringField(_("邮箱"), [_at_most(LINE)])
    source = StringField(_("来源"), [_at_most(LINE)])
    note = TextAreaField(_("备注"), [_at_most(LONG)])
    do_not_contact = BooleanField(_("本人要求不再联系"))

    def draft(self) -> ContactDraft:
        """What was typed."""
        return ContactDraft(
            name=text(self.name),
            post=optional(self.post),
            phone=optional(self.phone),
            email=optional(self.email),
            source=optional(self.source),
            note=optional(self.note),
            do_not_contact=bool(self.do_not_contact.data),
        )
