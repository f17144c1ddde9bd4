"""Writes of lists on pages: what a person typed or pasted for a unit of an assessment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crm.assessment.books import list_queries, list_rules, queries
from crm.assessment.books.list_models import AssessedList
from crm.assessment.books.services import ask, demand, member_of, open_run_of
from crm.assessment.engine.book import read_book
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.assessment.books.list_rules import Sheet
    from crm.assessment.books.models import AssessmentRun
    from crm.auth.rules import Actor

NO_LIST = Problem("list.absent", "这个办法里没有这张列表，请刷新页面。")
RATED = Problem("list.rated", "这张列表由互评产生，不能手工填；要改用手工填，请先撤回互评。")
NOTHING_PASTED = Problem("list.nothing", "没有读到内容：请从表格里复制几行，再粘贴到框里。")
NOTE_LENGTH = 200


def sheets_of(run: AssessmentRun) -> dict[str, Sheet]:
    """Lists the book of an assessment asks for."""
    return list_rules.sheets(read_book(queries.exact(run.book.body)))


def sheet_at(run: AssessmentRun, place: int) -> Sheet:
    """The list at a place, from 1 on."""
    held = list(sheets_of(run).values())
    if not 1 <= place <= len(held):
        raise NotFoundError(NO_LIST)
    return held[place - 1]


def unfilled(session: Session, run: AssessmentRun, unit_id: int) -> list[tuple[str, bool]]:
    """Lists of a unit that nobody filled in, each with whether people are asked to rate for it."""
    held, asked = list_queries.typed_lists(session, run.id), list_queries.ratings_of(session, run.id)
    return [
        (name, name in asked)
        for name in sheets_of(run)
        if (asked[name].closed_at is None if name in asked else (unit_id, name) not in held)
    ]


def put_list(
    session: Session,
    actor: Actor,
    place: tuple[int, int, str],
    rows: Sequence[Mapping[str, str]],
    *,
    note: str,
    now: datetime,
) -> bool:
    """Keep a list for (run, unit, name) where it differs from what stood there, and have the run reckoned again.

    DomainError names the cells by ``cell-<column>-<row>``; rows and columns count from 1.
    """
    demand(actor, Permission.TARGET_MANAGE)
    run_id, unit_id, name = place
    run = open_run_of(session, run_id)
    member_of(session, run, unit_id)
    sheet = sheets_of(run).get(name)
    if sheet is None:
        raise NotFoundError(NO_LIST)
    if name in list_queries.ratings_of(session, run.id):
        raise ConflictError(RATED)
    kept = list_rules.tidy(sheet, rows)
    faults = list_rules.faults(sheet, kept)
    if faults:
        raise DomainError(*(replace(one.problem, field=cell(sheet, one)) for one in faults))
    before = list_queries.typed_lists(session, run.id).get((unit_id, name))
    if before is not None and before.rows == kept:
        return False
    fresh = AssessedList(
        run_id=run.id,
        unit_id=unit_id,
        name=name,
        rows=kept,
        note=note.strip()[:NOTE_LENGTH] or None,
        by=actor.user_id,
        at=now,
    )
    session.add(fresh)
    detail = {"unit": unit_id, "list": name, "rows": len(kept)}
    audit.record(session, actor.user_id, "assessment.list", ("assessment_run", run.id), now=now, **detail)
    ask(session, run, now=now)
    session.flush()
    return True


def cell(sheet: Sheet, fault: list_rules.Fault) -> str | None:
    """Name of the field of a fault; None for one of the whole list."""
    keys = [one.key for one in sheet.columns]
    return f"cell-{keys.index(fault.column) + 1}-{fault.row}" if fault.row else None
