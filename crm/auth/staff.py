"""The talent pool (招商人才库): skills, trainings, and the rotation history that the roster keeps anyway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import selectinload

from crm.auth.models import Roster, User
from crm.auth.rules import Actor, Permission, SkillKind
from crm.auth.staff_models import StaffSkill, Training, TrainingPlace
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

LINE, SHORT = 200, 80
ABSENT = Problem("staff.absent", "没有这位同事。")
NO_SKILL = Problem("staff.skill", "没有这项技能，可能已被删除。")
NO_TRAINING = Problem("training.absent", "没有这次培训。")
NOT_YOURS = Problem("staff.right", "只能登记自己的技能；招商办可以登记所有人的。")
NO_RIGHT = Problem("training.right", "您的角色不能登记培训，请联系招商办。")


@dataclass(frozen=True, slots=True)
class SkillDraft:
    """What a person can do: kind, name, level and since when."""

    kind: SkillKind
    name: str
    level: str | None = None
    since: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingDraft:
    """A training that was held; ``hours`` are whole hours."""

    title: str
    held_on: date
    hours: int | None = None
    place: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person of the pool with posts (newest first), skills and trainings."""

    user: User
    posts: tuple[Roster, ...]
    skills: tuple[StaffSkill, ...]
    trainings: tuple[tuple[Training, str | None], ...]


def pool(
    session: Session, query: str, kind: SkillKind | None, *, cursor: str | None, also: Select[Any] | None = None
) -> tuple[Page[User], dict[int, list[StaffSkill]], dict[int, tuple[int, int]]]:
    """Return a page of active people by name, their skills, and (trainings, hours) of each.

    ``query`` is looked for in names and skills, and among the ids of ``also``; with a ``kind`` in skills of
    that kind alone, without a query everybody with such a skill is meant.
    """
    statement = select(User).where(User.active).options(selectinload(User.rosters).joinedload(Roster.unit))
    if query:
        skilled = select(StaffSkill.user_id).where(StaffSkill.name.contains(query, autoescape=True))
        found = User.name.contains(query, autoescape=True) | User.id.in_(
            skilled if kind is None else skilled.where(StaffSkill.kind == kind)
        )
        statement = statement.where(found if also is None else found | User.id.in_(also))
    if kind is not None:
        statement = statement.where(User.id.in_(select(StaffSkill.user_id).where(StaffSkill.kind == kind)))
    order = [Key(User.name), Key(User.id)]
    page = fetch_page(session, statement, order, lambda row: [row.name, row.id], cursor=cursor)
    ids = [row.id for row in page.rows]
    skills: dict[int, list[StaffSkill]] = {}
    for skill in session.scalars(select(StaffSkill).where(StaffSkill.user_id.in_(ids)).order_by(StaffSkill.id)):
        skills.setdefault(skill.user_id, []).append(skill)
    totals = (
        select(TrainingPlace.user_id, func.count(), func.coalesce(func.sum(Training.hours), 0))
        .join(Training, Training.id == TrainingPlace.training_id)
        .where(TrainingPlace.user_id.in_(ids))
        .group_by(TrainingPlace.user_id)
    )
    return page, skills, {user: (count, int(hours or 0)) for user, count, hours in session.execute(totals)}


def colleague(session: Session, user_id: int) -> Colleague:
    """Return one person of the pool; raise NotFoundError."""
    statement = select(User).where(User.id == user_id).options(selectinload(User.rosters).joinedload(Roster.unit))
    user = session.scalar(statement)
    if user is None:
        raise NotFoundError(ABSENT)
    skills = session.scalars(select(StaffSkill).where(StaffSkill.user_id == user_id).order_by(StaffSkill.id))
    attended = (
        select(Training, TrainingPlace.result)
        .join(TrainingPlace, TrainingPlace.training_id == Training.id)
        .where(TrainingPlace.user_id == user_id)
        .order_by(Training.held_on.desc(), Training.id.desc())
        .limit(100)
    )
    posts = sorted(user.rosters, key=lambda post: (post.valid_from, post.id), reverse=True)
    trainings = tuple((row[0], row[1]) for row in session.execute(attended))
    return Colleague(user, tuple(posts), tuple(skills), trainings)


def add_skill(session: Session, actor: Actor, user_id: int, draft: SkillDraft, *, now: datetime) -> StaffSkill:
    """Add a skill to a person, one's own or (招商办) anybody's."""
    _may_edit(actor, user_id)
    person = colleague(session, user_id)
    problems = []
    if not draft.name.strip():
        problems.append(Problem("staff.name", "请写明是什么，例如 日语、生物医药、注册会计师。", "name"))
    if any(one.kind is draft.kind and one.name == draft.name for one in person.skills):
        problems.append(Problem("staff.known", "已经登记过这一项。", "name"))
    if problems:
        raise DomainError(*problems)
    row = StaffSkill(
        user_id=user_id,
        kind=draft.kind,
        name=draft.name[:SHORT],
        level=draft.level,
        since=draft.since,
        note=draft.note,
        created_at=now,
    )
    session.add(row)
    audit.record(session, actor.user_id, "staff.skill", ("user", user_id), now=now, kind=draft.kind, name=draft.name)
    return row


def remove_skill(session: Session, actor: Actor, skill_id: int, *, now: datetime) -> StaffSkill:
    """Take a skill away."""
    row = session.get(StaffSkill, skill_id)
    if row is None:
        raise NotFoundError(NO_SKILL)
    _may_edit(actor, row.user_id)
    session.delete(row)
    audit.record(session, actor.user_id, "staff.skill_removed", ("user", row.user_id), now=now, name=row.name)
    return row


def trainings(session: Session, *, cursor: str | None) -> tuple[Page[Training], dict[int, int]]:
    """Return a page of trainings, newest first, and how many took part in each."""
    order = [Key(Training.held_on, descending=True), Key(Training.id, descending=True)]
    page = fetch_page(session, select(Training), order, lambda row: [row.held_on, row.id], cursor=cursor)
    ids = [row.id for row in page.rows]
    counts = (
        select(TrainingPlace.training_id, func.count())
        .where(TrainingPlace.training_id.in_(ids))
        .group_by(TrainingPlace.training_id)
    )
    return page, {row[0]: row[1] for row in session.execute(counts)}


def hold_training(
    session: Session, actor: Actor, draft: TrainingDraft, user_ids: Sequence[int], *, now: datetime, today: date
) -> Training:
    """Put a training that was held on record, with those who took part."""
    if not actor.may(Permission.STAFF_MANAGE):
        raise ForbiddenError(NO_RIGHT)
    problems = []
    if not draft.title.strip():
        problems.append(Problem("training.title", "请填写培训名称。", "title"))
    if draft.held_on > today:
        problems.append(Problem("training.future", "只登记已经办过的培训，日期不能晚于今天。", "held_on"))
    if not user_ids:
        problems.append(Problem("training.people", "请勾选参加的人。", "people"))
    if problems:
        raise DomainError(*problems)
    row = Training(
        title=draft.title[:LINE],
        held_on=draft.held_on,
        hours=draft.hours or None,
        place=draft.place,
        topic=draft.topic,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(TrainingPlace(training_id=row.id, user_id=user_id) for user_id in dict.fromkeys(user_ids))
    audit.record(
        session, actor.user_id, "training.add", ("training", row.id), now=now, title=row.title, people=len(user_ids)
    )
    return row


def remove_training(session: Session, actor: Actor, training_id: int, *, now: datetime) -> Training:
    """Take a training off the record (entered by mistake)."""
    if not actor.may(Permission.STAFF_MANAGE):
        raise ForbiddenError(NO_RIGHT)
    row = session.get(Training, training_id)
    if row is None:
        raise NotFoundError(NO_TRAINING)
    session.execute(delete(TrainingPlace).where(TrainingPlace.training_id == training_id))
    session.delete(row)
    audit.record(session, actor.user_id, "training.remove", ("training", training_id), now=now, title=row.title)
    return row


def _may_edit(actor: Actor, user_id: int) -> None:
    if actor.user_id != user_id and not actor.may(Permission.STAFF_MANAGE):
        raise ForbiddenError(NOT_YOURS)
