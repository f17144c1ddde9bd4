"""Denied, asked about, called off: no lead. All texts are invented."""

from __future__ import annotations

import pytest

from crm.signals.rules import find_signals


def kinds(text: str) -> set[str]:
    return {signal.kind.value for signal in find_signals(text) if signal.sure}


@pytest.mark.parametrize(
    "text",
    [
        "公司不会收购任何同行。",
        "公司否认将整体搬迁。",
        "公司回应停产：没有停产。",
        "收购传闻不实。",
        "公司是否会并购上游企业？",
        "公司终止收购对手股权。",
        "年产五万吨的项目最终搁置，公司宣布投资计划取消。",
        "战略合作协议已于近日解除。",
        "有报道称公司拟收购对手。公司表示，没有任何重大收购计划。",
        "收购终止！68亿收购对手折戟。公司宣布终止收购对手。",
        "The company denied reports that it plans to acquire a rival.",
        "The company scrapped plans to build a plant in Texas.",
        "本公司並無收購計劃，亦未洽談入股。",
        "取消裁员。",
        "针对赴海外建厂的传闻，公司称尚未开展实质性接触。",
        "收购对手一案因未获核准而告终。",
    ],
)
def test_what_is_taken_back_is_no_lead(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("深交所终止其首次公开发行股票审核。", "NEG"),
        ("虽否认出售业务，公司同日宣布投资12亿元新建工厂。", "CAPX"),
        ("公司没有停下脚步，今年将投资8亿元扩建生产线。", "CAPX"),
        ("终止与旧供应商的合作后，公司与朗星电池签署供货协议。", "SUPP"),
        ("无人机企业完成3亿元B轮融资。", "CAPX"),
        ("公司承认工厂停产，复工时间未定。", "NEG"),
        ("终止旧项目及裁员计划同日公布，将裁员三百人。", "NEG"),
        ("收购完成后，对手将放弃手机业务。", "CAPX"),
        ("终止租约并收购新厂房，作价三亿元。", "CAPX"),
    ],
)
def test_what_only_looks_like_a_denial_stays(text: str, kind: str) -> None:
    assert kind in kinds(text)
