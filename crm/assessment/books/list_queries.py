"""Reads of lists typed for units, of invitations to rate and of their marks; no read tells whose a mark is."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from crm.assessment.books.list_models import AssessedList, MutualMark, MutualRated, MutualRater, MutualRating
from crm.assessment.books.list_rules import GROUP, Sheet, usable
from crm.auth.models import Roster
from crm.auth.queries import valid_on
from crm.core.errors import NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.assessment.books.models import AssessmentRun
    from crm.assessment.engine.numbers import Value

NO_RATING = Problem("rating.absent", "没有这次互评，或者没有邀请您评分。")
MOST = 100


def typed_lists(session: Session, run_id: int) -> dict[tuple[int, str], AssessedList]:
    """The newest list of each name, by unit and name."""
    newest = (
        select(func.max(AssessedList.id))
        .where(AssessedList.run_id == run_id)
        .group_by(AssessedList.unit_id, AssessedList.name)
    )
    found = session.scalars(select(AssessedList).where(AssessedList.id.in_(newest)))
    return {(row.unit_id, row.name): row for row in found}


def ratings_of(session: Session, run_id: int) -> dict[str, MutualRating]:
    """Invitations of an assessment by name of the list."""
    statement = select(MutualRating).options(selectinload(MutualRating.raters)).where(MutualRating.run_id == run_id)
    return {row.name: row for row in session.scalars(statement)}


def posts(session: Session, user_ids: Iterable[int], day: date) -> dict[int, frozenset[int]]:
    """Units in which people hold a post on a day, by person."""
    statement = select(Roster.user_id, Roster.unit_id).where(Roster.user_id.in_(list(user_ids)), valid_on(Roster, day))
    found: dict[int, set[int]] = {}
    for user_id, unit_id in session.execute(statement):
        found.setdefault(user_id, set()).add(unit_id)
    return {user_id: frozenset(units) for user_id, units in found.items()}


def rating(session: Session, rating_id: int, *, lock: bool = False) -> MutualRating:
    """Return an invitation with who is asked and who is rated."""
    if lock:
        session.execute(select(MutualRating.id).where(MutualRating.id == rating_id).with_for_update())
    statement = (
        select(MutualRating)
        .where(MutualRating.id == rating_id)
        .options(
            joinedload(MutualRating.run),
            selectinload(MutualRating.rated).joinedload(MutualRated.unit),
            selectinload(MutualRating.raters).joinedload(MutualRater.user),
        )
    )
    found = session.scalar(statement.execution_options(populate_existing=lock))
    if found is None:
        raise NotFoundError(NO_RATING)
    return found


def asked(session: Session, user_id: int) -> list[MutualRater]:
    """Invitations of a person, open ones first."""
    statement = (
        select(MutualRater)
        .join(MutualRater.rating)
        .options(joinedload(MutualRater.rating).joinedload(MutualRating.run))
        .where(MutualRater.user_id == user_id)
        .order_by(MutualRating.closed_at.is_not(None), MutualRating.due_on, MutualRating.id)
    )
    return list(session.scalars(statement.limit(MOST)))


def own_marks(session: Session, rater_id: int) -> dict[int, MutualMark]:
    """What a rater gave, by unit: for that rater's own page alone."""
    statement = select(MutualMark).where(MutualMark.rater_id == rater_id)
    return {row.unit_id: row for row in session.scalars(statement)}


def counts(session: Session, rating_id: int) -> dict[tuple[int, str], int]:
    """How many marks each unit has from each group."""
    statement = (
        select(MutualMark.unit_id, MutualRater.group, func.count())
        .join(MutualRater, MutualRater.id == MutualMark.rater_id)
        .where(MutualRater.rating_id == rating_id, MutualRater.handed_at.is_not(None))
        .group_by(MutualMark.unit_id, MutualRater.group)
    )
    return {(unit_id, group): count for unit_id, group, count in session.execute(statement)}


def _marks(session: Session, run_id: int) -> dict[str, dict[int, list[tuple[str, Fraction]]]]:
    """Marks of closed invitations by list and unit, lowest first, so that their order tells nothing."""
    statement = (
        select(MutualRating.name, MutualMark.unit_id, MutualRater.group, MutualMark.mark)
        .join(MutualRater, MutualRater.id == MutualMark.rater_id)
        .join(MutualRating, MutualRating.id == MutualRater.rating_id)
        .where(MutualRating.run_id == run_id, MutualRating.closed_at.is_not(None))
        .order_by(MutualRater.group, MutualMark.mark)
    )
    found: dict[str, dict[int, list[tuple[str, Fraction]]]] = {}
    for name, unit_id, group, mark in session.execute(statement):
        found.setdefault(name, {}).setdefault(unit_id, []).append((group, Fraction(mark)))
    return found


def lists_of(
    session: Session, run: AssessmentRun, sheets: Mapping[str, Sheet], unit_ids: Sequence[int]
) -> dict[int, dict[str, list[dict[str, Value]]]]:
    """Lists of each unit as the engine wants them: typed ones, and marks of closed invitations."""
    found: dict[int, dict[str, list[dict[str, Value]]]] = {unit_id: {} for unit_id in unit_ids}
    for (unit_id, name), row in typed_lists(session, run.id).items():
        if unit_id in found and name in sheets:
            found[unit_id][name] = usable(row.rows)
    for name, by_unit in _marks(session, run.id).items():
        sheet = sheets.get(name)
        for unit_id in unit_ids if sheet else ():
            marks = by_unit.get(unit_id, ())
            assert sheet is not None  # noqa: S101 (no unit is met without one)
            found[unit_id][name] = [_mark(sheet, group, mark) for group, mark in marks]
    return found


def _mark(sheet: Sheet, group: str, mark: Fraction) -> dict[str, Value]:
    return {GROUP: group, sheet.mark: mark} if sheet.groups else {sheet.mark: mark}
