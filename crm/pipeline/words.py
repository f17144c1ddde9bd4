"""Words of a project that no gate asks for: exits and their reasons, agreements, capital, channels. Pure."""

from __future__ import annotations

from enum import StrEnum


class ExitKind(StrEnum):
    """Ways a project leaves the road; each demands a reason."""

    REJECTED = "rejected"
    SUSPENDED = "suspended"
    LOST = "lost"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    MERGED = "merged"


EXIT_LABELS: dict[ExitKind, str] = {
    ExitKind.REJECTED: "不予引进",
    ExitKind.SUSPENDED: "搁置",
    ExitKind.LOST: "流失",
    ExitKind.TERMINATED: "终止",
    ExitKind.WITHDRAWN: "退出",
    ExitKind.TRANSFERRED: "流转",
    ExitKind.MERGED: "重复合并",
}


class ExitReason(StrEnum):
    """Why a project was left (退出原因)."""

    ELSEWHERE = "elsewhere"
    NO_SITE = "no_site"
    INDUSTRY = "industry"
    ENVIRONMENT = "environment"
    FUNDING = "funding"
    MARKET = "market"
    SLOW_APPROVAL = "slow_approval"
    SILENT = "silent"
    POLICY = "policy"
    FIRST_TALK_ELSEWHERE = "first_talk_elsewhere"
    DEPOSIT_OVERDUE = "deposit_overdue"
    BEHIND_PLAN = "behind_plan"
    FALSE_INVESTMENT = "false_investment"
    DUPLICATE = "duplicate"


REASON_LABELS: dict[ExitReason, str] = {
    ExitReason.ELSEWHERE: "选址他地",
    ExitReason.NO_SITE: "无用地或载体",
    ExitReason.INDUSTRY: "产业不符",
    ExitReason.ENVIRONMENT: "环评、能评或安评不过",
    ExitReason.FUNDING: "资金变故",
    ExitReason.MARKET: "市场变化",
    ExitReason.SLOW_APPROVAL: "审批过慢",
    ExitReason.SILENT: "失联",
    ExitReason.POLICY: "政策不合规",
    ExitReason.FIRST_TALK_ELSEWHERE: "首谈属他方",
    ExitReason.DEPOSIT_OVERDUE: "保证金逾期",
    ExitReason.BEHIND_PLAN: "未按约推进",
    ExitReason.FALSE_INVESTMENT: "虚假投资",
    ExitReason.DUPLICATE: "重复项目",
}


class AgreementKind(StrEnum):
    """Only a contract counts as signed (只有正式合同计入签约)."""

    INTENT = "intent"
    FRAMEWORK = "framework"
    CONTRACT = "contract"


AGREEMENT_LABELS: dict[AgreementKind, str] = {
    AgreementKind.INTENT: "意向协议",
    AgreementKind.FRAMEWORK: "框架协议",
    AgreementKind.CONTRACT: "正式合同",
}


class Capital(StrEnum):
    """Nature of the capital (资本性质)."""

    FOREIGN = "foreign"
    PRIVATE = "private"
    STATE = "state"


CAPITAL_LABELS: dict[Capital, str] = {Capital.FOREIGN: "外资", Capital.PRIVATE: "民资", Capital.STATE: "国资"}


class Channel(StrEnum):
    """How the project came to us (招商方式)."""

    NEWS = "news"
    BUSINESS = "business"
    KINSHIP = "kinship"
    CHAIN = "chain"
    PROFESSIONAL = "professional"
    SQUAD = "squad"
    ROUNDTABLE = "roundtable"
    AGENT = "agent"
    OVERSEAS = "overseas"
    ONLINE = "online"
    OTHER = "other"


CHANNEL_LABELS: dict[Channel, str] = {
    Channel.NEWS: "动态信息",
    Channel.BUSINESS: "以商招商",
    Channel.KINSHIP: "亲情招商",
    Channel.CHAIN: "产业链招商",
    Channel.PROFESSIONAL: "专业招商",
    Channel.SQUAD: "小分队招商",
    Channel.ROUNDTABLE: "圆桌式招商",
    Channel.AGENT: "委托代理",
    Channel.OVERSEAS: "境外招商",
    Channel.ONLINE: "网上招商",
    Channel.OTHER: "其他",
}


class SourceArea(StrEnum):
    """Where the money comes from (资金来源地): the level decides what counts."""

    ABROAD = "abroad"
    OTHER_PROVINCE = "other_province"
    OTHER_CITY = "other_city"
    OTHER_COUNTY = "other_county"
    LOCAL = "local"


AREA_LABELS: dict[SourceArea, str] = {
    SourceArea.ABROAD: "境外",
    SourceArea.OTHER_PROVINCE: "省外",
    SourceArea.OTHER_CITY: "省内市外",
    SourceArea.OTHER_COUNTY: "市内县外",
    SourceArea.LOCAL: "本地",
}
