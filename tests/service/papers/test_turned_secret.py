"""A paper that was drafted before a project became confidential: neither read nor numbered until it is drafted anew."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from crm.core.errors import DomainError
from crm.papers import rules
from crm.papers.issues import services
from crm.papers.issues.models import IssueState
from crm.pipeline.rules import Stage
from tests.service.papers.issuing import BACK, drafted, frozen
from tests.service.reports.test_turned_secret import NAME, close
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

WHY = "材料里有已转为保密的项目"


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    """Return a signed project."""
    firm = builders.enterprise(session)
    made = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED, name=NAME)
    session.commit()
    return made


@pytest.mark.parametrize("key", rules.PAPERS)
def test_it_is_drafted_anew_before_it_is_numbered(session: Session, office: Office, project: Project, key: str) -> None:
    period, leader = BACK.get(key, "today"), office.actor(session, office.leader)
    issue = drafted(session, office, key, period)
    close(session, office, project)
    with pytest.raises(DomainError) as refused:
        services.freeze(session, leader, issue.id, issue.version, now=NOW)
    assert [one.key for one in refused.value.problems] == ["issue.secret"]
    assert frozen(session, office, key, period).state is IssueState.FROZEN
    assert NAME not in str(issue.content)


def test_its_page_says_so_instead(
    session: Session, office: Office, project: Project, as_leader: Browser, as_registrar: Browser
) -> None:
    issue = drafted(session, office, "signed", "today")
    session.commit()
    address = f"/papers/issues/{issue.id}"
    session.rollback()
    assert NAME in as_leader.get(address).text
    session.refresh(project)
    close(session, office, project)
    for browser in (as_leader, as_registrar):
        page = browser.get(address).text
        assert NAME not in page
        assert WHY in page
    assert f'action="{address}/freeze"' not in as_leader.get(address).text


def test_a_numbered_one_is_not_sent_out(session: Session, office: Office, project: Project, as_leader: Browser) -> None:
    leader, issue = office.actor(session, office.leader), frozen(session, office, "signed", "today")
    session.commit()
    close(session, office, project)
    with pytest.raises(DomainError) as refused:
        services.send(session, leader, issue.id, issue.version, now=NOW)
    assert [one.key for one in refused.value.problems] == ["issue.secret_numbered"]
    address = f"/papers/issues/{issue.id}"
    session.rollback()
    assert NAME not in as_leader.get(address).text
    for path in (f"{address}/paper.docx", f"{address}/tables.xlsx"):
        answer = as_leader.get(path)
        assert answer.status_code == HTTPStatus.CONFLICT
        assert WHY in answer.text


def test_what_was_sent_out_stays(session: Session, office: Office, project: Project, as_officer: Browser) -> None:
    leader, issue = office.actor(session, office.leader), frozen(session, office, "signed", "today")
    services.send(session, leader, issue.id, issue.version, now=NOW)
    session.commit()
    close(session, office, project)
    address = f"/papers/issues/{issue.id}/paper.docx"
    session.rollback()
    assert as_officer.get(address).status_code == HTTPStatus.OK
