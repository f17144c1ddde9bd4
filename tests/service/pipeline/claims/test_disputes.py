from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from crm.auth.rules import Role
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.files import Attachment
from crm.core.filestore import Upload
from crm.pipeline import queries as projects
from crm.pipeline.claims import disputes, queries
from crm.pipeline.claims.kinds import ClaimStatus, DisputeState, Outcome
from crm.pipeline.claims.models import ClaimDispute, ClaimEvidence
from tests.service.pipeline.claims.helpers import contested, filed, second_registrar
from tests.service.pipeline.helpers import EXE, PDF
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.support.builders import Office

AT: dict[str, Any] = {"now": NOW, "today": TODAY}


def rule(
    session: Session, office: Office, dispute: ClaimDispute, outcome: Outcome, share: int | None = None
) -> ClaimDispute:
    actor = office.actor(session, office.registrar)
    reason = "首报时间在先，材料齐全。"
    return disputes.rule(session, actor, dispute.id, outcome, share, reason, version=dispute.version, **AT)


def appeal(session: Session, office: Office, dispute: ClaimDispute, claim_id: int, by: User) -> ClaimDispute:
    return disputes.appeal(session, office.actor(session, by), dispute.id, claim_id, "另有材料。", **AT)


def key(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.problems[0].key


def test_both_sides_file_evidence_with_a_digest_of_each_file(session: Session, office: Office, tmp_path: Path) -> None:
    first, second, dispute = contested(session, office)
    for by, claim in ((office.officer, first), (office.outsider, second)):
        actor = office.actor(session, by)
        upload = Upload("洽谈纪要.pdf", PDF + by.username.encode())
        disputes.add_evidence(
            session, actor, dispute.id, claim.id, "10月已首谈。", now=NOW, upload=upload, folder=tmp_path
        )
    assert [row.claim_id for row in session.query(ClaimEvidence).order_by(ClaimEvidence.id)] == [first.id, second.id]
    digests = [row.sha256 for row in session.query(Attachment)]
    assert len(set(digests)) == 2
    said = [row.detail["sha256"] for row in session.query(AuditEvent).filter_by(action="dispute.evidence")]
    assert sorted(said) == sorted(digests)


def test_evidence_of_another_kind_of_file_is_refused(session: Session, office: Office, tmp_path: Path) -> None:
    first, _second, dispute = contested(session, office)
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError):
        disputes.add_evidence(
            session, actor, dispute.id, first.id, "见附件", now=NOW, upload=Upload("a.pdf", EXE), folder=tmp_path
        )


def test_nobody_files_evidence_for_the_other_side(session: Session, office: Office) -> None:
    first, second, dispute = contested(session, office)
    for by, claim in ((office.officer, second), (office.outsider, first), (office.registrar, first)):
        with pytest.raises(ForbiddenError):
            disputes.add_evidence(session, office.actor(session, by), dispute.id, claim.id, "有材料", now=NOW)


def test_a_third_squad_finds_no_ticket(session: Session, office: Office) -> None:
    _first, _second, dispute = contested(session, office)
    west = builders.unit(session, "京津冀小分队", parent=office.bureau)
    stranger = builders.user(session, "wu", "吴桐", (west, Role.OFFICER))
    with pytest.raises(NotFoundError):
        queries.ticket(session, office.actor(session, stranger), dispute.id)


def test_only_a_registrar_rules(session: Session, office: Office) -> None:
    _first, _second, dispute = contested(session, office)
    for person in (office.officer, office.lead, office.supervisor, office.leader, office.recognizer):
        with pytest.raises(ForbiddenError) as error:
            disputes.rule(
                session,
                office.actor(session, person),
                dispute.id,
                Outcome.FIRST,
                None,
                "先报",
                version=1,
                now=NOW,
                today=TODAY,
            )
        assert key(error) == "dispute.ruler"


def test_whoever_filed_owns_or_works_for_a_side_cannot_rule(session: Session, office: Office) -> None:
    judge = second_registrar(session, office)
    first, _second, dispute = contested(session, office)
    actor = office.actor(session, judge)
    with pytest.raises(ForbiddenError) as error:
        disputes.rule(session, actor, dispute.id, Outcome.FIRST, None, "先报", version=1, **AT)
    assert key(error) == "ruling.unit"
    own = queries.ticket(session, actor, dispute.id)
    own.dispute.first_filed_by = office.registrar.id
    session.flush()
    with pytest.raises(ForbiddenError) as error:
        rule(session, office, dispute, Outcome.FIRST)
    assert key(error) == "ruling.filer"
    session.rollback()
    projects.get(session, actor, first.project_id).owner_id = office.registrar.id
    session.flush()
    with pytest.raises(ForbiddenError) as error:
        rule(session, office, dispute, Outcome.FIRST)
    assert key(error) == "ruling.owner"


def test_the_database_refuses_the_ruling_of_a_filer(session: Session, office: Office) -> None:
    _first, _second, dispute = contested(session, office)
    dispute.ruled_by, dispute.ruled_at, dispute.outcome = dispute.second_filed_by, NOW, Outcome.SECOND
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_ruling_says_who_why_and_stands_open_to_appeal(session: Session, office: Office) -> None:
    first, _second, dispute = contested(session, office)
    rule(session, office, dispute, Outcome.FIRST)
    assert (dispute.state, dispute.ruled_by, dispute.outcome) == (
        DisputeState.RULED,
        office.registrar.id,
        Outcome.FIRST,
    )
    assert dispute.appeal_until == TODAY + timedelta(days=7)
    assert first.status is ClaimStatus.CONTESTED
    with pytest.raises(ConflictError) as error:
        rule(session, office, dispute, Outcome.SECOND)
    assert key(error) == "dispute.ruled"


def test_a_ruling_on_an_older_state_of_the_ticket_is_refused(session: Session, office: Office) -> None:
    _first, _second, dispute = contested(session, office)
    actor = office.actor(session, office.registrar)
    with pytest.raises(ConflictError):
        disputes.rule(session, actor, dispute.id, Outcome.FIRST, None, "先报", version=0, **AT)


def test_a_ruling_needs_an_outcome_a_reason_and_a_share_when_shared(session: Session, office: Office) -> None:
    _first, _second, dispute = contested(session, office)
    actor = office.actor(session, office.registrar)
    for outcome, share, reason, wanted in (
        (None, None, "先报", "ruling.outcome"),
        (Outcome.FIRST, None, " ", "ruling.reason"),
        (Outcome.SHARED, None, "都有材料", "ruling.share"),
        (Outcome.SHARED, 1000, "都有材料", "ruling.share"),
    ):
        with pytest.raises(DomainError) as error:
            disputes.rule(session, actor, dispute.id, outcome, share, reason, version=dispute.version, **AT)
        assert key(error) == wanted


def test_an_unappealed_ruling_takes_effect_when_the_days_are_over(session: Session, office: Office) -> None:
    first, second, dispute = contested(session, office)
    rule(session, office, dispute, Outcome.SECOND)
    late = TODAY + timedelta(days=8)
    assert disputes.close_due(session, now=NOW, today=TODAY + timedelta(days=7), limit=9) == 0
    assert disputes.close_due(session, now=NOW + timedelta(days=8), today=late, limit=9) == 1
    assert (dispute.state, dispute.final_outcome) == (DisputeState.CLOSED, Outcome.SECOND)
    assert (first.status, second.status) == (ClaimStatus.CEDED, ClaimStatus.ACTIVE)
    assert second.protection_until == late + timedelta(days=90)


def test_only_the_side_that_lost_appeals_once_and_in_time(session: Session, office: Office) -> None:
    first, second, dispute = contested(session, office)
    with pytest.raises(DomainError) as error:
        appeal(session, office, dispute, second.id, office.outsider)
    assert key(error) == "dispute.not_ruled"
    rule(session, office, dispute, Outcome.FIRST)
    with pytest.raises(DomainError) as error:
        appeal(session, office, dispute, first.id, office.officer)
    assert key(error) == "dispute.won"
    with pytest.raises(DomainError) as error:
        disputes.appeal(
            session,
            office.actor(session, office.outsider),
            dispute.id,
            second.id,
            "另有材料",
            now=NOW,
            today=TODAY + timedelta(days=8),
        )
    assert key(error) == "dispute.late"
    appeal(session, office, dispute, second.id, office.outsider)
    assert dispute.state is DisputeState.APPEALED
    with pytest.raises(ConflictError) as error:
        appeal(session, office, dispute, second.id, office.outsider)
    assert key(error) == "dispute.appealed"


def test_an_appeal_is_decided_by_a_leader_for_good(session: Session, office: Office) -> None:
    first, second, dispute = contested(session, office)
    rule(session, office, dispute, Outcome.FIRST)
    appeal(session, office, dispute, second.id, office.outsider)
    reason = "首谈在前。"
    with pytest.raises(ForbiddenError) as error:
        disputes.decide(
            session,
            office.actor(session, office.registrar),
            dispute.id,
            Outcome.SECOND,
            None,
            reason,
            version=dispute.version,
            now=NOW,
            today=TODAY,
        )
    assert key(error) == "dispute.decider"
    disputes.decide(
        session,
        office.actor(session, office.leader),
        dispute.id,
        Outcome.SECOND,
        None,
        reason,
        version=dispute.version,
        now=NOW,
        today=TODAY,
    )
    assert (dispute.outcome, dispute.final_outcome) == (Outcome.FIRST, Outcome.SECOND)
    assert (first.status, second.status) == (ClaimStatus.CEDED, ClaimStatus.ACTIVE)


def test_who_ruled_cannot_decide_the_appeal(session: Session, office: Office) -> None:
    both = builders.user(session, "yue", "岳明", (office.bureau, Role.REGISTRAR), (office.bureau, Role.LEADER))
    _first, second, dispute = contested(session, office)
    actor = office.actor(session, both)
    disputes.rule(session, actor, dispute.id, Outcome.FIRST, None, "先报", version=dispute.version, **AT)
    appeal(session, office, dispute, second.id, office.outsider)
    with pytest.raises(ForbiddenError) as error:
        disputes.decide(session, actor, dispute.id, Outcome.FIRST, None, "维持", version=dispute.version, **AT)
    assert key(error) == "ruling.twice"
    dispute.decided_by, dispute.decided_at = both.id, NOW
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_shared_investor_is_split_on_both_projects(session: Session, office: Office) -> None:
    first, second, dispute = contested(session, office)
    rule(session, office, dispute, Outcome.SHARED, 625)
    disputes.close_due(session, now=NOW, today=TODAY + timedelta(days=8), limit=9)
    session.commit()
    assert (first.status, second.status) == (ClaimStatus.ACTIVE, ClaimStatus.CEDED)
    for claim in (first, second):
        found = queries.current_split(session, claim.project_id)
        assert found is not None
        assert [(part.unit_id, part.share) for part in found[1]] == [(office.east.id, 625), (office.south.id, 375)]


def test_giving_in_closes_the_ticket_at_once(session: Session, office: Office) -> None:
    first, second, dispute = contested(session, office)
    disputes.give_in(session, office.actor(session, office.outsider), dispute.id, second.id, **AT)
    assert (dispute.state, dispute.final_outcome) == (DisputeState.CLOSED, Outcome.FIRST)
    assert (first.status, second.status) == (ClaimStatus.ACTIVE, ClaimStatus.CEDED)
    with pytest.raises(ConflictError):
        disputes.give_in(session, office.actor(session, office.officer), dispute.id, first.id, **AT)


def test_a_third_claim_waits_for_its_own_ticket(session: Session, office: Office) -> None:
    first, second, dispute = contested(session, office)
    west = builders.unit(session, "京津冀小分队", parent=office.bureau)
    third_person = builders.user(session, "wu", "吴桐", (west, Role.OFFICER))
    firm = projects.get(session, office.actor(session, office.officer), first.project_id).enterprise
    third = filed(session, office, firm, third_person, "隔膜项目")
    assert third.status is ClaimStatus.FILED
    rule(session, office, dispute, Outcome.SECOND)
    disputes.close_due(session, now=NOW, today=TODAY + timedelta(days=8), limit=9)
    following = session.query(ClaimDispute).filter_by(second_claim_id=third.id).one()
    assert (following.first_claim_id, second.status) == (second.id, ClaimStatus.CONTESTED)
