from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.enterprises.groups import set_parent
from crm.pipeline.claims import disputes, keeping
from crm.pipeline.claims.kinds import ClaimStatus, Outcome
from crm.pipeline.claims.models import ClaimDispute, ClaimRenewal
from crm.register import merging
from tests.service.pipeline.claims.helpers import contested, filed
from tests.service.pipeline.helpers import counting
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

LATER = timedelta(days=95)


def keep(session: Session) -> dict[str, int]:
    return keeping.keep(session, now=NOW + LATER, today=TODAY + LATER)


def test_the_round_expires_claims_without_progress_and_renews_the_others(session: Session, office: Office) -> None:
    quiet = filed(session, office, builders.enterprise(session), office.officer)
    firm = builders.enterprise(session)
    busy = filed(session, office, firm, office.officer)
    builders.touch(session, firm, office.east, office.officer, occurred_at=NOW + timedelta(days=60))
    session.commit()
    assert keep(session) == {"closed": 0, "renewed": 1, "expired": 1, "joined": 0}
    assert (quiet.status, busy.status) == (ClaimStatus.EXPIRED, ClaimStatus.ACTIVE)
    assert busy.protection_until == TODAY + timedelta(days=150)
    assert session.query(ClaimRenewal).one().by is None


def test_the_round_does_nothing_twice(session: Session, office: Office) -> None:
    filed(session, office, builders.enterprise(session), office.officer)
    session.commit()
    keep(session)
    assert keep(session) == {"closed": 0, "renewed": 0, "expired": 0, "joined": 0}


def test_a_contested_claim_does_not_expire_before_it_is_ruled(session: Session, office: Office) -> None:
    first, _second, _dispute = contested(session, office)
    assert keep(session)["expired"] == 0
    assert first.status is ClaimStatus.CONTESTED


def test_the_round_closes_rulings_nobody_appealed(session: Session, office: Office) -> None:
    _first, second, dispute = contested(session, office)
    actor = office.actor(session, office.registrar)
    disputes.rule(session, actor, dispute.id, Outcome.SECOND, None, "首谈在前", version=1, now=NOW, today=TODAY)
    assert keep(session)["closed"] == 1
    assert second.status is ClaimStatus.ACTIVE


def test_two_claims_that_became_one_group_get_a_ticket(session: Session, office: Office) -> None:
    head, below = builders.enterprise(session), builders.enterprise(session)
    first = filed(session, office, head, office.officer)
    second = filed(session, office, below, office.outsider)
    set_parent(session, office.actor(session, office.registrar), below.id, head.id, now=NOW)
    session.commit()
    found = keeping.keep(session, now=NOW, today=TODAY)
    assert found["joined"] == 1
    assert (first.status, second.status) == (ClaimStatus.CONTESTED, ClaimStatus.FILED)
    assert session.query(ClaimDispute).filter_by(first_claim_id=first.id, second_claim_id=second.id).count() == 1
    assert keeping.keep(session, now=NOW, today=TODAY)["joined"] == 0


def test_two_claims_whose_enterprises_were_merged_get_a_ticket(session: Session, office: Office) -> None:
    one, two = builders.enterprise(session), builders.enterprise(session)
    filed(session, office, one, office.officer)
    second = filed(session, office, two, office.outsider, "隔膜项目")
    session.commit()
    merging.merge(
        session,
        office.actor(session, office.registrar),
        "enterprise",
        one.id,
        two.id,
        merging.Choice(confirmed=True),
        now=NOW,
    )
    session.commit()
    session.refresh(second)
    assert keeping.keep(session, now=NOW, today=TODAY)["joined"] == 1
    assert second.status is ClaimStatus.FILED


def test_the_round_reads_the_same_number_of_times_for_many_claims(
    session: Session, office: Office, database: Database
) -> None:
    reads = []
    for count in (2, 6):
        for _ in range(count):
            filed(session, office, builders.enterprise(session), office.officer)
        session.commit()
        with counting(database) as seen:
            keep(session)
        reads.append(len(seen))
        session.commit()
    assert reads[0] == reads[1]
