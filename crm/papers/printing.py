"""A paper as a Word file: by a template of the office, or as it is printed without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.papers import files, filling
from crm.papers.issues.content import Kept, KeptFigure
from crm.papers.wording import LABELS
from crm.word.package import Properties
from crm.word.template.printing import in_use, printed

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.papers.facts import Facts
    from crm.papers.writing import Paper


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over a paper: who issues it, its day, its numbers if it has them."""

    issuer: str
    dated_on: date
    numbers: tuple[int | None, int | None] = (None, None)


def print_docx(session: Session, kept: Kept, head: Head, template_id: int | None) -> bytes:
    """Return the paper as .docx with a template (None: the built-in); the same paper gives the same bytes."""
    paper = kept.paper
    made = printed(
        session,
        template_id,
        lambda: filling.values(
            kept.kind, kept.period, paper, kept.figures, issuer=head.issuer, dated_on=head.dated_on,
            numbers=head.numbers,
        ).found,
        Properties(paper.title, head.issuer, head.dated_on),
    )  # fmt: skip
    return files.word(paper, head.issuer, head.dated_on, filling.issue_text(*head.numbers)) if made is None else made


def print_draft(session: Session, kept: Kept, head: Head) -> bytes:
    """Return a draft as .docx by the template in use, called one in its title."""
    paper = replace(kept.paper, title=f"{kept.paper.title}（草稿）")
    return print_docx(session, replace(kept, paper=paper), head, in_use(session, kept.kind))


def print_now(session: Session, facts: Facts, paper: Paper) -> bytes:
    """Return a paper nobody has numbered as .docx, by the template in use."""
    kept = Kept(facts.kind.key, facts.period, paper, _figures(facts))
    return print_docx(session, kept, Head(facts.issuer, facts.today), in_use(session, kept.kind))


def _figures(facts: Facts) -> tuple[KeptFigure, ...]:
    """Each task of the year so far."""
    if facts.figures is None:
        return ()
    done = {line.metric: line.progress.done for line in facts.figures.whole.metrics}
    labels = LABELS.items()
    return tuple(
        KeptFigure(f"year:{key}", f"年内{name}", unit, f"{done.get(key, 0)}", 0) for key, (name, unit) in labels
    )
