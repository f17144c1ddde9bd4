"""Which sums of money in a sentence are the sum of the deal. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.core.money import CURRENCIES, WAN, parse_amounts

if TYPE_CHECKING:
    from decimal import Decimal

    from crm.core.money import Amount

DEAL = re.compile(
    r"总投资|投资|出资|斥资|增资|注资|融资|收购|并购|入股|竞得|摘得|拍得|投得|成交|中标|标得|标下|中选|合同"
    r"|订单|罚款|处以|罚没|没收|被罚|罚单|引资|募资|募集|集资|筹集|筹资|吸收|诈骗|骗取|涉案|交易的?(?:价|对价|总价|价值|金额|估值)"
    r"|认购|支付|报价|签|注册资本|出售|售予|转让|设立|规模|作价|对价|协议|和解|索赔|赔偿|耗资|砸"
    r"|价值|总价|总额|造价|拨款|援助|贷款给|费用|标的|涉案|金额"
    r"|欠款|拖欠|执行|基金|买入|对应|领投|跟投|采购|供货|增持|估算|计划投|投建|投$|价格(?:高达|为)?|计提"
    r"|预付款|首付款|里程碑|许可费|授权费|补缴|追缴|退缴|上缴|追讨|追回|收回|违法所得|行贿|受贿|占用|担保|逾期|违约"
    r"|兑付|冻结|诉讼|赔款|工程款|投入(?!运营|使用|生产|试)|全现金|现金交易|罚金|处罚款|起拍价|底价|挂牌价|退赔"
    r"|invest\w*|acqui\w+|buy|bought|purchas\w+|rais(?:e|es|ed|ing)|fund\w*|financ\w+|contract|order"
    r"|deal|worth|valued|fine[ds]?|penalt\w+|settle\w*"
    r"|plant|factory|project|spend\w*|cost\w*|stake|round"
)
NOT_DEAL = re.compile(
    r"营业?收入|营收|收入|净利|利润|盈利|亏损|产值|销售额|市值|股价|税收|贷款余额|总资产|净资产"
    r"|资产规模|管理规模|存款|(?<!占用公司资金)(?<!占用资金)余额|市场规模|补贴|分红|回购|商誉|减值"
    r"|累计(?:完成|实现|投资)|(?:已|共)?完成(?:固定资产|有效|建设)?投资|同比|增长|现金流|毛利|销量|交易额|成交额|成交量|gdp|出口|进口|进出口"
    r"|预计(?:年|新增)|年(?:均)?(?:产|销|营)|税收|纳税|利息|(?<!投资)损失|缺口"
    r"|持仓|持有|目标价|收盘|报收|涨|跌|每股|单价|起售|售价|月供|赚|保费|理赔|年薪|薪"
    r"|revenue|profit|income|sales|market (?:cap|value)|earnings|loss|turnover|output value"
    r"|share price|valuation"
)
CONVERTED = re.compile(
    r"^[\s,]*[((]?\s*(?:约|折|相当于|约合|折合|合|or |about "
    r"|approx\w* )[^\d$€£¥]{0,10}$|^\s*[((]\s*[^\d]{0,6}$"
)
BEFORE, AFTER, LONG, CLOSE = 24, 12, 48, 6
BRACKET = re.compile(r"\([^()]{0,12}\)")
ASIDE = re.compile(r"^\s*\([^()]{0,30}\)")
CLAUSE = re.compile(r"[。;!?\n、]|,(?!\d{3})")
MONEY = re.compile(
    r"[元亿万$€£¥镑郎铢币]|rmb|cny|usd|eur|gbp|hkd|jpy|yuan|yen|rm ?\d|ringgit|baht|\d won|rupee|rupiah|forint|kronor"
    r"|zloty"
)
NUMERAL = re.compile(r"[\d一二三四五六七八九两]")
THRESHOLD = re.compile(
    r"级|(?:及|\(含\))?以[上下](?:的)?(?:大|重大|重点|单个|工业|产业|未决|小额)*(?:合同|订单|项目|企业|诉讼|案件|客户|公司)"
)
IN_BRACKETS = re.compile(r"\(?(新台币|人民币|美元|港元|港币|欧元|日元)")
OUR_YUAN = re.compile(r"人民币|rmb|cny|yuan|[¥￥]")
TRADITIONAL = re.compile("[億萬資廠產業區發灣園將與國電]")
TAIWAN = re.compile(r"台(?:湾|股|商|币|北|中|南|积|企)|新竹|桃园|高雄|苗栗|彰化|屏东|新北市")
AFTERWARDS = re.compile(r"(?:收购|转让|增资|交易|认购|变更|投资)完成后[^。;]*$")
MOST_SUMS = 400  # of one sentence: what holds more is a table
SMALLEST, SMALL_FINE, SAVINGS, DEAREST, LARGEST = 10_000, 1_000, 1_000_000, 10_000_000, 10**12
SAVED = re.compile(r"(?:投资者|投资人|出借人|本人|我|女士|先生|妹|姐)[^。;]{0,20}$")
AVERAGE = re.compile(r"(?:平均|人均|户均)[^,。;\d]{0,8}$")
FINE = re.compile(r"罚|没收|违法所得")
FOUNDED_ONCE = re.compile(r"成立于(?:19|20)\d\d年|于(?:19|20)\d\d年[^,。;]{0,8}成立,")
TELLS = re.compile(
    r"该|此|本次|本项目|项目|合同|总投资|总价|总金额|中标|成交|交易|作价|对价|价格|募|标的|投资额|涉案|罚|金额|投标|出资|筹|融资|发售|发行|拟|计划"
    r"|\b(?:it|the (?:deal|project|plant|factory|investment|company)|invest\w*|worth|costs?)\b"
)
CAPITAL = re.compile(
    r"注册资本(?:[^。;,\d]{0,8}|[^。;,]{0,24}增[^。;,\d]{0,8})$"
    r"|基金(?:目标|总|认缴)?规模[^。;,\d]{0,4}(?:\d[\d.]*亿元?,首期[^。;,\d]{0,4})?$"
)


@dataclass(frozen=True, slots=True)
class Deal:
    """The sum of a deal; ``also`` holds the same sum in the other currencies that the text converts it to.

    ``capital`` marks the registered capital of a firm and the size of a fund, which are the sum of the deal only when
    nothing better is named.
    """

    amount: Amount
    also: tuple[Amount, ...] = ()
    capital: bool = False

    @property
    def start(self) -> int:
        """Where it stands in the sentence."""
        return self.amount.start

    @property
    def best(self) -> Amount:
        """The form in yuan when there is one, so that no rate is needed."""
        return next((one for one in (self.amount, *self.also) if one.currency == "CNY"), self.amount)


def yuan_of(text: str, folded: str) -> str:
    """The currency of a bare 元 in a text: news of Taiwan in traditional characters means its own."""
    there = TRADITIONAL.search(text) and TAIWAN.search(folded) and "人民币" not in folded
    return "TWD" if there else "CNY"


def deals(sentence: str, yuan: str = "CNY") -> list[Deal]:
    """The deal sums of a folded sentence in order: named by a deal word, and not revenue, output or market value.

    ``yuan`` is the currency of a bare 元.
    """
    if not MONEY.search(sentence):
        return []
    found: list[Deal] = []
    last: Amount | None = None
    accepted = False
    old = FOUNDED_ONCE.search(sentence) is not None
    for parsed in parse_amounts(sentence)[:MOST_SUMS]:
        amount = _in_its_currency(sentence, parsed, yuan)
        if _is_no_sum(sentence, amount):
            last, accepted = amount, False
            continue
        if last is not None and amount.currency != last.currency and CONVERTED.match(sentence[last.end : amount.start]):
            if accepted and found:
                found[-1] = replace(found[-1], also=(*found[-1].also, amount))
            continue
        accepted = _is_deal(sentence, amount)
        last = amount
        if accepted:
            before = sentence[max(0, amount.start - BEFORE) : amount.start]
            capital = CAPITAL.search(before) is not None
            if not (capital and (old or before.endswith(("由", "从")))):
                found.append(Deal(amount, _upper_end(amount), capital=capital))
    return [deal for deal in found if not deal.capital] or found


def deals_told_of(sentence: str, yuan: str = "CNY") -> list[Deal]:
    """The deal sums of a folded sentence that has no deal of its own but tells of one beside it (总投资3亿元)."""
    told = TELLS.search(sentence)
    return [deal for deal in deals(sentence, yuan) if deal.start >= told.end()] if told else []


def _in_its_currency(sentence: str, amount: Amount, yuan: str) -> Amount:
    """Read the currency that stands in brackets behind a bare sum (255亿(新台币)), or that the text means by 元."""
    words = sentence[amount.start : amount.end]
    named = IN_BRACKETS.match(sentence, amount.end) if words.endswith(("万", "亿")) else None
    bare = amount.currency == "CNY" and not OUR_YUAN.search(words)
    currency = CURRENCIES[named[1]] if named else yuan if bare else amount.currency
    return replace(amount, currency=currency, cny_wan=amount.cny_wan if currency == "CNY" else None)


def _is_no_sum(sentence: str, amount: Amount) -> bool:
    """Tell prices, thresholds (千万元以上合同), mere magnitudes (破千亿元), savings and sums of a whole economy."""
    small = SMALL_FINE if FINE.search(sentence, max(0, amount.start - BEFORE), amount.start) else SMALLEST
    return (
        amount.vague
        or (amount.per_unit and amount.value < DEAREST)
        or amount.value < small
        or (amount.value >= LARGEST and amount.currency in {"CNY", "USD", "EUR", "GBP", "HKD"})
        or not NUMERAL.search(sentence, amount.start, amount.end)
        or THRESHOLD.match(sentence, amount.end) is not None
        or (amount.value < SAVINGS and SAVED.search(sentence, max(0, amount.start - BEFORE), amount.start) is not None)
        or AVERAGE.search(sentence, max(0, amount.start - BEFORE), amount.start) is not None
        or AFTERWARDS.search(sentence, max(0, amount.start - LONG), amount.start) is not None
    )


def _upper_end(amount: Amount) -> tuple[Amount, ...]:
    """The other end of a range, as a sum of its own."""
    if amount.upper is None or amount.upper <= amount.value:
        return ()
    wan = amount.upper / WAN if amount.cny_wan is not None else None
    return (replace(amount, value=amount.upper, upper=None, cny_wan=wan),)


def _is_deal(sentence: str, amount: Amount) -> bool:
    """Compare what stands nearest in front of a sum: a deal word, or a word of revenue; else ask what stands behind."""
    reach = BEFORE if not sentence[max(0, amount.start - 6) : amount.start].isascii() else LONG
    before = sentence[max(0, amount.start - reach) : amount.start]
    after = _first_clause(ASIDE.sub("", sentence[amount.end : amount.end + LONG])[:AFTER])
    clause = CLAUSE.split(BRACKET.sub("", before))[-1]
    near = _distance(DEAL, clause)
    against = _distance(NOT_DEAL, clause)
    if near is not None and (against is None or near < against):
        return not NOT_DEAL.match(after.lstrip("的左右"))
    if against is not None:
        return DEAL.search(after[:CLOSE]) is not None
    behind, against_behind = DEAL.search(after), NOT_DEAL.search(after)
    if behind and (against_behind is None or behind.start() < against_behind.start()):
        return True
    if against_behind:
        return False
    wider, wider_against = _distance(DEAL, before), _distance(NOT_DEAL, before)
    return wider is not None and (wider_against is None or wider < wider_against)


def _first_clause(text: str) -> str:
    return CLAUSE.split(text, maxsplit=1)[0]


def _distance(pattern: re.Pattern[str], text: str) -> int | None:
    """How far the last match ends from the end of a text."""
    ends = [found.end() for found in pattern.finditer(text)]
    return len(text) - ends[-1] if ends else None


def largest(found: list[Deal]) -> Deal | None:
    """The deal of several that says most: a sum in yuan before others, then the larger one."""
    return max(found, key=_rank) if found else None


def _rank(deal: Deal) -> tuple[bool, Decimal]:
    return deal.best.currency == "CNY", deal.best.value
