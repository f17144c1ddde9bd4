"""What a decision on a case rests on, gathered from its rows: the one thing both page and decision look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.pipeline.admission import queries, scorecard
from crm.pipeline.admission.closing import CaseFacts, Tally
from crm.pipeline.admission.rules import Ballot
from crm.pipeline.admission.terms import load

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.core.errors import Problem
    from crm.pipeline.admission.models import BoardVote, ReviewCase, ScoreLine
    from crm.pipeline.admission.queries import Asked, Seat
    from crm.pipeline.admission.rules import Terms
    from crm.pipeline.models import Project


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of a case and the plain facts they amount to."""

    case: ReviewCase
    terms: Terms
    opinions: list[Asked]
    lines: dict[str, tuple[ScoreLine, str]]
    seats: list[Seat]
    votes: list[BoardVote]
    intensity: Decimal | None
    tax: Decimal | None
    floors: list[Problem]
    facts: CaseFacts

    @property
    def score(self) -> Decimal | None:
        """The sum of the scorecard, None until every line is written."""
        points = self.facts.points
        complete = all(key in points for key, weight in self.terms.weights.items() if weight)
        return scorecard.total(points) if complete else None

    @property
    def highs(self) -> dict[str, int | None]:
        """The four sub-scores (四高)."""
        return scorecard.highs(self.facts.points, self.terms.weights)


def gather(session: Session, project: Project, case: ReviewCase, today: date) -> Gathered:
    """Read a case in four queries; votes of members who meanwhile may not vote are not counted."""
    terms = load(case.terms)
    opinions = queries.opinions(session, case.id)
    lines = queries.score_lines(session, case.id)
    seats = queries.seats(session, project, case.id, today)
    votes = queries.votes(session, case.id)
    intensity = scorecard.per_mu(project.fixed_investment, project.land_mu)
    tax = scorecard.per_mu(case.annual_tax, project.land_mu)
    floors = scorecard.floor_problems(intensity, tax, terms)
    facts = CaseFacts(
        verdicts={asked.opinion.dimension: asked.answer.verdict for asked in opinions if asked.answer},
        points={key: line.points for key, (line, _name) in lines.items()},
        tally=tally(seats, [vote for vote in votes if vote.sitting == case.sitting]),
        weights=terms.weights,
        quorum=terms.quorum,
        veto=terms.veto,
        under_floor=tuple(problem.key for problem in floors),
    )
    return Gathered(case, terms, opinions, lines, seats, votes, intensity, tax, floors, facts)


def tally(seats: list[Seat], votes: list[BoardVote]) -> Tally:
    """Count the votes of members without a conflict of interest."""
    eligible = {seat.user_id for seat in seats if not seat.conflict}
    counted = [vote.ballot for vote in votes if vote.user_id in eligible]
    return Tally(
        eligible=len(eligible),
        agree=counted.count(Ballot.AGREE),
        disagree=counted.count(Ballot.DISAGREE),
        abstain=counted.count(Ballot.ABSTAIN),
    )
