"""Reads of posts and their rosters; a post out of one's reach is not found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.fieldwork.postings.models import Posting, StationedPost
from crm.fieldwork.postings.rules import PostRole, Rank, Stay, strength_gaps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

POST_ABSENT = Problem("post.absent", "没有这个驻点，或者不在您的查看范围内。")
POSTING_ABSENT = Problem("posting.absent", "没有这条驻点人员记录，或者不在您的查看范围内。")
MOST = 500


@dataclass(frozen=True, slots=True)
class PostFilter:
    """What the list of posts is narrowed to."""

    query: str = ""
    region: str = ""
    unit_id: int | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Strength:
    """Who is at a post today, and what it lacks."""

    people: int
    heads: tuple[str, ...]
    rotating: tuple[str, ...]
    gaps: tuple[str, ...]


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: posts of units the person may read or that these manage, and those the person was ever sent to."""
    own = select(Posting.post_id).where(Posting.user_id == actor.user_id)
    reached = within(StationedPost.unit_id, actor, Permission.TOUCH_READ)
    managed = within(func.coalesce(StationedPost.managing_unit_id, 0), actor, Permission.TOUCH_READ)
    return or_(reached, managed, StationedPost.id.in_(own))


def open_on(day: date) -> ColumnElement[bool]:
    """Condition: the post exists on that day."""
    return (StationedPost.opened_on <= day) & or_(StationedPost.closed_on.is_(None), StationedPost.closed_on >= day)


def there_on(start: date, end: date) -> ColumnElement[bool]:
    """Condition: the posting has a day from start to end, both included."""
    return (Posting.valid_from <= end) & or_(Posting.valid_to.is_(None), Posting.valid_to >= start)


def posts(
    session: Session, actor: Actor, wanted: PostFilter, today: date, *, cursor: str | None
) -> Page[StationedPost]:
    """Return a page of posts by region and name."""
    shown = (
        StationedPost.closed_on < today
        if wanted.closed
        else or_(StationedPost.closed_on.is_(None), StationedPost.closed_on >= today)
    )
    statement = select(StationedPost).where(visible_to(actor), shown).options(joinedload(StationedPost.unit))
    if wanted.query:
        typed = [
            column.contains(wanted.query, autoescape=True)
            for column in (StationedPost.name, StationedPost.region, StationedPost.address)
        ]
        statement = statement.where(or_(*typed))
    if wanted.region:
        statement = statement.where(StationedPost.region == wanted.region)
    if wanted.unit_id is not None:
        statement = statement.where(
            or_(StationedPost.unit_id == wanted.unit_id, StationedPost.managing_unit_id == wanted.unit_id)
        )
    order = (Key(StationedPost.region), Key(StationedPost.name), Key(StationedPost.id))
    return fetch_page(session, statement, order, lambda row: (row.region, row.name, row.id), cursor=cursor)


def regions(session: Session, actor: Actor) -> list[str]:
    """Regions of the posts the person may see."""
    statement = select(StationedPost.region).where(visible_to(actor)).distinct().order_by(StationedPost.region)
    return list(session.scalars(statement.limit(MOST)))


def post(session: Session, actor: Actor, post_id: int) -> StationedPost:
    """Return one post with its units; not found when it is out of reach."""
    statement = (
        select(StationedPost)
        .where(StationedPost.id == post_id, visible_to(actor))
        .options(joinedload(StationedPost.unit), joinedload(StationedPost.managing_unit))
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(POST_ABSENT)
    return found


def posting(session: Session, actor: Actor, posting_id: int) -> Posting:
    """Return one posting with person and post; not found when its post is out of reach."""
    statement = (
        select(Posting)
        .join(StationedPost, StationedPost.id == Posting.post_id)
        .where(Posting.id == posting_id, visible_to(actor))
        .options(joinedload(Posting.post), joinedload(Posting.user))
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(POSTING_ABSENT)
    return found


def roster(session: Session, post_id: int) -> list[Posting]:
    """Everybody who is or was at a post, those who are there first, heads before members."""
    statement = (
        select(Posting)
        .where(Posting.post_id == post_id)
        .options(joinedload(Posting.user))
        .order_by(Posting.valid_to.is_not(None), Posting.valid_from.desc(), Posting.id)
        .limit(MOST)
    )
    order = list(PostRole)
    return sorted(session.scalars(statement), key=lambda row: order.index(row.role))


def stays_of(session: Session, user_ids: Sequence[int], start: date, end: date) -> dict[int, list[Stay]]:
    """Postings of people that touch some days, as plain facts."""
    statement = select(Posting).where(Posting.user_id.in_(user_ids), there_on(start, end)).order_by(Posting.id)
    found: dict[int, list[Stay]] = defaultdict(list)
    for row in session.scalars(statement):
        found[row.user_id].append(as_stay(row))
    return dict(found)


def as_stay(row: Posting) -> Stay:
    """Return a posting as rules want it."""
    return Stay(row.id, row.post_id, row.full_time, row.valid_from, row.valid_to)


def mine(session: Session, actor: Actor, day: date) -> list[Posting]:
    """Where the person is posted on a day, full time first."""
    statement = (
        select(Posting)
        .where(Posting.user_id == actor.user_id, there_on(day, day))
        .options(joinedload(Posting.post))
        .order_by(Posting.full_time.desc(), Posting.id)
        .limit(10)
    )
    return list(session.scalars(statement))


def strength(session: Session, posts_shown: Sequence[StationedPost], day: date) -> dict[int, Strength]:
    """Who is at each post on a day and what it lacks, in one query."""
    statement = (
        select(Posting.post_id, Posting.role, Posting.rank, User.name)
        .join(User, User.id == Posting.user_id)
        .where(Posting.post_id.in_([row.id for row in posts_shown]), there_on(day, day))
        .order_by(Posting.id)
    )
    found: dict[int, list[tuple[PostRole, Rank, str]]] = defaultdict(list)
    for post_id, role, rank, name in session.execute(statement):
        found[post_id].append((role, rank, name))
    return {row.id: _strength(row, found[row.id]) for row in posts_shown}


def _strength(row: StationedPost, people: list[tuple[PostRole, Rank, str]]) -> Strength:
    staff = [one for one in people if one[0] is not PostRole.ROTATING]
    ranks = [rank for role, rank, _name in people if role is PostRole.HEAD]
    gaps = strength_gaps(len(staff), ranks, target_people=row.target_people, target_rank=row.target_rank)
    heads = tuple(name for role, _rank, name in people if role is PostRole.HEAD)
    rotating = tuple(name for role, _rank, name in people if role is PostRole.ROTATING)
    return Strength(len(staff), heads, rotating, tuple(gaps))


def sent_to(query: str) -> Select[Any]:
    """Ids of people who are or were at a post whose name or region holds these words."""
    words = [column.contains(query, autoescape=True) for column in (StationedPost.name, StationedPost.region)]
    return select(Posting.user_id).join(StationedPost, StationedPost.id == Posting.post_id).where(or_(*words))


def places_of(session: Session, user_ids: Sequence[int], day: date) -> dict[int, list[str]]:
    """Names of the posts at which people are on a day."""
    statement = (
        select(Posting.user_id, StationedPost.name)
        .join(StationedPost, StationedPost.id == Posting.post_id)
        .where(Posting.user_id.in_(user_ids), there_on(day, day))
        .order_by(Posting.full_time.desc(), Posting.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for user_id, name in session.execute(statement):
        found[user_id].append(name)
    return dict(found)


def history_of(session: Session, user_id: int) -> list[Posting]:
    """Every posting of a person, newest first."""
    statement = (
        select(Posting)
        .where(Posting.user_id == user_id)
        .options(joinedload(Posting.post))
        .order_by(Posting.valid_from.desc(), Posting.id.desc())
        .limit(100)
    )
    return list(session.scalars(statement))
