"""A bank with a chain, a published project for one of its gaps, a carrier, a clause, and a contact for outsiders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.bank import services
from crm.bank.rules import BankDraft, BankState
from crm.bank.services import Ending
from crm.resources.carriers import services as carriers
from crm.resources.carriers.rules import CarrierDraft, CarrierKind
from crm.resources.chains import services as chains
from crm.resources.chains.rules import ChainDraft, NodeDraft, Tier
from crm.resources.policies import services as policies
from crm.resources.policies.rules import ClauseDraft, ClauseKind, PolicyLevel, Review, ReviewDraft, VersionDraft
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.bank.models import BankProject
    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office


@dataclass(frozen=True, slots=True)
class Bank:
    """What the tests need of it."""

    registrar: Actor
    lead: Actor
    officer: Actor
    firm: Enterprise
    published: BankProject
    node_id: int


def draft(office: Office, name: str = "减速机总装项目", **fields: object) -> BankDraft:
    values = {
        "unit_id": office.east.id, "content": "建设两条减速机装配线和检测中心", "investment": Decimal(30_000),
        "contact_post": "东区招商组", "industry": "高端装备", "land_mu": Decimal(60), **fields,
    }  # fmt: skip
    return BankDraft(name=name, **values)  # type: ignore[arg-type]  # any field of it


def publish(session: Session, bank: tuple[Actor, Actor], project: BankProject) -> BankProject:
    """One enters, another reviews and publishes."""
    for to in (BankState.REVIEWED, BankState.PUBLISHED):
        services.move(session, bank[1], project.id, to, Ending(), now=NOW, today=TODAY)
    return project


@pytest.fixture
def bank(session: Session, office: Office) -> Bank:
    registrar, lead = office.actor(session, office.registrar), office.actor(session, office.lead)
    head = ChainDraft("装备链", "高端装备", unit_id=office.east.id)
    chain = chains.add_chain(session, registrar, head, now=NOW)
    gap = NodeDraft("减速机", Tier.MIDSTREAM, ("减速机",), key=True)
    node = chains.add_node(session, registrar, chain.id, gap, now=NOW)
    plot = CarrierDraft(CarrierKind.PLOT, "东区一号地", "DQ-1", office.east.id, Decimal(80), industries=("高端装备",))
    place = carriers.save(session, registrar, plot, now=NOW, today=TODAY)
    _policy(session, registrar, office)
    services.set_goal(session, registrar, 100, Decimal(5_000_000), "云溪县招商局\n值班电话 0000-1234567", now=NOW)
    kept = services.add(session, lead, draft(office, node_id=node.id, carriers=(place.id,)), now=NOW)
    publish(session, (lead, registrar), kept)
    firm = builders.enterprise(session, "云岭传动股份", industry="高端装备")
    officer = office.actor(session, office.officer)
    session.commit()
    return Bank(registrar, lead, officer, firm, kept, node.id)


def _policy(session: Session, actor: Actor, office: Office) -> None:
    head = VersionDraft(
        "装备业政策", "云政发1号", "云溪县政府", PolicyLevel.COUNTY, office.east.id, TODAY, TODAY + timedelta(days=300)
    )
    row = policies.add(session, actor, head, now=NOW)
    clause = policies.save_clause(
        session, actor, row.id, ClauseDraft("第六条", ClauseKind.SERVICE, "证照手续全程代办"), clause_id=None, now=NOW
    )
    said = ReviewDraft(Review.PASSED, "条例第八条", TODAY, "云溪县市场监管局")
    policies.review(session, actor, clause.id, said, now=NOW, today=TODAY)
    policies.publish(session, actor, row.id, now=NOW)
