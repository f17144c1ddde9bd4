"""The form of a news source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from wtforms import FloatField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # older stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from crm.news import options
from crm.news.kinds import CODED, CRAWLED, KIND_LABELS, PAGINGS
from crm.news.rhythm import clock_times
from crm.news.sources import LONGEST_MINUTES, LONGEST_NAME, LONGEST_URL, SHORTEST_MINUTES, SourceDraft
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.news.models import Source

_SHORT = Length(max=options.LONGEST_TEXT, message=_("不超过500个字符。"))
_LONG = Length(max=options.MOST_PATTERNS * options.LONGEST_TEXT, message=_("内容太长了。"))
_TYPED = (
    "link_css", "paging", "next_css", "page_pattern", "title_css", "body_css", "time_css", "json_items", "json_link",
    "json_title", "json_time", "spider", "encoding", "timezone", "quiet_from", "quiet_to",
)  # fmt: skip
_NUMBERS = ("page_first", "max_lists", "max_items", "delay")
FIRST_ONLY = "first"
PART_LABELS = {"": "各页合并成一篇", FIRST_ONLY: "只取第一页"}
ENCODING_LABELS = {
    "": "自动识别", "utf-8": "UTF-8", "gb18030": "GB18030 / GBK / GB2312", "big5": "Big5（繁体）",
    "shift_jis": "Shift_JIS（日文）", "euc-kr": "EUC-KR（韩文）",
}  # fmt: skip
ZONE_LABELS = {
    "": "北京时间", "Asia/Hong_Kong": "香港", "Asia/Taipei": "台北", "Asia/Tokyo": "东京", "Asia/Seoul": "首尔",
    "Asia/Singapore": "新加坡", "UTC": "协调世界时（UTC）", "Europe/London": "伦敦", "Europe/Berlin": "柏林",
    "America/New_York": "纽约", "America/Los_Angeles": "洛杉矶",
}  # fmt: skip


class SourceForm(Form):
    """Add or change a source."""

    name = StringField(
        _("名称"), [InputRequired(_("请填信源名称。")), Length(max=LONGEST_NAME, message=_("名称不超过80个字。"))]
    )
    kind = SelectField(_("类型"), [InputRequired(_("请选择信源类型。"))])
    url = StringField(
        _("网址"), [InputRequired(_("请填网址。")), Length(max=LONGEST_URL, message=_("网址不超过2000个字符。"))]
    )
    spider = SelectField(_("专用爬虫"))
    link_css = StringField(_("文章链接选择器"), [_SHORT])
    paging = SelectField(_("翻页"))
    next_css = StringField(_("下一页选择器"), [_SHORT])
    page_pattern = StringField(_("翻页网址"), [_SHORT])
    page_first = IntegerField(_("第二页的页码"), [Optional(), NumberRange(0, 1000, _("请填0到1000之间的整数。"))])
    max_lists = IntegerField(_("最多翻几页"), [Optional(), NumberRange(1, 50, _("请填1到50之间的整数。"))])
    include = TextAreaField(_("只要这些网址"), [_LONG])
    exclude = TextAreaField(_("不要这些网址"), [_LONG])
    json_items = StringField(_("列表的路径"), [_SHORT])
    json_link = StringField(_("链接的路径或网址写法"), [_SHORT])
    json_title = StringField(_("标题的路径"), [_SHORT])
    json_time = StringField(_("时间的路径"), [_SHORT])
    title_css = StringField(_("标题选择器"), [_SHORT])
    time_css = StringField(_("时间选择器"), [_SHORT])
    body_css = StringField(_("正文选择器"), [_SHORT])
    parts = SelectField(_("多页文章"))
    encoding = SelectField(_("文字编码"))
    timezone = SelectField(_("时间按哪里的"))
    interval_minutes = IntegerField(
        _("抓取间隔（分钟）"),
        [
            InputRequired(_("请填抓取间隔。")),
            NumberRange(SHORTEST_MINUTES, LONGEST_MINUTES, message=_("抓取间隔请填5分钟到7天（10080分钟）之间。")),
        ],
        default=60,
    )
    times = StringField(_("每天定时"), [_SHORT])
    quiet_from = StringField(_("免打扰开始"), [_SHORT])
    quiet_to = StringField(_("免打扰结束"), [_SHORT])
    delay = FloatField(
        _("两次请求间隔（秒）"), [Optional(), NumberRange(0.5, 60, _("两次请求的间隔请填0.5到60秒之间。"))]
    )
    max_items = IntegerField(_("每次最多几篇"), [Optional(), NumberRange(1, 500, _("请填1到500之间的整数。"))])

    def __init__(self, *args: Any, **values: Any) -> None:  # noqa: ANN401 - as WTForms
        """Fill the lists in the person's language."""
        super().__init__(*args, **values)
        self.kind.choices = choices((key, KIND_LABELS[key]) for key in CRAWLED)
        self.paging.choices = choices(PAGINGS.items())
        self.spider.choices = choices([("", "请选择"), *((key, coded.label) for key, coded in CODED.items())])
        self.encoding.choices = choices(ENCODING_LABELS.items())
        self.timezone.choices = choices(ZONE_LABELS.items())
        self.parts.choices = choices(PART_LABELS.items())
        for name in ("paging", "spider", "encoding", "timezone", "parts"):
            field = self[name]
            field.data = "" if field.data in {None, "None"} else field.data
            _keep_foreign(field)

    def draft(self, before: Mapping[str, Any]) -> SourceDraft:
        """Return what was typed; options the form does not show stay as they were."""
        mine = {*_TYPED, *_NUMBERS, "include", "exclude", "times", "parts", "link_xpath"}
        hidden = {key: value for key, value in before.items() if key not in mine}
        typed: dict[str, Any] = {name: text(self[name]) for name in _TYPED}
        typed |= {name: self[name].data for name in _NUMBERS}
        typed |= {"include": text(self.include), "exclude": text(self.exclude), "times": _times(text(self.times))}
        typed["parts"] = False if text(self.parts) == FIRST_ONLY else None
        if typed["delay"] is None and before.get("delay") == 0:
            typed["delay"] = 0
        minutes = int(self.interval_minutes.data or 0)
        return SourceDraft(
            text(self.name), text(self.kind), text(self.url), minutes, {**hidden, **options.clean(typed)}
        )


def form_of(source: Source) -> SourceForm:
    """Fill the form with a source."""
    return form_of_draft(
        SourceDraft(source.name, source.kind.value, source.url, source.interval_minutes, source.options)
    )


def form_of_draft(draft: SourceDraft) -> SourceForm:
    """Fill the form with a draft."""
    told = draft.options
    values: dict[str, Any] = {name: told.get(name, "") for name in _TYPED}
    values |= {name: told.get(name) or None for name in _NUMBERS}
    values |= {name: "\n".join(told.get(name) or ()) for name in ("include", "exclude")}
    values |= {
        "link_css": told.get("link_css") or told.get("link_xpath") or "",
        "times": ", ".join(told.get("times") or ()),
        "parts": "" if told.get("parts", True) else FIRST_ONLY,
    }
    return SourceForm(
        None, name=draft.name, kind=draft.kind, url=draft.url, interval_minutes=draft.interval_minutes, **values
    )


def _times(typed: str) -> list[str]:
    """Read times of the day; what cannot be read is kept as typed, for the rules to refuse."""
    read = clock_times(typed)
    return [typed] if read is None else read


def _keep_foreign(field: SelectField) -> None:
    """Offer a value the list does not name but the source has (from a file, say); the rules say whether it can stay."""
    known: Any = field.choices
    if field.data and field.data not in {choice.value for choice in known}:
        field.choices = [*known, SelectChoice(field.data, field.data)]
