"""Lines of an import as people handle them: looked through, mended, skipped, told who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.core import audit
from crm.core.changes import CREATED, FieldChange, Via
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.indexing import CONTACT
from crm.enterprises.models import Enterprise
from crm.enterprises.queries import live
from crm.imports import applying, memory, rules, runs
from crm.imports.checking import count
from crm.imports.looking import outcome_of_line
from crm.imports.mapping import terms_of
from crm.imports.matching import DOUBTS
from crm.imports.models import ImportRow, RowAction
from crm.imports.outcomes import as_columns
from crm.imports.rows import read_cells
from crm.imports.rules import CHOSEN, NEW, SKIP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.imports.models import ImportRun

LINE = "line:"


def tallies(session: Session, run_id: int, *, applied: bool = False) -> dict[RowAction, int]:
    """Lines by what is to become of them; ``applied``: of those to be written only the written ones."""
    statement = select(ImportRow.action, func.count()).where(ImportRow.run_id == run_id)
    if applied:
        planned = ImportRow.action.in_((RowAction.CREATE, RowAction.UPDATE)) & ImportRow.applied_at.is_(None)
        statement = statement.where(~planned)
    return {row[0]: row[1] for row in session.execute(statement.group_by(ImportRow.action))}


def new_contacts(session: Session, run_id: int) -> int:
    """How many contacts a run added."""
    statement = select(func.count()).where(
        FieldChange.run_id == run_id,
        FieldChange.via == Via.IMPORT,
        FieldChange.kind == CONTACT,
        FieldChange.field == CREATED,
    )
    return session.scalar(statement) or 0


def rows(session: Session, run_id: int, action: str, cursor: str | None) -> Page[ImportRow]:
    """Lines of which the same is to become, in the order of the file."""
    statement = select(ImportRow).where(ImportRow.run_id == run_id, ImportRow.action == RowAction(action))
    return fetch_page(session, statement, [Key(ImportRow.line)], lambda row: [row.line], cursor=cursor)


def get_row(session: Session, run_id: int, line: int) -> ImportRow:
    """Return a line of a run; raise NotFoundError."""
    runs.get_run(session, run_id)
    found = session.scalar(select(ImportRow).where(ImportRow.run_id == run_id, ImportRow.line == line))
    if found is None:
        raise NotFoundError(rules.MISSING_ROW)
    return found


def mend(
    session: Session, actor: Actor, run_id: int, line: int, texts: Mapping[int, str], *, now: datetime
) -> ImportRow:
    """Change cells of a line (place -> text); the line is checked anew.

    Raises:
        ConflictError: the run is at work or the line is in the register already.
        NotFoundError: no such line or cell.

    """
    run, row = _open(session, actor, run_id, line)
    cells = list(row.cells)
    for index, text in texts.items():
        if not 0 <= index < len(run.options["headings"]):
            raise NotFoundError(rules.NO_CELL)
        cells += [""] * (index + 1 - len(cells))
        cells[index] = text.strip()
    if cells == row.cells:
        return row
    row.cells, row.edited = cells, True
    _check(session, run, row, now)
    places = sorted(texts)
    audit.record(session, actor.user_id, "import.mend", (runs.RUN, run.id), now=now, line=line, columns=places)
    return row


def skip(session: Session, actor: Actor, run_id: int, line: int, *, now: datetime) -> ImportRow:
    """Leave a line out."""
    run, row = _open(session, actor, run_id, line)
    if row.action is not RowAction.SKIP:
        if row.action is RowAction.QUEUE:
            memory.skip(session, run.options["signature"], _name(run, row))
        row.action, row.candidates, row.edited = RowAction.SKIP, [{CHOSEN: SKIP}], True
        _settled(session, actor, run, line, SKIP, now)
    return row


def unskip(session: Session, actor: Actor, run_id: int, line: int, *, now: datetime) -> ImportRow:
    """Take a line back in; it is checked anew."""
    run, row = _open(session, actor, run_id, line)
    if row.action is RowAction.SKIP:
        if run.kind == runs.KIND:
            memory.skip(session, run.options["signature"], _name(run, row), again=False)
        _check(session, run, row, now)
        _settled(session, actor, run, line, "unskip", now)
    return row


def settle(session: Session, actor: Actor, run_id: int, line: int, choice: int | str, *, now: datetime) -> ImportRow:
    """Say who a line in doubt is: an enterprise by its id, one of a line before (``line:12``), a new one, or nobody.

    After the import is done the line is written at once. The name is known from then on.

    Raises:
        ConflictError: the line is not in doubt any more, or the run is at work.
        DomainError: not one of those offered.

    """
    run, row = _open(session, actor, run_id, line, done=True)
    if row.action is not RowAction.QUEUE:
        raise ConflictError(rules.DECIDED)
    if choice == NEW:
        row.action, row.enterprise_id, row.candidates = RowAction.CREATE, None, [{CHOSEN: NEW}]
    elif choice == SKIP:
        row.action, row.candidates = RowAction.SKIP, [{CHOSEN: SKIP}]
        memory.skip(session, run.options["signature"], _name(run, row))
    else:
        _choose(session, row, choice)
    row.edited = True
    row.problems = [one for one in row.problems if one["message"] not in DOUBTS]
    session.flush()
    if rules.state_of(run.state) == rules.DONE and row.action is not RowAction.SKIP:
        applying.settle_line(session, run, row, by=actor.user_id or None, now=now)
        row = get_row(session, run_id, line)
    _settled(session, actor, run, line, str(choice), now)
    return row


def _choose(session: Session, row: ImportRow, choice: int | str) -> None:
    offered = {one["id"]: one for one in row.candidates if one.get("id")}
    leaders = {f"{LINE}{one['line']}": one for one in row.candidates if one.get("line") and not one.get("id")}
    if isinstance(choice, int) and choice in offered and _living(session, choice):
        row.enterprise_id, row.candidates = choice, [offered[choice] | {CHOSEN: choice}]
    elif choice in leaders:
        one = leaders[str(choice)]
        row.enterprise_id, row.candidates = None, [{CHOSEN: choice, "leader": one["line"], "name": one["name"]}]
    else:
        raise DomainError(rules.NOT_A_CHOICE)
    row.action = RowAction.UPDATE


def _living(session: Session, enterprise_id: int) -> bool:
    return session.scalar(select(Enterprise.id).where(Enterprise.id == enterprise_id, live())) is not None


def _open(session: Session, actor: Actor, run_id: int, line: int, *, done: bool = False) -> tuple[ImportRun, ImportRow]:
    """Return a line that may still be changed, with its run; both are locked."""
    run = runs.shown_run(session, actor, run_id, lock=True)
    row = get_row(session, run_id, line)
    allowed = rules.MENDABLE | {rules.DONE} if done else rules.MENDABLE
    if rules.state_of(run.state) not in allowed or not run.options.get("checked"):
        raise ConflictError(rules.NOT_NOW)
    if row.applied_at is not None:
        raise ConflictError(rules.DECIDED)
    return run, row


def _check(session: Session, run: ImportRun, row: ImportRow, now: datetime) -> None:
    """Find out anew what a line would do."""
    outcome = outcome_of_line(session, run, (row.line, tuple(row.cells)), now)
    for name, value in as_columns(outcome).items():
        setattr(row, name, value)
    session.flush()
    run.counts = run.counts | count(session, run)


def _settled(session: Session, actor: Actor, run: ImportRun, line: int, choice: str, now: datetime) -> None:
    session.flush()
    run.counts = count(session, run)
    by = actor.user_id or None
    audit.record(session, by, "import.settle", (runs.RUN, run.id), now=now, line=line, choice=choice)


def _name(run: ImportRun, row: ImportRow) -> str:
    terms = terms_of(run.options)
    read, _problems = read_cells(terms.mapping, row.line, tuple(row.cells), terms.target)
    return read.name if read else ""
