"""Reads of assessments: books and versions, runs with their results, slips; what a change would do."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, union
from sqlalchemy.orm import joinedload, undefer

from crm.assessment.books.list_models import AssessedList
from crm.assessment.books.models import (
    AssessedUnit,
    AssessedValue,
    AssessmentAdjustment,
    AssessmentRun,
    RuleBook,
    SupervisionSlip,
)
from crm.assessment.books.rules import SlipState
from crm.auth.models import OrgUnit
from crm.auth.units import office_name
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

NO_BOOK = Problem("book.missing", "没有这个考核办法，可能已被删除。")
NO_RUN = Problem("run.missing", "没有这次考核，可能已被删除。")
NO_SLIP = Problem("slip.missing", "没有这张督办单，可能已被删除。")
MOST = 500


def exact(body: Mapping[str, Any]) -> Any:  # noqa: ANN401 (any JSON)
    """Give stored rules with their decimals as written."""
    return json.loads(json.dumps(body), parse_float=Decimal)


def book(session: Session, book_id: int, *, lock: bool = False) -> RuleBook:
    """Return a version of a book."""
    found = session.get(RuleBook, book_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFoundError(NO_BOOK)
    return found


def books(session: Session) -> list[RuleBook]:
    """The newest version of each book, by name."""
    newest = select(func.max(RuleBook.id)).group_by(RuleBook.name).scalar_subquery()
    return list(session.scalars(select(RuleBook).where(RuleBook.id.in_(newest)).order_by(RuleBook.name).limit(MOST)))


def published(session: Session) -> list[RuleBook]:
    """The newest published version of each book, by name; a draft that came later does not hide it."""
    out = RuleBook.published_at.is_not(None)
    newest = select(func.max(RuleBook.id)).where(out).group_by(RuleBook.name).scalar_subquery()
    return list(session.scalars(select(RuleBook).where(RuleBook.id.in_(newest)).order_by(RuleBook.name).limit(MOST)))


def newest(session: Session, name: str) -> RuleBook | None:
    """The newest version of a book."""
    return session.scalar(select(RuleBook).where(RuleBook.name == name).order_by(RuleBook.number.desc()).limit(1))


def twin(session: Session, book_id: int, name: str, start_on: date, end_on: date) -> bool:
    """Whether there is an assessment of this name by this book for these days."""
    same = (AssessmentRun.name == name, AssessmentRun.start_on == start_on, AssessmentRun.end_on == end_on)
    statement = select(AssessmentRun.id).where(AssessmentRun.book_id == book_id, *same)
    return session.scalar(statement.limit(1)) is not None


def versions(session: Session, name: str) -> list[RuleBook]:
    """Versions of a book, newest first."""
    statement = select(RuleBook).where(RuleBook.name == name).order_by(RuleBook.number.desc())
    return list(session.scalars(statement.limit(MOST)))


def run(session: Session, run_id: int, *, lock: bool = False) -> AssessmentRun:
    """Return an assessment with its book."""
    statement = select(AssessmentRun).where(AssessmentRun.id == run_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    else:
        statement = statement.options(joinedload(AssessmentRun.book))
    found: AssessmentRun | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(NO_RUN)
    return found


def runs(session: Session, cursor: str | None) -> Page[AssessmentRun]:
    """Assessments, newest period first."""
    statement = select(AssessmentRun).options(joinedload(AssessmentRun.book))
    order = [Key(AssessmentRun.end_on, descending=True), Key(AssessmentRun.id, descending=True)]
    return fetch_page(session, statement, order, lambda row: [row.end_on, row.id], cursor=cursor)


def assessed(session: Session, run_id: int) -> list[AssessedUnit]:
    """Units of an assessment: by group, best first, those without a place last."""
    statement = (
        select(AssessedUnit)
        .options(joinedload(AssessedUnit.unit), undefer(AssessedUnit.detail))
        .where(AssessedUnit.run_id == run_id)
        .order_by(AssessedUnit.group, AssessedUnit.rank.is_(None), AssessedUnit.rank, AssessedUnit.id)
        .limit(MOST)
    )
    return list(session.scalars(statement))


def member(session: Session, run_id: int, unit_id: int) -> AssessedUnit:
    """Return one unit of an assessment."""
    statement = (
        select(AssessedUnit)
        .options(joinedload(AssessedUnit.unit))
        .where(AssessedUnit.run_id == run_id, AssessedUnit.unit_id == unit_id)
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(NO_RUN)
    return found


def hands(session: Session, run_id: int) -> set[int]:
    """Who typed a value or a list of an assessment, or signed an adjustment: they do not confirm it."""
    typed = select(AssessedValue.by).where(AssessedValue.run_id == run_id)
    listed = select(AssessedList.by).where(AssessedList.run_id == run_id)
    signed = select(AssessmentAdjustment.signed_by).where(AssessmentAdjustment.run_id == run_id)
    return set(session.scalars(union(typed, listed, signed)))


def slips(
    session: Session, cursor: str | None, *, closed: bool, unit_ids: Sequence[int] | None
) -> Page[SupervisionSlip]:
    """Supervision slips: open ones by their day, closed ones newest first."""
    statement = select(SupervisionSlip).options(joinedload(SupervisionSlip.unit), joinedload(SupervisionSlip.run))
    done = SupervisionSlip.state == SlipState.CLOSED
    statement = statement.where(done if closed else ~done)
    if unit_ids is not None:
        statement = statement.where(SupervisionSlip.unit_id.in_(unit_ids))
    order = [Key(SupervisionSlip.due_on, descending=closed), Key(SupervisionSlip.id, descending=closed)]
    return fetch_page(session, statement, order, lambda row: [row.due_on, row.id], cursor=cursor)


def slip(session: Session, slip_id: int, *, lock: bool = False) -> SupervisionSlip:
    """Return a supervision slip."""
    statement = select(SupervisionSlip).where(SupervisionSlip.id == slip_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: SupervisionSlip | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(NO_SLIP)
    return found


def slips_of_run(session: Session, run_id: int) -> dict[int, SupervisionSlip]:
    """Slips of an assessment by unit."""
    statement = select(SupervisionSlip).where(SupervisionSlip.run_id == run_id)
    return {row.unit_id: row for row in session.scalars(statement)}


def next_number(session: Session, year: int) -> int:
    """The next number of a slip in a year."""
    return (session.scalar(select(func.max(SupervisionSlip.number)).where(SupervisionSlip.year == year)) or 0) + 1


def unit_names(session: Session, unit_ids: Sequence[int]) -> dict[int, str]:
    """Names of units."""
    return dict(session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(unit_ids))).all())


def issuer(session: Session) -> str:
    """Name of the bureau that issues papers."""
    return office_name(session)
