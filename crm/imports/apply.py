"""Write lines of a checked import, a batch at a time; a batch is done once, however often it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from crm.core.text import fold
from crm.imports import rules, store, write
from crm.imports.check import PRESENT, Terms, learn
from crm.imports.matching import Doubt, Register, Subject
from crm.imports.models import ImportRow as Line
from crm.imports.models import RowAction
from crm.imports.outcomes import candidates_of, leader_of
from crm.imports.people import People
from crm.imports.rows import ImportRow, read_cells
from crm.imports.rules import BAD, CHOSEN, DOUBT, Column, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.imports.write import Mark

CHUNK = 300
GONE = "企业在核对之后被删除或合并，请重新核对。"
HELD = "核对之后有人登记了同名的企业，请选是不是它。"


def next_lines(session: Session, run_id: int) -> Sequence[Line]:
    """The next lines to write: first those that create, then those that add."""
    for action in (RowAction.CREATE, RowAction.UPDATE):
        statement = (
            select(Line)
            .where(Line.run_id == run_id, Line.action == action, Line.applied_at.is_(None))
            .order_by(Line.line)
            .limit(CHUNK)
        )
        lines = session.scalars(statement).all()
        if lines:
            return lines
    return ()


def apply_lines(session: Session, lines: Sequence[Line], terms: Terms, source: str, mark: Mark) -> int:
    """Write these lines; return how many found their place. What cannot be written says why."""
    batch = _Batch(session, terms, mark)
    for line in lines:
        row, problems = read_cells(terms.mapping, line.line, tuple(line.cells), terms.target)
        if row is None:
            line.action, line.problems = RowAction.REFUSE, problems
        else:
            batch.rows.append((line, row))
    done = batch.write(source)
    session.flush()
    for line in lines:
        session.expunge(line)
    return done


class _Batch:
    """Some lines on their way into the register."""

    def __init__(self, session: Session, terms: Terms, mark: Mark) -> None:
        self.session, self.terms, self.mark = session, terms, mark
        self.rows: list[tuple[Line, ImportRow]] = []
        self.targets: dict[int, Subject] = {}

    def write(self, source: str) -> int:
        session, terms = self.session, self.terms
        self._follow_leaders()
        known = self._known()
        register = Register(known.values(), terms.keys)
        members = [member for _line, row in self.rows for member in row.memberships]
        places = write.open_places(session, members, terms.target.source, self.mark)
        store.load_places(session, places, known.keys())
        people = People(terms.unit_id, overwrite=terms.overwrite)
        people.load(session, known.keys())
        for line, row in self.rows:
            subject = self._target(line, row, known, register)
            if subject is None:
                continue
            learn(subject, row, register, overwrite=terms.overwrite)
            if row.name and line.candidates and line.candidates[0].get(CHOSEN):
                subject.tell(fold(row.name))
            for member in row.memberships:
                places.put(places.edition(member), subject, member, row)
            for person in row.people:
                people.take(subject, person)
            register.know(subject)
            self.targets[line.line] = subject
        write.save(session, list(dict.fromkeys(self.targets.values())), places, self.mark)
        people.save(session, source, self.mark)
        return self._done()

    def _follow_leaders(self) -> None:
        """Lines that add to what another line creates: it is there by now, or they come in by themselves."""
        leaders = {line.line: leader_of(line.candidates) for line, _row in self.rows if not line.enterprise_id}
        wanted = {leader for leader in leaders.values() if leader}
        if not wanted:
            return
        run_id = self.rows[0][0].run_id
        statement = select(Line.line, Line.enterprise_id).where(Line.run_id == run_id, Line.line.in_(wanted))
        made = {row.line: row.enterprise_id for row in self.session.execute(statement)}
        for line, _row in self.rows:
            leader = leaders.get(line.line)
            if leader:
                line.enterprise_id = made.get(leader)
                line.action = RowAction.UPDATE if line.enterprise_id else RowAction.CREATE

    def _known(self) -> dict[int, Subject]:
        """Every enterprise these lines speak of, or that holds their names or codes; nobody else changes them now."""
        fresh = [row for line, row in self.rows if line.action is RowAction.CREATE]
        names, _usccs, _codes = store.keys_of(fresh)
        _names, usccs, codes = store.keys_of([row for _line, row in self.rows])
        ids: set[int] = store.find_ids(self.session, names, usccs)
        ids |= {line.enterprise_id for line, _row in self.rows if line.enterprise_id}
        if codes:
            owners = store.code_owners(self.session)
            ids |= {owners[code] for code in codes if code in owners}
        return {one.id: one for one in store.load_subjects(self.session, ids, lock=True) if one.id}

    def _target(self, line: Line, row: ImportRow, known: dict[int, Subject], register: Register) -> Subject | None:
        """The enterprise of a line, known or new; None when it must wait or go."""
        if line.action is RowAction.UPDATE:
            subject = known.get(line.enterprise_id or 0)
            if subject is None:
                line.action, line.problems = RowAction.REFUSE, [*line.problems, problem(None, BAD, GONE)]
            return subject
        found, said_new = register.find(row), any(one.get(CHOSEN) == rules.NEW for one in line.candidates)
        if said_new:
            holder = register.named(row.name)
            found = Doubt(HELD, {}, (holder,)) if holder else None
        if isinstance(found, Doubt):
            place = self.terms.mapping.first(Column.NAME)
            line.action, line.candidates = RowAction.QUEUE, candidates_of(found)
            line.problems = [*line.problems, problem(place, DOUBT, found.message, **found.params)]
            return None
        if found is None:
            return Subject(row.name, line=line.line)
        if found.id is not None and self.terms.mode == rules.CREATE:
            line.action, line.problems = RowAction.SKIP, [*line.problems, problem(None, DOUBT, PRESENT)]
            return None
        line.action = RowAction.UPDATE
        return found

    def _done(self) -> int:
        table = Line.__table__
        rows = [
            {"its_id": line.id, "its_enterprise": self.targets[line.line].id, "its_moment": self.mark.now}
            for line, _row in self.rows
            if line.line in self.targets
        ]
        self.session.flush()
        if rows:
            statement = (
                update(table)  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
                .where(table.c.id == bindparam("its_id"))
                .values(enterprise_id=bindparam("its_enterprise"), applied_at=bindparam("its_moment"))
            )
            self.session.connection().execute(statement, rows)
        told = {(one.id, name) for one in self.targets.values() if one.id for name in one.told}
        write.remember(self.session, told, self.mark)
        return len(rows)


def link_parents(session: Session, run_id: int, after: int, terms: Terms, mark: Mark) -> int | None:
    """Hang enterprises below the parent their line names, where exactly one is meant; return the last line seen."""
    statement = (
        select(Line.line, Line.cells, Line.enterprise_id)
        .where(Line.run_id == run_id, Line.line > after, Line.applied_at.is_not(None))
        .order_by(Line.line)
        .limit(CHUNK)
    )
    lines = session.execute(statement).all()
    if not lines:
        return None
    wanted = {one.enterprise_id: fold(terms.mapping.value(tuple(one.cells), Column.PARENT)) for one in lines}
    parents = store.named_so(session, {name for name in wanted.values() if name})
    pairs = {child: parents[name] for child, name in wanted.items() if parents.get(name, child) != child}
    write.set_parents(session, pairs, mark)
    return int(lines[-1].line)


def fill_candidates(session: Session, run_id: int, after: int) -> int | None:
    """Name enterprises that lines for a person might mean and that this run created; return the last line seen."""
    statement = (
        select(Line)
        .where(Line.run_id == run_id, Line.action == RowAction.QUEUE, Line.line > after)
        .order_by(Line.line)
        .limit(CHUNK)
    )
    queued = session.scalars(statement).all()
    if not queued:
        return None
    lines = {one["line"] for row in queued for one in row.candidates if one.get("line") and not one.get("id")}
    found = select(Line.line, Line.enterprise_id).where(Line.run_id == run_id, Line.line.in_(lines))
    made = {row.line: row.enterprise_id for row in session.execute(found)}
    for row in queued:
        if any(made.get(one.get("line") or 0) for one in row.candidates):
            row.candidates = [{**one, "id": one.get("id") or made.get(one.get("line") or 0)} for one in row.candidates]
    session.flush()
    last = queued[-1].line
    for row in queued:
        session.expunge(row)
    return last
