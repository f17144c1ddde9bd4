"""Writes of mutual rating (互评): the registrar asks, each rater hands a sheet in, the registrar closes.

Marks are told to nobody: pages show counts, the result shows means of groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import delete

from crm.assessment.books import list_queries, lists, queries
from crm.assessment.books.list_models import MutualMark, MutualRated, MutualRater, MutualRating
from crm.assessment.books.services import ask, demand, open_run_of
from crm.assessment.engine.numbers import shown
from crm.auth.queries import subtree
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.notices.rules import NoticeKind
from crm.notices.services import tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.assessment.books.list_rules import Sheet
    from crm.auth.rules import Actor

FEWEST, MOST_RATERS = 3, 500
FEWEST_TRIMMED = 5  # one highest and one lowest off leaves three: of three marks it would leave one person's own
MARK = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")
CLOSED = Problem("rating.closed", "互评已经截止，不能再改。")
TWICE = Problem("rating.twice", "这张列表已经发起互评。")
TYPED = Problem("rating.typed", "这张列表已经手工填了分数，不能再发起互评。")
NO_MARK = Problem("rating.kind", "这张列表不是互评，或分数由公式算出，只能手工填。")
FEW = "“%(group)s”至少要请3人评分，才能不记名。"
FEW_TRIMMED = "“%(group)s”至少要请5人评分：这条规则去掉最高最低，请3人就只剩1个人的分，不能不记名。"
KIN = "“%(group)s”请的人里能给“%(unit)s”评分的只有%(n)s人（不评自己单位），至少要%(fewest)s人：请再加人。"
INVITED = "请您为“%(name)s”互评打分，%(day)s前提交，不记名。"
TELLING = "“%(unit)s”只收到“%(group)s”%(n)s份评分，不到3份会认出是谁打的：请再等等，或撤回互评。"
TELLING_TRIMMED = (
    "“%(unit)s”只收到“%(group)s”%(n)s份评分：这条规则去掉最高最低，不到5份会认出是谁打的，请再等等，或撤回互评。"
)


@dataclass(frozen=True, slots=True)
class RatingDraft:
    """Till when, which units are rated, and who rates in which group."""

    due_on: date | None
    unit_ids: frozenset[int]
    raters: Mapping[int, str]


def invite(
    session: Session, actor: Actor, run_id: int, name: str, draft: RatingDraft, *, now: datetime, today: date
) -> MutualRating:
    """Ask people to rate the units of an assessment."""
    demand(actor, Permission.TARGET_MANAGE)
    run = open_run_of(session, run_id)
    sheet = lists.sheets_of(run).get(name)
    if sheet is None or not sheet.mark:
        raise DomainError(NO_MARK)
    if name in list_queries.ratings_of(session, run.id):
        raise ConflictError(TWICE)
    members = {row.unit_id for row in queries.assessed(session, run.id)}
    problems = _problems(sheet, draft, members, today) or _kin(session, sheet, draft, today)
    if any(key == name and row.rows for (_unit, key), row in list_queries.typed_lists(session, run.id).items()):
        problems.append(TYPED)
    if problems or draft.due_on is None:
        raise DomainError(*problems)
    row = MutualRating(run_id=run.id, name=name, due_on=draft.due_on, opened_by=actor.user_id, opened_at=now)
    row.rated = [MutualRated(unit_id=one) for one in sorted(draft.unit_ids)]
    row.raters = [MutualRater(user_id=one, group=group) for one, group in draft.raters.items()]
    session.add(row)
    session.flush()
    detail = {"run": run.id, "raters": len(row.raters), "units": len(row.rated)}
    audit.record(session, actor.user_id, "rating.invite", ("mutual_rating", row.id), now=now, **detail)
    said = {"name": run.name, "day": draft.due_on.isoformat()}
    link = f"/assessment/ratings/{row.id}"
    tell(session, draft.raters, NoticeKind.OTHER, INVITED, link, ("mutual_rating", row.id), now, params=said)
    return row


def _problems(sheet: Sheet, draft: RatingDraft, members: set[int], today: date) -> list[Problem]:
    problems = []
    if draft.due_on is None or draft.due_on < today:
        problems.append(Problem("rating.due", "截止日期不能早于今天。", "due_on"))
    if not draft.unit_ids or not draft.unit_ids <= members:
        problems.append(Problem("rating.units", "请至少选一个被评单位。", "units"))
    wanted = sheet.groups or ("",)
    for at, group in enumerate(wanted):
        if sum(held == group for held in draft.raters.values()) < fewest(sheet):
            named: dict[str, object] = {"group": group or sheet.name}
            problems.append(Problem("rating.few", FEW_TRIMMED if sheet.trimmed else FEW, f"group_{at}", named))
    if set(draft.raters.values()) - set(wanted) or len(draft.raters) > MOST_RATERS:
        problems.append(Problem("rating.many", "评分人最多500人，每人只能在一个组里。", "group_0"))
    return problems


def fewest(sheet: Sheet) -> int:
    """How many marks a group must give a unit before their mean may be told: three of them must count."""
    return FEWEST_TRIMMED if sheet.trimmed else FEWEST


def _kin(session: Session, sheet: Sheet, draft: RatingDraft, today: date) -> list[Problem]:
    """Units for which too few are left once nobody rates the own unit: such a rating could never be closed."""
    trees, held = subtree(session), list_queries.posts(session, draft.raters, today)
    names = queries.unit_names(session, sorted(draft.unit_ids))
    problems = []
    for at, group in enumerate(sheet.groups or ("",)):
        asked = [held.get(one, frozenset()) for one, place in draft.raters.items() if place == group]
        for unit_id in sorted(draft.unit_ids):
            own = trees.get(unit_id, frozenset({unit_id}))
            left = sum(not own & posts for posts in asked)
            if left < fewest(sheet):
                named = {"group": group or sheet.name, "unit": names.get(unit_id, ""), "n": left}
                problems.append(Problem("rating.kin", KIN, f"group_{at}", {**named, "fewest": fewest(sheet)}))
                break
    return problems


def mine(session: Session, rating: MutualRating, actor: Actor) -> tuple[MutualRater, frozenset[int]]:
    """The sheet of a person, and the units that person rates: never one's own or one above it."""
    rater = next((one for one in rating.raters if one.user_id == actor.user_id), None)
    if rater is None:
        raise NotFoundError(list_queries.NO_RATING)
    trees, own = subtree(session), set(actor.unit_ids)
    allowed = (one.unit_id for one in rating.rated if not trees.get(one.unit_id, frozenset({one.unit_id})) & own)
    return rater, frozenset(allowed)


def hand_in(session: Session, actor: Actor, rating_id: int, typed: Mapping[int, str], *, now: datetime) -> MutualRater:
    """Hand a sheet in, again and again until the rating is closed; a blank leaves a unit out."""
    rating = list_queries.rating(session, rating_id, lock=True)
    rater, allowed = mine(session, rating, actor)
    if rating.closed_at is not None:
        raise ConflictError(CLOSED)
    run = queries.run(session, rating.run_id)
    sheet = lists.sheets_of(run)[rating.name]
    given = {unit_id: text.strip() for unit_id, text in typed.items() if text.strip()}
    problems = [
        Problem("rating.mark", "请填0到%(most)s之间的数，最多两位小数。", f"mark-{one}", {"most": shown(sheet.scale)})
        for one, text in given.items()
        if not MARK.fullmatch(text) or Fraction(text) > sheet.scale
    ]
    if not given.keys() <= allowed:
        problems.append(Problem("rating.own", "不能给自己单位打分。"))
    if not given:
        problems.append(Problem("rating.blank", "请至少给一个单位打分。"))
    if problems:
        raise DomainError(*problems)
    session.execute(delete(MutualMark).where(MutualMark.rater_id == rater.id))
    session.add_all(MutualMark(rater_id=rater.id, unit_id=one, mark=Decimal(text)) for one, text in given.items())
    rater.handed_at = now
    audit.record(session, actor.user_id, "rating.hand_in", ("mutual_rating", rating.id), now=now, marks=len(given))
    session.flush()
    return rater


def close(session: Session, actor: Actor, rating_id: int, *, now: datetime) -> MutualRating:
    """Close a rating: its marks count from now on. Fewer than three of a group would tell whose they are."""
    demand(actor, Permission.TARGET_MANAGE)
    rating = list_queries.rating(session, rating_id, lock=True)
    run = open_run_of(session, rating.run_id)
    if rating.closed_at is not None:
        raise ConflictError(CLOSED)
    counts = list_queries.counts(session, rating.id)
    if not counts:
        raise DomainError(Problem("rating.silent", "还没有人交评分，不能截止。"))
    names = {one.unit_id: one.unit.name for one in rating.rated}
    sheet = lists.sheets_of(queries.run(session, rating.run_id))[rating.name]
    lonely = [place for place, count in counts.items() if count < fewest(sheet)]
    if lonely:
        unit_id, group = min(lonely)
        named: dict[str, object] = {
            "unit": names.get(unit_id, ""),
            "group": group or rating.name,
            "n": counts[unit_id, group],
        }
        raise DomainError(Problem("rating.telling", TELLING_TRIMMED if sheet.trimmed else TELLING, None, named))
    rating.closed_by, rating.closed_at = actor.user_id, now
    detail = {"handed": sum(one.handed_at is not None for one in rating.raters), "asked": len(rating.raters)}
    audit.record(session, actor.user_id, "rating.close", ("mutual_rating", rating.id), now=now, **detail)
    ask(session, run, now=now)
    session.flush()
    return rating


def withdraw(session: Session, actor: Actor, rating_id: int, *, now: datetime) -> None:
    """Take an open rating back with its marks."""
    demand(actor, Permission.TARGET_MANAGE)
    rating = list_queries.rating(session, rating_id, lock=True)
    open_run_of(session, rating.run_id)
    if rating.closed_at is not None:
        raise ConflictError(CLOSED)
    audit.record(session, actor.user_id, "rating.withdraw", ("mutual_rating", rating.id), now=now, run=rating.run_id)
    session.execute(delete(MutualMark).where(MutualMark.rater_id.in_([one.id for one in rating.raters])))
    session.execute(delete(MutualRater).where(MutualRater.rating_id == rating.id))
    session.execute(delete(MutualRated).where(MutualRated.rating_id == rating.id))
    session.execute(delete(MutualRating).where(MutualRating.id == rating.id))
    session.expire_all()
