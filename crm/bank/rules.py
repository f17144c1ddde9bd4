"""Rules of the project bank (策划项目库): what a planned project must say, its states, progress in a year. Pure.

Source: practice of the trade (每年策划项目100个以上、总投资500亿元以上；策划、评审、发布、对接).
Money in 万元, land in 亩, floors in 平方米.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.notices.rules import names_mobile

if TYPE_CHECKING:
    from datetime import date

ZERO = Decimal(0)
LARGEST = Decimal(10_000_000)
FINE = 6
NAME_SHORTEST, NAME_LONGEST, LINE, LONGEST = 4, 120, 200, 4000
CONTENT_SHORTEST, REASON_SHORTEST = 10, 4
MOST_CARRIERS = 20
GOAL_COUNT, GOAL_AMOUNT = 100, Decimal(5_000_000)


class BankState(StrEnum):
    """How far a planned project is."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    MATCHED = "matched"
    WITHDRAWN = "withdrawn"


S = BankState
STATE_LABELS: dict[BankState, str] = {
    S.DRAFT: "策划中",
    S.REVIEWED: "已评审",
    S.PUBLISHED: "已发布",
    S.MATCHED: "已对接",
    S.WITHDRAWN: "已撤下",
}
STATE_TONES: dict[BankState, str] = {
    S.DRAFT: "grey",
    S.REVIEWED: "blue",
    S.PUBLISHED: "green",
    S.MATCHED: "amber",
    S.WITHDRAWN: "grey",
}
COUNTED = (S.REVIEWED, S.PUBLISHED, S.MATCHED)
BASIS = "当年首次通过评审，现在已评审、已发布或已对接的策划项目；重新评审的仍算在首次评审的年份，撤下的不算"


@dataclass(frozen=True, slots=True)
class Step:
    """One way from a state to another: what the button says, and whether a reason is asked."""

    label: str
    reason: bool = False


STEPS: dict[BankState, dict[BankState, Step]] = {
    S.DRAFT: {S.REVIEWED: Step("评审通过"), S.WITHDRAWN: Step("撤下", reason=True)},
    S.REVIEWED: {
        S.PUBLISHED: Step("发布"),
        S.DRAFT: Step("退回修改", reason=True),
        S.WITHDRAWN: Step("撤下", reason=True),
    },
    S.PUBLISHED: {
        S.MATCHED: Step("登记对接"),
        S.DRAFT: Step("退回修改", reason=True),
        S.WITHDRAWN: Step("撤下", reason=True),
    },
    S.MATCHED: {S.PUBLISHED: Step("对接未成，重新发布", reason=True), S.WITHDRAWN: Step("撤下", reason=True)},
    S.WITHDRAWN: {S.DRAFT: Step("重新策划", reason=True)},
}
NO_STEP = Problem("bank.step", "这个项目现在不能这样办理，请刷新页面看最新状态。")
REASON = Problem("bank.reason", "请写明原因，至少四个字。", "reason")
OWN_REVIEW = Problem("bank.own_review", "评审不能由录入或修改过的人办理，请另一位同事评审。")
NO_PARTNER = Problem("bank.partner", "请写明对接了谁：选一家企业，或者选一个在谈项目。", "enterprise")


@dataclass(frozen=True, slots=True)
class BankDraft:
    """What a person types of a planned project."""

    name: str
    unit_id: int
    content: str
    investment: Decimal | None
    contact_post: str
    node_id: int | None = None
    industry: str = ""
    land_mu: Decimal | None = None
    floor_sqm: Decimal | None = None
    conditions: str = ""
    benefit: str = ""
    output: Decimal | None = None
    tax: Decimal | None = None
    carriers: tuple[int, ...] = ()


NUMBERS = ("investment", "land_mu", "floor_sqm", "output", "tax")
LONG = ("content", "conditions", "benefit")
TEXTS = ("name", "industry", "contact_post", *LONG)
MOBILE = "不要写个人手机号，请写单位的值班电话或座机。"


def mobile_problems(**texts: str) -> list[Problem]:
    """Reasons why texts, by the name of their field, cannot go to outsiders: a mobile is somebody's own."""
    return [Problem("bank.mobile", MOBILE, name) for name, text in texts.items() if names_mobile(text)]


def draft_problems(draft: BankDraft) -> list[Problem]:
    """Reasons why a planned project cannot be kept like this."""
    found = []
    if not NAME_SHORTEST <= len(draft.name.strip()) <= NAME_LONGEST:
        found.append(Problem("bank.name", "请填写项目名称，4到120个字，例如年产2万套减速机项目。", "name"))
    if len(draft.content.strip()) < CONTENT_SHORTEST:
        found.append(Problem("bank.content", "请写清建设什么、规模多大，至少十个字。", "content"))
    if draft.investment is None:
        found.append(Problem("bank.investment", "请填写估算总投资（万元）。", "investment"))
    if not 0 < len(draft.contact_post.strip()) <= LINE:
        found.append(Problem("bank.contact", "请填写联系岗位，例如县投促中心产业科，不写个人手机。", "contact_post"))
    if len(draft.industry.strip()) > LINE:
        found.append(Problem("bank.industry", "产业最多200个字。", "industry"))
    found += [Problem("bank.long", "最多4000个字。", name) for name in LONG if len(getattr(draft, name)) > LONGEST]
    for name in NUMBERS:
        value = getattr(draft, name)
        if value is not None and not (value.is_finite() and ZERO < value <= LARGEST and value == round(value, FINE)):
            found.append(Problem("bank.number", "请填大于0、不超过一千万的数，最多六位小数。", name))
    found += mobile_problems(**{name: getattr(draft, name) for name in TEXTS})
    if len(draft.carriers) > MOST_CARRIERS:
        found.append(Problem("bank.carriers", "最多选20处载体。", "carriers"))
    return found


def step_problems(state: BankState, to: BankState, reason: str, *, own: bool, partner: bool) -> list[Problem]:
    """Reasons why a step cannot be taken.

    ``own``: the person entered it or changed it since its last review; ``partner``: a firm or project is named.
    """
    step = STEPS[state].get(to)
    if step is None:
        return [NO_STEP]
    found = []
    if step.reason and len(reason.strip()) < REASON_SHORTEST:
        found.append(REASON)
    if to is S.REVIEWED and own:
        found.append(OWN_REVIEW)
    if to is S.MATCHED and not partner:
        found.append(NO_PARTNER)
    return found


@dataclass(frozen=True, slots=True)
class Goal:
    """What a year should bring: projects, and 万元."""

    count: int = GOAL_COUNT
    amount: Decimal = GOAL_AMOUNT


def goal_problems(count: int | None, amount: Decimal | None) -> list[Problem]:
    """Reasons why a yearly target cannot be set like this."""
    found = []
    if count is None or not 0 < count <= 100_000:  # noqa: PLR2004 (the message says it)
        found.append(Problem("bank.goal_count", "请填1到10万之间的整数。", "count"))
    if amount is None or not (amount.is_finite() and ZERO < amount <= LARGEST * 100 and amount == round(amount, FINE)):
        found.append(Problem("bank.goal_amount", "请填大于0的总投资（亿元）。", "amount"))
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """What a year has brought until a day, beside its target; amounts in 万元."""

    year: int
    count: int
    amount: Decimal
    goal: Goal
    share: Decimal

    @property
    def due_count(self) -> int:
        """How many projects there should be by now, evenly over the year, rounded up."""
        return ceil(self.goal.count * self.share)

    @property
    def late(self) -> bool:
        """Whether either number lies behind an even pace."""
        return self.count < self.due_count or self.amount < self.goal.amount * self.share


def share_of_year(year: int, day: date) -> Decimal:
    """How much of a year is over at the end of a day: 0 before it, 1 after it."""
    if day.year != year:
        return Decimal(int(day.year > year))
    first = day.replace(month=1, day=1)
    days = (day.replace(month=12, day=31) - first).days + 1
    return Decimal((day - first).days + 1) / days
