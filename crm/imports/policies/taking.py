"""Lines of policies on their way into the register: a clause each, into the draft of its policy, to be reviewed there.

Nothing of a published version is changed and no reviewed clause either; the review is never imported.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.imports.models import RowAction
from crm.imports.policies import reading
from crm.imports.policies.fields import HEAD_FIELDS, REVIEW
from crm.imports.sheets.cells import Cells
from crm.imports.sheets.contract import Plan, is_bad, refused
from crm.imports.sheets.units import NO_OWNER, UNIT, Units, may
from crm.resources.policies import history, services
from crm.resources.policies.models import Policy, PolicyClause, PolicyVersion
from crm.resources.policies.rules import ClauseDraft, Review, VersionDraft, clause_problems, version_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.imports.columns import Mapping as Columns
    from crm.imports.policies.reading import Line
    from crm.imports.reading import Row
    from crm.imports.sheets.contract import Final, Hand

PUBLISHED = "这份政策已经发布，不能改：请先在政策页建立新版本，再导入到它的草稿。"
REVIEWED = "这一条已经审查过，导入不改；要改请到政策页改，改后重新审查。"
SEVERAL = "登记册里有几份政策叫这个名称和文号，分不清是哪一份，请到政策页修改。"
OTHER_HEAD = "与第 %(line)s 行是同一份政策，这一格却不同。"
TWICE = "与第 %(line)s 行是同一条，请合并成一行。"
NOT_IMPORTED = "审查结果不从这里导入：这一条按“未审查”进草稿，请在政策页登记审查。"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A policy of the register by its newest version, with its clauses by their number."""

    policy: Policy
    version: PolicyVersion
    clauses: dict[str, PolicyClause]


@dataclass(frozen=True, slots=True)
class Taken:
    """A line as it is written: its policy and clause if they are there, the head (None: as it is) and the clause."""

    known: Known | None
    head: VersionDraft | None
    clause: PolicyClause | None
    draft: ClauseDraft


class PolicyTaker:
    """Takes lines of policies."""

    turns = 1
    finals: tuple[Final, ...] = ()

    def __init__(self, columns: Columns, hand: Hand) -> None:
        """Begin with an empty file."""
        self._columns, self._hand, self._units = columns, hand, Units(hand)
        self._first: dict[tuple[str, str, str], int] = {}
        self._heads: dict[Key, tuple[int, dict[str, Any]]] = {}
        self._known: dict[Key, list[Known]] = {}

    def place(self, name: str) -> int | None:
        """In which column the field of a problem stands."""
        return self._columns.first(name)

    def turn(self, cells: Row) -> int:  # noqa: ARG002 (one turn for all)
        """In which turn a line is written."""
        return 0

    def note(self, number: int, cells: Row) -> None:
        """Remember which clauses the file has, and what the first line of a policy says of its head."""
        read = Cells(self._columns, cells)
        title, document_no = self._name(cells)
        clause = self._columns.value(cells, "number").strip()
        if clause:
            self._first.setdefault((title, document_no, clause), number)
        head = reading.head(read)
        if not is_bad(read.problems) and any(head.values()):
            self._heads.setdefault((title, document_no), (number, head))

    def _name(self, cells: Row) -> Key:
        return self._columns.value(cells, "title").strip(), self._columns.value(cells, "document_no").strip()

    def load(self, session: Session, lines: Sequence[Row]) -> None:
        """Read the newest versions of the policies these lines name, and their clauses, in two reads."""
        names = {self._name(row) for row in lines}
        statement = (
            select(PolicyVersion, Policy)
            .join(Policy, Policy.id == PolicyVersion.policy_id)
            .where(
                PolicyVersion.title.in_({title for title, _number in names}),
                PolicyVersion.document_no.in_({number for _title, number in names}),
            )
            .order_by(PolicyVersion.number)
        )
        newest: dict[int, tuple[PolicyVersion, Policy]] = {}
        for version, policy in session.execute(statement):
            if version.published_at is not None or may(self._hand, policy.unit_id):
                newest[policy.id] = (version, policy)
        clauses: dict[int, dict[str, PolicyClause]] = defaultdict(dict)
        wanted = select(PolicyClause).where(PolicyClause.version_id.in_({one.id for one, _policy in newest.values()}))
        for clause in session.scalars(wanted):
            clauses[clause.version_id][clause.number] = clause
        self._known = defaultdict(list)
        for version, policy in newest.values():
            known = Known(policy, version, clauses[version.id])
            self._known[version.title, version.document_no].append(known)

    def plan(self, session: Session, number: int, cells: Row) -> Plan:
        """Say what a line would do."""
        read = Cells(self._columns, cells)
        line = reading.line(read)
        key, found = (line.title, line.document_no), self._known.get((line.title, line.document_no), [])
        known = found[0] if len(found) == 1 else None
        if len(found) > 1:
            read.bad("title", SEVERAL)
        self._compare(read, number, line)
        unit_id = self._units.of(session, read) or self._hand.unit_id
        if known is None and not unit_id:
            read.missing(UNIT, NO_OWNER)
        elif not read.has(UNIT) and not may(self._hand, known.policy.unit_id if known else unit_id):
            read.bad("title" if known else UNIT, services.FORBIDDEN.message)
        clause = known.clauses.get(line.number) if known else None
        draft, head = self._drafts(read, key, line, known, clause, unit_id or 0)
        if self._columns.value(cells, REVIEW):
            read.doubt(REVIEW, NOT_IMPORTED)
        return self._planned(read, Taken(known, head, clause, draft))

    def _compare(self, read: Cells, number: int, line: Line) -> None:
        """One clause once; and one head for one policy."""
        first = self._first.setdefault((line.title, line.document_no, line.number), number)
        if first != number and line.number:
            read.bad("number", TWICE, line=first)
        before = self._heads.get((line.title, line.document_no))
        if before is None:
            return
        for name in HEAD_FIELDS:
            said, earlier = line.head[name], before[1][name]
            if said is not None and earlier is not None and said != earlier:
                read.bad(name, OTHER_HEAD, line=before[0])

    def _drafts(
        self, read: Cells, key: Key, line: Line, known: Known | None, clause: PolicyClause | None, unit_id: int
    ) -> tuple[ClauseDraft, VersionDraft | None]:
        """The clause and the head as a line says them, by the rules of the register; what is blank stays."""
        said = {name: value for name, value in line.head.items() if value is not None}
        if known is not None:
            stands = history.head_of(known.version, known.policy.unit_id)
            head = replace(stands, **said)
            changed = None if head == stands else head
        else:
            first = self._heads.get(key, (0, {}))[1]
            said = {name: value for name, value in first.items() if value is not None} | said
            changed = head = reading.new_head(read, line, said, unit_id)
        draft = reading.clause(read, line, clause)
        if not is_bad(read.problems):
            read.against(version_problems(head))
            read.against(clause_problems(draft), {"industries": "clause_industries"})
        return draft, changed

    def _planned(self, read: Cells, taken: Taken) -> Plan:
        known, clause = taken.known, taken.clause
        same = clause is not None and history.clause_of(clause) == taken.draft
        if known is not None and not is_bad(read.problems):
            if known.version.published_at is not None and not (same and taken.head is None):
                read.bad("title", PUBLISHED)
            elif clause is not None and not same and clause.review is not Review.PENDING:
                read.bad("number", REVIEWED)
        if is_bad(read.problems):
            return refused(read.problems)
        action = RowAction.CREATE if clause is None else RowAction.SAME if same else RowAction.UPDATE
        if action is RowAction.SAME and taken.head is not None:
            action = RowAction.UPDATE
        page = known.policy.id if known else None
        return Plan(action, page, read.problems, taken).within(self._hand.mode)

    def write(self, session: Session, plan: Plan) -> int:
        """Begin the policy if it is new, change its head where the line says more, and write the clause."""
        taken: Taken = plan.data
        actor, now, door = self._hand.actor, self._hand.now, self._hand.door
        if taken.known is None:
            if taken.head is None:
                raise AssertionError
            version = services.add(session, actor, taken.head, now=now, door=door)
        else:
            version = taken.known.version
            if taken.head is not None:
                services.change(session, actor, version.id, taken.head, seen=None, now=now, door=door)
        key = taken.clause.id if taken.clause else None
        if taken.clause is None or history.clause_of(taken.clause) != taken.draft:
            services.save_clause(session, actor, version.id, taken.draft, clause_id=key, now=now, door=door)
        return version.policy_id
