"""Which clauses in force fit a project, what each is worth, and why the others do not. One reading for every door.

Clauses are read once as whole numbers and ranked by findings; only those that are shown are read whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import String, Text, cast, type_coerce

from crm.core.types import MICRO_WAN
from crm.matching import needs, places
from crm.matching.places import words_of_json
from crm.pipeline.intake import setup
from crm.pipeline.rules import Capital
from crm.resources.carriers.offers import parts, whole
from crm.resources.matching.clauses import Applicant, Terms, judge_clause, limits, merits
from crm.resources.policies import queries
from crm.resources.policies.models import PolicyClause, PolicyVersion
from crm.resources.policies.rules import Basis, ClauseDraft, Limit
from crm.resources.policies.services import TYPED
from crm.resources.policies.worth import Rate, worth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.matching.models import SiteNeed
    from crm.pipeline.models import Project
    from crm.resources.matching.rules import Need, Verdict
    from crm.resources.policies.worth import Worth

SHOWN, NOT_SHOWN = 40, 40
ZERO = Decimal(0)
Rated: TypeAlias = "tuple[str | None, int | None, int | None, int | None]"


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


@dataclass(slots=True)  # not frozen: thousands are made for one page
class Promised:
    """A clause as it is ranked: whom it is for, and its rate (basis, rate, cap, years), in whole numbers."""

    id: int
    terms: Terms
    rate: Rated


def draft_of(row: PolicyClause) -> ClauseDraft:
    """Give a clause as the rules want it."""
    values = {name: getattr(row, name) for name in TYPED}
    values["industries"] = tuple(row.industries)
    return ClauseDraft(**values)


def applicant_of(session: Session, project: Project, more: Mapping[Basis, Decimal], tax: Decimal | None) -> Applicant:
    """Put together what is known of a project; ``more`` is what a person typed beside it."""
    stated = needs.stated(session, project.id)
    need = places.need_from(project, stated, setup.load(session))
    return applicant_from(project, need, stated, more, tax)


def applicant_from(
    project: Project,
    need: Need,
    stated: SiteNeed | None,
    more: Mapping[Basis, Decimal] | None = None,
    tax: Decimal | None = None,
) -> Applicant:
    """Put together what is known of a project out of what was read of it."""
    told = {Basis.FIXED_INVESTMENT: project.fixed_investment, Basis.LAND_MU: need.land, Basis.FLOOR_SQM: need.floor}
    values = {basis: value for basis, value in told.items() if value is not None} | dict(more or {})
    before = stated.tax if stated is not None else None
    return Applicant(need.words, project.capital is Capital.FOREIGN, tax if tax is not None else before, values)


def fits(session: Session, one: Applicant, day: date) -> Fits:
    """Look through every clause in force on a day; only those to be shown are read whole."""
    return told(session, [(one, ranked(one, promised(session, day)))])[0]


def told(session: Session, some: Sequence[tuple[Applicant, Ranked]]) -> list[Fits]:
    """Read what is to be shown, once for all, and say the reasons."""
    keys = {key for _one, found in some for key in (*found.best, *found.refused)}
    rows = queries.named(session, sorted(keys))
    return [
        Fits(
            tuple(_told(one, *rows[key]) for key in found.best),
            found.fitting,
            tuple(_told(one, *rows[key]) for key in found.refused),
            found.why_not,
        )
        for one, found in some
    ]


def promised(session: Session, day: date) -> Iterator[Promised]:
    """Read what may be promised on a day; keep it in a list to rank it for many projects."""
    row = PolicyClause
    statement = queries.in_force(day).with_only_columns(
        row.id,
        cast(PolicyVersion.industries, Text).label("bound"),
        cast(row.industries, Text).label("own"),
        row.only_foreign,
        type_coerce(row.basis, String),
        whole(row.rate),
        whole(row.cap),
        row.years,
        *(whole(getattr(row, limit)) for limit in Limit),
    )
    for key, bound, own, only_foreign, basis, rate, cap, years, *floors in parts(session, statement):
        terms = Terms(words_of_json(bound), words_of_json(own), only_foreign, floors)
        yield Promised(key, terms, (basis, rate, cap, years))


@dataclass(frozen=True, slots=True)
class Ranked:
    """Clauses by id: those to show, how many fit, those refused, how many of each limit."""

    best: tuple[int, ...]
    fitting: int
    refused: tuple[int, ...]
    why_not: tuple[tuple[str, int], ...]


def ranked(one: Applicant, rows: Iterable[Promised], most: int = SHOWN, refused: int = NOT_SHOWN) -> Ranked:
    """Rank what may be promised for a project."""
    brought = one.brings(MICRO_WAN)
    found: defaultdict[int, list[tuple[int, Rated]]] = defaultdict(list)
    missed: list[tuple[int, int]] = []
    why = Counter[str]()
    for row in rows:
        broken = limits(brought, row.terms)
        if broken:
            missed.append((len(broken), row.id))
            for finding in broken:
                why[finding[2]] += 1
        else:
            found[sum(finding[1] for finding in merits(brought, row.terms))].append((row.id, row.rate))
    worst = tuple(key for _broken, key in nsmallest(refused, missed))
    fitting = sum(map(len, found.values()))
    return Ranked(_best(one, found, most), fitting, worst, tuple(why.most_common()))


def _best(one: Applicant, found: Mapping[int, list[tuple[int, Rated]]], most: int) -> tuple[int, ...]:
    """Order by points, then by worth, which is reckoned only where the points leave it open who is shown."""
    known: dict[Rated, Decimal] = {}

    def order(row: tuple[int, Rated]) -> tuple[Decimal, int]:
        key, rate = row
        if rate not in known:
            known[rate] = _total(rate, one.values)
        return -known[rate], key

    best: list[int] = []
    for points in sorted(found, reverse=True):
        if len(best) >= most:
            break
        best += [key for key, _rate in nsmallest(most - len(best), found[points], key=order)]
    return tuple(best)


def _total(rated: Rated, values: Mapping[Basis, Decimal]) -> Decimal:
    basis, rate, cap, years = rated
    exact = [None if one is None else Decimal(one) / MICRO_WAN for one in (rate, cap)]
    found = worth(Rate(Basis(basis) if basis else None, exact[0], exact[1], years), values)
    return found.total if found else ZERO


def _told(one: Applicant, clause: PolicyClause, version: PolicyVersion) -> Fit:
    draft = draft_of(clause)
    verdict = judge_clause(one, draft, version.industries)
    return Fit(clause, version, verdict, worth(draft, one.values) if verdict.fits else None)
