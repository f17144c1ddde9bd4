"""Small builders of rows for tests: one line per fact, sensible defaults for the rest."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from sqlalchemy import update

from crm.auth import queries
from crm.auth.models import OrgUnit, Roster, User
from crm.auth.rules import Actor, Role, UnitKind
from crm.core.text import fold, sort_key
from crm.enterprises.models import Contact, Enterprise, EnterpriseAlias
from crm.enterprises.reach import set_reach
from crm.enterprises.rules import AliasKind
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.news.models import Article, ArticleCluster, Source, SourceKind
from crm.pipeline.intake.models import LeadIntake
from crm.pipeline.intake.rules import LeadState
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.rules import AgreementKind, Capital, Channel, Stage
from crm.signals.models import Signal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday, 20 November 2026, 10:00 in Shanghai
TODAY = date(2026, 11, 20)
PASSWORD = "yunxi-spring-2026"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_numbers = itertools.count(1)


@cache
def cheap_hash() -> str:
    """Hash the shared test password with parameters that cost nothing."""
    return CHEAP.hash(PASSWORD)


@dataclass
class Office:
    """A small office: a bureau with two squads and a person in every role."""

    bureau: OrgUnit
    east: OrgUnit
    south: OrgUnit
    officer: User
    colleague: User
    outsider: User
    lead: User
    registrar: User
    recognizer: User
    supervisor: User
    leader: User
    administrator: User

    def actor(self, session: Session, user: User) -> Actor:
        """Return the actor of one of its people on the test day."""
        return queries.actor_for(session, user, TODAY)


def unit(session: Session, name: str, kind: UnitKind = UnitKind.SQUAD, parent: OrgUnit | None = None) -> OrgUnit:
    """Add a unit valid since New Year."""
    row = OrgUnit(name=name, kind=kind, parent_id=parent.id if parent else None, valid_from=date(2026, 1, 1))
    session.add(row)
    session.flush()
    return row


def user(session: Session, username: str, name: str, *posts: tuple[OrgUnit, Role]) -> User:
    """Add a person with posts; everybody shares :data:`PASSWORD`."""
    row = User(username=username, name=name, password_hash=cheap_hash(), created_at=NOW)
    session.add(row)
    session.flush()
    for place, role in posts:
        session.add(Roster(user_id=row.id, unit_id=place.id, role=role, valid_from=date(2026, 1, 1)))
    session.flush()
    return row


POSTS = {
    "officer": ("chen", "陈晓", "east", Role.OFFICER),
    "colleague": ("zhou", "周敏", "east", Role.OFFICER),
    "outsider": ("he", "何川", "south", Role.OFFICER),
    "lead": ("lin", "林涛", "east", Role.TEAM_LEAD),
    "registrar": ("xu", "许静", "bureau", Role.REGISTRAR),
    "recognizer": ("tang", "唐宁", "bureau", Role.RECOGNIZER),
    "supervisor": ("gu", "顾远", "bureau", Role.SUPERVISOR),
    "leader": ("shen", "沈立", "bureau", Role.LEADER),
    "administrator": ("admin", "管理员", "bureau", Role.ADMINISTRATOR),
}


def office(session: Session) -> Office:
    """Add the standard office, in few statements: two thousand tests begin with it."""
    bureau = unit(session, "云溪县招商局", UnitKind.BUREAU)
    squads = [
        OrgUnit(name=name, kind=UnitKind.SQUAD, parent_id=bureau.id, valid_from=date(2026, 1, 1))
        for name in ("长三角小分队", "珠三角小分队")
    ]
    people = {
        post: User(username=username, name=name, password_hash=cheap_hash(), created_at=NOW)
        for post, (username, name, _place, _role) in POSTS.items()
    }
    session.add_all([*squads, *people.values()])
    session.flush()
    rows: dict[str, Any] = {"bureau": bureau, "east": squads[0], "south": squads[1], **people}
    for post, (_username, _name, place, role) in POSTS.items():
        session.add(Roster(user_id=rows[post].id, unit_id=rows[place].id, role=role, valid_from=date(2026, 1, 1)))
    session.flush()
    return Office(**rows)


def enterprise(session: Session, name: str = "", **fields: Any) -> Enterprise:
    """Add an enterprise with its full name as an alias."""
    name = name or f"云岭示例{next(_numbers)}有限公司"
    row = Enterprise(name=name, folded_name=fold(name), sort_key=sort_key(name)[:400], created_at=NOW, updated_at=NOW)
    for key, value in fields.items():
        setattr(row, key, value)
    session.add(row)
    session.flush()
    session.add(EnterpriseAlias(enterprise_id=row.id, alias=name, folded=fold(name), kind=AliasKind.FULL))
    session.flush()
    return row


def contact(session: Session, firm: Enterprise, place: OrgUnit, by: User, name: str = "赵总", **fields: Any) -> Contact:
    """Add a contact of a unit."""
    row = Contact(
        enterprise_id=firm.id, unit_id=place.id, name=name, sort_key=sort_key(name), created_by=by.id, created_at=NOW
    )
    for key, value in fields.items():
        setattr(row, key, value)
    set_reach(row, row.phone, row.email)
    session.add(row)
    session.flush()
    return row


def touch(session: Session, firm: Enterprise, place: OrgUnit, by: User, **fields: Any) -> Touch:
    """Add a visit two days before the test day."""
    values: dict[str, Any] = {
        "client_id": f"test-{next(_numbers)}",
        "kind": TouchKind.VISIT,
        "occurred_at": datetime(2026, 11, 18, 6, 0, tzinfo=UTC),
        "recorded_at": datetime(2026, 11, 18, 9, 0, tzinfo=UTC),
        "leader_level": LeaderLevel.STAFF,
        "summary": "介绍园区配套，对方关注用工和物流。",
        "intention": Intention.WATCHING,
    }
    row = Touch(enterprise_id=firm.id, unit_id=place.id, created_by=by.id, **{**values, **fields})
    session.add(row)
    session.flush()
    if row.voided_at is None and (firm.last_touch_at is None or firm.last_touch_at < row.occurred_at):
        latest = update(Enterprise).where(Enterprise.id == firm.id).values(last_touch_at=row.occurred_at)
        session.execute(latest.execution_options(synchronize_session=False))
        session.expire(firm, ["last_touch_at"])
    return row


def project(session: Session, firm: Enterprise, place: OrgUnit, by: User, **fields: Any) -> Project:
    """Add a project at a stage, with the one history row that brought it there."""
    name = fields.pop("name", f"{firm.name}年产零部件项目{next(_numbers)}")
    values: dict[str, Any] = {
        "stage": Stage.LEAD,
        "stage_since": NOW,
        "owner_id": by.id,
        "capital": Capital.PRIVATE,
        "channel": Channel.SQUAD,
        "total_investment": Decimal(12000),
        "created_by": by.id,
        "created_at": NOW,
        "updated_at": NOW,
    }
    row = Project(name=name, folded_name=fold(name), enterprise_id=firm.id, unit_id=place.id, **{**values, **fields})
    session.add(row)
    session.flush()
    session.add(
        StageEntry(project_id=row.id, to_stage=row.stage, at=row.stage_since, by=by.id, unit_id=place.id, first=True)
    )
    session.flush()
    lead_state(session, row)
    return row


def lead_state(session: Session, deal: Project, state: LeadState = LeadState.ACCEPTED, **fields: Any) -> LeadIntake:
    """Say where the lead of a project stands."""
    row = session.query(LeadIntake).filter_by(project_id=deal.id).one_or_none() or LeadIntake(project_id=deal.id)
    for key, value in {"state": state, "since": deal.stage_since, **fields}.items():
        setattr(row, key, value)
    session.add(row)
    session.flush()
    return row


def stand(session: Session, deal: Project, stage: Stage) -> Project:
    """Put a project at a stage without asking the gates, with its row of history."""
    before, deal.stage = deal.stage, stage
    deal.stage_seq += 1
    entry = {"from_stage": before, "to_stage": stage, "at": NOW, "by": deal.created_by, "unit_id": deal.unit_id}
    session.add(StageEntry(project_id=deal.id, seq=deal.stage_seq, **entry))
    session.flush()
    return deal


def agreement(session: Session, deal: Project, by: User, **fields: Any) -> Agreement:
    """Add a formal contract of 12,000 万元 signed two days before the test day."""
    values: dict[str, Any] = {
        "kind": AgreementKind.CONTRACT,
        "signed_on": date(2026, 11, 18),
        "amount": Decimal(12000),
        "reported_at": NOW,
    }
    row = Agreement(project_id=deal.id, unit_id=deal.unit_id, reported_by=by.id, **{**values, **fields})
    session.add(row)
    session.flush()
    return row


def article(session: Session, title: str = "云岭电子拟扩产", body: str = "", **fields: Any) -> Article:
    """Add an article of a test source, in a cluster of its own."""
    number = next(_numbers)
    source = session.query(Source).first()
    if source is None:
        source = Source(
            name="测试信源", kind=SourceKind.RSS, url="https://news.example/rss", options={}, created_at=NOW
        )
        session.add(source)
    cluster = ArticleCluster(created_at=NOW)
    session.add(cluster)
    session.flush()
    values: dict[str, Any] = {
        "url": f"https://news.example/{number}",
        "url_hash": f"hash-{number}",
        "body": body or title,
        "fetched_at": NOW,
        "recorded_at": NOW,
        "published_at": NOW,
        "page_sha256": "0" * 64,
        "text_hash": f"text-{number}",
        "encoding": "utf-8",
        "problems": {},
    }
    row = Article(**{"source_id": source.id, "cluster_id": cluster.id, "title": title, **values, **fields})
    session.add(row)
    session.flush()
    return row


def signal(session: Session, firm: Enterprise, kind: str = "CAPX", **fields: Any) -> Signal:
    """Add a new signal with an article of its own."""
    page = fields.pop("article", None) or article(session, f"{firm.name}扩产")
    values: dict[str, Any] = {
        "quote": f"{firm.name}计划投资扩产。",
        "weight": 1.0,
        "reasons": [],
        "happened_at": NOW,
        "recorded_at": NOW,
    }
    row = Signal(
        enterprise_id=firm.id, article_id=page.id, cluster_id=page.cluster_id, kind=kind, **{**values, **fields}
    )
    session.add(row)
    session.flush()
    return row
