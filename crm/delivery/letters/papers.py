"""What letters to investors say (.docx): dunning, reminder, deadline, termination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.delivery.letters.rules import LetterKind
from crm.word.blocks import Block, Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import Letter, paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

TITLES: dict[LetterKind, str] = {
    LetterKind.DEPOSIT: "关于缴纳履约保证金的催缴函",
    LetterKind.CAPITAL: "关于项目资金到位的催缴函",
    LetterKind.REMIND: "关于按约履行合同义务的提醒函",
    LetterKind.RECTIFY: "限期整改通知书",
    LetterKind.TERMINATE: "关于终止项目合同的函",
}
COLUMNS = ("事项", "期限", "约定", "已履行", "逾期（天）")
WIDTHS = (4, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Late:
    """One line of what is late: what, by when, how much was promised and done, as they are read."""

    what: str
    due_on: date
    promised: str
    done: str
    days: int


@dataclass(frozen=True, slots=True)
class Content:
    """What a letter is about; ``earlier``: the letters before it, with number and day; ``land``: what goes back."""

    kind: LetterKind
    sender: str
    addressee: str
    project: str
    contract: str
    late: tuple[Late, ...]
    detail: str
    on: date
    due_on: date | None = None
    earlier: tuple[tuple[str, str, date], ...] = ()
    land: tuple[str, ...] = ()


def money(amount: Decimal, currency: str = "", yuan: Decimal | None = None, rate: str = "") -> str:
    """Write a sum: 200万元, or 120万欧元（按… 折合978.44万元）."""
    if not currency or yuan is None:
        return f"{digits(amount)}万元"
    return f"{digits(amount)}万{currency}（{rate}折合{digits(yuan)}万元）"


def document(content: Content, number: str) -> bytes:
    """Return the letter; the same content gives the same bytes."""
    title = TITLES[content.kind]
    facts: list[Block] = [Paragraph(line) for line in _facts(content)]
    if content.late:
        rows = tuple((one.what, date_text(one.due_on), one.promised, one.done, str(one.days)) for one in content.late)
        facts.append(Table("逾期未履行事项", COLUMNS, rows, WIDTHS))
    sections = [
        Section("基本情况", tuple(facts)),
        Section("有关要求", tuple(_together(_demands(content)))),
    ]
    properties = Properties(title, content.sender, content.on)
    letter = Letter(content.addressee, (content.sender, date_text(content.on)))
    return paper(properties, sections, number=number, letter=letter)


def _together(lines: list[str]) -> list[Paragraph]:
    """Return paragraphs of which the last one stays with the signature (成文日期与正文同处一面)."""
    return [*(Paragraph(line) for line in lines[:-1]), Paragraph(lines[-1], kept=True)]


def _facts(content: Content) -> list[str]:
    lines = [f"你单位投资的“{content.project}”，已与我方签订合同（{content.contract}）。"]
    if content.late:
        lines.append(f"截至{date_text(content.on)}，下列事项没有按合同约定履行。")
    lines += [f"我方已于{date_text(on)}发出{label}（{number}）。" for label, number, on in content.earlier]
    if content.detail:
        lines.append(f"有关情况：{content.detail.rstrip('。')}。")
    return lines


def _demands(content: Content) -> list[str]:
    due = f"请于{date_text(content.due_on)}前" if content.due_on else "请尽快"
    match content.kind:
        case LetterKind.DEPOSIT:
            return [f"{due}足额缴纳上述履约保证金，并将缴款凭证报送我方。逾期仍未缴纳的，将按合同约定启动退出程序。"]
        case LetterKind.CAPITAL:
            return [
                f"{due}将上述资金汇入项目公司账户，并将银行进账单或者验资报告报送我方认定。",
                "外币出资按到账当日人民银行公布的中间价折算。逾期仍未到位的，将按合同约定启动退出程序。",
            ]
        case LetterKind.REMIND:
            return [f"{due}履行上述义务，并书面回复履行计划。逾期未履行的，将下达限期整改通知。"]
        case LetterKind.RECTIFY:
            return [
                f"{due}完成整改，并书面报送整改结果和凭证。",
                "期满仍未整改到位的，将按合同约定终止合同，收回项目用地和载体，重新招商；已承诺的优惠政策不再执行。",
            ]
        case LetterKind.TERMINATE:
            lines = ["整改期限届满，上述事项仍未履行。按照合同约定，自本函发出之日起终止合同。"]
            if content.land:
                lines.append(
                    f"收回下列用地和载体，重新招商：{'、'.join(content.land)}。请于收到本函之日起办理移交手续。"
                )
            lines.append("已缴保证金和相关费用按合同约定清算。对本函有异议的，可以按合同约定的争议解决方式提出。")
            return lines
