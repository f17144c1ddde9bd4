"""The dry run: what every line of a file would do; only lines of the import itself are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crm.core.text import fold
from crm.enterprises.codes import find_industry, find_region
from crm.enterprises.identifiers import SEPARATOR
from crm.enterprises.naming import names_of
from crm.enterprises.rules import AliasKind
from crm.imports import people, rules, store
from crm.imports.matching import Doubt, Register, Subject
from crm.imports.models import RowAction
from crm.imports.outcomes import Outcome, candidates_of
from crm.imports.people import People
from crm.imports.rows import ImportRow, read_cells
from crm.imports.rules import BAD, DOUBT, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.imports.cells import ListTarget
    from crm.imports.columns import Mapping
    from crm.imports.reading import Row
    from crm.imports.repeats import Repeats

REPEATED = "与第 %(line)s 行是同一家企业（同一榜单同一年度），名次却不同。"
AGAIN = "与第 %(line)s 行是同一家企业，内容没有新的。"
NOBODY = "曾用名找不到对应的现有企业，请先导入上市公司名单。"
ABSENT = "登记册里没有这家企业，而这次只更新。"
FINDERS = {
    "industry": ("industry_code", lru_cache(maxsize=1024)(find_industry)),
    "region": ("region_code", lru_cache(maxsize=1024)(find_region)),
}
KIN = "与“%(name)s”名称相近，按代码或全称是另一家企业，因此新建；可在企业页补上两家的关系。"
PRESENT = "登记册里已有这家企业，而这次只新增。"


@dataclass(frozen=True, slots=True)
class Terms:
    """How the lines of a run are read and taken."""

    mapping: Mapping
    target: ListTarget
    mode: str = rules.BOTH
    keys: tuple[str, ...] = tuple(rules.KEYS)
    unit_id: int | None = None
    overwrite: bool = False


class Checker:
    """Takes lines in batches and says what each would do; knows what earlier lines taught."""

    def __init__(self, session: Session, terms: Terms, repeats: Repeats | None = None) -> None:
        """Start with an empty file; what no other line of it ``repeats`` need not be remembered."""
        self.terms, self._repeats = terms, repeats
        self.register = Register(keys=terms.keys)
        self.places = store.Places(store.known_editions(session))
        self.people = People(terms.unit_id, overwrite=terms.overwrite)
        self._owners = store.code_owners(session)
        self._loaded: set[int] = set()
        self._seen: dict[tuple[int, Subject | int], tuple[int, int | None]] = {}
        self._met: dict[Subject, None] = {}
        self._waiting: list[tuple[ImportRow, list[dict[str, Any]]]] = []
        self.doubtful: dict[int, str] = {}

    def take(self, session: Session, lines: Sequence[tuple[int, Row]]) -> dict[int, Outcome]:
        """Say what each of these lines would do; those in doubt are asked again by :meth:`finish`."""
        mapping, target = self.terms.mapping, self.terms.target
        read = [(line, *read_cells(mapping, line, cells, target)) for line, cells in lines]
        self._load(session, [row for _line, row, _problems in read if row is not None])
        found: dict[int, Outcome] = {}
        for line, row, problems in read:
            if row is None:
                found[line] = Outcome(RowAction.REFUSE, problems=problems)
                continue
            outcome = self._one(row, problems)
            if outcome is None:
                self._waiting.append((row, problems))
                outcome = Outcome(RowAction.QUEUE, problems=problems)
            found[line] = outcome
        self._forget()
        return found

    def _forget(self) -> None:
        """Drop whatever no other line can speak of, and what is only needed to write."""
        self.people.forget_plans()
        self.places.moved.clear()
        if self._repeats is not None:
            for row, _problems in self._waiting:
                self._repeats.wait_for(row)
            for subject in self._met:
                if not self._repeats.concern(subject):
                    self.register.forget(subject)
                    self.people.forget(subject)
                    self._loaded.discard(subject.id or 0)
                    for edition in self.places.forget(subject):
                        self._seen.pop((edition, subject), None)
        self._met.clear()

    def finish(self) -> dict[int, Outcome]:
        """Ask the doubtful lines again, until nothing moves; what is left is for a person.

        So a line does not depend on standing before or behind the line that explains it, and a
        second import finds nothing to do.
        """
        found: dict[int, Outcome] = {}
        before = -1
        while len(self._waiting) != before:
            before = len(self._waiting)
            still = []
            for row, problems in self._waiting:
                outcome = self._one(row, problems)
                if outcome is None:
                    still.append((row, problems))
                else:
                    found[row.line] = outcome
            self._waiting = still
        for row, problems in self._waiting:
            found[row.line] = self._left(row, problems)
            self.doubtful[row.line] = row.name
        self._waiting = []
        return found

    def _load(self, session: Session, rows: Sequence[ImportRow]) -> None:
        names, usccs, codes = store.keys_of(rows)
        ids = store.find_ids(session, names, usccs) | {self._owners[code] for code in codes if code in self._owners}
        fresh = ids - self._loaded
        self._loaded |= fresh
        for subject in store.load_subjects(session, fresh):
            self.register.know(subject)
            self._met[subject] = None
        store.load_places(session, self.places, fresh)
        if self.terms.unit_id is not None and any(row.people for row in rows):
            self.people.load(session, ids)

    def _one(self, row: ImportRow, problems: list[dict[str, Any]]) -> Outcome | None:
        """Take one line; None while it is in doubt."""
        found = self.register.find(row)
        if isinstance(found, Doubt) or (found is None and row.named_only):
            return None
        if found is None and self.terms.mode == rules.UPDATE:
            return Outcome(RowAction.SKIP, problems=[*problems, problem(None, DOUBT, ABSENT)])
        if found is not None and found.id is not None and self.terms.mode == rules.CREATE:
            return Outcome(RowAction.SKIP, found.id, problems=[*problems, problem(None, DOUBT, PRESENT)])
        subject = found or Subject(row.name, line=row.line)
        clash = self._clash(subject, row)
        if clash is not None:
            whole = problem(self.terms.mapping.first(rules.Column.RANK), BAD, REPEATED, line=clash)
            return Outcome(RowAction.REFUSE, subject.id, problems=[*problems, whole])
        return self._taken(row, subject, problems, new=found is None)

    def _taken(self, row: ImportRow, subject: Subject, problems: list[dict[str, Any]], *, new: bool) -> Outcome:
        kin = self._kin(row) if new else []
        changed = learn(subject, row, self.register, overwrite=self.terms.overwrite)
        for member in row.memberships:
            edition = self.places.edition(member)
            self._seen[edition, subject.id or subject] = (row.line, member.rank)
            changed |= self.places.put(edition, subject, member, row)
        if self.terms.unit_id is not None:
            for person in row.people:
                changed |= self.people.take(subject, person) != people.SAME
        self.register.know(subject)
        self._met[subject] = None
        subject.calm()
        earlier, subject.line = subject.line or row.line, subject.line or row.line
        if new:
            return Outcome(RowAction.CREATE, problems=[*problems, *kin])
        action = RowAction.UPDATE if changed else RowAction.SAME
        if not changed and earlier != row.line:
            problems = [*problems, problem(None, DOUBT, AGAIN, line=earlier)]
        return Outcome(action, subject.id, 0 if subject.id else earlier, problems)

    def _kin(self, row: ImportRow) -> list[dict[str, Any]]:
        """Say beside which firm of a like name a new one is made, so that a person may look."""
        near = self.register.kin(row)[:1]
        place = self.terms.mapping.first(rules.Column.NAME)
        return [problem(place, DOUBT, KIN, name=one.name) for one in near]

    def _clash(self, subject: Subject, row: ImportRow) -> int | None:
        """Line of an earlier row that gave the same enterprise another rank on the same list."""
        for member in row.memberships:
            line, rank = self._seen.get((self.places.edition(member), subject.id or subject), (0, None))
            if line and rank != member.rank:
                return line
        return None

    def _left(self, row: ImportRow, problems: list[dict[str, Any]]) -> Outcome:
        found = self.register.find(row)
        if not isinstance(found, Doubt):
            return Outcome(RowAction.REFUSE, problems=[*problems, problem(None, BAD, NOBODY)])
        place = self.terms.mapping.first(rules.Column.NAME)
        doubt = problem(place, DOUBT, found.message, **found.params)
        return Outcome(RowAction.QUEUE, problems=[*problems, doubt], candidates=candidates_of(found))


def learn(subject: Subject, row: ImportRow, register: Register, *, overwrite: bool = False) -> bool:
    """Fill in what the register does not know yet, or with ``overwrite`` what differs; never with blanks.

    A credit code or stock code of somebody else is left where it is. True when anything was new.
    """
    changed = False
    given = {"name_en": row.name_en if row.name_en != subject.name else None} | row.more
    given |= {"industry": row.industry, "region": row.region}
    for name, value in given.items():
        kept = subject.values.get(name)
        if value is None or value == kept or (kept is not None and not overwrite):
            continue
        _assign(subject, name, value)
        changed = True
    if row.uscc and not subject.uscc and register.owner(uscc=row.uscc) in {None, subject}:
        subject.change("uscc", None)
        subject.uscc, changed = row.uscc, True
    fresh = tuple(
        code for code in row.codes if code not in subject.codes and register.owner(code=code) in {None, subject}
    )
    if fresh:
        subject.change("stock_codes", SEPARATOR.join(subject.codes) or None)
        subject.codes, changed = (*subject.codes, *fresh), True
    for folded, name_kind in _names(row).items():
        changed |= subject.call(folded, name_kind)
    subject.changed |= changed
    subject.listed |= bool(row.memberships)
    return changed


def _assign(subject: Subject, name: str, value: Any) -> None:  # noqa: ANN401 (any field)
    """Set a field with the code that follows from it."""
    subject.change(name, subject.values.get(name))
    subject.values[name] = value
    if name in FINDERS:
        code_field, find = FINDERS[name]
        code = find(value)
        if code != subject.values.get(code_field):
            subject.change(code_field, subject.values.get(code_field))
            subject.values[code_field] = code


def _names(row: ImportRow) -> dict[str, tuple[str, AliasKind]]:
    """Names of a row; one that stands among its tickers or brands keeps that kind."""
    given = {fold(text): kind for text, kind in row.names}
    found = names_of(row.name, row.name_en, row.names)
    found.pop("", None)
    own = fold(row.name)
    if own in given:
        found[own] = (row.name, given[own])
    elif own and row.name == row.name_en:
        found[own] = (row.name, AliasKind.ENGLISH)
    return found
