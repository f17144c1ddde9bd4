"""What complaint cases are made of: kinds, topics, states, steps, verdicts, and what they are called. Pure."""

from __future__ import annotations

from enum import StrEnum


class CaseKind(StrEnum):
    """Who asks: any firm here (企业诉求), or a foreign-invested one that complains under Order 3/2020 (外商投诉)."""

    DEMAND = "demand"
    FOREIGN = "foreign"


KIND_LABELS: dict[CaseKind, str] = {CaseKind.DEMAND: "企业诉求", CaseKind.FOREIGN: "外商投诉"}


class Topic(StrEnum):
    """What it is about."""

    POLICY = "policy"
    LAND = "land"
    PERMIT = "permit"
    UTILITY = "utility"
    LABOUR = "labour"
    FINANCE = "finance"
    ARREARS = "arrears"
    ENFORCEMENT = "enforcement"
    ACCESS = "access"
    PROPERTY = "property"
    OTHER = "other"


TOPIC_LABELS: dict[Topic, str] = {
    Topic.POLICY: "政策和承诺兑现",
    Topic.LAND: "用地和厂房",
    Topic.PERMIT: "审批和证照",
    Topic.UTILITY: "水电气路网",
    Topic.LABOUR: "用工和子女入学",
    Topic.FINANCE: "融资",
    Topic.ARREARS: "账款拖欠",
    Topic.ENFORCEMENT: "检查执法和收费",
    Topic.ACCESS: "准入和公平竞争",
    Topic.PROPERTY: "知识产权",
    Topic.OTHER: "其他诉求",
}


class Channel(StrEnum):
    """How it reached the office."""

    VISIT = "visit"
    PHONE = "phone"
    LETTER = "letter"
    PLATFORM = "platform"
    MEETING = "meeting"
    COUNTER = "counter"


CHANNEL_LABELS: dict[Channel, str] = {
    Channel.VISIT: "走访收集",
    Channel.PHONE: "来电",
    Channel.LETTER: "来函来信",
    Channel.PLATFORM: "网上平台、12345",
    Channel.MEETING: "座谈会",
    Channel.COUNTER: "来访",
}


class CaseState(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    SUPPLEMENT = "supplement"
    HANDLING = "handling"
    REPLIED = "replied"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATE_LABELS: dict[CaseState, str] = {
    CaseState.RECEIVED: "待受理",
    CaseState.SUPPLEMENT: "待企业补正",
    CaseState.HANDLING: "办理中",
    CaseState.REPLIED: "已答复，待评价",
    CaseState.CLOSED: "已办结",
    CaseState.REFUSED: "不予受理",
    CaseState.WITHDRAWN: "企业撤回",
}
STATE_TONES: dict[CaseState, str] = {
    CaseState.RECEIVED: "amber",
    CaseState.SUPPLEMENT: "grey",
    CaseState.HANDLING: "blue",
    CaseState.REPLIED: "blue",
    CaseState.CLOSED: "green",
    CaseState.REFUSED: "grey",
    CaseState.WITHDRAWN: "grey",
}
OPEN = (CaseState.RECEIVED, CaseState.SUPPLEMENT, CaseState.HANDLING, CaseState.REPLIED)
ENDED = frozenset(CaseState) - set(OPEN)


class CaseStepKind(StrEnum):
    """What was done in a case."""

    RECEIVE = "receive"
    ASK = "ask"
    SUPPLIED = "supplied"
    ACCEPT = "accept"
    REFUSE = "refuse"
    ASSIGN = "assign"
    NOTE = "note"
    EXTEND = "extend"
    REPLY = "reply"
    JUDGED = "judged"
    REOPEN = "reopen"
    ESCALATE = "escalate"
    WITHDRAW = "withdraw"


STEP_LABELS: dict[CaseStepKind, str] = {
    CaseStepKind.RECEIVE: "收到",
    CaseStepKind.ASK: "要求补正",
    CaseStepKind.SUPPLIED: "材料补齐",
    CaseStepKind.ACCEPT: "受理并交办",
    CaseStepKind.REFUSE: "不予受理",
    CaseStepKind.ASSIGN: "调整承办单位",
    CaseStepKind.NOTE: "记办理情况",
    CaseStepKind.EXTEND: "延期",
    CaseStepKind.REPLY: "答复企业",
    CaseStepKind.JUDGED: "评价并办结",
    CaseStepKind.REOPEN: "不满意，重新办理",
    CaseStepKind.ESCALATE: "不满意，提级办理",
    CaseStepKind.WITHDRAW: "企业撤回",
}
STEP_ICONS: dict[CaseStepKind, str] = {
    CaseStepKind.RECEIVE: "inbox",
    CaseStepKind.ASK: "file-alert",
    CaseStepKind.SUPPLIED: "files",
    CaseStepKind.ACCEPT: "clipboard-check",
    CaseStepKind.REFUSE: "ban",
    CaseStepKind.ASSIGN: "users",
    CaseStepKind.NOTE: "note",
    CaseStepKind.EXTEND: "history",
    CaseStepKind.REPLY: "mail",
    CaseStepKind.JUDGED: "circle-check",
    CaseStepKind.REOPEN: "restore",
    CaseStepKind.ESCALATE: "alert-triangle",
    CaseStepKind.WITHDRAW: "arrow-back-up",
}


class Verdict(StrEnum):
    """What the investor says of the reply; silent: asked, and said nothing."""

    SATISFIED = "satisfied"
    FAIR = "fair"
    UNSATISFIED = "unsatisfied"
    SILENT = "silent"


VERDICT_LABELS: dict[Verdict, str] = {
    Verdict.SATISFIED: "满意",
    Verdict.FAIR: "基本满意",
    Verdict.UNSATISFIED: "不满意",
    Verdict.SILENT: "回访未表态",
}
VERDICT_TONES: dict[Verdict, str] = {
    Verdict.SATISFIED: "green",
    Verdict.FAIR: "blue",
    Verdict.UNSATISFIED: "seal",
    Verdict.SILENT: "grey",
}


class Refusal(StrEnum):
    """Why a case is not accepted (不予受理的情形)."""

    SUBJECT = "subject"
    CIVIL = "civil"
    SCOPE = "scope"
    ELSEWHERE = "elsewhere"
    INCOMPLETE = "incomplete"
    GROUNDLESS = "groundless"
    REPEATED = "repeated"
    TAKEN = "taken"
    COURT = "court"


REFUSAL_LABELS: dict[Refusal, str] = {
    Refusal.SUBJECT: "不是外商投资企业或外国投资者",
    Refusal.CIVIL: "属于民商事纠纷",
    Refusal.SCOPE: "不属于受理范围",
    Refusal.ELSEWHERE: "不归本单位办理，已告知去处",
    Refusal.INCOMPLETE: "补正后材料仍不符合要求",
    Refusal.GROUNDLESS: "伪造证据或明显没有事实依据",
    Refusal.REPEATED: "没有新的证据，重复提出",
    Refusal.TAKEN: "上级或信访等部门已受理或办结",
    Refusal.COURT: "已进入复议、诉讼等程序",
}


class Lamp(StrEnum):
    """How a case stands against its clock."""

    GREEN = "planned"
    YELLOW = "today"
    RED = "overdue"
    NONE = "none"


LAMP_LABELS: dict[Lamp, str] = {Lamp.GREEN: "正常", Lamp.YELLOW: "将到期", Lamp.RED: "已超期", Lamp.NONE: "不计时"}
