"""Take a published list in: every row is created, matched, found unchanged, refused, or left to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.auth.rules import SYSTEM, Actor, Permission
from crm.core import audit, jobs
from crm.core.errors import ForbiddenError, Problem
from crm.core.tasks import enqueue
from crm.core.text import fold, fold_company
from crm.enterprises.naming import names_of
from crm.enterprises.rules import AliasKind
from crm.imports import store
from crm.imports.matching import Doubt, Register, Subject
from crm.imports.rows import ImportRow, ListTarget, Refusal, read_row, settle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.imports.columns import Table

NO_RIGHT = Problem("import.right", "您的角色不能导入榜单。")
REPEATED = "与第 %(line)s 行是同一家企业（同一榜单同一年度），名次却不同。"
NOBODY = "曾用名找不到对应的现有企业，请先导入上市公司名单。"
REJECTED, QUEUED = "rejected", "queued"


@dataclass(slots=True)
class ImportResult:
    """What became of the rows; the five counts add up to ``rows``.

    ``matched`` rows changed something of a known enterprise, ``unchanged`` rows nothing.
    ``left`` holds each refused row (``outcome`` rejected) and each row for a person (queued):
    line, outcome, message (Chinese msgid), params, values as printed, candidates as [id, name].
    """

    rows: int = 0
    created: int = 0
    matched: int = 0
    unchanged: int = 0
    rejected: int = 0
    queued: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The counts by name."""
        keys = ("rows", "created", "matched", "unchanged", "rejected", "queued")
        return {key: getattr(self, key) for key in keys}


@dataclass(slots=True)
class _Run:
    register: Register
    places: store.Places
    result: ImportResult
    seen: dict[tuple[int, Subject], tuple[int, int | None]] = field(default_factory=dict)
    subjects: dict[Subject, None] = field(default_factory=dict)


def import_list(session: Session, actor: Actor, table: Table, target: ListTarget, *, now: datetime) -> ImportResult:
    """Import a table; ``target`` names list and year where the rows do not. Running it twice changes nothing."""
    if actor is not SYSTEM and not actor.may(Permission.LIST_IMPORT):
        raise ForbiddenError(NO_RIGHT)
    settled = settle(table, target)
    read = [read_row(table.mapping, line, row, settled) for line, row in table.rows]
    good = [row for row in read if isinstance(row, ImportRow)]
    places = store.open_places(session, [member for row in good for member in row.memberships], target.source, now)
    run = _Run(Register(store.load_subjects(session, _keys(good))), places, ImportResult(rows=len(read)))
    for row in read:
        if isinstance(row, Refusal):
            _leave(run.result, REJECTED, row.line, row.message, row.params, row.values)
    _take_all(run, good, dict(table.rows))
    run.result.left.sort(key=lambda one: int(one["line"]))
    touched = store.save(session, actor, list(run.subjects), places, now=now)
    _finish(session, actor, run.result, touched, target, now)
    return run.result


def _keys(rows: list[ImportRow]) -> set[str]:
    """Folded names under which the enterprises of these rows might be known."""
    keys: set[str] = set()
    for row in rows:
        keys.update((fold(row.name), fold_company(row.name)))
        if row.name_en:
            keys.add(fold(row.name_en))
    return keys


def _take_all(run: _Run, rows: list[ImportRow], values: dict[int, tuple[str, ...]]) -> None:
    """Take the rows; those in doubt again once the others taught us more, until nothing moves.

    So a row does not depend on standing before or behind the row that explains it, and a
    second import finds nothing to do.
    """
    waiting, before = rows, -1
    while len(waiting) != before:
        before = len(waiting)
        waiting = [row for row in waiting if not _take(run, row, values[row.line])]
    for row in waiting:
        found = run.register.find(row)
        if isinstance(found, Doubt):
            _leave(run.result, QUEUED, row.line, found.message, found.params, values[row.line], found.candidates)
        else:
            _leave(run.result, REJECTED, row.line, NOBODY, {}, values[row.line])


def _take(run: _Run, row: ImportRow, values: tuple[str, ...]) -> bool:
    """Take one row, or send it back; False when it is (still) in doubt."""
    found = run.register.find(row)
    if isinstance(found, Doubt) or (found is None and row.named_only):
        return False
    subject = found or Subject(row.name)
    clash = _clash(run, subject, row)
    if clash is not None:
        _leave(run.result, REJECTED, row.line, REPEATED, {"line": clash}, values)
        return True
    changed = _learn(subject, row)
    for member in row.memberships:
        edition = run.places.edition(member)
        run.seen[edition, subject] = (row.line, member.rank)
        changed |= run.places.put(edition, subject, member, row)
    outcome = "created" if found is None else "matched" if changed else "unchanged"
    setattr(run.result, outcome, getattr(run.result, outcome) + 1)
    run.register.know(subject)
    run.subjects[subject] = None
    return True


def _clash(run: _Run, subject: Subject, row: ImportRow) -> int | None:
    """Line of an earlier row that gave the same enterprise another rank on the same list."""
    for member in row.memberships:
        line, rank = run.seen.get((run.places.edition(member), subject), (0, None))
        if line and rank != member.rank:
            return line
    return None


def _learn(subject: Subject, row: ImportRow) -> bool:
    """Fill in what the register does not know yet; never overwrite. True when anything was new."""
    before = (subject.name_en, subject.uscc, subject.codes, subject.industry, subject.region)
    subject.name_en = subject.name_en or (row.name_en if row.name_en != subject.name else None)
    subject.uscc = subject.uscc or row.uscc
    subject.codes = tuple(dict.fromkeys((*subject.codes, *row.codes)))
    subject.industry = subject.industry or row.industry
    subject.region = subject.region or row.region
    after = (subject.name_en, subject.uscc, subject.codes, subject.industry, subject.region)
    changed = before != after
    for folded, name in _names(row).items():
        if folded not in subject.names and folded not in subject.fresh_names:
            subject.fresh_names[folded] = name
            changed = True
    subject.changed |= changed
    return changed


def _names(row: ImportRow) -> dict[str, tuple[str, AliasKind]]:
    """Names of a row; one that stands among its tickers or brands keeps that kind."""
    given = {fold(text): kind for text, kind in row.names}
    found = names_of(row.name, row.name_en, row.names)
    own = fold(row.name)
    if own in given:
        found[own] = (row.name, given[own])
    elif row.name == row.name_en:
        found[own] = (row.name, AliasKind.ENGLISH)
    return found


def _leave(
    result: ImportResult,
    outcome: str,
    line: int,
    message: str,
    params: dict[str, object],
    values: Iterable[str],
    candidates: Iterable[Subject] = (),
) -> None:
    setattr(result, outcome, getattr(result, outcome) + 1)
    result.left.append(
        {
            "line": line,
            "outcome": outcome,
            "message": message,
            "params": params,
            "values": list(values),
            "candidates": [[one.id, one.name] for one in candidates],
        }
    )


def _finish(
    session: Session, actor: Actor, result: ImportResult, touched: int, target: ListTarget, now: datetime
) -> None:
    audit.record(
        session,
        actor.user_id or None,
        "list.import",
        ("target_list", None),
        now=now,
        list=target.name,
        year=target.year,
        **result.counts(),
    )
    if touched:
        enqueue(session, jobs.RESCORE_ALL, {}, now=now, dedupe_key="rescore-all")
