from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.enterprises import groups
from crm.enterprises.models import (
    Contact,
    ContactKnower,
    Enterprise,
    EnterpriseAlias,
    EnterpriseRelation,
)
from crm.enterprises.rules import AliasKind, RelationKind
from crm.fieldwork.models import FollowUp, TouchContact
from crm.pipeline.models import Project
from crm.register import merging, unmerging
from crm.scoring import services as scoring
from tests.service.register.test_merge_hostile import LATER, YES, firm, merge
from tests.support import builders
from tests.support.builders import NOW
from tests.support.tables import changed, dump

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


@pytest.fixture
def registrar(session: Session, office: builders.Office) -> Actor:
    return office.actor(session, office.registrar)


@pytest.mark.parametrize("seed", range(6))
def test_any_story_comes_back_whole(session: Session, registrar: Actor, office: builders.Office, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 (a story, no secret)
    firms = [firm(session, name) for name in ("岚桥储能", "岚桥储能股份", "示例材料", "海川化学")]
    tell(session, office, firms, dice)
    scoring.rescore_many(session, [row.id for row in firms], now=NOW, cause="test")
    session.commit()
    before = dump(session)
    winner, loser = dice.sample(firms, 2)
    log = merge(session, registrar, winner, loser)
    people = list(session.scalars(select(Contact).where(Contact.enterprise_id == winner.id)))
    people_log = None
    if len(people) > 1:
        pair = dice.sample(people, 2)
        people_log = merging.merge(session, registrar, "contact", pair[0].id, pair[1].id, YES, now=NOW)
        session.commit()
    for one in filter(None, (people_log, log)):
        unmerging.unmerge(session, registrar, one.id, now=LATER)
        session.commit()
    assert changed(session, before) == {}


class Story:
    """Hangs rows on enterprises at random, doubled ones among them."""

    def __init__(self, session: Session, office: builders.Office, dice: random.Random) -> None:
        self.session, self.office, self.dice = session, office, dice
        self.people: list[Contact] = []

    def person(self, row: Enterprise, _other: Enterprise, step: int) -> None:
        phone = self.dice.choice([None, "13800000001", f"1390000{step:04}"])
        name = self.dice.choice("甲乙丙")
        made = builders.contact(self.session, row, self.office.east, self.office.officer, name, phone=phone)
        self.people.append(made)

    def project(self, row: Enterprise, _other: Enterprise, step: int) -> None:
        taken = self.session.scalars(select(Project.enterprise_id).where(Project.folded_name == "一期")).all()
        name = "一期" if row.id not in taken else f"二期{step}"
        builders.project(self.session, row, self.office.east, self.office.officer, name=name)

    def visit(self, row: Enterprise, _other: Enterprise, _step: int) -> None:
        made = builders.touch(self.session, row, self.office.east, self.office.officer)
        for person in self.dice.sample(self.people, min(len(self.people), 2)):
            self.session.add(TouchContact(touch_id=made.id, contact_id=person.id))

    def name(self, row: Enterprise, _other: Enterprise, _step: int) -> None:
        name = self.dice.choice(["岚桥", "云岭", "示例"])
        if self.session.scalar(select(EnterpriseAlias.id).filter_by(enterprise_id=row.id, folded=name)) is None:
            self.session.add(EnterpriseAlias(enterprise_id=row.id, alias=name, folded=name, kind=AliasKind.BRAND))

    def tie(self, row: Enterprise, other: Enterprise, _step: int) -> None:
        same = {"from_id": row.id, "to_id": other.id, "kind": self.dice.choice(list(RelationKind))}
        if self.session.scalar(select(EnterpriseRelation.id).filter_by(**same)) is None:
            self.session.add(EnterpriseRelation(**same, created_at=NOW))

    def promise(self, row: Enterprise, _other: Enterprise, _step: int) -> None:
        who = {"owner_id": self.office.officer.id, "created_by": self.office.officer.id}
        promise = FollowUp(title="寄资料", enterprise_id=row.id, created_at=NOW, unit_id=self.office.east.id, **who)
        self.session.add(promise)

    def knower(self, _row: Enterprise, _other: Enterprise, _step: int) -> None:
        for person in self.dice.sample(self.people, min(len(self.people), 1)):
            key = {"contact_id": person.id, "user_id": self.office.officer.id}
            if self.session.get(ContactKnower, key) is None:
                self.session.add(ContactKnower(**key, created_at=NOW))

    def parent(self, row: Enterprise, other: Enterprise, _step: int) -> None:
        if row.id not in [one for one, _name in groups.ancestors(self.session, other.id)]:
            actor = self.office.actor(self.session, self.office.registrar)
            groups.set_parent(self.session, actor, row.id, other.id, now=NOW)


def tell(session: Session, office: builders.Office, firms: list[Enterprise], dice: random.Random) -> None:
    story = Story(session, office, dice)
    told = (
        story.person, story.project, story.visit, story.name, story.tie, story.promise, story.knower, story.parent,
    )  # fmt: skip
    for step in range(40):
        row, other = dice.sample(firms, 2)
        dice.choice(told)(row, other, step)
        session.flush()
