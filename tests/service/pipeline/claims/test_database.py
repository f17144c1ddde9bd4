"""What the database itself refuses, on both engines, whatever the services do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from crm.pipeline.claims.kinds import ClaimStatus, SplitBasis
from crm.pipeline.claims.models import Claim, CreditPart, CreditSplit
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office

Part = tuple[int, int, int | None]
LIVE = (ClaimStatus.ACTIVE, ClaimStatus.CONTESTED)


def claim(session: Session, project: Project, key: int, **fields: Any) -> Claim:
    values: dict[str, Any] = {
        "status": ClaimStatus.ACTIVE,
        "content": "建设生产线",
        "investor": "云岭电子",
        "created_at": NOW,
        "filed_at": NOW,
        "content_hash": "0" * 64,
        "protection_until": TODAY,
        **fields,
    }
    row = Claim(
        project_id=project.id,
        enterprise_id=project.enterprise_id,
        investor_key=key,
        unit_id=project.unit_id,
        created_by=project.created_by,
        filed_by=project.created_by,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def split(session: Session, project: Project, office: Office, *parts: Part, whole: int = 1000) -> None:
    """Write a head and its parts (since, share, follows) past every rule of ours, and commit."""
    head = CreditSplit(
        project_id=project.id,
        whole=whole,
        basis=SplitBasis.AGREED,
        reason="双方商定",
        made_by=office.officer.id,
        made_at=NOW,
    )
    session.add(head)
    session.flush()
    units = (office.east, office.south, office.bureau)
    for (since, share, follows), unit in zip(parts, units, strict=False):
        part = CreditPart(split_id=head.id, since=since, share=share, upto=since + share, follows=follows)
        part.unit_id = unit.id
        session.add(part)
    session.commit()


@pytest.fixture
def deal(session: Session, office: Office) -> Project:
    return builders.project(session, builders.enterprise(session), office.east, office.officer)


@pytest.mark.parametrize("first", LIVE)
@pytest.mark.parametrize("second", LIVE)
def test_two_live_claims_on_one_investor_are_refused(
    session: Session, office: Office, deal: Project, first: ClaimStatus, second: ClaimStatus
) -> None:
    other = builders.project(session, deal.enterprise, office.south, office.outsider)
    claim(session, deal, 7, status=first)
    with pytest.raises(IntegrityError):
        claim(session, other, 7, status=second)


def test_a_claim_may_wait_behind_a_live_one_or_follow_an_expired_one(
    session: Session, office: Office, deal: Project
) -> None:
    others = [builders.project(session, deal.enterprise, office.south, office.outsider) for _ in range(2)]
    claim(session, deal, 7, status=ClaimStatus.EXPIRED)
    claim(session, others[0], 7)
    claim(session, others[1], 7, status=ClaimStatus.FILED, protection_until=None)
    session.commit()


@pytest.mark.parametrize("fields", [{"filed_at": None}, {"content_hash": None}, {"protection_until": None}])
def test_a_live_claim_without_time_digest_or_protection_is_refused(
    session: Session, deal: Project, fields: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError):
        claim(session, deal, 7, **fields)


@pytest.mark.parametrize(
    "parts",
    [
        [(0, 1000, None)],
        [(0, 500, None), (500, 500, 500)],
        [(0, 600, None), (600, 400, 600)],
        [(0, 333, None), (333, 333, 333), (666, 334, 666)],
    ],
    ids=["100", "50+50", "60+40", "33.3+33.3+33.4"],
)
def test_a_split_that_sums_to_a_hundred_percent_is_kept(
    session: Session, office: Office, deal: Project, parts: list[Part]
) -> None:
    split(session, deal, office, *parts)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [(0, 600, None), (600, 300, 600)],
        [(0, 600, None), (600, 600, 600)],
        [(0, 600, None), (400, 600, 400)],
        [(0, 600, None), (600, 400, None)],
        [(0, 1000, None), (0, 500, None)],
        [(0, 500, None), (500, 500, 500), (500, 300, 500)],
        [(600, 400, 600)],
        [(0, 1000, None), (1000, 100, 1000)],
        [(0, 0, None), (0, 1000, None)],
        [(0, 1100, None), (1100, -100, 1100)],
    ],
    ids=[
        "no part",
        "60+30",
        "60+60 end to end",
        "60+60 that ends at the whole",
        "a part that names no forerunner",
        "two chains",
        "a chain that branches",
        "a missing part",
        "a part behind the whole",
        "an empty part",
        "a negative part",
    ],
)
def test_a_split_that_does_not_sum_to_a_hundred_percent_is_refused(
    session: Session, office: Office, deal: Project, parts: list[Part]
) -> None:
    with pytest.raises(IntegrityError):
        split(session, deal, office, *parts)


def test_the_whole_cannot_be_another_number(session: Session, office: Office, deal: Project) -> None:
    with pytest.raises(IntegrityError):
        split(session, deal, office, (0, 900, None), whole=900)


def test_a_part_cannot_be_changed_or_taken_away_afterwards(session: Session, office: Office, deal: Project) -> None:
    split(session, deal, office, (0, 600, None), (600, 400, 600))
    session.query(CreditPart).filter_by(since=600).update({"share": 300, "upto": 900})
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    session.query(CreditPart).filter_by(since=0).delete()
    with pytest.raises(IntegrityError):
        session.commit()


def test_a_project_has_one_line_of_splits(session: Session, office: Office, deal: Project) -> None:
    split(session, deal, office, (0, 1000, None))
    with pytest.raises(IntegrityError):
        split(session, deal, office, (0, 1000, None))
