from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crm.core import jobs
from crm.core.tasks import Task
from crm.enterprises.models import EnterpriseRelation
from crm.enterprises.rules import RelationKind
from crm.register import unmerging
from crm.scoring import queries
from crm.scoring import services as scoring
from crm.scoring.keeping import HEARTBEAT
from tests.service.register.test_merge_hostile import LATER, firm, merge
from tests.support.builders import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support import builders


def wanted(session: Session) -> set[int]:
    """Enterprises whose score was asked for since the last look."""
    found = {payload["enterprise_id"] for payload in session.scalars(select(Task.payload).filter_by(kind=jobs.RESCORE))}
    session.execute(delete(Task))
    session.commit()
    return found


def supplies(session: Session, one: Enterprise, other: Enterprise) -> None:
    row = EnterpriseRelation(from_id=one.id, to_id=other.id, kind=RelationKind.SUPPLIER, created_at=NOW)
    session.add(row)
    session.flush()


def test_a_merge_and_its_undoing_have_the_third_firm_scored_whose_relation_went_and_came_back(
    session: Session, office: builders.Office
) -> None:
    registrar = office.actor(session, office.registrar)
    winner, loser, third, other = (firm(session, name) for name in ("岚桥储能", "岚桥储能股份", "海川化学", "示例材料"))
    supplies(session, third, winner)
    supplies(session, third, loser)
    supplies(session, loser, other)
    scoring.rescore_many(session, [winner.id, loser.id, third.id, other.id], now=NOW, cause="test")
    session.commit()
    wanted(session)

    def relations(moment: datetime) -> int:
        scoring.rescore(session, third.id, now=moment, cause="test")
        session.commit()
        facts = queries.facts_at(session, [third.id], moment)[third.id].standing
        return sum(one.kind == "relation" for one in facts)

    log = merge(session, registrar, winner, loser)
    assert wanted(session) == {winner.id, third.id}
    assert relations(LATER) == 1
    unmerging.unmerge(session, registrar, log.id, now=LATER)
    session.commit()
    assert wanted(session) == {winner.id, loser.id, third.id}
    assert relations(LATER + HEARTBEAT) == 2
