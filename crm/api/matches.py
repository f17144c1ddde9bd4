"""What fits a project, for programs: carriers and clauses with the reasons of the pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from crm.api.fields import Answer
from crm.api.operations import group, operation
from crm.api.projects import READ
from crm.auth.identity import current_actor
from crm.matching import reading
from crm.matching.words import said
from crm.pipeline import queries
from crm.resources.carriers.rules import KIND_LABELS, LAND, CarrierKind
from crm.resources.matching import clauses as clause_rules
from crm.resources.matching import rules as place_rules
from crm.web import db, timing
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm.matching.fitting import Fit
    from crm.matching.places import Match
    from crm.resources.matching.rules import Reason

bp = group("matches", "projects")


class FitReason(Answer):
    """One reason in words: its points, or the key of the hard limit it breaks."""

    text: str
    points: int
    limit: str | None


class FitLimit(Answer):
    """A hard limit that keeps others out, and how many."""

    limit: str
    text: str
    count: int


class CarrierMatch(Answer):
    """A carrier; ``free`` in ``unit`` (亩 or 平方米); ``points`` are the sum of its reasons."""

    id: int
    name: str
    code: str
    kind: CarrierKind
    kind_name: str
    free: Decimal
    unit: Literal["mu", "sqm"]
    points: int
    reasons: list[FitReason]


class ClauseMatch(Answer):
    """A clause of a policy in force; ``worth`` in 万元 over all years where it can be reckoned, with its formula."""

    policy_id: int
    title: str
    document_no: str
    clause_id: int
    number: str
    text: str
    points: int
    reasons: list[FitReason]
    worth: Decimal | None
    formula: str | None


class CarrierMatches(Answer):
    """The best carriers, how many fit of how many, those that fail by one limit alone, why the others do not fit."""

    fitting: int
    looked: int
    best: list[CarrierMatch]
    nearly: list[CarrierMatch]
    why_not: list[FitLimit]


class ClauseMatches(Answer):
    """The most certain clauses, how many fit, some that do not, and why not."""

    fitting: int
    best: list[ClauseMatch]
    refused: list[ClauseMatch]
    why_not: list[FitLimit]


class Matches(Answer):
    """What fits a project on a day."""

    project_id: int
    day: date
    carriers: CarrierMatches
    clauses: ClauseMatches


@operation(bp, "GET", "/projects/<int:project_id>/matches", READ, Matches)
def show(project_id: int) -> Matches:
    """Match a project with carriers and policies: hard limits first, the rest ranked, with the reasons of the pages."""
    session, day = db.session(), timing.today()
    project = queries.get(session, current_actor(), project_id)
    found = reading.of_projects(session, [project], day)[project.id]
    places, clauses = found.places, found.clauses
    return Matches(
        project_id=project.id,
        day=day,
        carriers=CarrierMatches(
            fitting=places.fitting,
            looked=places.looked,
            best=[_carrier(one) for one in places.best],
            nearly=[_carrier(one) for one in places.nearly],
            why_not=_limits(places.why_not, place_rules.LIMITS),
        ),
        clauses=ClauseMatches(
            fitting=clauses.fitting,
            best=[_clause(one) for one in clauses.best],
            refused=[_clause(one) for one in clauses.refused],
            why_not=_limits(clauses.why_not, clause_rules.WHY_NOT),
        ),
    )


def _carrier(one: Match) -> CarrierMatch:
    return CarrierMatch(
        id=one.carrier_id,
        name=one.name,
        code=one.code,
        kind=one.kind,
        kind_name=tr(KIND_LABELS[one.kind]),
        free=one.free,
        unit="mu" if one.kind in LAND else "sqm",
        points=one.verdict.points,
        reasons=_reasons((*one.verdict.against, *one.verdict.reasons)),
    )


def _clause(one: Fit) -> ClauseMatch:
    worth = one.worth
    return ClauseMatch(
        policy_id=one.version.policy_id,
        title=one.version.title,
        document_no=one.version.document_no,
        clause_id=one.clause.id,
        number=one.clause.number,
        text=one.clause.text,
        points=one.verdict.points,
        reasons=_reasons((*one.verdict.against, *one.verdict.reasons)),
        worth=worth.total if worth else None,
        formula=tr(worth.text, **dict(worth.params)) if worth else None,
    )


def _reasons(found: Iterable[Reason]) -> list[FitReason]:
    return [FitReason(text=said(one), points=one.points, limit=one.limit or None) for one in found]


def _limits(found: Iterable[tuple[str, int]], labels: Mapping[str, str]) -> list[FitLimit]:
    return [FitLimit(limit=str(key), text=tr(labels[key]), count=count) for key, count in found]
