"""Chains kept and judged: firms on nodes, gaps, targets with reasons, leads from a gap, and the points they bring."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import select

from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.fieldwork.rules import Intention
from crm.land.chains import approaching, finding
from crm.pipeline.intake.dimensions import ChainRole
from crm.resources.chains import judging, listing, placing, queries, services
from crm.resources.chains.models import IndustryPlace
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import Call, ChainDraft, NodeDraft, Side, Tier
from crm.scoring.chainfacts import targeted
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.auth.rules import Actor
    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

LATER = NOW + timedelta(days=1)


class Drawn(NamedTuple):
    """A chain of three nodes, each supplying the next."""

    chain_id: int
    film: int
    cell: int
    pack: int


@pytest.fixture
def actor(session: Session, office: Office) -> Actor:
    return office.actor(session, office.registrar)


@pytest.fixture
def drawn(session: Session, office: Office, actor: Actor) -> Drawn:
    chain = services.add_chain(session, actor, ChainDraft("新能源", unit_id=office.east.id), now=NOW)
    nodes: dict[str, int] = {}
    for name, tier, supplies in (
        ("储能系统", Tier.DOWNSTREAM, ()),
        ("电芯", Tier.MIDSTREAM, ("储能系统",)),
        ("隔膜", Tier.UPSTREAM, ("电芯",)),
    ):
        draft = NodeDraft(name, tier, (name,), supplies=tuple(nodes[one] for one in supplies))
        nodes[name] = services.add_node(session, actor, chain.id, draft, now=NOW).id
    return Drawn(chain.id, nodes["隔膜"], nodes["电芯"], nodes["储能系统"])


def firm(session: Session, name: str) -> Enterprise:
    found = builders.enterprise(session, name=name)
    session.flush()
    return found


def calls(session: Session, drawn: Drawn) -> list[Call]:
    verdicts = queries.whole(session, drawn.chain_id).verdicts
    return [verdicts[one].call for one in (drawn.film, drawn.cell, drawn.pack)]


def here(session: Session, actor: Actor, node_id: int, name: str, **fields: object) -> int:
    found = firm(session, name)
    placing.place(session, actor, node_id, PlaceDraft(found.id, Side.LOCAL, **fields), now=NOW)  # type: ignore[arg-type]  # fields of the draft
    return found.id


def test_firms_on_nodes_decide_what_each_node_calls_for(session: Session, actor: Actor, drawn: Drawn) -> None:
    assert calls(session, drawn) == [Call.LATER] * 3
    here(session, actor, drawn.film, "晟澜隔膜有限公司")
    assert calls(session, drawn) == [Call.STRENGTHEN, Call.EXTEND, Call.LATER]
    here(session, actor, drawn.pack, "澄江储能有限公司", leading=True)
    assert calls(session, drawn) == [Call.STRENGTHEN, Call.FILL, Call.SOUND]
    row = listing.listed(session, None).rows[0]
    assert (row.nodes, row.gaps, row.locals, row.targets) == (3, 2, 2, 0)


def test_a_person_sets_a_call_aside_with_a_reason_until_the_rule_speaks_again(
    session: Session, actor: Actor, drawn: Drawn
) -> None:
    with pytest.raises(DomainError, match=r"chain\.reason"):
        judging.override(session, actor, drawn.cell, Call.FILL, "要", now=NOW)
    judging.override(session, actor, drawn.cell, Call.FILL, "县里定的主攻方向", now=NOW)
    here(session, actor, drawn.film, "晟澜隔膜有限公司")
    assert calls(session, drawn)[1] is Call.FILL
    judging.follow_rule(session, actor, drawn.cell, now=LATER)
    assert calls(session, drawn)[1] is Call.EXTEND
    with pytest.raises(ConflictError):
        judging.follow_rule(session, actor, drawn.cell, now=LATER)


@pytest.mark.parametrize(
    ("person", "may"), [("lead", True), ("officer", False), ("leader", False), ("outsider", False)]
)
def test_only_the_department_of_a_chain_changes_it(
    session: Session, office: Office, drawn: Drawn, person: str, *, may: bool
) -> None:
    user: User = getattr(office, person)
    act = office.actor(session, user)
    draft = NodeDraft("铜箔", Tier.UPSTREAM, ("铜箔",))
    if may:
        assert services.add_node(session, act, drawn.chain_id, draft, now=NOW).name == "铜箔"
    else:
        with pytest.raises(ForbiddenError):
            services.add_node(session, act, drawn.chain_id, draft, now=NOW)


def test_a_chain_changed_meanwhile_is_not_overwritten(
    session: Session, office: Office, actor: Actor, drawn: Drawn
) -> None:
    draft = ChainDraft("新能源", "新能源", unit_id=office.east.id)
    row = services.change_chain(session, actor, drawn.chain_id, draft, version=1, now=LATER)
    assert row.version == 2
    with pytest.raises(ConflictError):
        services.change_chain(session, actor, drawn.chain_id, draft, version=1, now=LATER)


def test_no_two_nodes_supply_each_other(session: Session, actor: Actor, drawn: Drawn) -> None:
    draft = NodeDraft("储能系统", Tier.DOWNSTREAM, ("储能系统",), supplies=(drawn.cell,))
    with pytest.raises(DomainError, match=r"link\.circle"):
        services.change_node(session, actor, drawn.pack, draft, version=None, now=NOW)


def test_a_removed_node_frees_its_firms_and_its_name(session: Session, actor: Actor, drawn: Drawn) -> None:
    here(session, actor, drawn.cell, "晟澜电芯有限公司")
    services.remove_node(session, actor, drawn.cell, now=LATER)
    with pytest.raises(NotFoundError):
        queries.node(session, drawn.cell)
    assert services.add_node(session, actor, drawn.chain_id, NodeDraft("电芯", Tier.MIDSTREAM, ("电芯",)), now=LATER)


def test_firms_that_make_what_is_missing_are_proposed_with_reasons_that_add_up(
    session: Session, actor: Actor, drawn: Drawn
) -> None:
    here(session, actor, drawn.film, "晟澜隔膜有限公司")
    wanted = firm(session, "岚桥电芯股份有限公司")
    firm(session, "云岭食品有限公司")
    whole = queries.whole(session, drawn.chain_id)
    node = queries.node(session, drawn.cell)
    found = finding.targets(session, actor, whole, node, now=NOW)
    assert [one.id for one in found] == [wanted.id]
    assert found[0].points == sum(reason.points for reason in found[0].reasons) > 0
    placing.refuse(session, actor, drawn.cell, wanted.id, Side.TARGET, now=NOW)
    assert finding.targets(session, actor, queries.whole(session, drawn.chain_id), node, now=NOW) == []


def test_a_gap_becomes_a_lead_that_says_why_once(session: Session, actor: Actor, drawn: Drawn) -> None:
    here(session, actor, drawn.film, "晟澜隔膜有限公司")
    wanted = firm(session, "岚桥电芯股份有限公司")
    project = approaching.make_lead(session, actor, drawn.cell, wanted.id, now=NOW)
    assert (project.chain_role, project.product_line) == (ChainRole.EXTEND, "电芯")
    assert "推荐理由" in (project.content or "")
    with pytest.raises(DomainError, match=r"approach\.talk"):
        approaching.make_lead(session, actor, drawn.cell, wanted.id, now=NOW)


def test_what_one_person_alone_may_see_is_not_kept_among_the_reasons(
    session: Session, office: Office, actor: Actor, drawn: Drawn
) -> None:
    here(session, actor, drawn.film, "晟澜隔膜有限公司")
    wanted = firm(session, "岚桥电芯股份有限公司")
    builders.touch(session, wanted, office.east, office.officer, intention=Intention.STRONG)
    session.flush()
    whole, node = queries.whole(session, drawn.chain_id), queries.node(session, drawn.cell)
    live = finding.targets(session, actor, whole, node, now=NOW)
    assert any("意向强烈" in one.message for one in live[0].reasons)
    approaching.make_target(session, actor, drawn.cell, wanted.id, now=NOW)
    kept = session.scalars(select(IndustryPlace.reasons).where(IndustryPlace.enterprise_id == wanted.id)).one()
    assert [one["message"] for one in kept] == ["名称里有“%(word)s”"]
    project = approaching.make_lead(session, actor, drawn.cell, wanted.id, now=NOW)
    assert ("名称里有" in (project.content or ""), "意向" in (project.content or "")) == (True, False)


def test_no_lead_is_made_for_a_node_that_lacks_nothing(session: Session, actor: Actor, drawn: Drawn) -> None:
    wanted = firm(session, "岚桥电芯股份有限公司")
    with pytest.raises(DomainError, match=r"approach\.sound"):
        approaching.make_lead(session, actor, drawn.cell, wanted.id, now=NOW)


def test_a_gap_speaks_in_the_score_of_its_targets_while_both_are_known(
    session: Session, actor: Actor, drawn: Drawn
) -> None:
    here(session, actor, drawn.film, "晟澜隔膜有限公司")
    wanted = firm(session, "岚桥电芯股份有限公司")
    approaching.make_target(session, actor, drawn.cell, wanted.id, now=NOW)
    facts = list(targeted(session, [wanted.id]))
    assert [(fact.key, fact.words, gone) for _, fact, _, gone in facts] == [("extend", "新能源·电芯", None)]
    local = PlaceDraft(firm(session, "甲电芯有限公司").id, Side.LOCAL, leading=True)
    placing.place(session, actor, drawn.cell, local, now=LATER)
    assert [gone for _, _, _, gone in targeted(session, [wanted.id])] == [LATER]


def test_a_local_firm_is_no_target(session: Session, actor: Actor, drawn: Drawn) -> None:
    held = here(session, actor, drawn.cell, "晟澜电芯有限公司")
    with pytest.raises(DomainError, match=r"place\."):
        placing.place(session, actor, drawn.cell, PlaceDraft(held, Side.TARGET), now=NOW)
