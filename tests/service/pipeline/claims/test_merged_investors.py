"""Two enterprises that turn out to be one: their claims stand against each other, none is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.pipeline.claims import keeping
from crm.pipeline.claims.kinds import ClaimStatus
from crm.pipeline.claims.models import ClaimDispute
from crm.pipeline.facts import facts_of
from crm.pipeline.models import Project
from crm.register import merging
from tests.service.pipeline.claims.helpers import filed
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_live_claims_of_merged_enterprises_become_a_dispute(session: Session, office: Office) -> None:
    one, other = builders.enterprise(session), builders.enterprise(session)
    first = filed(session, office, one, office.officer, "电解液项目")
    second = filed(session, office, other, office.outsider, "新能源材料项目")
    registrar = office.actor(session, office.registrar)
    merging.merge(session, registrar, "enterprise", one.id, other.id, merging.Choice(confirmed=True), now=NOW)
    session.commit()
    session.expire_all()
    keeping.keep(session, now=NOW, today=TODAY)
    assert (first.status, second.status) == (ClaimStatus.CONTESTED, ClaimStatus.FILED)
    assert session.query(ClaimDispute).one().investor_key == one.id
    deal = session.get_one(Project, second.project_id)
    assert facts_of(session, deal).disputes == 1
