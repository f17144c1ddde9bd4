"""Words of the counting rules (认定规则): what each is called, what it says, where it comes from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crm.pipeline.words import SourceArea


class Rule(StrEnum):
    """Rules under which a signed project, or one of its contracts, does not count."""

    SOURCE = "source"
    LOCAL = "local"
    FISCAL = "fiscal"
    BRANCH = "branch"
    EXTRACTION = "extraction"
    ESTATE = "estate"
    RETAIL = "retail"
    PHASE = "phase"
    RELOCATION = "relocation"
    FLOOR = "floor"
    LATE = "late"
    UNREGISTERED = "unregistered"
    UNREPORTED = "unreported"
    RUSH = "rush"
    ENDED = "ended"


BLANK = "blank"  # of a contract that does not say where its money comes from


@dataclass(frozen=True, slots=True)
class Setting:
    """What an office set of a rule: on or off, its number, its words."""

    on: bool = False
    number: Decimal | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """A rule in words: label, what it says, its source, why a project falls under it; what can be tuned.

    ``why`` takes the values that the decision names. ``number`` and ``words`` name what the office may tune, empty
    where there is nothing; a number lies between ``least`` and ``most``.
    """

    label: str
    text: str
    source: str
    why: str
    default: Setting
    number: str = ""
    words: str = ""
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    whole: bool = True


KINDS = "各地考核办法“不予认定”条款"
ONCE = "各地考核办法“项目认定”条款"
MONEY = "统计口径：只认外来资金"
NAMED = "名称、产业或产品写有“%(word)s”"
SPECS: dict[Rule, Spec] = {
    Rule.SOURCE: Spec(
        "资金来源地不计",
        "合同的资金来源地属于下列各级的，这份合同不计",
        MONEY,
        "资金来源地是%(area)s",
        Setting(on=True, words=(SourceArea.LOCAL.value,)),
        words="不计的来源地",
    ),
    Rule.LOCAL: Spec(
        "本地投资方",
        "投资方注册地在本地的不计，写明本地的行政区划代码后才起作用",
        KINDS,
        "投资方注册地代码%(code)s属于本地",
        Setting(on=True),
        words="本地行政区划代码",
    ),
    Rule.FISCAL: Spec(
        "财政或PPP资金",
        "BT、PPP方式的和名称写明财政投资的不计",
        KINDS,
        "资金为%(word)s",
        Setting(on=True, words=("财政投资", "政府投资", "财政资金", "PPP")),
        words="名称含这些字样的",
    ),
    Rule.BRANCH: Spec(
        "分支机构网点",
        "分公司、营业部、门店等分支网点不计",
        KINDS,
        NAMED,
        Setting(on=True, words=("分公司", "营业部", "分店", "门店", "网点", "经销处")),
        words="名称含这些字样的",
    ),
    Rule.EXTRACTION: Spec(
        "资源开采",
        "矿产、砂石等资源开采项目不计",
        KINDS,
        NAMED,
        Setting(on=True, words=("采矿", "矿山开采", "矿产开采", "采石", "砂石开采", "煤矿")),
        words="名称含这些字样的",
    ),
    Rule.ESTATE: Spec(
        "房地产",
        "房地产开发项目不计",
        KINDS,
        NAMED,
        Setting(on=True, words=("房地产", "商品房", "住宅小区", "楼盘", "商住")),
        words="名称含这些字样的",
    ),
    Rule.RETAIL: Spec(
        "娱乐和零售",
        "KTV、洗浴、超市等娱乐零售项目不计",
        KINDS,
        NAMED,
        Setting(on=True, words=("KTV", "歌舞厅", "夜总会", "酒吧", "洗浴", "超市", "便利店", "零售")),
        words="名称含这些字样的",
    ),
    Rule.PHASE: Spec(
        "原合同范围内的二期",
        "同一投资方已有合同，名称又写明二期、续建的不计；核定为新增的可以计入",
        KINDS,
        "名称写有“%(word)s”，同一投资方已签过“%(earlier)s”",
        Setting(on=True, words=("二期", "三期", "四期", "续建")),
        words="名称含这些字样的",
    ),
    Rule.RELOCATION: Spec(
        "本地企业搬迁、技改",
        "本地投资方的搬迁、技改、新增生产线不计",
        KINDS,
        "本地投资方，名称写有“%(word)s”",
        Setting(on=True, words=("搬迁", "迁建", "退城入园", "技改", "技术改造", "新增生产线")),
        words="名称含这些字样的",
    ),
    Rule.FLOOR: Spec(
        "规模不够",
        "总投资达不到下限的不计；没有填总投资的看合同额",
        ONCE,
        "总投资%(sum)s万元，下限%(floor)s万元",
        Setting(number=Decimal(1000)),
        number="下限（万元）",
        least=Decimal("0.01"),
        most=Decimal(10_000_000),
        whole=False,
    ),
    Rule.LATE: Spec(
        "引进超过年限",
        "项目自登记起满这么多年后发生的签约、开工、到资等不再计",
        ONCE,
        "自%(since)s登记，%(until)s起不再计",
        Setting(number=Decimal(2)),
        number="年限（年）",
        least=Decimal(1),
        most=Decimal(20),
    ),
    Rule.UNREGISTERED: Spec(
        "签约前没有登记",
        "合同签订之后才登记的项目不计，容许迟几天由办法定",
        ONCE,
        "%(signed)s签订，%(since)s才登记",
        Setting(number=Decimal(0)),
        number="容许迟（天）",
        most=Decimal(365),
    ),
    Rule.UNREPORTED: Spec(
        "没有按月报进展",
        "从登记到签约，两次进展记录之间超过这么多天的不计",
        ONCE,
        "从登记到签约，有%(days)s天没有进展记录",
        Setting(number=Decimal(31)),
        number="最长间隔（天）",
        least=Decimal(1),
        most=Decimal(3650),
    ),
    Rule.RUSH: Spec(
        "突击上报",
        "登记后不到这么多天就签约的不计",
        ONCE,
        "登记后%(days)s天就签约",
        Setting(number=Decimal(7)),
        number="最少天数（天）",
        least=Decimal(1),
        most=Decimal(365),
    ),
    Rule.ENDED: Spec(
        "签约后终止、退出",
        "签约后终止或退出的项目不再计；已经计入的在当期冲减，封过的账不动",
        "退出机制：已计的业绩当期冲减",
        "%(day)s%(kind)s",
        Setting(on=True),
    ),
}
ALWAYS = frozenset({Rule.ENDED})  # holds also where an office set its rules before this one was known
RULED = "招商办核定不计：%(reason)s"
