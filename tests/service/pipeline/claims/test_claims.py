from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.enterprises.groups import set_parent
from crm.fieldwork.models import FollowUp
from crm.pipeline.claims import queries, services
from crm.pipeline.claims.kinds import ClaimStatus
from crm.pipeline.claims.models import ClaimDispute, ClaimEvent, ClaimRenewal
from crm.pipeline.claims.rules import MINIMUM, ClaimDraft, Options
from tests.service.pipeline.claims.helpers import contested, draft, filed, project
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def keys(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def test_a_claim_names_everything_it_lacks_and_keeps_what_was_typed(session: Session, office: Office) -> None:
    deal = project(session, office, builders.enterprise(session), office.officer, "电解液项目")
    actor = office.actor(session, office.officer)
    services.save_draft(session, actor, deal.id, ClaimDraft(content="建设生产线", tax=Decimal(800)), now=NOW)
    with pytest.raises(DomainError) as error:
        services.file(session, actor, deal.id, now=NOW, today=TODAY)
    assert keys(error) == [f"claim.{key}" for key in MINIMUM if key not in {"content", "tax"}]
    kept = queries.standing(session, deal.id)
    assert kept is not None
    assert (kept.status, kept.content, kept.tax) == (ClaimStatus.DRAFT, "建设生产线", Decimal(800))


def test_the_office_may_ask_for_less(session: Session, office: Office) -> None:
    deal = project(session, office, builders.enterprise(session), office.officer, "电解液项目")
    settings = Options(required=("content",), protection_days=30)
    services.change_settings(session, office.actor(session, office.registrar), settings, now=NOW)
    actor = office.actor(session, office.officer)
    services.save_draft(session, actor, deal.id, ClaimDraft(content="建设生产线"), now=NOW)
    claim = services.file(session, actor, deal.id, now=NOW, today=TODAY)
    assert claim.protection_until == TODAY + timedelta(days=30)


def test_a_filed_claim_protects_for_ninety_days_and_its_content_stays(session: Session, office: Office) -> None:
    claim = filed(session, office, builders.enterprise(session), office.officer)
    assert (claim.status, claim.filed_at, claim.protection_until) == (
        ClaimStatus.ACTIVE,
        NOW,
        TODAY + timedelta(days=90),
    )
    assert claim.content_hash == services.digest(claim)
    claim.content = "别的内容"
    assert claim.content_hash != services.digest(claim)
    session.rollback()


def test_a_filed_claim_cannot_be_written_again(session: Session, office: Office) -> None:
    claim = filed(session, office, builders.enterprise(session), office.officer)
    actor = office.actor(session, office.officer)
    with pytest.raises(ConflictError):
        services.save_draft(session, actor, claim.project_id, ClaimDraft(content="别的"), now=NOW)
    with pytest.raises(ConflictError):
        services.file(session, actor, claim.project_id, now=NOW, today=TODAY)


def test_a_contact_of_another_enterprise_is_refused(session: Session, office: Office) -> None:
    deal = project(session, office, builders.enterprise(session), office.officer, "电解液项目")
    stranger = builders.contact(session, builders.enterprise(session), office.east, office.officer)
    actor = office.actor(session, office.officer)
    said = draft(session, deal, office.officer, contact_id=stranger.id)
    services.save_draft(session, actor, deal.id, said, now=NOW)
    with pytest.raises(DomainError) as error:
        services.file(session, actor, deal.id, now=NOW, today=TODAY)
    assert keys(error) == ["claim.contact"]


def test_another_squad_cannot_file_on_a_project_it_does_not_see(session: Session, office: Office) -> None:
    deal = project(session, office, builders.enterprise(session), office.officer, "电解液项目")
    with pytest.raises(NotFoundError):
        services.save_draft(session, office.actor(session, office.outsider), deal.id, ClaimDraft(), now=NOW)


def test_a_second_claim_on_the_investor_is_kept_and_opens_a_ticket_due_in_five_working_days(
    session: Session, office: Office
) -> None:
    first, second, dispute = contested(session, office)
    assert (first.status, second.status) == (ClaimStatus.CONTESTED, ClaimStatus.FILED)
    assert (dispute.first_claim_id, dispute.second_claim_id) == (first.id, second.id)
    assert second.content_hash == services.digest(second)
    assert dispute.due_on == TODAY + timedelta(days=7)
    assert [event.kind for event in session.query(ClaimEvent).filter_by(claim_id=second.id)] == ["filed", "contested"]


def test_a_ticket_reminds_the_owners_of_both_projects(session: Session, office: Office) -> None:
    _first, _second, dispute = contested(session, office)
    rows = session.query(FollowUp).order_by(FollowUp.id).all()
    assert [(row.owner_id, row.due_on) for row in rows] == [
        (office.officer.id, dispute.due_on),
        (office.outsider.id, dispute.due_on),
    ]


def test_a_claim_on_a_subsidiary_meets_the_claim_on_its_group(session: Session, office: Office) -> None:
    head, below = builders.enterprise(session), builders.enterprise(session)
    set_parent(session, office.actor(session, office.registrar), below.id, head.id, now=NOW)
    first = filed(session, office, head, office.officer)
    second = filed(session, office, below, office.outsider)
    assert (second.status, second.investor_key) == (ClaimStatus.FILED, head.id)
    assert session.query(ClaimDispute).filter_by(first_claim_id=first.id).count() == 1


def test_a_claim_meets_one_that_was_filed_before_the_group_was_known(session: Session, office: Office) -> None:
    head, below = builders.enterprise(session), builders.enterprise(session)
    first = filed(session, office, below, office.officer)
    set_parent(session, office.actor(session, office.registrar), below.id, head.id, now=NOW)
    second = filed(session, office, head, office.outsider)
    assert (second.status, second.investor_key) == (ClaimStatus.FILED, first.investor_key)


def test_a_unit_does_not_dispute_with_itself(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    filed(session, office, firm, office.officer)
    with pytest.raises(DomainError) as error:
        filed(session, office, firm, office.colleague, "另一个项目")
    assert keys(error) == ["claim.own"]


def test_a_claim_whose_protection_is_over_gives_way_without_a_ticket(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    first = filed(session, office, firm, office.officer)
    first.protection_until = TODAY - timedelta(days=1)
    second = filed(session, office, firm, office.outsider, "另一个项目")
    assert (first.status, second.status) == (ClaimStatus.EXPIRED, ClaimStatus.ACTIVE)
    assert session.query(ClaimDispute).count() == 0


def test_progress_renews_a_claim_once_for_each_proof(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    claim = filed(session, office, firm, office.officer)
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError) as error:
        services.renew(session, actor, claim.id, now=NOW, today=TODAY)
    assert keys(error) == ["claim.progress"]
    later = NOW + timedelta(days=20)
    visit = builders.touch(session, firm, office.east, office.officer, occurred_at=later)
    made = services.renew(session, actor, claim.id, now=later, today=TODAY + timedelta(days=20))
    assert (made.ref_id, made.until_after) == (visit.id, TODAY + timedelta(days=110))
    assert claim.protection_until == made.until_after
    with pytest.raises(DomainError):
        services.renew(session, actor, claim.id, now=later, today=TODAY + timedelta(days=20))
    assert session.query(ClaimRenewal).count() == 1


def test_a_voided_touch_and_one_of_another_unit_prove_nothing(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    claim = filed(session, office, firm, office.officer)
    later = NOW + timedelta(days=20)
    builders.touch(session, firm, office.east, office.officer, occurred_at=later, voided_at=later, void_reason="记错了")
    builders.touch(session, firm, office.south, office.outsider, occurred_at=later)
    assert services.newest_progress(session, claim) is None


def test_a_claim_is_given_up_by_its_unit_only(session: Session, office: Office) -> None:
    claim = filed(session, office, builders.enterprise(session), office.officer)
    with pytest.raises(ForbiddenError):
        services.release(session, office.actor(session, office.registrar), claim.id, now=NOW)
    services.release(session, office.actor(session, office.lead), claim.id, now=NOW)
    assert claim.status is ClaimStatus.RELEASED
    assert session.query(AuditEvent).filter_by(action="claim.release").count() == 1
