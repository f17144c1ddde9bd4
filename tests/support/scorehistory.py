"""A random office: news that is late, repeated or refused, visits that are edited or struck out, facts that change."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, TypeVar

from crm.auth.rules import SYSTEM
from crm.core import options
from crm.enterprises.models import EnterpriseRelation, ListEdition, ListEntry, TargetList
from crm.enterprises.rules import KnownThrough, RelationKind
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.pipeline.intake.dimensions import ChainRole
from crm.pipeline.words import ExitKind, ExitReason
from crm.resources.chains import placing, queries
from crm.resources.chains import services as chains
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import ChainDraft, NodeDraft, Side, Tier
from crm.scoring.standing import PLAN
from crm.signals.models import Signal, SignalState
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.enterprises.models import Contact
    from crm.fieldwork.models import Touch
    from crm.pipeline.models import Project
    from crm.resources.chains.models import IndustryNode
    from tests.support.builders import Office


Row = TypeVar("Row")


class RandomOffice:
    """Things happen to a few enterprises, one after the other, on a clock of their own."""

    def __init__(self, session: Session, office: Office, seed: int, *, firms: int = 3) -> None:
        """Begin with enterprises of which nothing is known."""
        self.session, self.office, self.random = session, office, Random(seed)  # noqa: S311 (a test that can be repeated)
        self.now = NOW
        self.firms = [builders.enterprise(session, industry="储能电池", region="江苏省苏州市") for _ in range(firms)]
        self.signals: list[Signal] = []
        self.touches: list[Touch] = []
        self.contacts: list[Contact] = []
        self.projects: list[Project] = []
        self._editions = 0
        chain = chains.add_chain(session, SYSTEM, ChainDraft("新型储能"), now=NOW)
        drafts = (NodeDraft("隔膜", Tier.UPSTREAM, key=True), NodeDraft("电芯", Tier.MIDSTREAM))
        self.nodes = [chains.add_node(session, SYSTEM, chain.id, draft, now=NOW) for draft in drafts]

    def happen(self) -> None:
        """Let one thing happen, some time after the last."""
        self.now += timedelta(hours=self.random.choice((0, 1, 7, 90, 900)), seconds=self.random.random())
        deeds: tuple[Callable[[], None], ...] = (
            self.news, self.news, self.news, self.better_evidence, self.judge, self.vanish, self.meet, self.meet,
            self.edit, self.strike_out, self.know, self.lose_touch_with, self.relate, self.publish_list,
            self.change_field, self.plan, self.start_project, self.change_project, self.settle, self.aim, self.aim,
        )  # fmt: skip
        self.random.choice(deeds)()
        self.session.flush()

    def _past(self) -> datetime:
        return self.now - timedelta(days=self.random.choice((0.0, 1.0, 30.0, 400.0)) * self.random.random())

    def news(self) -> None:
        """News arrive, some of them long after the day."""
        kind = self.random.choice(("RELO", "CAPX", "SUPP", "NEG", "EXEC"))
        weight = round(self.random.uniform(0.3, 1.0), 3)
        self.signals.append(
            builders.signal(
                self.session, self.random.choice(self.firms), kind, weight=weight, happened_at=self._past(),
                recorded_at=self.now,
            )
        )  # fmt: skip

    def better_evidence(self) -> None:
        """The same story is told again, better and earlier."""
        for row in self._one(self.signals):
            row.weight = min(1.0, row.weight + 0.1)
            row.happened_at -= timedelta(days=self.random.random())

    def judge(self) -> None:
        """A person refuses a signal, or takes that back."""
        for row in self._one(self.signals):
            refused = row.state is SignalState.REJECTED
            row.state = SignalState.NEW if refused else SignalState.REJECTED
            row.decided_at = None if refused else self.now
            row.decided_by = None if refused else self.office.officer.id

    def vanish(self) -> None:
        """An article is read anew and says nothing any more."""
        for row in self._one(self.signals):
            self.signals.remove(row)
            self.session.delete(row)

    def meet(self) -> None:
        """Somebody writes down a visit."""
        self.touches.append(
            builders.touch(
                self.session, self.random.choice(self.firms), self.office.east, self.office.officer,
                kind=self.random.choice(list(TouchKind)), leader_level=self.random.choice(list(LeaderLevel)),
                intention=self.random.choice(list(Intention)), occurred_at=self._past(), recorded_at=self.now,
            )
        )  # fmt: skip

    def edit(self) -> None:
        """A visit is corrected: who led it, what was said, of which day."""
        for row in self._one(self.touches):
            row.leader_level = self.random.choice(list(LeaderLevel))
            row.intention = self.random.choice(list(Intention))
            row.occurred_at = self._past()

    def strike_out(self) -> None:
        """A visit is struck out."""
        for row in self._one(self.touches):
            row.voided_at, row.void_reason = row.voided_at or self.now, "记错了"

    def know(self) -> None:
        """A person becomes known."""
        through = self.random.choice((None, KnownThrough.KIN, KnownThrough.PUBLIC))
        self.contacts.append(
            builders.contact(
                self.session, self.random.choice(self.firms), self.office.east, self.office.officer,
                created_at=self.now, known_through=through,
            )
        )  # fmt: skip

    def lose_touch_with(self) -> None:
        """A person leaves, or wants to be left alone."""
        for row in self._one(self.contacts):
            if self.random.random() < 0.5:
                row.archived_at = self.now
            else:
                row.do_not_contact = not row.do_not_contact

    def relate(self) -> None:
        """Two enterprises are found to know each other, perhaps only for a while."""
        one, two = self.random.sample(self.firms, 2)
        known = self.session.query(EnterpriseRelation).filter_by(from_id=one.id, to_id=two.id).one_or_none()
        row = known or EnterpriseRelation(from_id=one.id, to_id=two.id, created_at=self.now)
        row.kind = self.random.choice((RelationKind.SUPPLIER, RelationKind.COMPETITOR))
        row.until = self.random.choice((None, (self.now + timedelta(days=30)).date()))
        self.session.add(row)

    def publish_list(self) -> None:
        """A list comes out, with other names on it than the year before."""
        target = self.session.query(TargetList).first() or TargetList(key="china_500", name="中国500强")
        self.session.add(target)
        self.session.flush()
        self._editions += 1
        edition = ListEdition(list_id=target.id, year=2000 + self._editions, imported_at=self.now)
        self.session.add(edition)
        self.session.flush()
        for firm in self.random.sample(self.firms, self.random.randint(0, len(self.firms))):
            rank = self.random.choice((None, 3, 300))
            self.session.add(ListEntry(edition_id=edition.id, enterprise_id=firm.id, rank=rank, printed_name=firm.name))

    def change_field(self) -> None:
        """Somebody corrects the record."""
        firm = self.random.choice(self.firms)
        firm.industry = self.random.choice((None, "储能电池", "纺织服装"))
        firm.region = self.random.choice((None, "江苏省南京市", "甘肃省兰州市"))

    def plan(self) -> None:
        """The office plans with other industries; a squad gets another region."""
        names = self.random.choice(([], ["储能"], ["纺织"]))
        value = {"list": [{"name": name, "role": "lead", "words": []} for name in names]}
        options.write(self.session, self.office.administrator.id, PLAN, value, now=self.now)
        self.office.east.region = self.random.choice((None, "长三角"))

    def start_project(self) -> None:
        """An enterprise gets a project."""
        self.projects.append(
            builders.project(
                self.session, self.random.choice(self.firms), self.office.east, self.office.officer,
                chain_role=self.random.choice((None, *ChainRole)), created_at=self.now,
            )
        )  # fmt: skip

    def change_project(self) -> None:
        """A project ends, or becomes secret, or is told to be open again."""
        for row in self._one(self.projects):
            if row.exit_kind is None and self.random.random() < 0.5:
                row.exit_kind, row.exit_reason, row.exited_at = ExitKind.LOST, next(iter(ExitReason)), self.now
            else:
                row.confidential, row.code_name = not row.confidential, "代号"

    def settle(self) -> None:
        """An enterprise of a chain comes to us or leaves, so that its node calls for something else."""
        node = self.random.choice(self.nodes)
        local = self.random.choice(self.firms)
        self._put(node, PlaceDraft(local.id, Side.LOCAL, leading=self.random.random() < 0.3))

    def aim(self) -> None:
        """An enterprise becomes the target of a node, also of late or for a while, or is one no more."""
        node, firm = self.random.choice(self.nodes), self.random.choice(self.firms)
        until = self.random.choice((None, self.now + timedelta(days=20)))
        self._put(node, PlaceDraft(firm.id, Side.TARGET, since=self._past(), until=until))

    def _put(self, node: IndustryNode, draft: PlaceDraft) -> None:
        standing = [one for rows in queries.placed(self.session, [node.id]).values() for one in rows]
        held = [one.place for one in standing if one.place.enterprise_id == draft.enterprise_id]
        if held:
            placing.take_off(self.session, SYSTEM, held[0].id, "不再合适", now=self.now)
        else:
            placing.place(self.session, SYSTEM, node.id, draft, now=self.now)

    def _one(self, rows: list[Row]) -> list[Row]:
        return [self.random.choice(rows)] if rows else []
