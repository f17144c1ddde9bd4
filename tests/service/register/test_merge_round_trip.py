"""A merge that is taken back leaves every table as it was."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.aftercare.firmplans.models import FirmPlan, FirmPlanItem
from crm.core.tables import references
from crm.enterprises.models import (
    ContactKnower,
    ContactPost,
    Enterprise,
    EnterpriseAlias,
    EnterpriseRelation,
    ListEdition,
    ListEntry,
    ProfileEntry,
    TargetList,
)
from crm.enterprises.rules import AliasKind, ProfileBlock, RelationKind
from crm.fieldwork.models import FollowUp, TouchContact
from crm.linking.answers_models import MentionAnswer, NameVerdict, Verdict
from crm.linking.models import Mention
from crm.register import merge_rows, merging, unmerging
from crm.register.merging import Choice
from crm.scoring import services as scoring
from tests.support import builders
from tests.support.builders import NOW
from tests.support.tables import changed, dump

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Contact


def furnish(session: Session, office: builders.Office, firm: Enterprise, number: int, edition: ListEdition) -> Contact:
    """Hang something of every kind on an enterprise."""
    person = builders.contact(
        session, firm, office.east, office.officer, f"联系人{number}", phone=f"1380000000{number}"
    )
    deal = builders.project(session, firm, office.east, office.officer, name="电芯一期")
    visit = builders.touch(session, firm, office.east, office.officer, project_id=deal.id)
    session.add(TouchContact(touch_id=visit.id, contact_id=person.id))
    session.add(ContactKnower(contact_id=person.id, user_id=office.officer.id, created_at=NOW))
    session.add(ContactPost(contact_id=person.id, enterprise_id=firm.id, post="经理", created_at=NOW))
    session.add(ListEntry(edition_id=edition.id, enterprise_id=firm.id, rank=number, printed_name=firm.name))
    for alias in ("共用名", f"别名{number}"):
        session.add(
            EnterpriseAlias(enterprise_id=firm.id, alias=alias, folded=alias, kind=AliasKind.BRAND, ambiguous=True)
        )
    entry = ProfileEntry(enterprise_id=firm.id, block=ProfileBlock.PLAN, body="拟扩产", source="走访", as_of=NOW.date())
    entry.created_at = entry.updated_at = NOW
    session.add(entry)
    people = {"unit_id": office.east.id, "owner_id": office.officer.id, "created_by": office.officer.id}
    session.add(FollowUp(title="寄资料", enterprise_id=firm.id, touch_id=visit.id, created_at=NOW, **people))
    taught = {"decided_by": office.officer.id, "decided_at": NOW}
    session.add(NameVerdict(enterprise_id=firm.id, folded="共用名", surface="共用名", verdict=Verdict.CUE, **taught))
    said = {"surface": "共用名", "folded": "共用名", "context": "共用名扩产", "offset": 0, "start": 0, "stop": 3}
    facts = {"confidence": 0.5, "reasons": [], "features": {}, "before": "review", "right_one": True}
    session.add(MentionAnswer(proposed_id=firm.id, answered_by=office.officer.id, answered_at=NOW, **said, **facts))
    session.flush()
    return person


def stage(session: Session, office: builders.Office) -> tuple[Enterprise, Enterprise]:
    """Two enterprises that share a story, a list, names and projects, and are tied to each other and to a third."""
    one = builders.enterprise(session, "云岭储能有限公司", region="江苏", uscc="91330100MA27XYZ01A")
    two = builders.enterprise(
        session, "云岭储能股份有限公司", website="https://yunling.example", site_domain="yunling.example"
    )
    third = builders.enterprise(session, "示例材料有限公司", parent_id=two.id)
    target = TargetList(key="own", name="云岭百强", weight=1)
    session.add(target)
    session.flush()
    edition = ListEdition(list_id=target.id, year=2026, imported_at=NOW)
    session.add(edition)
    session.flush()
    for number, firm in enumerate((one, two), start=1):
        furnish(session, office, firm, number, edition)
    page = builders.article(session, "云岭储能扩产")
    for at, firm in ((0, one), (10, two)):
        found = builders.signal(session, firm, "CAPX", article=page)
        builders.project(session, firm, office.east, office.officer, source_signal_id=found.id)
        session.add(Mention(article_id=page.id, enterprise_id=firm.id, surface="云岭", start=at, stop=at + 2))
    builders.signal(session, two, "RELO")
    ties = [
        (one, two, "supplier"),
        (two, one, "partner"),
        (one, third, "partner"),
        (two, third, "partner"),
        (third, two, "supplier"),
    ]
    for left, right, kind in ties:
        tie = EnterpriseRelation(from_id=left.id, to_id=right.id, kind=RelationKind(kind), created_at=NOW)
        tie.since = date(2026, 1, 1)
        session.add(tie)
    session.flush()
    scoring.rescore_many(session, [one.id, two.id, third.id], now=NOW, cause="test")
    session.commit()
    return one, two


def test_an_enterprise_comes_back_with_all_that_hung_on_it(session: Session, office: builders.Office) -> None:
    one, two = stage(session, office)
    before = dump(session)
    actor = office.actor(session, office.registrar)
    log = merging.merge(session, actor, "enterprise", one.id, two.id, Choice(confirmed=True), now=NOW)
    session.commit()
    left = {
        merge_rows.name_of(column): session.execute(select(column).where(column == two.id)).all()
        for column in merge_rows.moving("enterprise")
    }
    assert not {name: rows for name, rows in left.items() if rows}
    assert session.get_one(Enterprise, one.id).website == "https://yunling.example"
    result = unmerging.unmerge(session, actor, log.id, now=NOW)
    session.commit()
    assert changed(session, before) == {}
    assert (result.lost, result.kept) == ({}, ())


def test_the_other_direction_with_every_value_taken_comes_back_as_well(
    session: Session, office: builders.Office
) -> None:
    one, two = stage(session, office)
    before = dump(session)
    actor = office.actor(session, office.registrar)
    choice = Choice(take=frozenset({"name", "uscc", "region"}), confirmed=True)
    log = merging.merge(session, actor, "enterprise", two.id, one.id, choice, now=NOW)
    session.commit()
    winner = session.get_one(Enterprise, two.id)
    assert (winner.name, winner.uscc, winner.region) == ("云岭储能有限公司", "91330100MA27XYZ01A", "江苏")
    unmerging.unmerge(session, actor, log.id, now=NOW)
    session.commit()
    assert changed(session, before) == {}


def test_two_firms_with_a_plan_each_keep_the_items_of_both(session: Session, office: builders.Office) -> None:
    one, two = builders.enterprise(session, "云岭储能有限公司"), builders.enterprise(session, "云岭储能股份有限公司")
    common = {"created_by": office.registrar.id, "created_at": NOW}
    plans = [FirmPlan(enterprise_id=firm.id, unit_id=office.east.id, goal=firm.name, **common) for firm in (one, two)]
    session.add_all(plans)
    session.flush()
    kept = plans[0].id
    for plan in plans:
        due = {"title": "协调用电增容", "owner_id": office.officer.id, "due_on": NOW.date()}
        session.add(FirmPlanItem(plan_id=plan.id, **due, **common))
    scoring.rescore_many(session, [one.id, two.id], now=NOW, cause="test")
    session.commit()
    before = dump(session)
    actor = office.actor(session, office.registrar)
    log = merging.merge(session, actor, "enterprise", one.id, two.id, Choice(confirmed=True), now=NOW)
    session.commit()
    assert session.scalars(select(FirmPlan.id)).all() == [kept]
    assert session.scalars(select(FirmPlanItem.plan_id)).all() == [kept, kept]
    unmerging.unmerge(session, actor, log.id, now=NOW)
    session.commit()
    assert changed(session, before) == {}


def test_a_contact_comes_back_with_visits_posts_and_knowers(session: Session, office: builders.Office) -> None:
    one, two = stage(session, office)
    first = builders.contact(session, one, office.east, office.officer, "顾青", phone="13900000001")
    second = builders.contact(
        session, two, office.east, office.officer, "顾青", email="gu@yunling.example", do_not_contact=True
    )
    visit = builders.touch(session, one, office.east, office.officer)
    other = builders.touch(session, two, office.east, office.officer)
    for touch_id, person in ((visit.id, first), (visit.id, second), (other.id, second)):
        session.add(TouchContact(touch_id=touch_id, contact_id=person.id))
    for person, knower in ((first, office.officer), (second, office.officer), (second, office.lead)):
        session.add(ContactKnower(contact_id=person.id, user_id=knower.id, created_at=NOW))
    session.add(ContactPost(contact_id=second.id, enterprise_id=one.id, post="顾问", created_at=NOW))
    session.commit()
    before = dump(session)
    actor = office.actor(session, office.officer)
    log = merging.merge(session, actor, "contact", first.id, second.id, Choice(confirmed=True), now=NOW)
    session.commit()
    session.refresh(first)
    assert (first.email, first.do_not_contact) == ("gu@yunling.example", True)
    assert "13900000001" not in str(log.snapshot)
    assert "gu@yunling.example" not in str(log.snapshot)
    unmerging.unmerge(session, actor, log.id, now=NOW)
    session.commit()
    assert changed(session, before) == {}


def test_every_table_that_refers_to_a_record_is_moved_or_named_as_staying() -> None:
    for kind in ("enterprise", "contact"):
        names = {merge_rows.name_of(column) for column in references(kind)}
        moving = {merge_rows.name_of(column) for column in merge_rows.moving(kind)}
        assert names - moving <= merge_rows.STAYS
        assert moving
    assert {"touch.enterprise_id", "enterprise.parent_id"} <= {
        merge_rows.name_of(column) for column in merge_rows.moving("enterprise")
    }
