"""Which records come up as doubles, and which stay apart."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select

from crm.core.text import fold_company
from crm.enterprises.indexing import index_enterprises
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.enterprises.rules import AliasKind
from crm.register import duplicate_finding as finding
from crm.register.duplicate_blocks import alike_pairs
from crm.register.models import DuplicatePair, PairState
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database


def firm(session: Session, name: str, **fields: Any) -> Enterprise:
    return builders.enterprise(session, name, stem=fold_company(name), **fields)


def pairs(session: Session, kind: str = "enterprise") -> dict[tuple[int, int], set[str]]:
    rows = session.scalars(select(DuplicatePair).where(DuplicatePair.kind == kind))
    return {(row.low_id, row.high_id): {reason["key"] for reason in row.reasons} for row in rows}


def look_through(database: Database, kind: str = "enterprise") -> bool:
    return finding.full(database, kind, NOW, lambda _session, _step: True, lambda _percent, _note: None)


def by_check(database: Database, session: Session) -> None:
    del database
    finding.check(session, "enterprise", list(session.scalars(select(Enterprise.id))), now=NOW)


def by_full(database: Database, session: Session) -> None:
    session.commit()
    assert look_through(database)


WAYS = pytest.mark.parametrize("way", [by_check, by_full])


@WAYS
def test_exact_keys_join_what_shares_them(
    database: Database, session: Session, office: builders.Office, way: Any
) -> None:
    one = firm(session, "岚桥储能有限公司", site_domain="lanqiao.example")
    stem = firm(session, "岚桥储能股份有限公司")
    site = firm(session, "澜岛化学有限公司", site_domain="lanqiao.example")
    named = firm(session, "禾砺机器人有限公司")
    other = firm(session, "晟澜半导体有限公司")
    for owner in (named, other):
        session.add(EnterpriseAlias(enterprise_id=owner.id, alias="砺澜", folded="砺澜", kind=AliasKind.BRAND))
    for owner, phone in ((named, "138 0000 0001"), (one, "+86 13800000001")):
        builders.contact(session, owner, office.east, office.officer, "顾青", phone=phone)
    session.flush()
    way(database, session)
    assert pairs(session) == {
        (one.id, stem.id): {"stem"},
        (one.id, site.id): {"site"},
        (one.id, named.id): {"phone"},
        (named.id, other.id): {"alias"},
    }


@WAYS
def test_a_slip_of_the_keyboard_and_a_place_in_front_are_proposed(
    database: Database, session: Session, way: Any
) -> None:
    services_made = [
        firm(session, name)
        for name in (
            "杭州岚桥储能科技有限公司",
            "杭州岚侨储能科技有限公司",
            "禾砺精密机器人有限公司",
            "苏州禾砺精密机器人有限公司",
        )
    ]
    index_enterprises(session, [row.id for row in services_made])
    way(database, session)
    one, two, three, four = (row.id for row in services_made)
    assert pairs(session) == {(one, two): {"alike"}, (three, four): {"placed"}}


@WAYS
def test_different_companies_with_similar_names_stay_apart(database: Database, session: Session, way: Any) -> None:
    names = (
        "杭州天恒生物医药有限公司", "杭州泰安生物医药有限公司", "杭州泰恒生物医药有限公司", "岚桥集团有限公司",
        "岚桥股份有限公司", "云岭电子（上海）有限公司", "云岭电子（深圳）有限公司",
    )  # fmt: skip
    made = [firm(session, name) for name in names]
    parent = firm(session, "海川化学集团有限公司")
    made.append(firm(session, "海川化学有限公司", parent_id=parent.id))
    index_enterprises(session, [row.id for row in (*made, parent)])
    way(database, session)
    assert pairs(session) == {}


@WAYS
def test_a_key_that_more_than_twenty_share_is_no_evidence(database: Database, session: Session, way: Any) -> None:
    for number in range(21):
        firm(session, f"{chr(0x5C90 + number * 7)}岛化学有限公司", site_domain="portal.example")
    for number in range(20):
        firm(session, f"{chr(0x6C90 + number * 7)}川材料有限公司", site_domain="few.example")
    way(database, session)
    assert len(pairs(session)) == 190


def test_contacts_are_found_by_number_address_and_name(
    database: Database, session: Session, office: builders.Office
) -> None:
    one, two = firm(session, "岚桥储能有限公司"), firm(session, "澜岛化学有限公司")
    first = builders.contact(session, one, office.east, office.officer, "顾青", phone="13800000001")
    moved = builders.contact(session, two, office.south, office.outsider, "顾青", phone="138-0000-0001")
    twice = builders.contact(session, one, office.east, office.officer, "顾青", email="gu@x.example")
    mail = builders.contact(session, two, office.east, office.officer, "宋砚", email="GU@x.example")
    builders.contact(session, one, office.east, office.officer, "顾青", phone="13800000001", archived_at=NOW)
    wanted = {
        (first.id, moved.id): {"person_phone"},
        (first.id, twice.id): {"person_name"},
        (twice.id, mail.id): {"email", "name_differs"},
    }
    session.commit()
    assert look_through(database, "contact")
    assert pairs(session, "contact") == wanted
    finding.check(session, "contact", [first.id, moved.id, twice.id, mail.id], now=NOW)
    assert pairs(session, "contact") == wanted


def test_a_pair_called_different_stays_so_until_it_shares_a_new_key(database: Database, session: Session) -> None:
    one, two = firm(session, "岚桥储能有限公司"), firm(session, "岚桥储能股份有限公司")
    by_check(database, session)
    pair = session.scalars(select(DuplicatePair)).one()
    pair.state, pair.decided_at = PairState.DIFFERENT, NOW
    by_full(database, session)
    session.refresh(pair)
    assert pair.state is PairState.DIFFERENT
    one.site_domain = two.site_domain = "lanqiao.example"
    by_full(database, session)
    session.refresh(pair)
    assert pair.state.value == "open"
    assert pair.decided_by is None
    assert {reason["key"] for reason in pair.reasons} == {"stem", "site"}


@WAYS
def test_a_pair_whose_reason_is_gone_goes(database: Database, session: Session, way: Any) -> None:
    one, two = firm(session, "岚桥储能有限公司"), firm(session, "岚桥储能股份有限公司")
    finding.check(session, "enterprise", [one.id, two.id], now=NOW - timedelta(days=1))
    assert list(pairs(session)) == [(one.id, two.id)]
    two.stem, two.folded_name = "晟澜半导体", "晟澜半导体有限公司"
    session.execute(delete(EnterpriseAlias).where(EnterpriseAlias.enterprise_id == two.id))
    session.flush()
    way(database, session)
    assert pairs(session) == {}


def test_stems_are_compared_only_where_they_share_something_rare() -> None:
    stems = [
        "杭州岚桥储能科技",
        "别的名字",
        "杭州岚侨储能科技",
        "岚桥储能科技",
        "northlakeinstruments",
        "northlakeinstrument",
    ]
    assert set(alike_pairs(stems)) == {(0, 2), (0, 3), (4, 5)}
