"""A dispute of which one side is confidential, and who else stands too near to rule."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.auth.models import OrgUnit
from crm.auth.rules import Role
from crm.core.errors import DomainError, ForbiddenError
from crm.fieldwork.models import FollowUp
from crm.pipeline.claims import disputes, queries, services
from crm.pipeline.claims.kinds import ClaimStatus, Outcome
from crm.pipeline.claims.models import Claim, ClaimDispute
from crm.pipeline.confidential import services as confidential
from crm.pipeline.models import Project
from tests.service.pipeline.claims.helpers import contested, draft, filed, project
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

SAID = "密谈纪要一份"


@pytest.fixture
def hidden(session: Session, office: Office) -> ClaimDispute:
    """Return a dispute whose first side became confidential after it filed its evidence."""
    first, _second, dispute = contested(session, office)
    actor = office.actor(session, office.officer)
    disputes.add_evidence(session, actor, dispute.id, first.id, SAID, now=NOW)
    deal = session.get_one(Project, first.project_id)
    confidential.classify(session, office.actor(session, office.lead), deal.id, "青竹", version=deal.version, now=NOW)
    session.commit()
    return dispute


def key(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.problems[0].key


def test_the_other_side_does_not_learn_who_filed_for_a_confidential_project(
    hidden: ClaimDispute, visitor: Browser, office: Office
) -> None:
    visitor.sign_in(office.outsider.username)
    for path in (f"/claims/disputes/{hidden.id}", "/claims?tab=contested"):
        page = visitor.get(path)
        assert page.status_code == 200
        assert "保密项目" in page.text
        assert not [word for word in (office.officer.name, office.east.name, SAID) if word in page.text]


def test_who_may_not_learn_of_a_side_neither_rules_nor_speaks_for_it(
    hidden: ClaimDispute, session: Session, office: Office
) -> None:
    actor = office.actor(session, office.registrar)
    ruling = (Outcome.FIRST, None, "材料齐全。")
    with pytest.raises(ForbiddenError) as refused:
        disputes.rule(session, actor, hidden.id, *ruling, version=hidden.version, now=NOW, today=TODAY)
    assert key(refused) == "ruling.unseen"
    assert len(queries.ticket(session, office.actor(session, office.officer), hidden.id).known()) == 2


def test_a_colleague_is_refused_without_a_word_of_the_confidential_claim(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    first = filed(session, office, firm, office.officer)
    deal = session.get_one(Project, first.project_id)
    confidential.classify(session, office.actor(session, office.lead), deal.id, "青竹", version=deal.version, now=NOW)
    other = project(session, office, firm, office.colleague, "锂电回收项目")
    actor = office.actor(session, office.colleague)
    services.save_draft(session, actor, other.id, draft(session, other, office.colleague), now=NOW)
    with pytest.raises(DomainError) as refused:
        services.file(session, actor, other.id, now=NOW, today=TODAY)
    assert key(refused) == "claim.held"


def test_each_owner_is_reminded_in_the_name_of_the_own_side(session: Session, office: Office) -> None:
    first, second, _dispute = contested(session, office)
    made = {row.project_id: row.created_by for row in session.query(FollowUp)}
    assert made == {first.project_id: office.officer.id, second.project_id: office.outsider.id}


def test_who_leads_a_unit_above_a_side_cannot_rule_through_a_second_role(session: Session, office: Office) -> None:
    _first, _second, dispute = contested(session, office)
    session.get_one(OrgUnit, office.east.id).managing_unit_id = office.bureau.id
    person = builders.user(session, "qiaoan", "乔安", (office.bureau, Role.TEAM_LEAD), (office.bureau, Role.REGISTRAR))
    session.flush()
    actor = office.actor(session, person)
    with pytest.raises(ForbiddenError) as refused:
        disputes.rule(
            session, actor, dispute.id, Outcome.FIRST, None, "在先。", version=dispute.version, now=NOW, today=TODAY
        )
    assert key(refused) == "ruling.unit"


def test_progress_protects_a_claim_from_a_rival_who_files_before_the_nightly_round(
    session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    first = filed(session, office, firm, office.officer)
    assert first.protection_until is not None
    visited = NOW + timedelta(days=30)
    builders.touch(session, firm, office.east, office.officer, project_id=first.project_id, occurred_at=visited)
    after = first.protection_until + timedelta(days=1)
    later = NOW + (after - TODAY)
    other = project(session, office, firm, office.outsider, "新能源材料项目")
    actor = office.actor(session, office.outsider)
    services.save_draft(session, actor, other.id, draft(session, other, office.outsider), now=later)
    rival = services.file(session, actor, other.id, now=later, today=after)
    assert (first.status, rival.status) == (ClaimStatus.CONTESTED, ClaimStatus.FILED)
    assert session.get_one(Claim, first.id).protection_until == (visited.date() + timedelta(days=90))
