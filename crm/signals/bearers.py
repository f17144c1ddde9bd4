"""Whom a piece of evidence is about: the enterprises of its clause or sentence, or the subject of the text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.linking.matcher import Mention

CROWD = 4
NEAR = 160
CLAUSE = re.compile(r"[,，:：;；]")
RESEARCH = re.compile(r"\s*(?:研报|研究报告|分析师|研究员|首席经济学家|研究所|策略团队)")
SPEAKS = re.compile(
    r"\s*(?:首席|宏观|固收|团队)"
    r"|\s*(?!发布|公告|宣布|通报|回应|方面|官方|晚间|昨)[\u4e00-\u9fff]{2,4}(?:表示|认为|指出|称)[,，]"
)
VIEW = re.compile(r"\s*(?:公司|证券)?(?:发表|发布)?(?:研报|研究报告|报告)?(?:认为|预计|预测|指出|看好|维持|首予|重申)")
COMMENTS = re.compile(
    r"证券|期货|投行|高盛|摩根|瑞银|瑞信|花旗|巴克莱|中金|野村|大和|大摩|小摩|标普|穆迪|惠誉|德银|美银"
)
BROKER = re.compile(
    r"证券|信贷|国际|资本|投行|高盛|摩根|瑞银|瑞信|花旗|巴克莱|中金|基金|资管|大和|野村"
    r"|汇丰|大摩|小摩|银行|评级|标普|穆迪|惠誉"
)
OPINES = re.compile(
    r"\s*[:：]?\s*(?:认为|预计|预测|指出|表示|看好|维持|给予|上调|下调|予|首予|料"
    r"|重申|建议|将[^。]{2,12}目标价|[:：][^。]{0,14}(?:维持|予|评级|看好))"
)
SOURCE_BEFORE = re.compile(r"(?:分析师|研究员|首席经济学家|来源[:：]|来自|见习记者|本报记者|[（(])\s*$")
SHOWS = re.compile(
    r"\s*(?:APP|App|app|数据|信息|官网|股权穿透[图]?)*\s*(?:数据|信息)?(?:显示|统计"
    r"|监测|发布的?数据)"
)
PLATFORM = re.compile(r"企查查|天眼查|启信宝|爱企查|头条|同花顺|万得|(?i:wind)")
HANDLE_BEFORE = re.compile(r"[@#＃]$")
SOURCE_AFTER = re.compile(r"\s*(?:[)）]$|讯|网讯|记者|报道|客户端)")
ASIDE_BEFORE = re.compile(
    r"(?:继|除了?|类似|不同于|对标|超越|赶超|例如|譬如|曾任|前|原|竞争对手|对手|友商|相比|不如"
    r"|保荐(?:人|机构)|承销商|主承销商|审计机构|会计师|财务顾问|托管人?"
    r"|担任|毕业于|任职于?|就职于|先后在|来自)[\u4e00-\u9fff、]{0,6}$"
)
ASIDE_AFTER = re.compile(
    r"(?:[和与、][^,，。]{1,12})?(?:之后[,，]|以外[,，]|等(?:竞争)?对手|概念股"
    r"|产业链|前(?:高管|员工|总裁|董事长|投行|首席)|为(?:保荐|主承销|审计|财务顾问))"
)
HEADS_OPINION = re.compile(
    r"[:：](?![^。]{0,14}(?:拟|公司|公告|净利|获|董事|股东|发行|收到|聘|因|营收|业绩|首席[^。]{0,3}官|总裁|行长))"
)
ADVISES_BEFORE = re.compile(r"(?:接洽|聘请|委任|委托|选择|选定|保荐|辅导|正?与)[^。;；,，]{0,20}$")
ADVISES_AFTER = re.compile(
    r"[^。;；,，]{0,16}(?:签署[^。]{0,6}辅导|上市辅导|安排|保荐|承销|合作推进[^。]{0,6}(?:发售|上市)|就ipo|就IPO)"
)
ADVISED = re.compile(r"(?i:ipo)|上市|发售|发债|债券|转债|定增|收购")
OWN = re.compile(
    r"^[\s“\"]*(?:公司|该公司|本公司|集团|该集团|其|公告|本次|此次|该项目|项目|双方"
    r"|目前|据悉|据了解|董事会|上述|本集团|the company|it |its |the deal|the plant)"
)
OTHER_FIRM = re.compile(
    r"[\u4e00-\u9fff]{2,14}(?:有限公司|股份公司|集团|科技|实业|控股)|\b[A-Z][\w&]+ (?:Inc|Corp|Ltd"
    r"|Co|Group|Holdings|Motors)\b"
)
FACTORS = {
    "named_in_sentence": 1.0,
    "subject_of_title": 0.95,
    "named_before": 0.93,
    "nobody_listed": 1.0,
}


@dataclass(frozen=True, slots=True)
class Bearer:
    """An enterprise a signal is about (None when it is not in the register), and how that is known."""

    mention: Mention | None
    how: str


NOBODY = Bearer(None, "nobody_listed")


def actors(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Leave out those who only comment, report, advise or serve as a comparison; a broker who comments does once."""
    critics = {mention.enterprise_id for mention in mentions if _has_a_view(text, mention)}
    return [
        mention
        for mention in mentions
        if mention.enterprise_id not in critics and not speaks(text, mention) and not _aside(text, mention)
    ]


def speaks(text: str, mention: Mention) -> bool:
    """Tell an analyst, a broker or a source from a firm that does something."""
    before = text[max(0, mention.start - 12) : mention.start]
    after = text[mention.end : mention.end + 24]
    if SOURCE_BEFORE.search(before) and (
        SOURCE_AFTER.match(after) or not before.rstrip().endswith(("(", "（", "来自"))
    ):
        return True
    if RESEARCH.match(after) or SHOWS.match(after) or HANDLE_BEFORE.search(before):
        return True
    if PLATFORM.fullmatch(mention.surface):
        return True
    if not _is_broker(mention):
        return False
    spoken = SPEAKS.match(after) or OPINES.match(after) or before.endswith("据")
    return bool(spoken) or _has_a_view(text, mention)


def _has_a_view(text: str, mention: Mention) -> bool:
    """Tell a broker whose opinion the text reports, in its headline or later."""
    if not COMMENTS.search(mention.surface):
        return False
    heads = not text[: mention.start].strip("【[ \n")
    after = text[mention.end : mention.end + 40]
    return bool((heads and HEADS_OPINION.match(after)) or VIEW.match(after))


def _is_broker(mention: Mention) -> bool:
    return BROKER.search(mention.surface) is not None


def opines(text: str, mention: Mention) -> bool:
    """Tell one who comments from a register or a platform that only serves as the source of a fact."""
    return PLATFORM.fullmatch(mention.surface) is None and speaks(text, mention)


def _aside(text: str, mention: Mention) -> bool:
    before = text[max(0, mention.start - 12) : mention.start]
    after = text[mention.end : mention.end + 16]
    return bool(ASIDE_BEFORE.search(before) or ASIDE_AFTER.match(after)) or _advises(text, mention)


def _advises(text: str, mention: Mention) -> bool:
    """Tell a bank that arranges a deal from one that makes it."""
    if not _is_broker(mention):
        return False
    before = text[max(0, mention.start - 24) : mention.start]
    after = text[mention.end : mention.end + 28]
    return bool(
        ADVISES_BEFORE.search(before)
        and (ADVISES_AFTER.match(after) or (not before.endswith("与") and ADVISED.search(before + after)))
    )


def bearers(
    text: str,
    span: tuple[int, int],
    triggers: Sequence[tuple[int, int]],
    known: Sequence[Mention],
    subject: Mention | None,
    *,
    won: bool = False,
) -> list[Bearer]:
    """Whom the sentence ``text[span]`` with the trigger words is about; nobody when it lists a crowd.

    With ``won`` it is about those ahead of the trigger, if there are any: a customer named behind wins nothing.
    """
    inside = [mention for mention in known if span[0] <= mention.start < span[1]]
    if won:
        inside = [mention for mention in inside if mention.start < triggers[0][0]] or inside
    if inside:
        return _named(text, span, triggers, inside)
    start = span[0]
    sentence = text[start : span[1]]
    lead = sentence[: triggers[0][0] - start]
    if OTHER_FIRM.search(lead) and not OWN.match(sentence):
        return [NOBODY]
    if subject is not None and subject.start >= 0:
        return [Bearer(subject, "subject_of_title")]
    earlier = [mention for mention in known if mention.end <= start <= mention.end + NEAR]
    return [Bearer(earlier[-1], "named_before")] if earlier else [NOBODY]


def _named(
    text: str, span: tuple[int, int], triggers: Sequence[tuple[int, int]], inside: list[Mention]
) -> list[Bearer]:
    clauses = [_clause(text, span, trigger) for trigger in triggers]
    close = [mention for mention in inside if any(first <= mention.start < last for first, last in clauses)]
    chosen = [Bearer(mention, "named_in_sentence") for mention in close]
    ahead = [mention for mention in inside if mention.end <= triggers[0][0]]
    lead = ahead[:1] or (inside[:1] if not close else [])
    chosen += [Bearer(mention, "named_in_sentence") for mention in lead if mention not in close]
    unique: dict[object, Bearer] = {}
    for bearer in chosen:
        if bearer.mention is not None:
            unique.setdefault(bearer.mention.enterprise_id, bearer)
    return list(unique.values()) if len(unique) <= CROWD else [NOBODY]


def _clause(text: str, span: tuple[int, int], trigger: tuple[int, int]) -> tuple[int, int]:
    """The clause around a trigger, commas of numbers not counted."""
    first, last = span
    for cut in CLAUSE.finditer(text, span[0], span[1]):
        if text[cut.end() : cut.end() + 3].isdigit() and text[cut.start() - 1 : cut.start()].isdigit():
            continue
        if cut.end() <= trigger[0]:
            first = cut.end()
        elif cut.start() >= trigger[1]:
            last = cut.start()
            break
    return first, last
