"""Two requests at the same instant never book one voucher: the database holds what both had found free."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.errors import DomainError
from crm.delivery.capital import queries, services
from crm.delivery.capital.models import CapitalVoucher
from crm.delivery.capital.services import Paper
from tests.service.delivery.test_capital import DRAFT, pdf
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

CASES = pytest.mark.parametrize(
    ("scans", "told"),
    [(("1", "1"), "capital.used"), (("1", "2"), "capital.twice")],
    ids=["one-file", "one-paper-scanned-twice"],
)


def deals(session: Session, office: Office) -> list[int]:
    """Two projects with a contract, committed."""
    made = [builders.project(session, builders.enterprise(session), office.east, office.officer) for _ in range(2)]
    for one in made:
        builders.agreement(session, one, office.officer)
    session.commit()
    return [one.id for one in made]


@CASES
def test_of_two_who_report_one_paper_at_once_one_is_told(
    session: Session, database: Database, office: Office, tmp_path: Path, scans: list[str], told: str
) -> None:
    actor, ids = office.actor(session, office.officer), deals(session, office)
    meet, answers = threading.Barrier(len(ids)), []

    def hurry(project_id: int, scan: str) -> None:
        meet.wait()
        try:
            with database.transaction() as own:
                services.report(own, actor, project_id, DRAFT, Paper(pdf(scan), tmp_path), now=NOW, today=TODAY)
                answers.append("done")
        except DomainError as error:
            answers.append(error.problems[0].key)

    hurried = [threading.Thread(target=hurry, args=pair) for pair in zip(ids, scans, strict=True)]
    for one in hurried:
        one.start()
    for one in hurried:
        one.join()
    assert sorted(answers) == [told, "done"]
    assert len(session.scalars(select(CapitalVoucher)).all()) == 1


@CASES
def test_what_the_check_missed_the_database_refuses_and_the_person_is_told(
    session: Session, office: Office, tmp_path: Path, scans: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the other request had committed between the check and the insert."""
    actor, ids = office.actor(session, office.officer), deals(session, office)
    seen = {"twin": queries.twin, "same_paper": queries.same_paper}

    def blind(name: str) -> None:
        def once(*args: object) -> None:
            monkeypatch.setattr(queries, name, seen[name])

        monkeypatch.setattr(queries, name, once)

    services.report(session, actor, ids[0], DRAFT, Paper(pdf(scans[0]), tmp_path), now=NOW, today=TODAY)
    blind("twin")
    blind("same_paper")
    with pytest.raises(DomainError) as refused:
        services.report(session, actor, ids[1], DRAFT, Paper(pdf(scans[1]), tmp_path), now=NOW, today=TODAY)
    assert [one.key for one in refused.value.problems] == [told]
