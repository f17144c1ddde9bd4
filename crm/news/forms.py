"""The form of a news source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # older stubs
from wtforms.validators import InputRequired, Length, NumberRange

from crm.news.sources import (
    LONGEST_MINUTES,
    LONGEST_NAME,
    LONGEST_URL,
    SELECTORS,
    SHORTEST_MINUTES,
    SourceDraft,
)
from crm.web.forms import Form, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.news.models import Source

SELECTOR_LENGTH = 200
_SHORT = Length(max=SELECTOR_LENGTH, message=_("选择器不超过200个字符。"))


class SourceForm(Form):
    """Add or change a source."""

    name = StringField(
        _("名称"), [InputRequired(_("请填信源名称。")), Length(max=LONGEST_NAME, message=_("名称不超过80个字。"))]
    )
    kind = SelectField(
        _("类型"),
        [InputRequired(_("请选择信源类型。"))],
        choices=[
            SelectChoice("rss", _("订阅（RSS）")),
            SelectChoice("sitemap", _("网站地图")),
            SelectChoice("list", _("列表页")),
        ],
    )
    url = StringField(
        _("网址"), [InputRequired(_("请填网址。")), Length(max=LONGEST_URL, message=_("网址不超过2000个字符。"))]
    )
    interval_minutes = IntegerField(
        _("抓取间隔（分钟）"),
        [
            InputRequired(_("请填抓取间隔。")),
            NumberRange(SHORTEST_MINUTES, LONGEST_MINUTES, message=_("抓取间隔请填5分钟到7天（10080分钟）之间。")),
        ],
        default=60,
    )
    link_css = StringField(_("文章链接选择器"), [_SHORT])
    next_css = StringField(_("下一页选择器"), [_SHORT])
    title_css = StringField(_("标题选择器"), [_SHORT])
    body_css = StringField(_("正文选择器"), [_SHORT])

    def draft(self, before: Mapping[str, Any]) -> SourceDraft:
        """Return what was typed; options the form does not show stay as they were."""
        options = {**before, **{name: text(self[name]) for name in SELECTORS}}
        return SourceDraft(
            text(self.name), text(self.kind), text(self.url), int(self.interval_minutes.data or 0), options
        )


def form_of(source: Source) -> SourceForm:
    """Fill the form with a source."""
    values = {name: source.options.get(name, "") for name in SELECTORS}
    return SourceForm(
        name=source.name, kind=source.kind.value, url=source.url, interval_minutes=source.interval_minutes, **values
    )
