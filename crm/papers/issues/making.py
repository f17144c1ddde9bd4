"""Making a draft: what the paper says, and every row behind its figures, as they stand now."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.assessment import queries as assessment
from crm.assessment.items import STANDARD
from crm.assessment.measures import MEASURES
from crm.assessment.periods.closing import frozen
from crm.assessment.window import Window
from crm.core.money import digits
from crm.papers import writing
from crm.papers.figures import SUMS, year_window
from crm.papers.gathering import gather
from crm.papers.issues.content import KeptFigure, pack
from crm.papers.refs import packed, refs
from crm.papers.rules import PeriodKind
from crm.pipeline.confidential import drafts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from crm.assessment.queries import FactRow
    from crm.assessment.window import Measure
    from crm.auth.rules import Actor
    from crm.papers.facts import Facts
    from crm.papers.rules import PaperKind, Period
    from crm.pipeline.cards import Clock

PIECE = 300
Pieces = dict[str, list[list[dict[str, Any]]]]


def make(
    session: Session, actor: Actor, kind: PaperKind, period: Period, clock: Clock
) -> tuple[Facts, dict[str, Any], Pieces]:
    """Return the facts, what is kept of the paper as JSON, and the rows of its figures in pieces."""
    left_out = drafts.known(session)
    facts = gather(session, actor, kind, period, clock)
    figures, pieces = [], Pieces()
    if period.kind is not PeriodKind.DAY:
        for key, label, measure, window in _figures(period, clock):
            rows = assessment.rows(session, measure, window)
            value = sum((row.amount for row in rows), Decimal(0))
            figures.append(KeptFigure(key, label, measure.unit, digits(value), len(rows)))
            kept = [_row(row) for row in rows]
            pieces[key] = [kept[at : at + PIECE] for at in range(0, len(kept), PIECE)]
    content = pack(period, writing.write(facts), figures) | drafts.mark(session, left_out)
    content["refs"] = packed(refs(facts))
    return facts, content, pieces


def _figures(period: Period, clock: Clock) -> Iterator[tuple[str, str, Measure, Window]]:
    """Each task of the year up to the end of the period and in it; further measures in the period."""
    whole = year_window(period, clock.today, clock.now)
    part = Window(period.start, min(period.end, clock.today), clock.now)
    for item in STANDARD:
        yield f"year:{item.key}", f"年内{item.label}", item.measure, whole
    if period.kind is not PeriodKind.YEAR:
        for item in STANDARD:
            yield f"part:{item.key}", f"本期{item.label}", item.measure, part
    for key in SUMS:
        yield f"part:{key}", f"本期{MEASURES[key].label}", MEASURES[key], part


def _row(row: FactRow) -> dict[str, Any]:
    return {**frozen(row), "amount": digits(row.amount)}
