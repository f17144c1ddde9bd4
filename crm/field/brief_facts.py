"""What a visit brief (拜访参考) knows of enterprises, each thing read once for all of them, within the actor's view."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.core.errors import NotFoundError
from crm.enterprises import sight
from crm.enterprises.contact_queries import in_use
from crm.enterprises.models import Contact, Enterprise, ListEdition, ListEntry, ProfileEntry, TargetList
from crm.enterprises.queries import MISSING_ENTERPRISE
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch
from crm.linking.models import Mention
from crm.news.models import Article
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project
from crm.scoring.models import EnterpriseScore
from crm.signals import narrowing as signals
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from crm.auth.rules import Actor

Places = dict[str, list[tuple[int, int | None]]]
SIGNALS, NEWS, TOUCHES, PEOPLE, PROMISES, PROJECTS, ENTRIES, YEARS = 6, 4, 6, 10, 10, 6, 6, 5


@dataclass(frozen=True, slots=True)
class Ranks:
    """The places of an enterprise on one list, the newest year first."""

    name: str
    places: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class FirmFacts:
    """Everything a brief tells of one enterprise."""

    firm: Enterprise
    score: EnterpriseScore | None
    ranks: tuple[Ranks, ...]
    entries: tuple[ProfileEntry, ...]
    signals: tuple[Signal, ...]
    news: tuple[Article, ...]
    touches: tuple[Touch, ...]
    people: tuple[Contact, ...]
    promises: tuple[FollowUp, ...]
    projects: tuple[Project, ...]


def of_firm(session: Session, actor: Actor, enterprise_id: int) -> FirmFacts:
    """Read what is known of one enterprise; raise NotFoundError."""
    found = read(session, actor, [enterprise_id])
    if enterprise_id not in found:
        raise NotFoundError(MISSING_ENTERPRISE)
    return found[enterprise_id]


def read(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, FirmFacts]:
    """Read what is known of enterprises; deleted ones are left out."""
    if not ids:
        return {}
    heads = _heads(session, ids)
    parts = {name: _by_firm(session.scalars(statement)) for name, statement in _parts(actor, ids).items()}
    news = _news(session, ids)
    return {
        firm.id: FirmFacts(
            firm=firm,
            score=score,
            ranks=tuple(Ranks(name, tuple(places[:YEARS])) for name, places in lists.items()),
            news=tuple(news.get(firm.id, ())),
            **{name: tuple(rows.get(firm.id, ())) for name, rows in parts.items()},
        )
        for firm, score, lists in heads
    }


def _parts(actor: Actor, ids: Sequence[int]) -> dict[str, Select[Any]]:
    return {
        "entries": _each(
            ProfileEntry, ENTRIES, (ProfileEntry.as_of.desc(), ProfileEntry.id.desc()),
            ProfileEntry.enterprise_id.in_(ids), ProfileEntry.archived_at.is_(None),
        ),
        "signals": _each(
            Signal, SIGNALS, (Signal.happened_at.desc(), Signal.id.desc()),
            Signal.enterprise_id.in_(ids), Signal.state != SignalState.REJECTED, signals.visible_to(actor),
        ).options(joinedload(Signal.article).joinedload(Article.source)),
        "touches": _each(
            Touch, TOUCHES, (Touch.occurred_at.desc(), Touch.id.desc()),
            Touch.enterprise_id.in_(ids), fieldwork.visible_to(actor), fieldwork.counted(),
        ).options(joinedload(Touch.author), joinedload(Touch.unit)),
        "people": _each(
            Contact, PEOPLE, (Contact.sort_key, Contact.id),
            Contact.enterprise_id.in_(ids), sight.visible_to(actor), in_use(),
        ),
        "promises": _each(
            FollowUp, PROMISES, (FollowUp.due_on.is_(None), FollowUp.due_on, FollowUp.id),
            FollowUp.enterprise_id.in_(ids), FollowUp.done_at.is_(None), fieldwork.follow_ups_visible_to(actor),
        ).options(joinedload(FollowUp.owner)),
        "projects": _each(
            Project, PROJECTS, (Project.exit_kind.is_not(None), Project.id.desc()),
            Project.enterprise_id.in_(ids), pipeline.visible_to(actor),
        ).options(joinedload(Project.owner), joinedload(Project.unit)),
    }  # fmt: skip


def _each(model: Any, most: int, order: Sequence[Any], *conditions: ColumnElement[bool]) -> Select[Any]:  # noqa: ANN401 (a mapped class with an enterprise)
    """Select the first rows of each enterprise, in order."""
    place = func.row_number().over(partition_by=model.enterprise_id, order_by=order)
    inner = select(model.id.label("id"), place.label("place")).where(*conditions).subquery()
    return select(model).join(inner, inner.c.id == model.id).where(inner.c.place <= most).order_by(inner.c.place)


def _by_firm(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.enterprise_id].append(row)
    return found


def _heads(session: Session, ids: Sequence[int]) -> list[tuple[Enterprise, EnterpriseScore | None, Places]]:
    """Return enterprises with their scores and their places by list, heaviest list and newest year first."""
    statement = (
        select(Enterprise, EnterpriseScore, TargetList.name, ListEdition.year, ListEntry.rank)
        .outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Enterprise.id)
        .outerjoin(ListEntry, ListEntry.enterprise_id == Enterprise.id)
        .outerjoin(ListEdition, ListEdition.id == ListEntry.edition_id)
        .outerjoin(TargetList, TargetList.id == ListEdition.list_id)
        .where(Enterprise.id.in_(ids), Enterprise.deleted_at.is_(None))
        .order_by(TargetList.weight.desc(), TargetList.id, ListEdition.year.desc())
    )
    found: dict[int, tuple[Enterprise, EnterpriseScore | None, Places]] = {}
    for firm, score, name, year, rank in session.execute(statement):
        places = found.setdefault(firm.id, (firm, score, {}))[2]
        if name is not None:
            places.setdefault(name, []).append((year, rank))
    return list(found.values())


def _news(session: Session, ids: Sequence[int]) -> dict[int, list[Article]]:
    """Return the newest articles that name each enterprise."""
    firm: InstrumentedAttribute[int] = Mention.enterprise_id
    named = select(firm.label("firm"), Mention.article_id.label("article")).where(firm.in_(ids)).distinct().subquery()
    place = func.row_number().over(partition_by=named.c.firm, order_by=(Article.recorded_at.desc(), Article.id.desc()))
    joined = select(named.c.firm, Article.id, place.label("place")).join(Article, Article.id == named.c.article)
    inner = joined.subquery()
    statement = (
        select(inner.c.firm, Article)
        .join(Article, Article.id == inner.c.id)
        .where(inner.c.place <= NEWS)
        .options(joinedload(Article.source))
        .order_by(inner.c.place)
    )
    found: defaultdict[int, list[Article]] = defaultdict(list)
    for firm_id, article in session.execute(statement):
        found[firm_id].append(article)
    return found
