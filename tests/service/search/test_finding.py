"""One box: what is typed, what is found, and what stays hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import searchindex
from crm.enterprises import aliases, contacts, indexing, queries, services
from crm.enterprises.rules import AliasKind, ContactDraft, EnterpriseDraft
from crm.search.queries import people, quick, search
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact, Enterprise
    from tests.support.builders import Office

FIRM = EnterpriseDraft(
    "云岭时代新材料科技股份有限公司", name_en="YUNLING ERA", uscc="91350100M000100Y43", stock_codes="600001"
)


@pytest.fixture
def officer(session: Session, office: Office) -> Actor:
    return office.actor(session, office.officer)


@pytest.fixture
def outsider(session: Session, office: Office) -> Actor:
    return office.actor(session, office.outsider)


@pytest.fixture
def firm(session: Session, officer: Actor) -> Enterprise:
    row = services.create_enterprise(session, officer, FIRM, now=NOW)
    aliases.add_alias(session, officer, row.id, "岚星", AliasKind.BRAND, now=NOW)
    services.create_enterprise(session, officer, EnterpriseDraft("海川化学有限公司"), now=NOW)
    return row


@pytest.mark.parametrize(
    "query",
    [
        "时代", "岚星", "雲嶺", "ＹＵＮＬＩＮＧ", "era",
        "ylsd", "sdxcl", "ylsdxclkjgfyxgs", "yunling", "yunlingshidaixin", "shidai", "lx", "lanxing",
        "91350100", "M000100Y", "600001", "云岭 材料", "云岭 xcl",
    ],
)  # fmt: skip
def test_an_enterprise_is_found_by_any_piece_of_its_names_codes_and_sound(
    session: Session, firm: Enterprise, query: str
) -> None:
    assert [one.id for one in queries.suggest(session, query)] == [firm.id]


@pytest.mark.parametrize("query", ["sl", "idai", "dsj", "云材", "9135010M", "xclyl"])
def test_what_only_looks_alike_is_not_found(session: Session, firm: Enterprise, query: str) -> None:
    assert firm.id not in [one.id for one in queries.suggest(session, query)]


def test_the_exact_name_comes_first_then_names_that_begin_so_then_the_rest(session: Session, officer: Actor) -> None:
    names = ("远方岚桥有限公司", "岚桥储能科技有限公司", "岚桥有限公司")
    made = [services.create_enterprise(session, officer, EnterpriseDraft(name), now=NOW).id for name in names]
    assert [one.id for one in queries.suggest(session, "岚桥")] == made[::-1]


def test_a_deleted_enterprise_is_found_no_more(session: Session, firm: Enterprise) -> None:
    firm.deleted_at = NOW
    indexing.index_enterprises(session, [firm.id])
    assert not queries.suggest(session, "时代")
    assert not session.scalars(
        select(searchindex.SearchDocument).where(searchindex.SearchDocument.ref_id == firm.id)
    ).all()


@pytest.fixture
def person(session: Session, officer: Actor, firm: Enterprise) -> Contact:
    draft = ContactDraft("钱望舒", post="副总经理", phone="+86 139-0000-2468")
    return contacts.add_contact(session, officer, firm.id, draft, now=NOW)


@pytest.mark.parametrize(
    "query",
    ["望舒", "qws", "wangshu", "副总", "时代", "2468", "13900002468", "139 0000 2468", "8613900002468"],
)
def test_a_contact_is_found_by_name_sound_post_enterprise_and_phone(
    session: Session, officer: Actor, person: Contact, query: str
) -> None:
    assert [one.id for one in people(session, officer, query)] == [person.id]


@pytest.mark.parametrize("query", ["望舒", "2468", "13900002468", "时代"])
def test_contacts_of_other_units_stay_hidden(session: Session, outsider: Actor, person: Contact, query: str) -> None:
    assert person.unit_id not in outsider.unit_ids
    assert not people(session, outsider, query)
    assert not search(session, outsider, query).contacts


@pytest.mark.parametrize("query", ["468", "1390000246", "24689", "0000"])
def test_a_piece_of_a_number_that_is_not_its_end_finds_nobody(
    session: Session, officer: Actor, person: Contact, query: str
) -> None:
    assert person.id not in {one.id for one in people(session, officer, query)}


def test_own_hits_are_found_behind_many_of_other_units(session: Session, office: Office, outsider: Actor) -> None:
    firm = builders.enterprise(session, "云岭大厂有限公司")
    others = [builders.contact(session, firm, office.east, office.officer, f"甲{number}") for number in range(90)]
    own = builders.contact(session, firm, office.south, office.outsider, "乙")
    indexing.index_contacts(session, [one.id for one in (*others, own)])
    assert [one.id for one in people(session, outsider, "大厂")] == [own.id]


def test_projects_come_by_their_name_and_by_their_enterprise(session: Session, office: Office, officer: Actor) -> None:
    firm = builders.enterprise(session, "云岭大厂有限公司")
    deal = builders.project(session, firm, office.east, office.officer, name="年产五千套轴承")
    indexing.index_enterprises(session, [firm.id])
    assert [one.id for one in search(session, officer, "大厂").projects] == [deal.id]
    searchindex.put(session, "project", [(deal.id, ["年产五千套轴承"])])
    assert [one.id for one in quick(session, officer, "轴承").projects] == [deal.id]


def test_every_document_is_written_anew_in_batches(session: Session, firm: Enterprise) -> None:
    searchindex.drop(session, "enterprise", [firm.id])
    assert not queries.suggest(session, "时代")
    after, total = 0, 0
    while True:
        after, count = indexing.reindex(session, "enterprise", after)
        total += count
        if not after:
            break
    assert total == 2
    assert queries.suggest(session, "时代")


def test_the_index_remembers_which_version_wrote_it(session: Session) -> None:
    assert not searchindex.is_current(session)
    searchindex.mark_current(session)
    assert searchindex.is_current(session)
