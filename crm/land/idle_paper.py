"""Letters against idle land (.docx): reminder, deadline, fee, reclaiming."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.resources.idle.rules import KIND_LABELS, IdleStepKind, fee
from crm.word.blocks import Paragraph, Section
from crm.word.package import Properties
from crm.word.paper import Letter, paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from crm.resources.idle.models import IdleStep
    from crm.resources.idle.queries import Row

TITLES = {
    IdleStepKind.REMIND: "关于尽快动工开发的提醒函",
    IdleStepKind.DEADLINE: "限期动工整改通知书",
    IdleStepKind.FEE: "征缴土地闲置费决定书",
    IdleStepKind.RECLAIM: "收回国有建设用地使用权决定书",
}


def letter(row: Row, step: IdleStep, holder: str) -> bytes:
    """Return the letter of a step; the office is the unit the land belongs to."""
    hold, carrier = row.hold, row.carrier
    title = TITLES[step.kind]
    given = f"（{hold.document_no}）" if hold.document_no else ""
    land = f"{carrier.name}（编号{carrier.code}）{digits(hold.area)}亩"
    facts = [f"你单位于{date_text(hold.from_on)}取得{land}{given}。"]
    if hold.start_due is not None:
        facts.append(f"约定开工日期为{date_text(hold.start_due)}，至今未按约定动工开发。")
    facts.append(f"现场情况：{step.detail}")
    facts.append(f"该宗地已认定为“{KIND_LABELS[row.case.kind]}”。")
    sections = [
        Section("基本情况", tuple(Paragraph(line) for line in facts)),
        Section("有关要求", tuple(Paragraph(line) for line in _demands(row, step))),
    ]
    below = f"{step.document_no}　{date_text(step.on)}"
    return paper(Properties(title, "", step.on), sections, below=below, letter=Letter(to=holder))


def _demands(row: Row, step: IdleStep) -> list[str]:
    due = f"请于{date_text(step.due_on)}前" if step.due_on else "请"
    match step.kind:
        case IdleStepKind.REMIND:
            return [f"{due}办齐手续、动工开发，并书面回复开工计划。逾期未动工的，将依法认定处置。"]
        case IdleStepKind.DEADLINE:
            return [f"{due}完成整改并动工开发。逾期未整改到位的，将依照《闲置土地处置办法》征缴闲置费或者收回土地。"]
        case IdleStepKind.FEE:
            amount = fee(row.carrier.price, row.hold.area)
            said = f"，计{digits(amount)}万元" if amount is not None else ""
            return [
                f"依照《闲置土地处置办法》，按土地价款的百分之二十征缴土地闲置费{said}。请自收到之日起三十日内缴纳。"
            ]
        case _:
            return [
                "整改期限届满，仍未动工开发。依照《闲置土地处置办法》和合同约定，自即日起收回上述国有建设用地使用权，重新供应。",
                "对本决定不服的，可以依法申请行政复议或者提起行政诉讼。",
            ]
