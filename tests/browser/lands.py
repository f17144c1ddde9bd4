"""Carriers of the furnished office: a park with two plots, one held in part, one lying idle."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.bank import editions, links, proposals
from crm.bank import services as bank
from crm.bank.links import Subject
from crm.bank.rules import BankDraft, BankState
from crm.bank.services import Ending
from crm.enterprises.models import Enterprise
from crm.matching import bulk, needs, reading
from crm.resources.carriers import services
from crm.resources.carriers.rules import CarrierDraft, CarrierKind, HoldKind, PriceBasis
from crm.resources.carriers.services import HoldDraft
from crm.resources.chains import placing
from crm.resources.chains import services as chains
from crm.resources.chains.models import IndustryNode
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import ChainDraft, NodeDraft, Side, Tier
from crm.resources.idle import services as idle
from crm.resources.idle.rules import IdleKind, IdleStepKind, StepDraft
from crm.resources.policies import services as policies
from crm.resources.policies.rules import (
    Basis,
    ClauseDraft,
    ClauseKind,
    PolicyLevel,
    Review,
    ReviewDraft,
    VersionDraft,
)
from crm.resources.sheets import services as sheets
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


RING: list[list[float]] = [[117, 30], [117.01, 30], [117.01, 30.01], [117, 30.01], [117, 30]]
SHAPE = {"type": "Polygon", "coordinates": [RING]}


def furnish(session: Session, office: Office) -> None:
    """Offer a park, hold a part of one plot for the first project, find the other idle."""
    actor = office.actor(session, office.registrar)
    park = CarrierDraft(CarrierKind.PARK, "岚桥产业园", "LQ", office.east.id, Decimal(900))
    kept = services.save(session, actor, park, now=NOW, today=TODAY)
    plot = CarrierDraft(
        CarrierKind.PLOT, "岚桥一号地", "LQ-1", office.east.id, Decimal(100), kept.id, price=Decimal(9),
        basis=PriceBasis.SALE_MU, industries=("新能源",), min_intensity=Decimal(320),
    )  # fmt: skip
    drawn = replace(plot, outline=json.dumps(SHAPE), longitude=Decimal("117.005"), latitude=Decimal("30.005"))
    first = services.save(session, actor, drawn, now=NOW, today=TODAY)
    other = services.save(session, actor, replace(plot, name="岚桥二号地", code="LQ-2"), now=NOW, today=TODAY)
    taken = HoldDraft(HoldKind.RESERVED, Decimal(60), TODAY, project_id=1)
    services.take(session, actor, first.id, taken, now=NOW)
    due = TODAY - timedelta(days=500)
    old = HoldDraft(HoldKind.ALLOTTED, Decimal(30), due - timedelta(days=200), holder="岚桥建材", start_due=due)
    held = services.take(session, actor, other.id, old, now=NOW)
    services.take(session, actor, other.id, replace(old, holder="岚桥水泥"), now=NOW)
    found = StepDraft(IdleStepKind.FOUND, TODAY, "只有围墙")
    idle.start(session, actor, held.id, IdleKind.CIRCLED, found, now=NOW, today=TODAY)
    needs.save(session, actor, 1, {"energy": Decimal(900)}, now=NOW)
    furnish_outlines(session, office)
    furnish_chains(session, office)
    furnish_policies(session, office)
    run = bulk.start(session, actor, now=NOW, today=TODAY)
    bulk.step(session, run, reading.stock(session, TODAY), now=NOW)
    furnish_bank(session, office)


def furnish_outlines(session: Session, office: Office) -> None:
    """Draw the park and the county under it; bring another file that is not put to use."""
    actor, wide = office.actor(session, office.registrar), [[0.1 * (x - 117) + x, 0.1 * (y - 30) + y] for x, y in RING]
    named: dict[str, list[list[float]]] = {"岚桥产业园": wide, "岚桥县": [[x - 0.01, y - 0.005] for x, y in wide]}
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for name, ring in named.items()
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    for name in ("岚桥边界.geojson", "岚桥新边界.geojson"):
        sheet = sheets.bring(session, actor, name, content, now=NOW)
        if name == "岚桥边界.geojson":
            sheets.apply(session, actor, sheet.id, now=NOW)


def furnish_bank(session: Session, office: Office) -> None:
    """Enter a draft and a published project, freeze a catalogue, make a proposal, share the catalogue and open it."""
    actor, lead = office.actor(session, office.registrar), office.actor(session, office.lead)
    bank.set_goal(session, actor, 100, Decimal(5_000_000), "岚桥招商局", now=NOW)
    node = session.scalars(select(IndustryNode.id).order_by(IndustryNode.id.desc())).first()
    draft = BankDraft(
        "岚桥电芯项目", office.east.id, "岚桥建设两条电芯产线", Decimal(30_000), "岚桥产业组", node,
        "新能源", Decimal(30), conditions="岚桥供地", benefit="岚桥纳税大户",
    )  # fmt: skip
    kept = bank.add(session, lead, draft, now=NOW)
    for to in (BankState.REVIEWED, BankState.PUBLISHED):
        bank.move(session, actor, kept.id, to, Ending(), now=NOW, today=TODAY)
    bank.add(session, lead, replace(draft, name="岚桥材料项目"), now=NOW)
    edition = editions.freeze(session, actor, "岚桥招商局", now=NOW, today=TODAY)
    proposals.make(session, lead, 1, None, "岚桥招商局", now=NOW, today=TODAY)
    subject, until = Subject(edition_id=edition.id), TODAY + timedelta(days=30)
    _row, token = links.make(session, actor, subject, "岚桥协会", until, now=NOW, today=TODAY)
    links.let_in(session, token, 0, "203.0.113.7", now=NOW, today=TODAY)


def furnish_chains(session: Session, office: Office) -> None:
    """Draw a chain of two nodes with a firm on one and a target on the other, and put an empty one away."""
    actor, firms = office.actor(session, office.registrar), list(session.scalars(select(Enterprise.id).limit(2)))
    head = ChainDraft("岚桥储能链", "新能源", leader="欧阳明月", unit_id=office.east.id)
    chain = chains.add_chain(session, actor, head, now=NOW)
    pack = NodeDraft("岚桥系统", Tier.DOWNSTREAM, ("新能源",), goal=Decimal(900))
    last = chains.add_node(session, actor, chain.id, pack, now=NOW)
    cell = NodeDraft("岚桥电芯", Tier.MIDSTREAM, ("储能",), key=True, supplies=(last.id,))
    first = chains.add_node(session, actor, chain.id, cell, now=NOW)
    placing.place(session, actor, last.id, PlaceDraft(firms[0], Side.LOCAL, scale=Decimal(300)), now=NOW)
    placing.place(session, actor, first.id, PlaceDraft(firms[1], Side.TARGET), now=NOW)
    old = chains.add_chain(session, actor, ChainDraft("岚桥旧链", unit_id=office.east.id), now=NOW)
    chains.archive_chain(session, actor, old.id, archived=True, now=NOW)


def furnish_policies(session: Session, office: Office) -> None:
    """Write a policy with a reviewed and an open clause, begin its next version, and an answer of the handbook."""
    actor = office.actor(session, office.registrar)
    head = VersionDraft(
        "岚桥工业政策", "岚政发1号", "岚桥县政府", PolicyLevel.COUNTY, office.east.id, TODAY, TODAY + timedelta(days=30)
    )
    row = policies.add(session, actor, head, now=NOW)
    grant = ClauseDraft(
        "第三条", ClauseKind.INVESTMENT, "按设备投资的5%奖补", Basis.EQUIPMENT, Decimal(5), Decimal(500)
    )
    for clause in (grant, replace(grant, number="第四条", only_foreign=True, min_staff=Decimal(50))):
        kept = policies.save_clause(session, actor, row.id, clause, clause_id=None, now=NOW)
        said = ReviewDraft(Review.PASSED, "条例第八条", TODAY, "岚桥县市场监管局")
        policies.review(session, actor, kept.id, said, now=NOW, today=TODAY)
    policies.publish(session, actor, row.id, now=NOW)
    policies.next_version(session, actor, row.policy_id, now=NOW)
    policies.answer(session, actor, "base", "高铁到省城40分钟", now=NOW)
