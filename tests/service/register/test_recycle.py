from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.enterprises import queries, removal, services
from crm.enterprises.rules import EnterpriseDraft
from crm.register import recycle
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database
    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office

NAME, USCC = "云岭电子有限公司", "91350100M000100Y43"
DRAFT = EnterpriseDraft(NAME, uscc=USCC, region="苏州")


@pytest.fixture
def lead(session: Session, office: Office) -> Actor:
    return office.actor(session, office.lead)


@pytest.fixture
def firm(session: Session, lead: Actor) -> Enterprise:
    row = services.create_enterprise(session, lead, DRAFT, now=NOW)
    session.commit()
    return row


def test_a_deleted_enterprise_is_gone_everywhere_and_its_name_and_code_are_free(
    session: Session, lead: Actor, firm: Enterprise
) -> None:
    recycle.delete(session, lead, firm.id, now=NOW)
    assert queries.suggest(session, "云岭") == []
    assert queries.called(session, NAME) == []
    with pytest.raises(NotFoundError):
        queries.enterprise(session, firm.id)
    with pytest.raises(services.BinnedError) as caught:
        services.create_enterprise(session, lead, DRAFT, now=NOW)
    assert caught.value.existing_id == firm.id
    again = services.create_enterprise(session, lead, EnterpriseDraft(NAME, uscc=USCC, confirmed=True), now=NOW)
    assert again.id != firm.id


def test_a_restored_enterprise_is_found_again_under_name_and_code(
    session: Session, lead: Actor, firm: Enterprise
) -> None:
    recycle.delete(session, lead, firm.id, now=NOW)
    removal.restore_enterprise(session, lead, firm.id, now=NOW)
    assert [one.id for one in queries.suggest(session, "云岭")] == [firm.id]
    found = queries.same_uscc(session, USCC)
    assert found is not None
    assert (found.id, found.folded_name, found.deleted_at, found.deleted_by) == (firm.id, NAME, None, None)
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["enterprise.delete", "enterprise.undelete"]


def test_a_taken_name_or_code_keeps_it_in_the_bin_and_says_where_the_other_is(
    session: Session, lead: Actor, firm: Enterprise
) -> None:
    recycle.delete(session, lead, firm.id, now=NOW)
    other = services.create_enterprise(session, lead, EnterpriseDraft("云岭 电子有限公司", confirmed=True), now=NOW)
    with pytest.raises(services.DuplicateError) as caught:
        removal.restore_enterprise(session, lead, firm.id, now=NOW)
    assert caught.value.existing_id == other.id
    services.update_enterprise(
        session, lead, other.id, EnterpriseDraft("海川化学有限公司", uscc=USCC, confirmed=True), 1, now=NOW
    )
    with pytest.raises(services.DuplicateError) as caught:
        removal.restore_enterprise(session, lead, firm.id, now=NOW)
    assert caught.value.problems[0].key == "enterprise.same_uscc"


def test_projects_and_visits_hold_an_enterprise_but_a_voided_visit_does_not(
    session: Session, office: Office, lead: Actor, firm: Enterprise
) -> None:
    builders.touch(session, firm, office.south, office.outsider)
    builders.project(session, firm, office.east, office.officer)
    with pytest.raises(DomainError) as caught:
        recycle.delete(session, lead, firm.id, now=NOW)
    assert caught.value.problems[0].params == {"projects": 1, "touches": 1}
    second = builders.enterprise(session)
    visit = builders.touch(session, second, office.south, office.outsider)
    assert recycle.hindrance(session, second.id)
    visit.voided_at, visit.void_reason = NOW, "记错了企业"
    session.flush()
    assert recycle.hindrance(session, second.id) is None


def test_deleting_and_restoring_is_for_those_who_may(session: Session, office: Office, firm: Enterprise) -> None:
    officer = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        removal.delete_enterprise(session, officer, firm.id, now=NOW)
    with pytest.raises(ForbiddenError):
        removal.restore_enterprise(session, officer, firm.id, now=NOW)


def test_the_pages_delete_undo_search_and_restore(
    session: Session, office: Office, firm: Enterprise, as_registrar: Browser, as_officer: Browser, database: Database
) -> None:
    assert as_officer.post(f"/enterprises/{firm.id}/delete").status_code == 403
    answer = as_registrar.post(f"/enterprises/{firm.id}/delete")
    assert answer.status_code == 303
    page = as_registrar.get(answer.headers["Location"]).text
    assert f'action="/recycle/enterprises/{firm.id}/restore"' in page
    for query, found in (("云岭", True), ("海川", False), ("", True)):
        assert (NAME in as_registrar.get("/recycle", query_string={"q": query}).text) is found
    with counted(database) as statements:
        assert "许静" in as_officer.get("/recycle").text
    assert len(statements) <= 12
    assert as_registrar.get(f"/enterprises/{firm.id}").status_code == 404
    refused = as_officer.post("/enterprises/new", {"name": NAME})
    assert refused.status_code == 422
    assert "回收站里有同名企业，可恢复。" in refused.text
    assert as_officer.post("/enterprises/new", {"name": NAME, "confirmed": "y"}).status_code == 303
    taken = as_registrar.post(f"/recycle/enterprises/{firm.id}/restore")
    assert taken.status_code == 422
    assert "打开已有的企业" in taken.text


def test_a_refused_deletion_says_what_hangs_on_it(
    session: Session, office: Office, firm: Enterprise, as_registrar: Browser
) -> None:
    builders.project(session, firm, office.east, office.officer)
    session.commit()
    answer = as_registrar.post(f"/enterprises/{firm.id}/delete")
    assert answer.status_code == 422
    assert "有1个项目，不能删除" in answer.text


def test_archived_contacts_lie_in_the_bin_of_their_own_unit(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser, as_outsider: Browser
) -> None:
    builders.contact(session, firm, office.east, office.officer, "赵敏", archived_at=NOW)
    builders.contact(session, firm, office.east, office.officer, "钱忘", archived_at=NOW, erased_at=NOW)
    session.commit()
    page = as_officer.get("/recycle?kind=contacts").text
    assert "赵敏" in page
    assert "钱忘" not in page
    assert "赵敏" not in as_outsider.get("/recycle?kind=contacts").text
