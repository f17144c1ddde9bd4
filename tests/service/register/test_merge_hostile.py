"""Merges that go wrong easily: group trees, chains, later edits, names taken meanwhile, random stories."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from crm.core.changes import Via
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.core.searchindex import SearchDocument
from crm.core.text import fold_company
from crm.enterprises import contacts, groups, services
from crm.enterprises.indexing import index_enterprises
from crm.enterprises.models import (
    Contact,
    Enterprise,
    EnterpriseAlias,
    ListEdition,
    ListEntry,
    TargetList,
)
from crm.enterprises.queries import suggest
from crm.enterprises.rules import AliasKind, ContactDraft, EnterpriseDraft
from crm.pipeline.models import Project
from crm.register import merging, unmerging
from crm.register.merging import Choice
from crm.register.models import DuplicatePair, MergeLog
from crm.scoring import services as scoring
from tests.support import builders
from tests.support.builders import NOW
from tests.support.tables import changed, dump

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

LATER = NOW + timedelta(hours=1)
YES = Choice(confirmed=True, reason="核对过")


def firm(session: Session, name: str, parent: Enterprise | None = None) -> Enterprise:
    return builders.enterprise(session, name, stem=fold_company(name), parent_id=parent.id if parent else None)


@pytest.fixture
def registrar(session: Session, office: builders.Office) -> Actor:
    return office.actor(session, office.registrar)


def merge(session: Session, actor: Actor, winner: Enterprise, loser: Enterprise) -> MergeLog:
    log = merging.merge(session, actor, "enterprise", winner.id, loser.id, YES, now=NOW)
    session.commit()
    return log


def test_a_group_stays_a_tree_whoever_goes_into_whom(session: Session, registrar: Actor) -> None:
    top = firm(session, "岚桥控股")
    middle = firm(session, "岚桥实业", top)
    low = firm(session, "岚桥储能", middle)
    leaf = firm(session, "岚桥电芯", low)
    session.commit()
    before = dump(session)
    for winner, loser in ((low, top), (top, low), (middle, top), (low, middle), (leaf, top), (top, leaf)):
        log = merge(session, registrar, winner, loser)
        for row in session.scalars(select(Enterprise).where(Enterprise.deleted_at.is_(None))):
            assert row.id not in [one for one, _name in groups.ancestors(session, row.id)], (winner.name, loser.name)
            assert row.parent_id != loser.id
        unmerging.unmerge(session, registrar, log.id, now=LATER)
        session.commit()
        assert changed(session, before) == {}, (winner.name, loser.name)


def test_the_place_of_the_winner_stays_and_both_come_back(session: Session, registrar: Actor) -> None:
    one, two = firm(session, "岚桥储能有限公司"), firm(session, "岚桥储能股份有限公司")
    target = TargetList(key="own", name="云岭百强", weight=1)
    session.add(target)
    session.flush()
    edition = ListEdition(list_id=target.id, year=2026, imported_at=NOW)
    session.add(edition)
    session.flush()
    for rank, row in ((7, one), (3, two)):
        session.add(ListEntry(edition_id=edition.id, enterprise_id=row.id, rank=rank, printed_name=row.name))
    session.commit()
    log = merge(session, registrar, one, two)
    assert session.execute(select(ListEntry.enterprise_id, ListEntry.rank)).all() == [(one.id, 7)]
    unmerging.unmerge(session, registrar, log.id, now=LATER)
    rows = session.execute(select(ListEntry.enterprise_id, ListEntry.rank).order_by(ListEntry.rank)).all()
    assert rows == [(two.id, 3), (one.id, 7)]


def test_projects_of_one_name_both_stay_with_a_remark(
    session: Session, registrar: Actor, office: builders.Office
) -> None:
    one, two = firm(session, "岚桥储能有限公司"), firm(session, "岚桥储能股份有限公司")
    for row in (one, two):
        builders.project(session, row, office.east, office.officer, name="电芯一期")
    session.commit()
    log = merge(session, registrar, one, two)
    names = set(session.scalars(select(Project.name).where(Project.enterprise_id == one.id)))
    assert len(names) == 2
    assert any("岚桥储能股份有限公司" in name for name in names)
    unmerging.unmerge(session, registrar, log.id, now=LATER)
    assert session.scalars(select(Project.name)).all() == ["电芯一期", "电芯一期"]


def test_a_name_without_its_own_alias_is_still_found(session: Session, registrar: Actor) -> None:
    one, two = firm(session, "岚桥储能有限公司"), firm(session, "晟澜半导体有限公司")
    session.execute(delete(EnterpriseAlias))
    index_enterprises(session, [one.id, two.id])
    session.commit()
    log = merge(session, registrar, one, two)
    assert [found.id for found in suggest(session, "晟澜半")] == [one.id]
    documents = session.scalars(select(SearchDocument.ref_id).where(SearchDocument.kind == "enterprise")).all()
    assert documents == [one.id]
    unmerging.unmerge(session, registrar, log.id, now=LATER)
    assert [found.id for found in suggest(session, "晟澜半")] == [two.id]
    assert session.scalars(select(EnterpriseAlias)).all() == []


def test_a_merged_record_is_gone_for_every_other_merge(session: Session, registrar: Actor) -> None:
    one, two, three = (firm(session, name) for name in ("岚桥储能", "岚桥储能股份", "岚桥储能集团"))
    merge(session, registrar, one, two)
    for winner, loser in ((one, two), (two, one), (three, two), (two, three)):
        with pytest.raises(NotFoundError):
            merging.merge(session, registrar, "enterprise", winner.id, loser.id, YES, now=NOW)
    with pytest.raises(DomainError):
        merging.merge(session, registrar, "enterprise", one.id, one.id, YES, now=NOW)


def test_somebody_who_changed_a_record_meanwhile_makes_a_conflict(session: Session, registrar: Actor) -> None:
    one, two = firm(session, "岚桥储能"), firm(session, "岚桥储能股份")
    seen = merging.preview(session, registrar, "enterprise", one.id, two.id).versions
    services.update_fields(session, registrar, two.id, {"region": "江苏"}, version=None, via=Via.CELL, now=NOW)
    session.commit()
    choice = Choice(versions=seen, confirmed=True)
    with pytest.raises(ConflictError):
        merging.merge(session, registrar, "enterprise", one.id, two.id, choice, now=NOW)
    session.rollback()
    assert session.scalars(select(MergeLog)).all() == []


def test_a_chain_is_taken_back_from_its_end(session: Session, registrar: Actor, office: builders.Office) -> None:
    rows = [firm(session, name) for name in ("岚桥储能", "岚桥储能股份", "岚桥储能集团")]
    for number, row in enumerate(rows):
        builders.contact(session, row, office.east, office.officer, f"联系人{number}")
    session.commit()
    before = dump(session)
    one, two, three = rows
    first, second = merge(session, registrar, one, two), merge(session, registrar, three, one)
    with pytest.raises(DomainError, match=r"unmerge\.chain"):
        unmerging.unmerge(session, registrar, first.id, now=LATER)
    session.rollback()
    for log in (second, first):
        unmerging.unmerge(session, registrar, log.id, now=LATER)
        session.commit()
    assert changed(session, before) == {}


def test_two_merges_into_one_are_taken_back_in_any_order(
    session: Session, registrar: Actor, office: builders.Office
) -> None:
    rows = [firm(session, name) for name in ("岚桥储能", "岚桥储能股份", "岚桥储能集团")]
    for row in rows:
        session.add(
            EnterpriseAlias(enterprise_id=row.id, alias="岚桥", folded="岚桥", kind=AliasKind.BRAND, ambiguous=True)
        )
        builders.project(session, row, office.east, office.officer, name="电芯一期")
    rows[1].website, rows[1].site_domain = "https://two.example", "two.example"
    session.commit()
    before = dump(session)
    for order in (0, 1):
        logs = [merge(session, registrar, rows[0], loser) for loser in rows[1:]]
        for log in logs if order else reversed(logs):
            unmerging.unmerge(session, registrar, log.id, now=LATER)
            session.commit()
        assert changed(session, before) == {}, order


def test_what_people_did_since_stays_and_is_told(session: Session, registrar: Actor, office: builders.Office) -> None:
    one, two = firm(session, "岚桥储能"), firm(session, "岚桥储能股份")
    two.region = "江苏"
    two.website, two.site_domain = "https://two.example", "two.example"
    moved = builders.contact(session, two, office.east, office.officer, "宋砚")
    erased = builders.contact(session, two, office.east, office.officer, "顾青")
    session.commit()
    log = merge(session, registrar, one, two)
    services.update_fields(session, registrar, one.id, {"region": "浙江"}, version=None, via=Via.FORM, now=LATER)
    added = contacts.add_contact(session, registrar, one.id, ContactDraft("新人"), now=LATER)
    session.delete(session.get_one(Contact, erased.id))
    session.commit()
    result = unmerging.unmerge(session, registrar, log.id, now=LATER + timedelta(hours=1))
    session.commit()
    session.expire_all()
    assert (one.region, one.website, two.region) == ("浙江", None, "江苏")
    assert (moved.enterprise_id, added.enterprise_id) == (two.id, one.id)
    assert result.kept == ("region",)
    assert result.lost == {"contact": 1}
    assert result.stayed["contact"] == 1
    with pytest.raises(ConflictError):
        unmerging.unmerge(session, registrar, log.id, now=LATER)


def test_a_name_given_away_meanwhile_stops_the_unmerge(session: Session, registrar: Actor) -> None:
    one, two = firm(session, "岚桥储能有限公司"), firm(session, "晟澜半导体有限公司")
    log = merge(session, registrar, one, two)
    services.create_enterprise(session, registrar, EnterpriseDraft(two.name, confirmed=True), now=LATER)
    session.commit()
    with pytest.raises(DomainError) as refused:
        unmerging.unmerge(session, registrar, log.id, now=LATER)
    assert [problem.key for problem in refused.value.problems] == ["unmerge.name"]
    session.rollback()
    assert session.get_one(MergeLog, log.id).undone_at is None


def test_a_score_that_waited_for_the_loser_harms_nobody(session: Session, registrar: Actor) -> None:
    one, two = firm(session, "岚桥储能"), firm(session, "岚桥储能股份")
    merge(session, registrar, one, two)
    assert scoring.rescore(session, two.id, now=LATER, cause="change") in {True, False}


def test_a_pair_opens_again_when_the_merge_is_taken_back(session: Session, registrar: Actor) -> None:
    one, two = firm(session, "岚桥储能"), firm(session, "岚桥储能股份")
    log = merge(session, registrar, one, two)
    assert session.scalars(select(DuplicatePair.state)).one().value == "merged"
    unmerging.unmerge(session, registrar, log.id, now=LATER)
    assert session.scalars(select(DuplicatePair.state)).one().value == "open"
