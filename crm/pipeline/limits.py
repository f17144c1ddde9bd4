"""What may be written about a project: drafts and the reasons to refuse them. Pure.

Source: separation of duties and counting rules of the trade (the one who reports a figure
may not recognise it; only a formal contract counts; nobody reviews their own project).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.pipeline.deals.rules import NOTHING, Covenant, ForeignMoney, covenant_problems, in_yuan
from crm.pipeline.rules import (
    ORDER,
    SIGNED_EXIT,
    AgreementKind,
    Capital,
    Channel,
    ExitKind,
    ExitReason,
    ProjectFacts,
    ReviewResult,
    Stage,
)

if TYPE_CHECKING:
    from datetime import date

    from crm.pipeline.intake.dimensions import ChainRole, Cooperation, DealType
    from crm.pipeline.words import SourceArea

LARGEST = Decimal(100_000_000)
FEN_DIGITS = 6
REFUSED = DomainError.status
ASK = Problem("owner.ask", "换负责人须对方接收：请提出移交；组长和招商办可以直接决定。", "owner_id")
REVIEW_LABELS: dict[ReviewResult, str] = {ReviewResult.PASSED: "通过", ReviewResult.FAILED: "不通过"}


@dataclass(frozen=True, slots=True)
class ProjectDraft:
    """What a person typed about a project; money in 万元, land in 亩."""

    name: str
    content: str = ""
    capital: Capital = Capital.PRIVATE
    channel: Channel = Channel.OTHER
    total_investment: Decimal | None = None
    fixed_investment: Decimal | None = None
    land_mu: int | None = None
    industry: str | None = None
    site: str | None = None
    product_line: str | None = None
    deal_type: DealType | None = None
    cooperation: Cooperation | None = None
    chain_role: ChainRole | None = None
    referrer_id: int | None = None


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """What a person typed about an agreement; amount in 万元, worked out of a foreign one if there is one."""

    kind: AgreementKind
    signed_on: date
    amount: Decimal
    number: str | None = None
    foreign: ForeignMoney | None = None
    covenant: Covenant = NOTHING
    area: SourceArea | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """How a project leaves the road; ``noticed``: the letters were sent and a second person signed."""

    kind: ExitKind
    reason: ExitReason
    detail: str = ""
    review_on: date | None = None
    place: str = ""
    merged_into_id: int | None = None
    to_unit_id: int | None = None
    noticed: bool = False


def money_problems(amount: Decimal | None, field: str) -> list[Problem]:
    """Reasons why a sum in 万元 cannot be kept: not positive, absurdly large, finer than one fen."""
    if amount is None:
        return []
    if not amount.is_finite() or amount <= 0:
        return [Problem("money.positive", "金额须大于零，单位是万元。", field)]
    if amount > LARGEST:
        return [Problem("money.large", "金额超过一万亿元，请核对单位（应为万元）。", field)]
    if amount != round(amount, FEN_DIGITS):
        return [Problem("money.fine", "金额最多精确到分（六位小数）。", field)]
    return []


def draft_problems(draft: ProjectDraft) -> list[Problem]:
    """Reasons why a project cannot be written as typed."""
    problems = [] if draft.name.strip() else [Problem("project.name", "请填写项目名称。", "name")]
    problems += money_problems(draft.total_investment, "total_investment")
    problems += money_problems(draft.fixed_investment, "fixed_investment")
    total, fixed = draft.total_investment, draft.fixed_investment
    if total is not None and fixed is not None and fixed > total:
        problems.append(Problem("project.fixed", "固定资产投资不能大于总投资。", "fixed_investment"))
    if draft.land_mu is not None and draft.land_mu < 0:
        problems.append(Problem("project.land", "用地面积不能为负。", "land_mu"))
    return problems


def exit_problems(facts: ProjectFacts, leaving: Exit, *, today: date) -> list[Problem]:
    """Reasons why a project cannot leave in this way as it stands."""
    if facts.left:
        return [Problem("exit.left", "项目已经退出。")]
    stage, problems = facts.stage, _signed_problems(facts, leaving)
    if leaving.kind is ExitKind.REJECTED and stage is not Stage.LEAD:
        problems.append(Problem("exit.rejected", "“不予引进”只用于线索阶段，请选择其他退出方式。", "kind"))
    if leaving.kind is ExitKind.WITHDRAWN and not facts.bound.signed:
        problems.append(Problem("exit.withdrawn", "“退出”指签约后撤约，未签约的项目请选流失或终止。", "kind"))
    if leaving.kind is ExitKind.SUSPENDED and leaving.review_on is None:
        problems.append(Problem("exit.review_on", "搁置须定一个复核日期，到期会提醒。", "review_on"))
    if leaving.review_on is not None and leaving.review_on <= today:
        problems.append(Problem("exit.review_past", "复核日期须在今天之后。", "review_on"))
    if not leaving.detail.strip():
        problems.append(Problem("exit.detail", "请写明经过，例如落户去了哪里、何时再议。", "detail"))
    return problems + _exit_target_problems(leaving)


def _signed_problems(facts: ProjectFacts, leaving: Exit) -> list[Problem]:
    """Nobody takes a project that was signed off the road alone: letters and a second signature, or a leader's word."""
    if leaving.noticed or not facts.bound.signed:
        return []
    if facts.bound.case:
        text = "退出办理还没有办结，项目只能从那里离开：请签发终止函，或者整改到位后办结。"
        return [Problem("exit.case", text, "kind")]
    if leaving.kind is ExitKind.TERMINATED:
        text = "签约后的项目终止须先发提醒函、限期整改，再由第二人签发终止函：请在项目的“履约”页启动退出。"
        return [Problem("exit.notice", text, "kind")]
    return [] if SIGNED_EXIT.passes(facts) else [Problem("exit.signed", SIGNED_EXIT.missing, "kind")]


def _exit_target_problems(leaving: Exit) -> list[Problem]:
    """Each way out asks where to: a loss for the place, a merger for the project, a transfer for the unit."""
    problems = []
    if leaving.kind is ExitKind.LOST and not leaving.place.strip():
        problems.append(Problem("exit.place", "请写明流失到哪里；还不知道的写“不详”。", "place"))
    if leaving.kind is ExitKind.MERGED and leaving.merged_into_id is None:
        problems.append(Problem("exit.merged", "请选择并入哪个项目。", "merged_into_id"))
    if leaving.kind is ExitKind.TRANSFERRED and leaving.to_unit_id is None:
        problems.append(Problem("exit.unit", "请选择流转到哪个单位。", "to_unit_id"))
    return problems


def is_signed(stage: Stage) -> bool:
    """Whether a stage is signed or later."""
    return ORDER.index(stage) >= ORDER.index(Stage.SIGNED)


def review_problems(stage: Stage, *, left: bool) -> list[Problem]:
    """Reasons why no review can be decided on at this stage."""
    if left:
        return [Problem("review.left", "项目已退出，请先恢复再评审。")]
    if stage not in {Stage.REVIEWING, Stage.PRE_SIGNING}:
        return [Problem("review.stage", "项目进入“研判评审”之后才能开展事前评估。")]
    return []


def agreement_problems(stage: Stage, draft: AgreementDraft, *, left: bool, today: date) -> list[Problem]:
    """Reasons why an agreement cannot be reported at this stage."""
    if left:
        return [Problem("agreement.left", "项目已退出，请先恢复再登记协议。")]
    problems = money_problems(draft.amount, "amount")
    if draft.foreign is not None and not problems and draft.amount != in_yuan(draft.foreign):
        problems.append(Problem("agreement.yuan", "折合人民币的金额与外币金额、汇率不符。", "amount"))
    problems += covenant_problems(draft.kind, draft.covenant, draft.signed_on)
    if draft.signed_on > today:
        problems.append(Problem("agreement.future", "签订日期不能晚于今天。", "signed_on"))
    if draft.kind is AgreementKind.CONTRACT and ORDER.index(stage) < ORDER.index(Stage.PRE_SIGNING):
        problems.append(Problem("agreement.stage", "项目进入“拟签约”之后才能登记正式合同。", "kind"))
    return problems


def recognition_problems(kind: AgreementKind, reported: Decimal, amount: Decimal, reason: str) -> list[Problem]:
    """Reasons why a reported amount cannot be recognised (认定) as given."""
    if kind is not AgreementKind.CONTRACT:
        return [Problem("recognize.kind", "只认定正式合同；意向协议和框架协议不计签约额。")]
    problems = money_problems(amount, "amount")
    if not problems and amount != reported and not reason.strip():
        problems.append(Problem("recognize.reason", "认定金额与上报不同，请说明理由。", "reason"))
    return problems


def refusal_problems(kind: AgreementKind, reason: str) -> list[Problem]:
    """Reasons why a reported contract cannot be refused (不予认定)."""
    if kind is not AgreementKind.CONTRACT:
        return [Problem("recognize.kind", "只认定正式合同；意向协议和框架协议不计签约额。")]
    return [] if reason.strip() else [Problem("recognize.refusal", "不予认定的，请写明理由。", "reason")]
