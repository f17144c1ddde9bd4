"""Policies (招商政策): what a version and its clauses must say, when they hold, and what a clause is worth. Pure.

A clause can only be promised once it passed fair-competition review (公平竞争审查) with its legal basis written down:
the review comes before the promise, not after it (公平竞争审查条例, 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from datetime import date

ZERO = Decimal(0)
SOON = 90  # days before its end that a policy is said to run out
REMINDED = (30, 7)  # days before its end that its keepers are told
SHORTEST, FINE = 4, 6
LARGEST = Decimal(10_000_000)
WHOLE_PERCENT = Decimal(100)


class PolicyLevel(StrEnum):
    """Who issued it."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


LEVEL_LABELS: dict[PolicyLevel, str] = {
    PolicyLevel.NATION: "国家",
    PolicyLevel.PROVINCE: "省",
    PolicyLevel.CITY: "市",
    PolicyLevel.COUNTY: "县区",
}


class Standing(StrEnum):
    """How a version stands on a day."""

    DRAFT = "draft"
    COMING = "coming"
    HOLDS = "holds"
    ENDING = "ending"
    ENDED = "ended"


STANDING_LABELS: dict[Standing, str] = {
    Standing.DRAFT: "草稿",
    Standing.COMING: "未到期限",
    Standing.HOLDS: "有效",
    Standing.ENDING: "即将到期",
    Standing.ENDED: "已失效",
}
STANDING_TONES: dict[Standing, str] = {
    Standing.DRAFT: "grey",
    Standing.COMING: "blue",
    Standing.HOLDS: "green",
    Standing.ENDING: "amber",
    Standing.ENDED: "grey",
}


class Review(StrEnum):
    """Result of the fair-competition review of a clause."""

    PENDING = "pending"
    PASSED = "passed"
    EXCEPTED = "excepted"
    FAILED = "failed"


REVIEW_LABELS: dict[Review, str] = {
    Review.PENDING: "未审查",
    Review.PASSED: "审查通过",
    Review.EXCEPTED: "适用例外规定",
    Review.FAILED: "未通过",
}
REVIEW_TONES: dict[Review, str] = {
    Review.PENDING: "amber",
    Review.PASSED: "green",
    Review.EXCEPTED: "blue",
    Review.FAILED: "red",
}
GRANTED = frozenset({Review.PASSED, Review.EXCEPTED})


class ClauseKind(StrEnum):
    """What a clause gives."""

    INVESTMENT = "investment"
    LAND = "land"
    RENT = "rent"
    LOAN = "loan"
    RESEARCH = "research"
    TALENT = "talent"
    JOBS = "jobs"
    FOREIGN = "foreign"
    LISTING = "listing"
    SERVICE = "service"
    OTHER = "other"


KIND_LABELS: dict[ClauseKind, str] = {
    ClauseKind.INVESTMENT: "投资奖补",
    ClauseKind.LAND: "用地",
    ClauseKind.RENT: "厂房租金",
    ClauseKind.LOAN: "贷款贴息",
    ClauseKind.RESEARCH: "研发创新",
    ClauseKind.TALENT: "人才",
    ClauseKind.JOBS: "用工",
    ClauseKind.FOREIGN: "外资到账",
    ClauseKind.LISTING: "总部、上市",
    ClauseKind.SERVICE: "代办服务",
    ClauseKind.OTHER: "其他",
}


class Basis(StrEnum):
    """What the rate of a clause is taken of; amounts in 万元 unless its label says otherwise."""

    NONE = "none"
    FIXED_INVESTMENT = "fixed_investment"
    EQUIPMENT = "equipment"
    FOREIGN_USD = "foreign_usd"
    LAND_MU = "land_mu"
    FLOOR_SQM = "floor_sqm"
    LOAN_INTEREST = "loan_interest"
    RESEARCH_COST = "research_cost"
    STAFF = "staff"


BASIS_LABELS: dict[Basis, str] = {
    Basis.NONE: "一次性金额",
    Basis.FIXED_INVESTMENT: "固定资产投资（万元）",
    Basis.EQUIPMENT: "设备投资（万元）",
    Basis.FOREIGN_USD: "外资到账（万美元）",
    Basis.LAND_MU: "用地（亩）",
    Basis.FLOOR_SQM: "厂房面积（平方米）",
    Basis.LOAN_INTEREST: "贷款利息（万元）",
    Basis.RESEARCH_COST: "研发投入（万元）",
    Basis.STAFF: "用工（人）",
}
PERCENT_OF = frozenset({Basis.FIXED_INVESTMENT, Basis.EQUIPMENT, Basis.LOAN_INTEREST, Basis.RESEARCH_COST})
IN_TEN_THOUSANDS = frozenset({Basis.FOREIGN_USD})  # both sides in 万: 0.07 yuan a dollar


class Limit(StrEnum):
    """What a project must reach for a clause."""

    FIXED = "min_fixed"
    INTENSITY = "min_intensity"
    TAX = "min_tax"
    STAFF = "min_staff"
    FOREIGN_USD = "min_foreign"


LIMIT_LABELS: dict[Limit, str] = {
    Limit.FIXED: "固定资产投资至少（万元）",
    Limit.INTENSITY: "投资强度至少（万元/亩）",
    Limit.TAX: "年纳税至少（万元）",
    Limit.STAFF: "用工至少（人）",
    Limit.FOREIGN_USD: "外资到账至少（万美元）",
}


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """What a person types of a version."""

    title: str
    document_no: str
    issuer: str
    level: PolicyLevel
    unit_id: int
    valid_from: date | None
    valid_until: date | None = None
    industries: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class ClauseDraft:
    """What a person types of a clause; ``rate``: percent of money, 元 a unit of all else, 万元 without basis."""

    number: str
    kind: ClauseKind
    text: str
    basis: Basis | None = None
    rate: Decimal | None = None
    cap: Decimal | None = None
    years: int | None = None
    industries: tuple[str, ...] = ()
    only_foreign: bool = False
    min_fixed: Decimal | None = None
    min_intensity: Decimal | None = None
    min_tax: Decimal | None = None
    min_staff: Decimal | None = None
    min_foreign: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """Result of a fair-competition review; ``basis`` names the law it stands on."""

    result: Review
    basis: str
    on: date
    organ: str


def standing(*, published: bool, valid_from: date | None, valid_until: date | None, day: date) -> Standing:
    """Say how a version stands on a day; the last day still counts."""
    if not published:
        return Standing.DRAFT
    if valid_from is not None and day < valid_from:
        return Standing.COMING
    if valid_until is None:
        return Standing.HOLDS
    if day > valid_until:
        return Standing.ENDED
    return Standing.ENDING if (valid_until - day).days <= SOON else Standing.HOLDS


def reminder(valid_until: date, day: date) -> int | None:
    """Which reminder a version has reached that has not ended yet: the nearest one, None while it is far off."""
    left = (valid_until - day).days
    return min((one for one in REMINDED if 0 <= left <= one), default=None)


def version_problems(draft: VersionDraft) -> list[Problem]:
    """Reasons why a version cannot be kept."""
    problems = []
    if len(draft.title.strip()) < SHORTEST:
        problems.append(Problem("policy.title", "请填写政策全称，至少四个字。", "title"))
    if not draft.document_no.strip():
        problems.append(Problem("policy.number", "请填写文号；没有文号的写“无文号”。", "document_no"))
    if not draft.issuer.strip():
        problems.append(Problem("policy.issuer", "请填写发文单位。", "issuer"))
    if draft.valid_from is None:
        problems.append(Problem("policy.from", "请填写生效日期。", "valid_from"))
    elif draft.valid_until is not None and draft.valid_until < draft.valid_from:
        problems.append(Problem("policy.until", "失效日期不能早于生效日期。", "valid_until"))
    return problems


def clause_problems(draft: ClauseDraft) -> list[Problem]:
    """Reasons why a clause cannot be kept."""
    problems = []
    if not draft.number.strip():
        problems.append(Problem("clause.number", "请填写条款号，例如 第三条（二）。", "number"))
    if len(draft.text.strip()) < SHORTEST:
        problems.append(Problem("clause.text", "请填写条款原文，至少四个字。", "text"))
    if (draft.basis is None) != (draft.rate is None):
        problems.append(Problem("clause.rate", "计算依据和标准要一起填，或者都不填（不能计算的条款）。", "rate"))
    if draft.cap is not None and draft.rate is None:
        problems.append(Problem("clause.cap", "有计算标准才填封顶。", "cap"))
    if draft.basis in PERCENT_OF and draft.rate is not None and draft.rate > WHOLE_PERCENT:
        problems.append(Problem("clause.percent", "比例不能超过100%%。", "rate"))
    for name in ("rate", "cap", *Limit):
        value = getattr(draft, name)
        if value is not None and not (value.is_finite() and ZERO < value <= LARGEST and value == round(value, FINE)):
            problems.append(Problem("clause.value", "请填大于0、不超过一千万的数，最多六位小数。", str(name)))
    if draft.years is not None and not 1 <= draft.years <= 20:  # noqa: PLR2004 (nobody promises longer)
        problems.append(Problem("clause.years", "年限填1到20年。", "years"))
    return problems


def review_problems(draft: ReviewDraft, today: date) -> list[Problem]:
    """Reasons why a review cannot be recorded."""
    problems = []
    if draft.result is Review.PENDING:
        problems.append(Problem("review.result", "请选择审查结果。", "result"))
    if len(draft.basis.strip()) < SHORTEST:
        problems.append(Problem("review.basis", "请写明法律、法规或文件依据，至少四个字。", "basis"))
    if not draft.organ.strip():
        problems.append(Problem("review.organ", "请填写审查机构。", "organ"))
    if draft.on > today:
        problems.append(Problem("review.on", "审查日期不能晚于今天。", "on"))
    return problems
