"""Forms of notices: how one wants to hear of things, and the group robots of the office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget, TimeInput

from crm.notices.channels import ChannelDraft
from crm.notices.choices import Choice
from crm.notices.rules import KIND_LABELS, VENDOR_LABELS, NoticeKind, Vendor
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.auth.models import OrgUnit

SHORT = Length(max=80, message=_("最多80个字。"))
LONG = Length(max=2000, message=_("最多2000个字符。"))
HOURS, MINUTES = 24, 60


class ClockField(Field):
    """A time of the day in minutes after midnight; blank means none."""

    widget = TimeInput()

    def _value(self) -> str:
        """Show what was typed, else the time."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // MINUTES:02d}:{self.data % MINUTES:02d}"

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``08:30``, seconds allowed."""
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        parts = typed.split(":")
        if len(parts) not in {2, 3} or not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError(tr("请填时间，例如 08:30。"))
        hour, minute = int(parts[0]), int(parts[1])
        if hour >= HOURS or minute >= MINUTES:
            raise ValueError(tr("请填时间，例如 08:30。"))
        self.data = hour * MINUTES + minute


class KindsField(SelectMultipleField):
    """Kinds of notices, ticked off one by one."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ChoiceForm(Form):
    """Choose how to hear of what."""

    email = StringField(_("邮箱"), [Length(max=200, message=_("最多200个字符。"))])
    mail_kinds = KindsField(_("邮件"))
    group_kinds = KindsField(_("工作群"))
    quiet_from = ClockField(_("免打扰从"))
    quiet_to = ClockField(_("免打扰到"))
    digest_at = ClockField(_("每日汇总时间"))

    def offer(self) -> ChoiceForm:
        """Fill in the kinds."""
        self.mail_kinds.choices = choices(KIND_LABELS.items())
        self.group_kinds.choices = choices(KIND_LABELS.items())
        return self

    def choice(self) -> Choice:
        """Return what was chosen; only after validation."""
        return Choice(
            email=text(self.email),
            mail_kinds=frozenset(NoticeKind(one) for one in self.mail_kinds.data or ()),
            silent_kinds=frozenset(kind for kind in NoticeKind if kind not in (self.group_kinds.data or ())),
            quiet_from=self.quiet_from.data,
            quiet_to=self.quiet_to.data,
            digest_at=self.digest_at.data,
        )


class ChannelForm(Form):
    """Add or change a group robot."""

    name = StringField(_("名称"), [SHORT])
    vendor = SelectField(_("平台"))
    url = StringField(_("机器人地址"), [LONG], description=_("在群机器人的设置里复制，保存后不再显示"))
    secret = StringField(_("加签密钥"), [SHORT], description=_("钉钉、飞书选了“加签”才填"))
    unit_id = SelectField(_("哪个单位的群"))
    kinds = KindsField(_("转发哪些提醒"))
    active = BooleanField(_("启用"), default=True)

    def offer(self, units: Iterable[OrgUnit]) -> ChannelForm:
        """Fill in what can be chosen."""
        self.vendor.choices = choices(VENDOR_LABELS.items())
        self.unit_id.choices = choices([("", "全办"), *((str(unit.id), unit.name) for unit in units)])
        self.kinds.choices = choices(KIND_LABELS.items())
        return self

    def draft(self) -> ChannelDraft:
        """Return what was typed; only after validation."""
        return ChannelDraft(
            name=text(self.name),
            vendor=Vendor(self.vendor.data),
            url=text(self.url).strip(),
            secret=text(self.secret).strip(),
            unit_id=int(self.unit_id.data) if self.unit_id.data else None,
            kinds=frozenset(NoticeKind(one) for one in self.kinds.data or ()),
            active=bool(self.active.data),
        )
