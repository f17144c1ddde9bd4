"""The form of an enterprise."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.enterprises.fields import CODED, FIELDS, MONEY, plain
from crm.enterprises.rules import CODE, LINE, SOURCE_KINDS, EnterpriseDraft
from crm.web.fields import WanField
from crm.web.forms import Form, choices, optional

LONG = 5000
FORM_FIELDS = tuple(field for field in FIELDS if field not in CODED.values())


def _at_most(length: int) -> Length:
    return Length(max=length, message=_("最多 %(max)d 个字。"))


class EnterpriseForm(Form):
    """Add or change an enterprise; ``original`` holds what the page was opened with (JSON, field -> text)."""

    name = StringField(_("企业全称"), [InputRequired(_("请填写企业全称，例如营业执照上的名称。")), _at_most(LINE)])
    name_en = StringField(_("英文名"), [_at_most(LINE)])
    uscc = StringField(_("统一社会信用代码"), [_at_most(CODE)])
    stock_codes = StringField(_("股票代码"), [_at_most(LINE)])
    industry = StringField(_("行业"), [_at_most(LINE)])
    region = StringField(_("总部地区"), [_at_most(LINE)])
    website = StringField(_("网址"), [_at_most(LINE)])
    registered_capital = WanField(_("注册资本（万元）"))
    revenue = WanField(_("年营业收入（万元）"))
    investment_plan = WanField(_("拟投资额（万元）"))
    land_plan = WanField(_("拟用地（亩）"))
    source_kind = SelectField(_("来源渠道"), default="")
    source_org = StringField(_("来源单位"), [_at_most(LINE)])
    profile = TextAreaField(_("简介"), [_at_most(LONG)])
    confirmed = BooleanField(_("确是另一家企业，仍要保存"))
    version = HiddenField()
    original = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (arguments of WTForms)
        """Offer the kinds of source."""
        super().__init__(*args, **kwargs)
        self.source_kind.choices = choices([("", "未填"), *SOURCE_KINDS.items()])

    def draft(self) -> EnterpriseDraft:
        """What was typed."""
        return EnterpriseDraft(**self._typed(), confirmed=bool(self.confirmed.data))

    def values(self) -> dict[str, str | None]:
        """What was typed, as plain text that can be compared with what is stored."""
        return {field: plain(field, value) for field, value in self._typed().items()}

    def _typed(self) -> dict[str, Any]:
        return {field: self[field].data if field in MONEY else optional(self[field]) for field in FORM_FIELDS}
