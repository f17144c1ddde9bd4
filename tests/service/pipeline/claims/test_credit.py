from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from crm.assessment import queries as figures
from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.auth.rules import Role
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.pipeline import queries as projects
from crm.pipeline.claims import credit, queries
from crm.pipeline.claims.kinds import TransferState
from crm.pipeline.claims.models import CreditSplit, Transfer
from crm.pipeline.models import StageEntry
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), NOW + timedelta(days=1))


def deal(session: Session, office: Office, **fields: object) -> Project:
    return builders.project(session, builders.enterprise(session), office.east, office.officer, **fields)


def agree(session: Session, office: Office, project: Project, *parts: tuple[int, int]) -> CreditSplit:
    actor = office.actor(session, office.registrar)
    return credit.agree(session, actor, project.id, list(parts), "双方协议〔2026〕3号", now=NOW)


def propose(session: Session, office: Office, project: Project, share: int = 500) -> Transfer:
    actor = office.actor(session, office.officer)
    return credit.propose(session, actor, project.id, office.south.id, "用地不符", share, now=NOW, today=TODAY)


def approve(session: Session, office: Office, row: Transfer, *, agree: bool = True) -> Transfer:
    return credit.approve(session, office.actor(session, office.registrar), row.id, "同意", agree=agree, now=NOW)


def key(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.problems[0].key


def test_a_new_split_takes_the_place_of_the_old_which_is_kept(session: Session, office: Office) -> None:
    project = deal(session, office)
    first = agree(session, office, project, (office.east.id, 1000))
    second = agree(session, office, project, (office.east.id, 600), (office.south.id, 400))
    session.commit()
    assert second.follows_id == first.id
    current = queries.current_split(session, project.id)
    assert current is not None
    assert (current[0].id, [part.share for part in current[1]]) == (second.id, [600, 400])
    assert session.query(CreditSplit).count() == 2


@pytest.mark.parametrize("shares", [(600, 300), (600, 600), (0, 1000)])
def test_a_split_that_does_not_sum_is_refused_before_the_database_is_asked(
    session: Session, office: Office, shares: tuple[int, int]
) -> None:
    with pytest.raises(DomainError):
        agree(session, office, deal(session, office), (office.east.id, shares[0]), (office.south.id, shares[1]))
    assert session.query(CreditSplit).count() == 0


def test_only_a_registrar_who_does_not_own_the_project_registers_a_split(session: Session, office: Office) -> None:
    project = deal(session, office)
    parts: list[tuple[int, int | None]] = [(office.east.id, 1000)]
    with pytest.raises(ForbiddenError) as error:
        credit.agree(session, office.actor(session, office.lead), project.id, parts, "依据", now=NOW)
    assert key(error) == "split.right"
    project.owner_id = office.registrar.id
    session.flush()
    with pytest.raises(ForbiddenError) as error:
        agree(session, office, project, (office.east.id, 1000))
    assert key(error) == "split.owner"


def test_signed_amounts_are_counted_by_the_split_and_always_sum_to_the_whole(session: Session, office: Office) -> None:
    project = deal(session, office, stage=Stage.SIGNED)
    builders.agreement(
        session,
        project,
        office.officer,
        amount=Decimal("100.000001"),
        recognized_amount=Decimal("0.000001"),
        recognized_by=office.recognizer.id,
        recognized_at=NOW,
    )
    agree(session, office, project, (office.east.id, 333), (office.south.id, 333), (office.bureau.id, 334))
    session.commit()
    for name in ("signed_amount", "reported_amount", "recognized_amount"):
        shown = figures.by_unit(session, MEASURES[name], YEAR)
        whole = Decimal("0.000001") if name == "recognized_amount" else Decimal("100.000001")
        assert sum(shown.values()) == whole, name
        assert len(shown) == 3
    assert figures.by_unit(session, MEASURES["signed_amount"], YEAR)[office.east.id] == Decimal("33.3")
    assert figures.by_unit(session, MEASURES["signings"], YEAR) == {office.east.id: Decimal(1)}


def test_the_rows_behind_a_shared_amount_are_read_page_by_page(session: Session, office: Office) -> None:
    project = deal(session, office, stage=Stage.SIGNED)
    builders.agreement(session, project, office.officer)
    agree(session, office, project, (office.east.id, 625), (office.south.id, 375))
    session.commit()
    page = figures.rows_page(session, MEASURES["reported_amount"], YEAR, None)
    assert [(row.unit, row.amount) for row in page.rows] == [
        (office.east.name, Decimal(7500)),
        (office.south.name, Decimal(4500)),
    ]


def test_a_split_written_after_the_cut_off_leaves_the_figure_as_it_was(session: Session, office: Office) -> None:
    project = deal(session, office, stage=Stage.SIGNED)
    builders.agreement(session, project, office.officer)
    agree(session, office, project, (office.south.id, 1000))
    session.commit()
    before = Window(YEAR.start, YEAR.end, NOW)
    head = session.query(CreditSplit).one()
    head.made_at = NOW + timedelta(hours=1)
    session.commit()
    assert figures.by_unit(session, MEASURES["reported_amount"], before) == {office.east.id: Decimal(12000)}
    assert figures.by_unit(session, MEASURES["reported_amount"], YEAR) == {office.south.id: Decimal(12000)}


def test_a_transfer_is_proposed_approved_and_accepted_by_three_people(session: Session, office: Office) -> None:
    project = deal(session, office, stage=Stage.SIGNED)
    entries = [(row.id, row.unit_id) for row in session.query(StageEntry)]
    row = propose(session, office, project, 625)
    with pytest.raises(NotFoundError):
        queries.transfer(session, office.actor(session, office.outsider), row.id)
    approve(session, office, row)
    credit.accept(session, office.actor(session, office.outsider), row.id, now=NOW)
    session.commit()
    assert (project.unit_id, project.owner_id) == (office.south.id, office.outsider.id)
    assert [(one.id, one.unit_id) for one in session.query(StageEntry)] == entries
    current = queries.current_split(session, project.id)
    assert current is not None
    assert [(part.unit_id, part.share) for part in current[1]] == [(office.east.id, 625), (office.south.id, 375)]
    assert current[0].transfer_id == row.id
    assert session.query(AuditEvent).filter_by(action="project.transfer", subject_id=project.id).count() == 1
    with pytest.raises(NotFoundError):
        projects.get(session, office.actor(session, office.officer), project.id)


def test_whoever_asked_or_owns_cannot_approve(session: Session, office: Office) -> None:
    project = deal(session, office)
    actor = office.actor(session, office.registrar)
    row = credit.propose(session, actor, project.id, office.south.id, "用地不符", 0, now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError) as error:
        approve(session, office, row)
    assert key(error) == "transfer.proposer"
    row.approved_by, row.approved_at, row.state = office.registrar.id, NOW, TransferState.APPROVED
    with pytest.raises(IntegrityError):
        session.flush()


def test_only_the_receiving_unit_accepts(session: Session, office: Office) -> None:
    row = propose(session, office, deal(session, office))
    approve(session, office, row)
    for person in (office.registrar, office.officer, office.lead):
        with pytest.raises(ForbiddenError) as error:
            credit.accept(session, office.actor(session, person), row.id, now=NOW)
        assert key(error) == "transfer.receiver"


def test_a_transfer_that_was_not_approved_cannot_be_accepted(session: Session, office: Office) -> None:
    row = propose(session, office, deal(session, office))
    approve(session, office, row, agree=False)
    member = builders.user(session, "xi", "奚月", (office.south, Role.OFFICER), (office.east, Role.OFFICER))
    with pytest.raises(ConflictError):
        credit.accept(session, office.actor(session, member), row.id, now=NOW)


def test_a_project_has_one_transfer_under_way_and_another_after_it_was_taken_back(
    session: Session, office: Office
) -> None:
    project = deal(session, office)
    row = propose(session, office, project)
    with pytest.raises(ConflictError):
        propose(session, office, project)
    credit.withdraw(session, office.actor(session, office.lead), row.id, now=NOW)
    assert propose(session, office, project).id != row.id


def test_a_transfer_names_what_is_wrong(session: Session, office: Office) -> None:
    project = deal(session, office)
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError) as error:
        credit.propose(session, actor, project.id, office.east.id, " ", None, now=NOW, today=TODAY)
    assert [problem.key for problem in error.value.problems] == ["transfer.unit", "transfer.share", "transfer.reason"]
