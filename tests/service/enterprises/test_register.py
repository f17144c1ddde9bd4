from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.tasks import Task
from crm.enterprises import aliases, contact_privacy, contacts, services
from crm.enterprises.models import EnterpriseAlias
from crm.enterprises.queries import suggest
from crm.enterprises.rules import AliasKind, ContactDraft, EnterpriseDraft
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from tests.support.builders import Office

DRAFT = EnterpriseDraft("云岭电子有限公司", name_en="YUNLING", uscc="91350100M000100Y43", stock_codes="600001")


@pytest.fixture
def officer(session: Session, office: Office) -> Actor:
    return office.actor(session, office.officer)


def test_a_new_enterprise_is_found_by_name_code_and_initials_and_gets_scored(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, DRAFT, now=NOW)
    for query in ("云岭", "岭电", "YUN", "600001", "yldz", "91350100"):
        assert [one.id for one in suggest(session, query)] == [row.id], query
    wanted = [f"duplicates:enterprise:{row.id}", f"rescore:{row.id}"]
    assert session.scalars(select(Task.dedupe_key).order_by(Task.dedupe_key)).all() == wanted


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("鲁信五金有限公司", "鲁"),
        ("云岭5G通信有限公司", "5G"),
        ("𠮷野家餐饮有限公司", "𠮷野"),
        ("臺嶺電子有限公司", "台岭"),
    ],
)
def test_two_characters_one_character_letters_and_rare_ones_are_found(
    session: Session, officer: Actor, name: str, query: str
) -> None:
    row = services.create_enterprise(session, officer, EnterpriseDraft(name), now=NOW)
    services.create_enterprise(session, officer, EnterpriseDraft("海川化学有限公司"), now=NOW)
    assert [one.id for one in suggest(session, query)] == [row.id]


def test_the_same_name_in_other_signs_is_refused_and_the_existing_one_named(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, DRAFT, now=NOW)
    with pytest.raises(services.DuplicateError) as caught:
        services.create_enterprise(session, officer, EnterpriseDraft("雲嶺電子 有限公司"), now=NOW)
    assert caught.value.existing_id == row.id
    with pytest.raises(services.DuplicateError) as caught:
        services.create_enterprise(session, officer, EnterpriseDraft("他名公司", uscc=DRAFT.uscc), now=NOW)
    assert caught.value.existing_id == row.id


def test_a_name_that_another_is_also_called_by_needs_a_confirmation(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, DRAFT, now=NOW)
    aliases.add_alias(session, officer, row.id, "云小岭", AliasKind.BRAND, now=NOW)
    with pytest.raises(services.DuplicateError):
        services.create_enterprise(session, officer, EnterpriseDraft("云小岭"), now=NOW)
    assert services.create_enterprise(session, officer, EnterpriseDraft("云小岭", confirmed=True), now=NOW).id


def test_a_change_on_an_old_version_is_refused(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, DRAFT, now=NOW)
    services.update_enterprise(session, officer, row.id, EnterpriseDraft(DRAFT.name, industry="电子"), 1, now=NOW)
    with pytest.raises(ConflictError):
        services.update_enterprise(session, officer, row.id, EnterpriseDraft(DRAFT.name, industry="化工"), 1, now=NOW)
    assert row.industry == "电子"


def test_a_renamed_enterprise_is_still_found_by_its_former_name(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, DRAFT, now=NOW)
    services.update_enterprise(session, officer, row.id, EnterpriseDraft("云山科技有限公司"), 1, now=NOW)
    kinds = {alias.alias: alias.kind for alias in session.scalars(select(EnterpriseAlias))}
    assert kinds["云岭电子有限公司"] is AliasKind.FORMER
    assert kinds["云山科技有限公司"] is AliasKind.FULL
    assert [one.id for one in suggest(session, "云岭电子")] == [row.id]


def test_a_removed_name_is_no_longer_found_but_the_registered_one_stays(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, DRAFT, now=NOW)
    alias = aliases.add_alias(session, officer, row.id, "云小岭", AliasKind.BRAND, now=NOW)
    assert suggest(session, "小岭")
    aliases.remove_alias(session, officer, alias.id, now=NOW)
    assert not suggest(session, "小岭")
    own = next(one for one in session.scalars(select(EnterpriseAlias)) if one.folded == row.folded_name)
    with pytest.raises(DomainError):
        aliases.remove_alias(session, officer, own.id, now=NOW)


def test_a_leader_reads_but_does_not_write(session: Session, office: Office) -> None:
    leader = office.actor(session, office.leader)
    with pytest.raises(ForbiddenError):
        services.create_enterprise(session, leader, DRAFT, now=NOW)


def test_a_number_is_shown_to_its_unit_and_the_look_is_on_record(
    session: Session, office: Office, officer: Actor
) -> None:
    firm = builders.enterprise(session)
    row = contacts.add_contact(session, officer, firm.id, ContactDraft("赵敏", phone="13800000000"), now=NOW)
    assert contact_privacy.reveal_contact(session, officer, row.id, reason="call", now=NOW).phone == "13800000000"
    looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "contact.reveal")).all()
    assert [(look.actor_id, look.subject_id) for look in looks] == [(office.officer.id, row.id)]
    leader, outsider = office.actor(session, office.leader), office.actor(session, office.outsider)
    with pytest.raises(ForbiddenError):
        contact_privacy.reveal_contact(session, leader, row.id, reason="call", now=NOW)
    with pytest.raises(NotFoundError):
        contact_privacy.reveal_contact(session, outsider, row.id, reason="call", now=NOW)


def test_an_archived_contact_comes_back(session: Session, officer: Actor) -> None:
    firm = builders.enterprise(session)
    row = contacts.add_contact(session, officer, firm.id, ContactDraft("赵敏"), now=NOW)
    assert contacts.archive_contact(session, officer, row.id, now=NOW).archived_at == NOW
    assert contacts.restore_contact(session, officer, row.id, now=NOW).archived_at is None


def test_a_contact_with_a_strange_number_is_refused(session: Session, officer: Actor) -> None:
    firm = builders.enterprise(session)
    with pytest.raises(DomainError) as caught:
        contacts.add_contact(session, officer, firm.id, ContactDraft("赵敏", phone="打我", email="x"), now=NOW)
    assert [problem.field for problem in caught.value.problems] == ["phone", "email"]
