"""The handbook as a Word document: a Chinese document whatever the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.land.policies.handbook import TITLES
from crm.matching.fitting import draft_of
from crm.resources.policies.rules import BASIS_LABELS, KIND_LABELS, LEVEL_LABELS, PERCENT_OF, Basis, Limit
from crm.resources.policies.rules import LIMIT_LABELS as LIMITS
from crm.word.blocks import Paragraph, Section, SubHeading
from crm.word.package import Properties
from crm.word.paper import paper

if TYPE_CHECKING:
    from datetime import date

    from crm.land.policies.handbook import Book
    from crm.resources.policies.models import PolicyClause


def terms(row: PolicyClause) -> str:
    """Say the numbers of a clause in Chinese: rate, cap, years, limits."""
    draft, parts = draft_of(row), []
    if draft.basis is Basis.NONE and draft.rate is not None:
        parts.append(f"一次性{digits(draft.rate)}万元")
    elif draft.basis is not None and draft.rate is not None:
        unit = "%" if draft.basis in PERCENT_OF else "元/单位"
        parts.append(f"按{BASIS_LABELS[draft.basis]}的{digits(draft.rate)}{unit}")
    parts += [f"封顶{digits(draft.cap)}万元"] if draft.cap is not None else []
    parts += [f"连续{draft.years}年"] if draft.years else []
    parts += ["只给外商投资项目"] if draft.only_foreign else []
    for limit in Limit:
        value = getattr(draft, limit)
        parts += [f"{LIMITS[limit]}{digits(value)}"] if value is not None else []
    return "，".join(parts)


def paper_of(book: Book, day: date) -> bytes:
    """Return the handbook of a day as .docx."""
    said = [
        Section(title, tuple(Paragraph(line) for line in book.answers[key].body.splitlines() if line.strip()))
        for key, title in TITLES.items()
        if key in book.answers
    ]
    return paper(Properties("招商手册", "", day), [*said, _sites(book), _policies(book)], below=f"{day:%Y年%-m月%-d日}")


def _sites(book: Book) -> Section:
    total = book.sites
    land = f"可供土地{total.land}宗{digits(total.land_free)}亩"
    floors = f"可供厂房、楼宇{total.floors}处{digits(total.floor_free)}平方米"
    return Section("载体", (Paragraph(f"{land}，{floors}。"),))


def _policies(book: Book) -> Section:
    blocks: list[SubHeading | Paragraph] = []
    for version, clauses in book.policies:
        blocks.append(SubHeading(f"{version.title}（{version.document_no}）"))
        until = f"，至{version.valid_until:%Y年%-m月%-d日}" if version.valid_until else ""
        blocks.append(
            Paragraph(
                f"{LEVEL_LABELS[version.level]}级，{version.issuer}，{version.valid_from:%Y年%-m月%-d日}起{until}。"
            )
        )
        for clause in clauses:
            numbers = terms(clause)
            blocks.append(
                Paragraph(
                    f"{clause.number}（{KIND_LABELS[clause.kind]}）{clause.text}"
                    + (f"（{numbers}）" if numbers else "")
                )
            )
    return Section("政策", tuple(blocks) or (Paragraph("没有通过公平竞争审查、正在有效期内的条款。"),))
