"""What every register does when a run is taken back: who acts, what still is as it was written, what stays and why."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crm.auth import queries as people
from crm.auth.models import User
from crm.auth.rules import SYSTEM, Actor
from crm.core.changes import Door
from crm.core.errors import DomainError, ForbiddenError
from crm.core.scheduling import local_day
from crm.imports import rules
from crm.imports.revert import CHANGED, Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.core.changes import FieldChange
    from crm.imports.write import Mark


def acting(session: Session, by: int | None, now: datetime) -> Actor:
    """Who acts in the background, with the rights of this very day; raise ForbiddenError for who left."""
    if by is None:
        return SYSTEM
    user = session.get(User, by)
    if user is None or not user.active:
        raise ForbiddenError(rules.NO_RIGHT)
    return people.actor_for(session, user, local_day(now))


def door(mark: Mark) -> Door:
    """By which door an undo comes in."""
    return Door(mark.via, mark.run_id)


def by_record(rows: Iterable[FieldChange]) -> dict[int, list[FieldChange]]:
    """Changes of each record, the last one first."""
    found: dict[int, list[FieldChange]] = defaultdict(list)
    for row in rows:
        found[row.ref_id].append(row)
    return found


def put_back(
    rows: Sequence[FieldChange], current: Mapping[str, Any], labels: Mapping[str, str], kept: Callable[..., Kept]
) -> tuple[dict[str, Any], list[Kept]]:
    """What fields are to be again, as they are kept; and what somebody changed since."""
    values, found = {}, []
    now = dict(current)
    for row in rows:
        if now[row.field] != row.after:
            found.append(kept(CHANGED, {"field": labels.get(row.field, row.field)}))
            continue
        now[row.field] = values[row.field] = row.before
    return values, found


def tried(session: Session, work: Callable[[], object], kept: Callable[..., Kept]) -> list[Kept]:
    """Do it through a service; what the register refuses stays, and says why."""
    try:
        with session.begin_nested():
            work()
    except DomainError as error:
        first = error.problems[0]
        return [kept(first.message, {key: str(value) for key, value in first.params.items()})]
    return []
