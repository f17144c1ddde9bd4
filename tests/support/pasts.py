"""The invented history of an office, written down as an office writes it: signals, leads, contracts, exits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Contact
from crm.news.models import Article, ArticleCluster, Source, SourceKind
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.models import Agreement, Project
from crm.pipeline.words import ExitKind, ExitReason
from crm.scoring.model.synthetic import Kind, Truth, history
from crm.signals.models import Signal, SignalState
from tests.support import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.scoring.model.synthetic import History
    from tests.support.builders import Office

MONTHS = 36
FIRST = 2023 * 12 + 10  # November 2023, so that the last of 36 months ends before the test day
LEARNABLE = Truth(
    kinds={"CAPX": Kind(180.0, 0.10, 1.3), "RELO": Kind(180.0, 0.06, 1.4), "ORDR": Kind(90.0, 0.15, 0.0)},
    fit=((-0.6, 0.0, 0.8),),
    base=-4.9,
)
NOTHING = Truth(
    kinds={"CAPX": Kind(180.0, 0.10, 0.0), "RELO": Kind(180.0, 0.06, 0.0)}, fit=((0.0, 0.0, 0.0),), base=-3.8, age=0.0
)
CONTACTS = (0, 1, 3)


def month_start(number: int) -> datetime:
    """The start of a numbered month of the history, on the office's clock."""
    month = FIRST + number
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=SHANGHAI)


def moment(day: float) -> datetime:
    """The moment of a day of the history, whose months have thirty days."""
    number = int(day // 30)
    return month_start(number) + timedelta(days=min(day - 30 * number, 27.9))


def write(session: Session, office: Office, truth: Truth, *, leads: int = 400, seed: int = 5) -> History:
    """Invent a history and write it down; the ids of enterprises are in the order of the leads."""
    past = history(leads, MONTHS, seed, truth)
    firms = facts.firms(session, leads)
    _contacts(session, office, firms, past)
    _signals(session, firms, past)
    _leads(session, office, firms, past)
    session.flush()
    return past


def _contacts(session: Session, office: Office, firms: Sequence[int], past: History) -> None:
    row = {"unit_id": office.east.id, "name": "赵总", "sort_key": "zhao", "created_by": office.officer.id}
    row |= {"created_at": month_start(0) - timedelta(days=300)}
    rows = [
        {**row, "enterprise_id": firm} for firm, level in zip(firms, past.fit[:, 0], strict=True)
        for _number in range(CONTACTS[level])
    ]  # fmt: skip
    session.execute(insert(Contact), rows)


def _signals(session: Session, firms: Sequence[int], past: History) -> None:
    """One story for each signal, found two hours after it happened."""
    source = Source(name="往年信源", kind=SourceKind.RSS, url="https://past.example/rss", options={})
    source.created_at = month_start(0)
    session.add(source)
    events = [
        (firms[lead], kind, moment(float(day)))
        for kind, (who, days) in past.events.items()
        for lead, day in zip(who.tolist(), days.tolist(), strict=True)
    ]
    session.execute(insert(ArticleCluster), [{"created_at": at} for _firm, _kind, at in events])
    session.flush()
    clusters = session.scalars(select(ArticleCluster.id).order_by(ArticleCluster.id)).all()[-len(events) :]
    pages = [_page(source.id, cluster, at) for cluster, (_firm, _kind, at) in zip(clusters, events, strict=True)]
    session.execute(insert(Article), pages)
    articles = dict(session.execute(select(Article.cluster_id, Article.id)).all())
    rows = [
        {
            "enterprise_id": firm, "article_id": articles[cluster], "cluster_id": cluster, "kind": kind,
            "quote": "扩产", "weight": 1.0, "reasons": [], "state": SignalState.NEW,
            "happened_at": at, "recorded_at": at + timedelta(hours=2),
        }
        for cluster, (firm, kind, at) in zip(clusters, events, strict=True)
    ]  # fmt: skip
    session.execute(insert(Signal), rows)


def _page(source: int, cluster: int, at: datetime) -> dict[str, Any]:
    return {
        "source_id": source, "cluster_id": cluster, "title": "扩产", "url": f"https://past.example/{cluster}",
        "url_hash": f"past-{cluster}", "body": "扩产", "fetched_at": at, "recorded_at": at, "published_at": at,
        "page_sha256": "0" * 64, "text_hash": f"past-{cluster}", "encoding": "utf-8", "problems": {},
    }  # fmt: skip


def _leads(session: Session, office: Office, firms: Sequence[int], past: History) -> None:
    """A project opened the day before the month a lead begins, with its contract or its exit in the middle of one."""
    ids = facts.projects(session, office.east, office.officer, firms)
    opened = {key: month_start(int(begin)) - timedelta(hours=20) for key, begin in zip(ids, past.begin, strict=True)}
    for row in session.scalars(select(Project).where(Project.id.in_(ids))):
        row.created_at = opened[row.id]
    by = {"unit_id": office.east.id, "reported_by": office.officer.id, "amount": 5000, "kind": "contract"}
    for key, number in zip(ids, past.signed, strict=True):
        if number >= 0:
            at = month_start(int(number)) + timedelta(days=14)
            session.add(Agreement(project_id=key, signed_on=at.date(), reported_at=at + timedelta(days=1), **by))
    for key, number in zip(ids, past.dropped, strict=True):
        if number >= 0:
            _leave(session, office, session.get_one(Project, key), month_start(int(number)) + timedelta(days=14))


def _leave(session: Session, office: Office, project: Project, at: datetime) -> None:
    kind, reason = ExitKind.WITHDRAWN, next(iter(ExitReason))
    row = ProjectExit(project_id=project.id, kind=kind, reason=reason, detail="不投了", by=office.officer.id, at=at)
    session.add(row)
    project.exit_kind, project.exit_reason, project.exited_at = kind, reason, at
