"""Forms of the register."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import InputRequired, Length

from crm.enterprises.aliases import AliasDraft
from crm.enterprises.rules import LINE, AliasKind
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
