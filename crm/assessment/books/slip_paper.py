"""A supervision slip as a paper: what was found, what is asked, till when, what the unit answered."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from crm.assessment.engine.numbers import shown
from crm.core.scheduling import local_day
from crm.word.blocks import Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from crm.assessment.books.models import AssessedUnit, SupervisionSlip


def render(slip: SupervisionSlip, member: AssessedUnit, issuer: str) -> bytes:
    """Return the slip as .docx."""
    run = slip.run
    issued = local_day(slip.issued_at)
    place = f"，在{member.group or '全部单位'}中列第{member.rank}位（共{member.of}个）" if member.rank else ""
    runs = f"，连续{member.bottom_runs}次列末位" if member.bottom_runs > 1 else ""
    total = "—" if member.total is None else f"{member.total.normalize():f}"
    days = f"{date_text(run.start_on)}至{date_text(run.end_on)}"
    found = f"{run.name}（{days}）中，{slip.unit.name}得{total}分{place}{runs}。"
    sections = [
        Section("督办事由", (Paragraph(found), *_lines(member))),
        Section("整改要求", (Paragraph(slip.demand), Paragraph(f"请于{date_text(slip.due_on)}前书面回复整改情况。"))),
    ]
    if slip.reply:
        sections.append(Section("整改情况", (Paragraph(slip.reply),)))
    if slip.verdict:
        sections.append(Section("销号意见", (Paragraph(slip.verdict),)))
    title = "后进督办单"
    below = f"督办〔{slip.year}〕{slip.number}号　{issuer}　{date_text(issued)}"
    return paper(Properties(title, issuer, issued), sections, below=below)


def _lines(member: AssessedUnit) -> tuple[Table, ...]:
    rows = [line for line in (member.detail or {}).get("lines", ()) if line["applies"]]
    if not rows:
        return ()
    cells = tuple((line["label"], shown(Fraction(str(line["points"]))), line["working"] or "—") for line in rows)
    return (Table("得分明细", ("项目", "得分", "计算"), cells, (3, 1, 5)),)
