"""A paper as a Word file: by a template of the office, or as it is printed without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.papers import files, filling
from crm.papers.issues.content import Kept, KeptFigure
from crm.papers.wording import LABELS
from crm.word.package import Properties
from crm.word.template import queries as templates
from crm.word.template.rendering import TemplateFailedError, fill

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.papers.facts import Facts
    from crm.papers.writing import Paper

TEMPLATE = Problem("issue.template", "用单位的模板生成不出文件，请检查模板，或者先改回内置模板。")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over a paper: who issues it, its day, its numbers if it has them."""

    issuer: str
    dated_on: date
    numbers: tuple[int | None, int | None] = (None, None)


def print_docx(session: Session, kept: Kept, head: Head, template_id: int | None) -> bytes:
    """Return the paper as .docx with a template (None: the built-in); the same paper gives the same bytes."""
    template = templates.content(session, template_id)
    if template is None:
        return files.word(kept.paper, head.issuer, head.dated_on, filling.issue_text(*head.numbers))
    values = filling.values(
        kept.kind, kept.period, kept.paper, kept.figures, issuer=head.issuer, dated_on=head.dated_on,
        numbers=head.numbers,
    )  # fmt: skip
    try:
        return fill(template, values.found, Properties(kept.paper.title, head.issuer, head.dated_on))
    except TemplateFailedError as error:
        raise DomainError(TEMPLATE) from error


def print_draft(session: Session, kept: Kept, head: Head) -> bytes:
    """Return a draft as .docx by the template in use, called one in its title."""
    found = templates.active(session, kept.kind)
    paper = replace(kept.paper, title=f"{kept.paper.title}（草稿）")
    return print_docx(session, replace(kept, paper=paper), head, found.id if found else None)


def print_now(session: Session, facts: Facts, paper: Paper) -> bytes:
    """Return a paper nobody has numbered as .docx, by the template in use."""
    found = templates.active(session, facts.kind.key)
    kept = Kept(facts.kind.key, facts.period, paper, _figures(facts))
    return print_docx(session, kept, Head(facts.issuer, facts.today), found.id if found else None)


def _figures(facts: Facts) -> tuple[KeptFigure, ...]:
    """Each task of the year so far."""
    if facts.figures is None:
        return ()
    done = {line.metric: line.progress.done for line in facts.figures.whole.metrics}
    labels = LABELS.items()
    return tuple(
        KeptFigure(f"year:{key}", f"年内{name}", unit, f"{done.get(key, 0)}", 0) for key, (name, unit) in labels
    )
