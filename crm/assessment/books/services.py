"""Writes of assessments: books and their versions, runs, typed values, adjustments, confirmation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.assessment.books import feeding, queries
from crm.assessment.books.models import AssessedUnit, AssessedValue, AssessmentAdjustment, AssessmentRun, RuleBook
from crm.assessment.books.rules import (
    BODY_LENGTH,
    MOST_FAULTS,
    TOUR_LABELS,
    Feed,
    FeedKind,
    RunState,
    feed_problems,
    run_problems,
    value_problem,
    write_feeds,
)
from crm.assessment.engine import needs
from crm.assessment.engine.book import Book, BookError, read_book
from crm.assessment.engine.run import run as reckon
from crm.assessment.engine.telling import told
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.rules import Metric
from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
NOT_JSON = "第%(line)s行附近不是有效的 JSON：请检查逗号、引号和括号。"
STALE = Problem("book.stale", "您打开页面之后，有人改过这个办法。请核对最新内容再发布。")
PUBLISHED = Problem("book.published", "已发布的版本不能修改，请另存为新版本。")
CONFIRMED = Problem("run.confirmed", "考核结果已确认，不能再改；有出入请在下次考核里用调整项更正。")
OWN_HAND = Problem(
    "run.own_hand", "您填报过这次考核的数或签批过调整，不能自己确认结果：请由没有经手的人（例如分管领导）确认。"
)
NOT_COMPUTED = Problem("run.not_computed", "还没有计算结果，请先计算再确认。")
KNOWN: Mapping[FeedKind, Sequence[str]] = {
    FeedKind.MEASURE: tuple(MEASURES),
    FeedKind.RATE: tuple(RATES),
    FeedKind.TARGET: tuple(str(metric) for metric in Metric),
    FeedKind.TOUR: tuple(TOUR_LABELS),
}


@dataclass(frozen=True, slots=True)
class RunDraft:
    """What a person asks for: a name, days, and units with the group they are compared in."""

    name: str
    start_on: date
    end_on: date
    groups: Mapping[int, str]


def demand(actor: Actor, permission: Permission) -> None:
    """Refuse who lacks a permission."""
    if not actor.may(permission):
        raise ForbiddenError(FORBIDDEN)


def parse_body(text: str) -> tuple[dict[str, Any], Book]:
    """Read the rules as typed; DomainError names every fault with its place."""
    if len(text) > BODY_LENGTH:
        raise DomainError(Problem("book.long", "规则太长（超过20万字），请拆成几个办法。", "body"))
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DomainError(Problem("book.json", NOT_JSON, "body", {"line": getattr(error, "lineno", 1)})) from error
    try:
        return body, read_book(json.loads(text, parse_float=Decimal), fresh=True)
    except BookError as error:
        shown = error.faults[:MOST_FAULTS]
        raise DomainError(*(Problem("book.fault", "%(fault)s", "body", {"fault": one}) for one in shown)) from error


def save_book(
    session: Session, actor: Actor, text: str, feeds: Mapping[str, Feed], *, note: str, now: datetime
) -> RuleBook:
    """Keep the rules as a new version of the book of that name."""
    demand(actor, Permission.TARGET_MANAGE)
    body, book = parse_body(text)
    wanted = set(needs.indicators(book))
    kept = {name: feed for name, feed in feeds.items() if name in wanted}
    problems = feed_problems(kept, KNOWN)
    if len(book.name) > 80:  # noqa: PLR2004 (the width of the column)
        problems.append(Problem("book.name", "办法名称最多80字。", "body"))
    if problems:
        raise DomainError(*problems)
    newest = queries.newest(session, book.name)
    content = {"body": body, "feeds": write_feeds(kept), "note": note.strip() or None}
    if (
        newest is not None
        and newest.published_at is None
        and content == {"body": newest.body, "feeds": newest.feeds, "note": newest.note}
    ):
        return newest  # a second tap
    row = RuleBook(
        name=book.name,
        number=newest.number + 1 if newest else 1,
        **content,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"name": row.name, "number": row.number, "rules": len(book.rules)}
    audit.record(session, actor.user_id, "rule_book.save", ("rule_book", row.id), now=now, **detail)
    return row


def publish(session: Session, actor: Actor, book_id: int, *, now: datetime, version: int | None = None) -> RuleBook:
    """Put a draft in force as the person saw it (``version``): from then on it is never changed."""
    demand(actor, Permission.TARGET_MANAGE)
    row = queries.book(session, book_id, lock=True)
    if row.published_at is not None:
        raise ConflictError(PUBLISHED)
    if version is not None and row.version != version:
        raise ConflictError(STALE)
    row.published_by, row.published_at = actor.user_id, now
    audit.record(session, actor.user_id, "rule_book.publish", ("rule_book", row.id), now=now, number=row.number)
    session.flush()
    return row


def open_run(session: Session, actor: Actor, book_id: int, draft: RunDraft, *, now: datetime) -> AssessmentRun:
    """Begin an assessment and have it reckoned."""
    demand(actor, Permission.TARGET_MANAGE)
    book = queries.book(session, book_id, lock=True)
    problems = run_problems(draft.name, draft.start_on, draft.end_on, len(draft.groups))
    if queries.twin(session, book.id, draft.name.strip(), draft.start_on, draft.end_on):
        problems.append(Problem("run.twin", "已经有同名、同期、同办法的考核，请换个名称。", "name"))
    if book.published_at is None:
        problems.append(Problem("run.book", "这个版本还没有发布，请先发布再考核。"))
    if problems:
        raise DomainError(*problems)
    run = AssessmentRun(
        book_id=book.id,
        name=draft.name.strip(),
        start_on=draft.start_on,
        end_on=draft.end_on,
        state=RunState.OPEN,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    session.add_all(AssessedUnit(run_id=run.id, unit_id=one, group=group) for one, group in draft.groups.items())
    session.flush()
    detail = {"book": book.id, "units": len(draft.groups)}
    audit.record(session, actor.user_id, "assessment.open", ("assessment_run", run.id), now=now, **detail)
    ask(session, run, now=now)
    return run


def ask(session: Session, run: AssessmentRun, *, now: datetime) -> None:
    """Have a run reckoned in the background, once however often it is asked; till then it cannot be confirmed."""
    run.computed_at = None
    enqueue(session, jobs.ASSESS, {"run_id": run.id}, now=now, dedupe_key=f"assess:{run.id}")


def recompute(session: Session, actor: Actor, run_id: int, *, now: datetime) -> AssessmentRun:
    """Have an open run reckoned again, with what is known now."""
    demand(actor, Permission.TARGET_MANAGE)
    run = open_run_of(session, run_id)
    ask(session, run, now=now)
    return run


def compute(session: Session, run_id: int, *, now: datetime) -> int:
    """Reckon a run and keep every line; a confirmed one is left alone. Return how many units it has."""
    run = queries.run(session, run_id, lock=True)
    if run.state is RunState.CONFIRMED:
        return 0
    book = read_book(queries.exact(run.book.body))
    results = reckon(book, feeding.gather(session, run, needs.indicators(book), now))
    rows = {str(row.unit_id): row for row in queries.assessed(session, run.id)}
    for result, shown in zip(results, told(book, results)["units"], strict=True):
        row = rows[result.unit.key]
        row.total = Decimal(str(shown["total"]))
        row.rank, row.of, row.grade = result.rank, result.of, result.grade
        row.honour, row.bottom, row.bottom_runs = result.honour, result.bottom, result.bottom_runs
        row.detail = shown
    run.computed_at = now
    session.flush()
    return len(results)


def put_values(
    session: Session, actor: Actor, run_id: int, unit_id: int, values: Mapping[str, str], *, note: str, now: datetime
) -> int:
    """Keep what was typed for a unit where it differs from what stood there, and have the run reckoned again."""
    demand(actor, Permission.TARGET_MANAGE)
    run = open_run_of(session, run_id)
    member_of(session, run, unit_id)
    known = set(needs.indicators(read_book(queries.exact(run.book.body))))
    unknown = Problem("run.indicator", "这个办法里没有这样的指标，请刷新页面。")
    problems = [unknown] if values.keys() - known else []
    problems += [found for name, text in values.items() if (found := value_problem(name, text)) is not None]
    if problems:
        raise DomainError(*problems)
    held = feeding.typed_values(session, run.id).get(unit_id, {})
    changed = {
        name: text.strip() for name, text in values.items() if text.strip() != (held[name].text if name in held else "")
    }
    common = {"run_id": run.id, "unit_id": unit_id, "note": note.strip() or None, "by": actor.user_id, "at": now}
    session.add_all(AssessedValue(name=name, text=text, **common) for name, text in changed.items())
    if changed:
        audit.record(
            session, actor.user_id, "assessment.values", ("assessment_run", run.id), now=now, unit=unit_id, **changed
        )
        ask(session, run, now=now)
    session.flush()
    return len(changed)


def adjust(
    session: Session, actor: Actor, run_id: int, unit_id: int, *, points: Decimal, reason: str, now: datetime
) -> AssessmentAdjustment:
    """Sign an entry beside the rules; a score itself is never written over."""
    demand(actor, Permission.REPORT_FREEZE)
    run = open_run_of(session, run_id)
    member_of(session, run, unit_id)
    problems = []
    if not points.is_finite() or not points or abs(points) > 100 or points != round(points, 6):  # noqa: PLR2004 (points)
        problems.append(Problem("adjustment.points", "调整分在 -100 到 100 之间，不能是0，最多六位小数。", "points"))
    if len(reason.strip()) < 4:  # noqa: PLR2004 (a word is no reason)
        problems.append(Problem("adjustment.reason", "请写明调整的理由和依据。", "reason"))
    if problems:
        raise DomainError(*problems)
    row = AssessmentAdjustment(
        run_id=run.id, unit_id=unit_id, points=points, reason=reason.strip(), signed_by=actor.user_id, signed_at=now
    )
    session.add(row)
    session.flush()
    detail = {"unit": unit_id, "points": str(points)}
    audit.record(session, actor.user_id, "assessment.adjust", ("assessment_run", run.id), now=now, **detail)
    ask(session, run, now=now)
    return row


def confirm(session: Session, actor: Actor, run_id: int, *, now: datetime) -> AssessmentRun:
    """Freeze the result, from which the next assessment counts its runs at the bottom; a second person's act."""
    demand(actor, Permission.REPORT_FREEZE)
    run = open_run_of(session, run_id)
    if actor.user_id in queries.hands(session, run.id):
        raise ForbiddenError(OWN_HAND)
    if run.computed_at is None:
        raise ConflictError(NOT_COMPUTED)
    run.cutoff_at = feeding.window_of(run, feeding.TYPED.span, run.computed_at).cutoff
    run.state, run.confirmed_by, run.confirmed_at = RunState.CONFIRMED, actor.user_id, now
    audit.record(session, actor.user_id, "assessment.confirm", ("assessment_run", run.id), now=now)
    session.flush()
    return run


def open_run_of(session: Session, run_id: int) -> AssessmentRun:
    """Return an assessment that may still change, locked."""
    run = queries.run(session, run_id, lock=True)
    if run.state is RunState.CONFIRMED:
        raise ConflictError(CONFIRMED)
    return run


def member_of(session: Session, run: AssessmentRun, unit_id: int) -> None:
    """Refuse a unit that is not assessed."""
    statement = select(AssessedUnit.id).where(AssessedUnit.run_id == run.id, AssessedUnit.unit_id == unit_id)
    if session.scalar(statement) is None:
        raise NotFoundError(Problem("run.unit", "这次考核里没有这个单位。"))
