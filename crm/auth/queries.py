"""Reads of people, units and sessions."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, DateTime, Integer, String, bindparam, cast, column, func, or_, select, table
from sqlalchemy.orm import selectinload

from crm.auth.models import LoginSession, OrgUnit, Roster, User
from crm.auth.rules import Actor, Permission, Post, Role, UnitKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

NOTICE = table("notice", column("user_id", Integer), column("read_at", DateTime))  # a slice above this one
MOST_UNREAD = 100
TREES = 8  # offices change their units now and then
EYES = 1024  # conditions kept ready: who sees what is asked several times a page, and takes long to write down


def valid_on(model: type[OrgUnit | Roster], day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Condition: the row is valid on that day."""
    return (model.valid_from <= day) & or_(model.valid_to.is_(None), model.valid_to >= day)


def units(session: Session, day: date, *, kinds: Sequence[UnitKind] | None = None) -> list[OrgUnit]:
    """Units valid on a day, in the office's order."""
    statement = select(OrgUnit).where(valid_on(OrgUnit, day)).order_by(OrgUnit.position, OrgUnit.id)
    if kinds is not None:
        statement = statement.where(OrgUnit.kind.in_(kinds))
    return list(session.scalars(statement))


def actor_for(session: Session, user: User, day: date) -> Actor:
    """Build the actor of a person from the rosters valid on a day."""
    held = _posts_on(day).where(Roster.user_id == user.id).order_by(Roster.id)
    rows = session.execute(held).all()
    return _actor(user, [(row.role, row.unit_id, row.name) for row in rows], session.scalar(_tree()))


def signed_in(session: Session, token_hash: str, day: date) -> tuple[LoginSession, User, Actor, int] | None:
    """Find a sign-in session, its account, what that person may do on a day and has not read, in one query."""
    rows = session.execute(_signed_in(), {"token_hash": token_hash, "day": day}).all()
    if not rows:
        return None
    row, user, *_post, unread, tree = rows[0]
    held = [(role, unit_id, name) for _row, _user, role, unit_id, name, _unread, _tree in rows if unit_id]
    return row, user, _actor(user, held, tree), unread


@cache
def _signed_in() -> Select[*tuple[Any, ...]]:
    """Sessions with their account and the posts of a day; built once, since every request asks it."""
    posts = _posts_on(bindparam("day", type_=Date())).subquery()
    more = (_unread().scalar_subquery(), _tree().scalar_subquery())
    return (
        select(LoginSession, User, posts.c.role, posts.c.unit_id, posts.c.name, *more)
        .join(User, User.id == LoginSession.user_id)
        .outerjoin(posts, posts.c.user_id == User.id)
        .where(LoginSession.token_hash == bindparam("token_hash"))
        .order_by(posts.c.id)
    )


def _unread() -> Select[int]:
    """How many notices the person has not read; no more are counted than the bell can say."""
    some = select(NOTICE.c.user_id).where(NOTICE.c.user_id == User.id, NOTICE.c.read_at.is_(None)).correlate(User)
    return select(func.count()).select_from(some.limit(MOST_UNREAD).subquery())


def subtree(session: Session) -> dict[int, frozenset[int]]:
    """For each unit the ids of itself, the units below it and those it manages."""
    tree = session.scalar(_tree()) or ""
    children = _children(tree)
    return {unit_id: _covers(unit_id, children) for unit_id in _ids(tree)}


@cache
def _tree() -> Select[str | None]:
    """All units in one text, ``id,parent,managing unit`` each: it travels with the sign-in and is read once."""
    unit, parent, managing = (
        cast(func.coalesce(column, 0), String) for column in (OrgUnit.id, OrgUnit.parent_id, OrgUnit.managing_unit_id)
    )
    return select(func.aggregate_strings(unit + "," + parent + "," + managing, ";"))


@lru_cache(maxsize=TREES)
def _children(tree: str) -> Mapping[int, Sequence[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for one in tree.split(";") if tree else ():
        unit_id, parent_id, managing_id = map(int, one.split(","))
        children[parent_id].append(unit_id)
        children[managing_id].append(unit_id)
    return dict(children)


def _ids(tree: str) -> list[int]:
    return [int(one.partition(",")[0]) for one in tree.split(";")] if tree else []


def _posts_on(day: date | ColumnElement[date]) -> Select[int, int, int, Role, str]:
    """Rosters valid on a day in units valid on that day."""
    return (
        select(Roster.id, Roster.user_id, Roster.unit_id, Roster.role, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == Roster.unit_id)
        .where(valid_on(Roster, day), valid_on(OrgUnit, day))
    )


def _actor(user: User, held: Sequence[tuple[Role, int, str]], tree: str | None) -> Actor:
    """Make the actor of a person who holds these roles in these units, main one first."""
    children = _children(tree or "")
    posts = tuple(Post(Role(role), unit_id, _covers(unit_id, children), name) for role, unit_id, name in held)
    return Actor(user_id=user.id, name=user.name, posts=posts, locale=user.locale)


def _covers(unit_id: int, children: Mapping[int, Sequence[int]]) -> frozenset[int]:
    """Return the ids of a unit, the units below it and those it manages."""
    reached, open_ids = {unit_id}, [unit_id]
    while open_ids:
        below = set(children.get(open_ids.pop(), ())) - reached
        reached |= below
        open_ids.extend(below)
    return frozenset(reached)


def within(
    column: InstrumentedAttribute[int] | ColumnElement[int], actor: Actor, permission: Permission
) -> ColumnElement[bool]:
    """Condition: rows whose unit the actor's permission covers (``visible_to`` of every slice rests on it)."""
    scope = actor.scope(permission)
    if scope is None:
        return column.is_not(None)
    return column.in_(scope)


def user_by_name(session: Session, username: str) -> User | None:
    """Find an account by its folded user name."""
    return session.scalar(select(User).where(User.username == username))


def any_user(session: Session) -> bool:
    """Whether the office has been set up."""
    return bool(session.scalar(select(func.count()).select_from(User)))


def session_by_hash(session: Session, token_hash: str) -> tuple[LoginSession, User] | None:
    """Find a sign-in session with its account."""
    statement = (
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.token_hash == token_hash)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1])


def colleagues(session: Session, unit_ids: frozenset[int] | None, day: date) -> list[User]:
    """Active people rostered in any of the units (None: anywhere) on a day, by name."""
    statement = (
        select(User)
        .join(Roster, Roster.user_id == User.id)
        .where(User.active, valid_on(Roster, day))
        .order_by(User.name)
        .distinct()
    )
    if unit_ids is not None:
        statement = statement.where(Roster.unit_id.in_(unit_ids))
    return list(session.scalars(statement))


def seats(session: Session, scope: frozenset[int] | None, day: date) -> list[tuple[int, int, str]]:
    """Who of the active people sits in which unit of a scope (None: all): (unit id, user id, "name · unit")."""
    statement = (
        select(OrgUnit.id, User.id, User.name, OrgUnit.name, OrgUnit.position)
        .join(Roster, Roster.unit_id == OrgUnit.id)
        .join(User, User.id == Roster.user_id)
        .where(User.active, valid_on(Roster, day), valid_on(OrgUnit, day))
        .order_by(OrgUnit.position, OrgUnit.id, User.name, User.id)
        .distinct()
    )
    if scope is not None:
        statement = statement.where(OrgUnit.id.in_(scope))
    return [(unit_id, user_id, f"{name} · {unit}") for unit_id, user_id, name, unit, _ in session.execute(statement)]


def people(session: Session) -> list[User]:
    """All accounts with their rosters and units, for the administration page."""
    statement = select(User).options(selectinload(User.rosters).joinedload(Roster.unit)).order_by(User.name)
    return list(session.scalars(statement))


def names(session: Session, user_ids: Sequence[int]) -> dict[int, str]:
    """Names of people by id."""
    if not user_ids:
        return {}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(set(user_ids)))).all()
    return {row.id: row.name for row in rows}


def unit_names(session: Session, unit_ids: Sequence[int]) -> dict[int, str]:
    """Names of units by id."""
    if not unit_ids:
        return {}
    rows = session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(set(unit_ids)))).all()
    return {row.id: row.name for row in rows}
