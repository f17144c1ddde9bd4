"""Everything the page of one enterprise shows, in a fixed number of reads, each within the actor's view."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased, joinedload

from crm.core.errors import NotFoundError, Problem
from crm.core.types import UtcDateTime
from crm.enterprises import contact_queries, groups, profile
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact, ContactPost, Enterprise, ProfileEntry
from crm.enterprises.rules import ProfileBlock
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp
from crm.linking.models import Mention
from crm.news.models import Article
from crm.register import stream
from crm.scoring import queries as scoring
from crm.scoring.badge import Own, own_of
from crm.scoring.models import EnterpriseScore, ScoreOverride
from crm.signals.triage_models import SignalFollow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

NEWS = 20
FOLLOW_UPS = 10


class MovedError(NotFoundError):
    """The enterprise was merged into another one."""

    def __init__(self, name: str, winner_id: int) -> None:
        """Keep what it was called and where it is now."""
        super().__init__(enterprises.MISSING_ENTERPRISE)
        self.name = name
        self.winner_id = winner_id


class Tab(StrEnum):
    """The three pages of an enterprise."""

    STREAM = "stream"
    PROFILE = "profile"
    RELATIONS = "relations"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above every page of an enterprise."""

    enterprise: Enterprise
    parent: Enterprise | None
    score: EnterpriseScore | None
    places: tuple[enterprises.Place, ...]
    follow_ups: tuple[FollowUp, ...]
    followed: bool = False
    own: Own | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What stands beside the stream: ``former`` people held a post here, ``below`` is the group in tree order."""

    contacts: tuple[Contact, ...]
    former: tuple[tuple[Contact, ContactPost], ...]
    below: tuple[groups.Kin, ...]
    happened: stream.Happened

    @property
    def names(self) -> dict[int, str]:
        """Names of the subsidiaries by id."""
        return {kin.id: kin.name for kin in self.below}


def head(session: Session, actor: Actor, enterprise_id: int, *, now: datetime) -> Head:
    """Read the head; raise MovedError for a merged enterprise, NotFoundError for a deleted or unknown one."""
    row, score, parent, followed, override = _head(session, actor, enterprise_id, now)
    places = enterprises.places(session, [enterprise_id]).get(enterprise_id, ())
    own = own_of(override) if override is not None else None
    return Head(row, parent, score, places, _follow_ups(session, actor, enterprise_id), followed, own)


def side(session: Session, actor: Actor, enterprise_id: int) -> Side:
    """Read the people, the group and the stream of the whole group."""
    below = tuple(groups.subsidiaries(session, enterprise_id))
    happened = stream.read(session, actor, enterprise_id, {kin.id: kin.name for kin in below})
    people, former = contact_queries.people_of(session, actor, enterprise_id)
    return Side(tuple(people), tuple(former), below, happened)


def news(session: Session, enterprise_id: int) -> tuple[Article, ...]:
    """Articles that name an enterprise, with their sources, the newest first, at most ``NEWS``."""
    named = select(Mention.article_id).where(Mention.enterprise_id == enterprise_id)
    newest = select(Article).where(Article.id.in_(named)).options(joinedload(Article.source))
    return tuple(session.scalars(newest.order_by(Article.recorded_at.desc(), Article.id.desc()).limit(NEWS)))


def blocks(session: Session, enterprise_id: int) -> dict[ProfileBlock, tuple[ProfileEntry, ...]]:
    """Read the entries of the profile, by block; every block is there."""
    found: defaultdict[ProfileBlock, list[ProfileEntry]] = defaultdict(list)
    for entry in profile.entries(session, enterprise_id):
        found[entry.block].append(entry)
    return {block: tuple(found[block]) for block in ProfileBlock}


def _head(
    session: Session, actor: Actor, enterprise_id: int, now: datetime
) -> tuple[Enterprise, EnterpriseScore | None, Enterprise | None, bool, ScoreOverride | None]:
    found = session.execute(_one(), {"id": enterprise_id, "user": actor.user_id, "now": now}).unique().one_or_none()
    if found is None:
        raise NotFoundError(enterprises.MISSING_ENTERPRISE)
    row = found[0]
    if row.merged_into_id is not None:
        raise MovedError(row.name, row.merged_into_id)
    if row.deleted_at is not None:
        message = "“%(name)s”已放进回收站，有删除权限的人可以从回收站恢复它。"
        raise NotFoundError(Problem("enterprise.deleted", message, None, {"name": row.name}))
    return row, found[1], found[2], bool(found[3]), found[4]


@cache
def _one() -> Select[*tuple[Any, ...]]:
    parent = aliased(Enterprise)
    moment = cast("Any", bindparam("now", type_=UtcDateTime()))
    mine = (SignalFollow.user_id == bindparam("user"), SignalFollow.enterprise_id == bindparam("id"))
    return (
        select(Enterprise, EnterpriseScore, parent, exists().where(*mine), ScoreOverride)
        .outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Enterprise.id)
        .outerjoin(ScoreOverride, (ScoreOverride.enterprise_id == Enterprise.id) & scoring.in_force(moment))
        .outerjoin(parent, (parent.id == Enterprise.parent_id) & parent.deleted_at.is_(None))
        .where(Enterprise.id == bindparam("id"))
        .options(joinedload(Enterprise.aliases))
    )


def _follow_ups(session: Session, actor: Actor, enterprise_id: int) -> tuple[FollowUp, ...]:
    statement = _open_follow_ups().where(fieldwork.follow_ups_visible_to(actor))
    return tuple(session.scalars(statement, {"id": enterprise_id}))


@cache
def _open_follow_ups() -> Select[FollowUp]:
    return (
        select(FollowUp)
        .where(FollowUp.enterprise_id == bindparam("id"), FollowUp.done_at.is_(None))
        .options(joinedload(FollowUp.owner))
        .order_by(FollowUp.due_on.is_(None), FollowUp.due_on, FollowUp.id)
        .limit(FOLLOW_UPS)
    )
