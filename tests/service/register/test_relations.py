from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange
from crm.core.errors import DomainError, ForbiddenError
from crm.enterprises import groups, relations
from crm.enterprises.models import Enterprise, EnterpriseRelation
from crm.enterprises.relations import RelationDraft
from crm.enterprises.rules import RelationKind
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def group(session: Session, office: Office) -> list[Enterprise]:
    """Return a parent, its subsidiary, the subsidiary of that, and a stranger."""
    top = builders.enterprise(session, "云岭集团有限公司")
    middle = builders.enterprise(session, "云岭电子有限公司", parent_id=top.id)
    low = builders.enterprise(session, "云岭电子配件有限公司", parent_id=middle.id)
    stranger = builders.enterprise(session, "海川化学有限公司")
    session.commit()
    return [top, middle, low, stranger]


def test_the_group_is_read_down_and_up_and_leaves_deleted_ones_out(session: Session, group: list[Enterprise]) -> None:
    top, middle, low, _stranger = group
    assert groups.group_ids(session, top.id) == [top.id, middle.id, low.id]
    assert [(kin.id, kin.depth) for kin in groups.subsidiaries(session, top.id)] == [(middle.id, 1), (low.id, 2)]
    assert [one for one, _name in groups.ancestors(session, low.id)] == [middle.id, top.id]
    middle.deleted_at = NOW
    session.flush()
    assert groups.group_ids(session, top.id) == [top.id]


def test_a_parent_is_set_noted_and_taken_away(session: Session, office: Office, group: list[Enterprise]) -> None:
    top, _middle, _low, stranger = group
    officer = office.actor(session, office.officer)
    groups.set_parent(session, officer, stranger.id, top.id, now=NOW)
    assert stranger.id in groups.group_ids(session, top.id)
    groups.set_parent(session, officer, stranger.id, None, now=NOW)
    assert stranger.parent_id is None
    noted = session.scalars(select(FieldChange).where(FieldChange.field == "parent_id").order_by(FieldChange.id)).all()
    assert [(one.before, one.after) for one in noted] == [(None, top.id), (top.id, None)]
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "enterprise.parent")).all()) == 2


def test_a_ring_is_refused_wherever_it_would_close(session: Session, office: Office, group: list[Enterprise]) -> None:
    top, middle, low, _stranger = group
    officer = office.actor(session, office.officer)
    for parent in (top, middle, low):
        with pytest.raises(DomainError):
            groups.set_parent(session, officer, top.id, parent.id, now=NOW)
    with pytest.raises(ForbiddenError):
        groups.set_parent(session, office.actor(session, office.leader), low.id, top.id, now=NOW)


def test_a_group_deeper_than_the_bound_is_refused_and_a_ring_in_the_data_ends(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    chain = [builders.enterprise(session) for _ in range(groups.DEPTH + 1)]
    for upper, lower in pairwise(chain[:-1]):
        groups.set_parent(session, officer, lower.id, upper.id, now=NOW)
    with pytest.raises(DomainError) as refused:
        groups.set_parent(session, officer, chain[-1].id, chain[-2].id, now=NOW)
    assert refused.value.problems[0].key == "parent.deep"
    chain[0].parent_id = chain[3].id
    session.flush()
    assert len(groups.group_ids(session, chain[0].id)) == groups.DEPTH
    assert chain[0].id not in [kin.id for kin in groups.subsidiaries(session, chain[0].id)]
    assert groups.ancestors(session, chain[0].id)


def test_a_relation_is_kept_once_and_seen_from_both_sides(
    session: Session, office: Office, group: list[Enterprise]
) -> None:
    top, middle, _low, stranger = group
    officer = office.actor(session, office.officer)
    draft = RelationDraft(stranger.id, "supplier", since=date(2024, 5, 1), source="年报")
    relations.add_relation(session, officer, top.id, draft, now=NOW)
    assert [(one.other_id, one.label) for one in relations.relations(session, top.id)] == [(stranger.id, "供应商")]
    assert [(one.other_id, one.label) for one in relations.relations(session, stranger.id)] == [(top.id, "客户")]
    for own, other, role in ((top, stranger, "supplier"), (stranger, top, "customer")):
        with pytest.raises(DomainError):
            relations.add_relation(session, officer, own.id, RelationDraft(other.id, role), now=NOW)
    relations.add_relation(session, officer, middle.id, RelationDraft(stranger.id, "introduced"), now=NOW)
    labels = {(one.other_id, one.label) for one in relations.relations(session, stranger.id)}
    assert labels == {(top.id, "客户"), (middle.id, "引荐方")}


def test_a_mirror_that_came_with_an_import_is_shown_once_and_removed_with_the_other(
    session: Session, office: Office, group: list[Enterprise]
) -> None:
    top, middle, _low, _stranger = group
    for from_id, to_id, kind in (
        (top.id, middle.id, RelationKind.SUPPLIER),
        (middle.id, top.id, RelationKind.CUSTOMER),
        (top.id, middle.id, RelationKind.COMPETITOR),
        (middle.id, top.id, RelationKind.COMPETITOR),
    ):
        session.add(EnterpriseRelation(from_id=from_id, to_id=to_id, kind=kind, created_at=NOW))
    session.flush()
    shown = relations.relations(session, middle.id)
    assert sorted(one.label for one in shown) == ["供应商", "竞争对手"]
    officer = office.actor(session, office.officer)
    supplier = next(one for one in shown if one.label == "供应商")
    relations.remove_relation(session, officer, middle.id, supplier.id, now=NOW)
    assert [one.label for one in relations.relations(session, middle.id)] == ["竞争对手"]


def test_a_relation_ends_and_may_start_anew(session: Session, office: Office, group: list[Enterprise]) -> None:
    top, _middle, _low, stranger = group
    officer = office.actor(session, office.officer)
    row = relations.add_relation(
        session, officer, top.id, RelationDraft(stranger.id, "partner", since=date(2020, 1, 1)), now=NOW
    )
    with pytest.raises(DomainError):
        relations.end_relation(session, officer, top.id, row.id, date(2019, 1, 1), now=NOW)
    relations.end_relation(session, officer, stranger.id, row.id, date(2026, 11, 20), now=NOW)
    ended = row.until
    assert ended == date(2026, 11, 20)
    again = relations.add_relation(session, officer, stranger.id, RelationDraft(top.id, "partner"), now=NOW)
    assert (again.id, again.until) == (row.id, None)
    kept = session.scalars(select(FieldChange.field).where(FieldChange.kind == relations.RELATION)).all()
    assert "until" in kept


def test_the_page_of_a_group_shows_what_happened_below_within_the_view(
    as_officer: Browser, as_outsider: Browser, session: Session, office: Office, group: list[Enterprise]
) -> None:
    top, middle, low, _stranger = group
    builders.touch(session, low, office.east, office.officer, summary="谈了新的配件车间")
    builders.project(session, middle, office.east, office.officer, name="云岭电子三期")
    builders.signal(session, middle, quote="云岭电子拟投资十亿元。")
    path = f"/enterprises/{top.id}"
    session.commit()
    page = as_officer.get(path).text
    for words in (
        "谈了新的配件车间",
        "云岭电子配件有限公司 · 陈晓",
        "云岭电子三期",
        "云岭电子拟投资十亿元",
        "下属企业",
    ):
        assert words in page
    foreign = as_outsider.get(path).text
    assert "云岭电子拟投资十亿元" in foreign
    for words in ("谈了新的配件车间", "云岭电子三期"):
        assert words not in foreign


def test_relations_are_added_ended_and_removed_on_pages(
    as_officer: Browser, session: Session, group: list[Enterprise]
) -> None:
    top, _middle, _low, stranger = group
    path, other = f"/enterprises/{top.id}/relations", str(stranger.id)
    session.rollback()
    assert as_officer.get(f"{path}/new").status_code == 200
    assert as_officer.post(f"{path}/new", {"role": "supplier"}).status_code == 422
    assert as_officer.post(f"{path}/new", {"role": "nonsense", "other_id": other}).status_code == 422
    bad = {"role": "supplier", "other_id": other, "since": "2026-02-01", "until": "2026-01-01"}
    assert "结束日期不能早于开始日期" in as_officer.post(f"{path}/new", bad).text
    assert as_officer.post(f"{path}/new", {"role": "supplier", "other_id": other, "source": "年报"}).status_code == 303
    assert "已有这条关系" in as_officer.post(f"{path}/new", {"role": "supplier", "other_id": other}).text
    page = as_officer.get(path).text
    assert "海川化学有限公司" in page
    assert "年报" in page
    number = session.scalars(select(EnterpriseRelation.id)).one()
    session.rollback()
    assert as_officer.get(f"{path}/{number}/edit").status_code == 200
    assert as_officer.post(f"{path}/{number}/edit", {"note": "独家供货"}).status_code == 303
    assert "独家供货" in as_officer.get(path).text
    assert as_officer.post(f"{path}/{number}/end").status_code == 303
    assert "已结束" in as_officer.get(path).text
    assert as_officer.post(f"{path}/{number}/remove").status_code == 303
    assert as_officer.post(f"{path}/{number}/remove").status_code == 404


def test_looking_for_the_other_enterprise_works_without_a_script(as_officer: Browser, group: list[Enterprise]) -> None:
    top = group[0]
    path = f"/enterprises/{top.id}"
    for page in ("relations/new", "parent"):
        answer = as_officer.post(f"{path}/{page}", {"q": "海川", "find": "1"})
        assert answer.status_code == 200
        assert "输入名称" in answer.text
    part = as_officer.get("/enterprises/pick?as=choice&q=海川", headers={"HX-Request": "true"})
    assert "<html" not in part.text


def test_a_parent_is_set_on_its_page_and_shown(
    as_officer: Browser, as_leader: Browser, session: Session, group: list[Enterprise]
) -> None:
    top, _middle, low, stranger = group
    path = f"/enterprises/{stranger.id}"
    low_path, top_id = f"/enterprises/{low.id}", str(top.id)
    session.rollback()
    assert as_leader.get(f"{path}/parent").status_code == 403
    assert as_officer.post(f"{path}/parent", {}).status_code == 422
    assert as_officer.post(f"{path}/parent", {"other_id": top_id}).status_code == 303
    assert "属于云岭集团有限公司" in as_officer.get(path).text
    assert "云岭集团有限公司" in as_officer.get(f"{path}/parent").text
    assert as_officer.post(f"/enterprises/{top_id}/parent", {"other_id": low_path[13:]}).status_code == 422
    assert as_officer.post(f"{path}/parent", {"alone": "y"}).status_code == 303
    assert "属于云岭集团有限公司" not in as_officer.get(path).text
