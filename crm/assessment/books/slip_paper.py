"""A supervision slip as a paper: what was found, what is asked, till when, what the unit answered."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from crm.assessment.engine.numbers import shown
from crm.core.scheduling import local_day
from crm.word.blocks import Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from datetime import date

    from crm.assessment.books.models import AssessedUnit, SupervisionSlip

TITLE = "后进督办单"
WHY, ASKED, ANSWERED, CLOSED = "督办事由", "整改要求", "整改情况", "销号意见"
HEADINGS = (WHY, ASKED, ANSWERED, CLOSED)
LINES, LINE_COLUMNS = "得分明细", ("项目", "得分", "计算")


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip says: texts ready to print, the two last empty until they are given."""

    year: int
    number: int
    issuer: str
    issued_on: date
    due_on: date
    unit: str
    assessed: str
    days: str
    points: str
    rank: str
    found: str
    lines: tuple[tuple[str, str, str], ...]
    demand: str
    reply: str = ""
    verdict: str = ""

    @property
    def sign(self) -> str:
        """Its number as papers write it: 督办〔2026〕3号."""
        return f"督办〔{self.year}〕{self.number}号"

    @property
    def properties(self) -> Properties:
        """What Word shows of the file."""
        return Properties(TITLE, self.issuer, self.issued_on)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections; without an answer and a verdict as long as there are none."""
        lines = (Table(LINES, LINE_COLUMNS, self.lines, (3, 1, 5)),) if self.lines else ()
        due = Paragraph(f"请于{date_text(self.due_on)}前书面回复整改情况。")
        later = ((ANSWERED, self.reply), (CLOSED, self.verdict))
        return (
            Section(WHY, (Paragraph(self.found), *lines)),
            Section(ASKED, (Paragraph(self.demand), due)),
            *(Section(heading, (Paragraph(text),)) for heading, text in later if text),
        )


def read(slip: SupervisionSlip, member: AssessedUnit, issuer: str) -> Slip:
    """Put the words of a slip together."""
    run = slip.run
    rank = f"在{member.group or '全部单位'}中列第{member.rank}位（共{member.of}个）" if member.rank else ""
    place = f"，{rank}" if rank else ""
    runs = f"，连续{member.bottom_runs}次列末位" if member.bottom_runs > 1 else ""
    total = "—" if member.total is None else f"{member.total.normalize():f}"
    days = f"{date_text(run.start_on)}至{date_text(run.end_on)}"
    found = f"{run.name}（{days}）中，{slip.unit.name}得{total}分{place}{runs}。"
    return Slip(
        slip.year, slip.number, issuer, local_day(slip.issued_at), slip.due_on, slip.unit.name, run.name, days, total,
        rank, found, _lines(member), slip.demand, slip.reply or "", slip.verdict or "",
    )  # fmt: skip


def render(slip: Slip) -> bytes:
    """Return the slip as .docx, as it is printed without a template."""
    below = f"{slip.sign}　{slip.issuer}　{date_text(slip.issued_on)}"
    return paper(slip.properties, slip.sections, below=below)


def _lines(member: AssessedUnit) -> tuple[tuple[str, str, str], ...]:
    rows = [line for line in (member.detail or {}).get("lines", ()) if line["applies"]]
    return tuple((line["label"], shown(Fraction(str(line["points"]))), line["working"] or "—") for line in rows)
