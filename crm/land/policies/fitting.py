"""Which clauses in force fit a project, what each is worth, and why the others do not. One reading for every door."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.land import needs, places
from crm.pipeline.rules import Capital
from crm.resources.matching.clauses import Applicant, judge_clause
from crm.resources.policies import queries
from crm.resources.policies.models import PolicyClause, PolicyVersion
from crm.resources.policies.rules import Basis, ClauseDraft
from crm.resources.policies.services import TYPED
from crm.resources.policies.worth import worth

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from crm.resources.matching.rules import Verdict
    from crm.resources.policies.worth import Worth

SHOWN, NOT_SHOWN = 40, 40
COLUMNS = (PolicyClause.id, PolicyVersion.industries.label("bound"), *(getattr(PolicyClause, name) for name in TYPED))
HEAD = 2  # columns before those of the draft


@dataclass(frozen=True, slots=True)
class Fit:
    """A clause, the version it stands in, what is said of it, and what it is worth in 万元."""

    clause: PolicyClause
    version: PolicyVersion
    verdict: Verdict
    worth: Worth | None


@dataclass(frozen=True, slots=True)
class Fits:
    """Clauses that fit, the most certain first; those that do not; how many of each limit."""

    best: tuple[Fit, ...]
    fitting: int
    refused: tuple[Fit, ...]
    why_not: tuple[tuple[str, int], ...]


def draft_of(row: PolicyClause) -> ClauseDraft:
    """Give a clause as the rules want it."""
    values = {name: getattr(row, name) for name in TYPED}
    values["industries"] = tuple(row.industries)
    return ClauseDraft(**values)


def applicant_of(session: Session, project: Project, more: Mapping[Basis, Decimal], tax: Decimal | None) -> Applicant:
    """Put together what is known of a project; ``more`` is what a person typed beside it."""
    need, row = places.need_of(session, project), needs.stated(session, project.id)
    known = {Basis.FIXED_INVESTMENT: project.fixed_investment, Basis.LAND_MU: need.land, Basis.FLOOR_SQM: need.floor}
    values = {basis: value for basis, value in known.items() if value is not None} | dict(more)
    stated = row.tax if row is not None else None
    return Applicant(need.words, project.capital is Capital.FOREIGN, tax if tax is not None else stated, values)


def fits(session: Session, one: Applicant, day: date) -> Fits:
    """Look through every clause in force on a day; only those to be shown are read whole."""
    found: list[tuple[ClauseDraft, int, Verdict, Worth | None]] = []
    refused: list[tuple[ClauseDraft, int, Verdict, Worth | None]] = []
    why = Counter[str]()
    for row in session.execute(queries.in_force(day).with_only_columns(*COLUMNS)):
        draft = ClauseDraft(*row[HEAD:])
        verdict = judge_clause(one, draft, row.bound)
        if verdict.fits:
            found.append((draft, row.id, verdict, worth(draft, one.values)))
        else:
            refused.append((draft, row.id, verdict, None))
            why.update({reason.limit for reason in verdict.against})
    found.sort(key=lambda fit: (-fit[2].points, -(fit[3].total if fit[3] else 0), fit[1]))
    refused.sort(key=lambda fit: (len(fit[2].against), fit[1]))
    best, others = found[:SHOWN], refused[:NOT_SHOWN]
    whole = queries.named(session, [fit[1] for fit in (*best, *others)])
    shown = [tuple(Fit(*whole[key], verdict, value) for _draft, key, verdict, value in some) for some in (best, others)]
    return Fits(shown[0], len(found), shown[1], tuple(why.most_common()))
