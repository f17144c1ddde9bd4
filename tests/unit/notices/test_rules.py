from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.core.scheduling import SHANGHAI
from crm.notices import rules
from crm.notices.carriers import outbound
from crm.notices.rules import Line, NoticeKind, Quiet, Vendor

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.mark.parametrize(
    "telling",
    [
        "给赵总回电13800001234",
        "给赵总回电138 0000 1234。",
        "回电１３８００００１２３４",
        "+86-138-0000-1234",
        "座机0512-66668888转801",
        "座机(0512)66668888",
        "热线400-800-1234",
        "邮件发zhao.li@firm.example.cn,周五前",
        "境外电话+49 30 1234567",
        "身份证320102199003071234",
        "加微信:zhao_li88",
        "电话：66668888",
        "一三八零零零零一二三四",
    ],
)
def test_numbers_and_addresses_of_people_never_stand_in_a_notice(telling: str) -> None:
    cleaned = rules.without_contact_data(telling)
    assert rules.HIDDEN in cleaned
    for part in ("1234", "6666", "zhao", "０００", "800-", "零零零"):
        assert part not in cleaned


@pytest.mark.parametrize(
    "harmless",
    [
        "寄送园区材料,2026-11-20前",
        "总投资120000万元，用地138亩",
        "统一社会信用代码91320500MA1XXXXX0X",
        "项目编号YX202611200001",
        "3号会议室，13:30—15:00",
    ],
)
def test_amounts_days_and_codes_stay_as_they_are(harmless: str) -> None:
    assert rules.without_contact_data(harmless) == harmless


def test_a_text_is_cut_between_characters() -> None:
    cut = rules.cut("招商" * 1000, 2048)
    assert len(cut.encode()) <= 2048
    assert cut.endswith("…")
    assert rules.cut("短", 2048) == "短"


@pytest.mark.parametrize(
    "link", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "", None]
)
def test_a_link_that_leaves_the_product_is_dropped(link: str | None) -> None:
    assert rules.local_link(link) is None


@pytest.mark.parametrize(
    ("quiet", "hour", "until"),
    [
        (Quiet(22 * 60, 8 * 60), 10, None),
        (Quiet(22 * 60, 8 * 60), 23, (21, 8)),
        (Quiet(22 * 60, 8 * 60), 3, (20, 8)),
        (Quiet(12 * 60, 14 * 60), 13, (20, 14)),
        (Quiet(12 * 60, 14 * 60), 14, None),
        (Quiet(), 3, None),
    ],
)
def test_quiet_hours_end_in_the_morning(quiet: Quiet, hour: int, until: tuple[int, int] | None) -> None:
    now = datetime(2026, 11, 20, hour, 5, tzinfo=SHANGHAI)
    wanted = now if until is None else datetime(2026, 11, until[0], until[1], tzinfo=SHANGHAI)
    assert quiet.until(now, SHANGHAI) == wanted


def test_the_daily_digest_waits_for_its_hour() -> None:
    assert rules.next_digest(9 * 60, NOW, SHANGHAI) == datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
    assert rules.next_digest(17 * 60, NOW, SHANGHAI) == datetime(2026, 11, 20, 17, 0, tzinfo=SHANGHAI)


def test_no_minute_ever_holds_more_messages_than_the_vendor_takes() -> None:
    bucket, sent = rules.full(20, NOW), []
    for second in range(300):
        now = NOW + timedelta(seconds=second)
        while True:
            bucket, wait = bucket.take(20, now)
            if wait is not None:
                break
            sent.append(now)
    minute = timedelta(minutes=1)
    assert max(sum(start <= at < start + minute for at in sent) for start in sent) <= 20
    assert len(sent) >= 55


def test_an_empty_bucket_says_how_long_to_wait() -> None:
    bucket = rules.Bucket(0.0, NOW)
    _bucket, wait = bucket.take(20, NOW)
    assert wait == timedelta(seconds=6)
    assert bucket.take(20, NOW + timedelta(seconds=6))[1] is None


def test_pauses_grow_to_half_an_hour() -> None:
    minutes = [rules.pause(attempts) / timedelta(minutes=1) for attempts in (1, 2, 3, 6, 50)]
    assert minutes == [1, 2, 4, 30, 30]


def test_many_things_become_one_message_that_says_how_many_are_left_out() -> None:
    lines = [Line(NoticeKind.OVERDUE, f"第{number}件") for number in range(25)]
    message = rules.compose(lines, "k")
    assert message.title == "25条提醒"
    assert len(message.lines) == rules.DIGEST_LINES + 1
    assert "另有5条" in message.lines[-1].text
    assert rules.compose(lines[:1], "k").title == "待办逾期"


def test_a_few_messages_go_alone_and_many_together() -> None:
    assert not rules.is_flood(0, 1)
    assert not rules.is_flood(0, rules.SINGLE)
    assert rules.is_flood(2, 2)
    assert rules.is_flood(0, rules.SINGLE + 1)
    assert not rules.is_flood(50, 1)


@pytest.mark.parametrize(
    "url",
    [
        "https://qyapi.weixin.qq.com.evil.example/x",
        "http://qyapi.weixin.qq.com/x",
        "https://qyapi.weixin.qq.com:8443/x",
        "https://qyapi.weixin.qq.com:x/",
        "https://user@qyapi.weixin.qq.com/x",
        "https://oapi.dingtalk.com/robot/send",
        "https://169.254.169.254/latest",
        "https://127.0.0.1:9999/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_the_vendors_own_host_is_posted_to(url: str) -> None:
    assert outbound.refusal(Vendor.WECOM, url, ("127.0.0.1:8888",))


def test_an_exempt_pair_of_host_and_port_stands_in_for_a_vendor() -> None:
    assert outbound.refusal(Vendor.WECOM, "http://127.0.0.1:8888/x", ("127.0.0.1:8888",)) is None
    assert outbound.refusal(Vendor.WECOM, "https://qyapi.weixin.qq.com/x") is None


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1"]
)
def test_an_address_that_is_not_public_is_not_written_to(address: str) -> None:
    assert not outbound.is_public(address)
    assert outbound.is_public("119.29.29.29")
