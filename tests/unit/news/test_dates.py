"""Chinese moments as pages write them; the present is Tuesday 2026-03-10 09:30 in Shanghai."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm.news.dates import find_moment, find_time, moments

SHANGHAI = ZoneInfo("Asia/Shanghai")
PRESENT = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)

WRITTEN = [
    ("2026-03-08 07:15:09", "2026-03-08 07:15"),
    ("2026/3/8 7:15", "2026-03-08 07:15"),
    ("[2026-03-08] 07:15", "2026-03-08 07:15"),
    ("2026/03/08/ 07:15", "2026-03-08 07:15"),
    ("2026.03.0807:15", "2026-03-08 07:15"),
    ("２０２６年３月８日　１９：０５", "2026-03-08 19:05"),
    ("2026年3月8日 下午3:20", "2026-03-08 15:20"),
    ("2026年3月8日（星期日）凌晨12:20", "2026-03-08 00:20"),
    ("2026年3月8日24:00", "2026-03-09 00:00"),
    ("2026-3-8 3:20 下午", "2026-03-08 15:20"),
    ("二〇二六年三月八日", "2026-03-08 00:00"),
    ("二○二五年十二月二十一日", "2025-12-21 00:00"),
    ("2026-03-08T01:15:00.000Z", "2026-03-08 09:15"),
    ("Sun, 08 Mar 2026 01:15:00 GMT", "2026-03-08 09:15"),
    ("Sun, 08 Mar 2026 09:15:00 CST", "2026-03-08 09:15"),
    ("March 8, 2026 3:20 PM", "2026-03-08 15:20"),
    ("3/8/2026", "2026-03-08 00:00"),
    ("03月08日 2026", "2026-03-08 00:00"),
    ("20260308", "2026-03-08 00:00"),
    ("20260308071500", "2026-03-08 07:15"),
    ("1772925300", "2026-03-08 07:15"),
    ("1772925300123", "2026-03-08 07:15"),
    ("刚刚", "2026-03-10 09:30"),
    ("45分钟前", "2026-03-10 08:45"),
    ("半小时前", "2026-03-10 09:00"),
    ("三天前", "2026-03-07 00:00"),
    ("2周前", "2026-02-24 00:00"),
    ("3个月前", "2025-12-10 00:00"),
    ("昨天 23:10", "2026-03-09 23:10"),
    ("今日08:05", "2026-03-10 08:05"),
    ("周日 10:00", "2026-03-08 10:00"),
    ("3月8日 07:15", "2026-03-08 07:15"),
    ("12-30 10:00", "2025-12-30 10:00"),
    ("08:05", "2026-03-10 08:05"),
    ("发布时间：2026-03-08 07:15 来源：临江日报", "2026-03-08 07:15"),
    ("阅读：2026次  2026年03月08日07:15", "2026-03-08 07:15"),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_a_written_moment_is_read(text: str, expected: str) -> None:
    found = find_time(text, base=PRESENT, tz=SHANGHAI)
    assert found is not None
    assert found.strftime("%Y-%m-%d %H:%M") == expected
    assert found.utcoffset() is not None


@pytest.mark.parametrize(
    "text", ["", "临江日报", "2026-13-45", "2026年2月30日", "项目总投资20260万元", "电话0512-66668888", "2199-01-01"]
)
def test_no_moment_is_invented(text: str) -> None:
    assert find_time(text, base=PRESENT, tz=SHANGHAI) is None


def test_a_day_without_a_time_says_so() -> None:
    day = find_moment("2026年3月8日", base=PRESENT, tz=SHANGHAI)
    minute = find_moment("2026年3月8日 00:00", base=PRESENT, tz=SHANGHAI)
    assert day is not None
    assert minute is not None
    assert (day.has_time, minute.has_time) == (False, True)


def test_all_full_dates_of_a_text_come_with_their_places() -> None:
    text = "时间：2026-03-08 07:15。会议于2026年3月6日召开。"
    found = list(moments(text, base=PRESENT, tz=SHANGHAI))
    assert [(place, moment.when.day, moment.has_time) for place, moment in found] == [(3, 8, True), (23, 6, False)]


def test_full_dates_are_read_in_wide_digits_and_chinese_numerals() -> None:
    text = "２０２６年３月８日　０７：１５ 成文：二〇二六年三月六日"
    found = [moment.when for _, moment in moments(text, base=PRESENT, tz=SHANGHAI)]
    assert [f"{when:%m-%d %H:%M}" for when in found] == ["03-08 07:15", "03-06 00:00"]
