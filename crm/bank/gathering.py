"""What a tailored proposal (招商专案) can offer an enterprise, with reasons, within the actor's view.

Planned projects, carriers and clauses are judged by the engine and the reads of the pages 选址 and 政策. Visits enter
no reason; made for a project under way, its industry, land, money and needs do. Outsiders read few of the reasons
(:data:`crm.bank.proposal_paper.OUTWARD`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.bank.fitting import Offer, judge_offer
from crm.bank.models import BankProject
from crm.bank.rules import BankState
from crm.enterprises import queries as register
from crm.land.chains import finding
from crm.matching import fitting as clauses
from crm.matching import places
from crm.pipeline import queries as pipeline
from crm.pipeline.intake import setup
from crm.resources.chains import matching as chain_matching
from crm.resources.chains import queries as chains
from crm.resources.chains.models import IndustryChain, IndustryNode, IndustryPlace, IndustryVerdict
from crm.resources.chains.rules import GAPS, Side
from crm.resources.matching.clauses import Applicant
from crm.resources.matching.rules import meets, words_in, words_of
from crm.resources.policies.rules import Basis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Enterprise
    from crm.matching.fitting import Fit
    from crm.matching.places import Match
    from crm.pipeline.models import Project
    from crm.resources.matching.rules import Need, Verdict

MOST_OFFERS, MOST_NODES = 2000, 500
OFFERS, PLACES, CLAUSES, GAPS_SHOWN = 6, 5, 8, 3


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned project and what is said of it."""

    project: BankProject
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Gap:
    """A node that calls for something and this enterprise: reasons of the gap and of the firm, as they are stored."""

    node_id: int
    chain: str
    node: str
    verdict: IndustryVerdict
    firm: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a proposal can be made of, the best first."""

    firm: Enterprise
    project: Project | None
    need: Need
    gaps: Sequence[Gap]
    planned: Sequence[Planned]
    places: Sequence[Match]
    clauses: Sequence[Fit]


def gather(
    session: Session, actor: Actor, enterprise_id: int, project_id: int | None, *, now: datetime, today: date
) -> Found:
    """Look for what suits an enterprise, or one of its projects that the person may see; raise NotFoundError."""
    project = pipeline.get(session, actor, project_id) if project_id is not None else None
    firm = register.enterprise(session, project.enterprise_id if project is not None else enterprise_id)
    known = setup.load(session)
    need = places.need_of(session, project, known) if project is not None else places.need_of_firm(firm, known)
    applicant = (
        clauses.applicant_of(session, project, {}, None)
        if project is not None
        else Applicant(need.words, values=_values(need))
    )
    nodes = _open_nodes(session)
    return Found(
        firm=firm,
        project=project,
        need=need,
        gaps=_gaps(session, actor, firm, need, nodes, now),
        planned=_planned(session, need, nodes),
        places=places.best_for(session, need, today, PLACES).best,
        clauses=clauses.fits(session, applicant, today).best[:CLAUSES],
    )


def _values(need: Need) -> dict[Basis, Any]:
    known = {Basis.FIXED_INVESTMENT: need.fixed, Basis.LAND_MU: need.land}
    return {basis: value for basis, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Node:
    id: int
    chain_id: int
    chain: str
    name: str
    words: frozenset[str]
    verdict: IndustryVerdict


def _open_nodes(session: Session) -> dict[int, _Node]:
    """Nodes of living chains that call for something."""
    statement = (
        select(IndustryNode, IndustryChain.name, IndustryVerdict)
        .join(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .join(IndustryVerdict, IndustryVerdict.node_id == IndustryNode.id)
        .where(
            IndustryChain.archived_at.is_(None),
            IndustryNode.archived_at.is_(None),
            IndustryVerdict.ended_at.is_(None),
            IndustryVerdict.call.in_(GAPS),
        )
        .order_by(IndustryNode.id)
        .limit(MOST_NODES)
    )
    return {
        node.id: _Node(node.id, node.chain_id, chain, node.name, words_in((node.name, *node.words)), verdict)
        for node, chain, verdict in session.execute(statement)
    }


def _gaps(
    session: Session, actor: Actor, firm: Enterprise, need: Need, nodes: Mapping[int, _Node], now: datetime
) -> list[Gap]:
    target = select(IndustryPlace.node_id).where(IndustryPlace.enterprise_id == firm.id, *chains.confirmed(Side.TARGET))
    named = set(session.scalars(target))
    fitting = [one for one in nodes.values() if one.id in named or meets(need.words, one.words)]
    fitting.sort(key=lambda one: (one.id not in named, GAPS.index(one.verdict.call), one.verdict.points, one.id))
    found = []
    for one in fitting[:GAPS_SHOWN]:
        whole = chains.whole(session, one.chain_id)
        node = next(step for step in whole.nodes if step.id == one.id)
        proposed = finding.targets(session, actor, whole, node, now=now, only=firm.id)
        why = chain_matching.shared(proposed[0].reasons) if proposed else ()
        found.append(Gap(one.id, one.chain, one.name, one.verdict, why))
    return found


def _planned(session: Session, need: Need, nodes: Mapping[int, _Node]) -> list[Planned]:
    statement = (
        select(BankProject, IndustryNode.name, IndustryNode.words)
        .outerjoin(IndustryNode, IndustryNode.id == BankProject.node_id)
        .where(BankProject.state == BankState.PUBLISHED)
        .order_by(BankProject.id)
        .limit(MOST_OFFERS)
    )
    found = []
    for row, node, words in session.execute(statement):
        said = words_of((row.industry, node, *(words or ())))
        gap = node if row.node_id in nodes else ""
        verdict = judge_offer(need, Offer(said, row.investment, row.land_mu, gap))
        if verdict.fits:
            found.append(Planned(row, verdict))
    found.sort(key=lambda one: (-one.verdict.points, one.project.id))
    return found[:OFFERS]
