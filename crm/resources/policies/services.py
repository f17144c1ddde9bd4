"""Writes of policies: a draft, its clauses and their review, publishing, the next version."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.changes import FORM
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.resources.policies import history, queries
from crm.resources.policies.models import OfficeAnswer, Policy, PolicyClause, PolicyVersion
from crm.resources.policies.rules import ClauseDraft, Review, clause_problems, review_problems, version_problems

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.changes import Door
    from crm.resources.policies.rules import ReviewDraft, VersionDraft

SUBJECT = "policy"
FORBIDDEN = Problem("policy.forbidden", "只有政策所属单位的负责人和招商办可以维护政策。")
PUBLISHED = Problem("policy.published", "已发布的版本不能改，请建立新版本。")
STALE = Problem("policy.stale", "这份政策刚刚被别人改过，请刷新后再改。")
DRAFTED = Problem("policy.drafted", "已有一个草稿版本，请先发布它。")
EMPTY = Problem("policy.empty", "还没有条款，不能发布；请先添加条款。")
FULL = Problem("policy.full", "一个版本最多300条。")
LONGEST_ANSWER = 4000
ANSWER = Problem("answer.body", "请填写内容，最多4000个字。", "body")
TYPED = tuple(field.name for field in fields(ClauseDraft))


def _held(session: Session, actor: Actor, policy_id: int) -> Policy:
    row = queries.policy(session, policy_id, lock=True)
    if not queries.may_manage(actor, row.unit_id):
        raise ForbiddenError(FORBIDDEN)
    return row


def _draft(session: Session, actor: Actor, version_id: int) -> PolicyVersion:
    row = queries.version(session, version_id)
    _held(session, actor, row.policy_id)
    session.refresh(row)
    if row.published_at is not None:
        raise ConflictError(PUBLISHED)
    return row


def add(session: Session, actor: Actor, draft: VersionDraft, *, now: datetime, door: Door = FORM) -> PolicyVersion:
    """Begin a policy with its first draft."""
    if not queries.may_manage(actor, draft.unit_id):
        raise ForbiddenError(FORBIDDEN)
    _refuse(version_problems(draft))
    policy = Policy(unit_id=draft.unit_id, created_by=actor.user_id, created_at=now)
    session.add(policy)
    session.flush()
    row = _begin(session, actor, policy, 1, draft, now)
    history.remember(session, (history.VERSION, row.id), None, history.kept(row), by=actor.user_id, now=now, door=door)
    return row


def _begin(
    session: Session, actor: Actor, policy: Policy, number: int, draft: VersionDraft, now: datetime
) -> PolicyVersion:
    row = PolicyVersion(policy_id=policy.id, number=number, created_by=actor.user_id, created_at=now)
    _take(row, draft)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "policy.draft", (SUBJECT, policy.id), now=now, title=row.title, number=number)
    return row


def _take(row: PolicyVersion, draft: VersionDraft) -> None:
    row.title, row.document_no, row.issuer = draft.title.strip(), draft.document_no.strip(), draft.issuer.strip()
    assert draft.valid_from is not None  # noqa: S101 (the rules demand it)
    row.level, row.valid_from, row.valid_until = draft.level, draft.valid_from, draft.valid_until
    row.industries, row.summary = list(draft.industries), draft.summary.strip() or None


def change(
    session: Session,
    actor: Actor,
    version_id: int,
    draft: VersionDraft,
    *,
    seen: int | None,
    now: datetime,
    door: Door = FORM,
) -> PolicyVersion:
    """Change the head of a draft."""
    row = _draft(session, actor, version_id)
    if seen is not None and seen != row.version:
        raise ConflictError(STALE)
    _refuse(version_problems(draft))
    before = history.kept(row)
    _take(row, draft)
    session.flush()
    subject = (history.VERSION, row.id)
    history.remember(session, subject, before, history.kept(row), by=actor.user_id, now=now, door=door)
    audit.record(session, actor.user_id, "policy.change", (SUBJECT, row.policy_id), now=now, title=row.title)
    return row


def next_version(session: Session, actor: Actor, policy_id: int, *, now: datetime) -> PolicyVersion:
    """Begin the next version from the latest: head and clauses are copied, reviews are to be done again."""
    policy = _held(session, actor, policy_id)
    last = queries.versions(session, actor, policy)[0]
    if last.published_at is None:
        raise ConflictError(DRAFTED)
    row = PolicyVersion(
        policy_id=policy.id, number=last.number + 1, created_by=actor.user_id, created_at=now, title=last.title,
        document_no=last.document_no, issuer=last.issuer, level=last.level, valid_from=last.valid_from,
        valid_until=last.valid_until, industries=last.industries, summary=last.summary,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for old in queries.clauses(session, last.id):
        copy = {name: getattr(old, name) for name in TYPED}
        session.add(PolicyClause(version_id=row.id, review=Review.PENDING, **copy))
    session.flush()
    audit.record(session, actor.user_id, "policy.next", (SUBJECT, policy.id), now=now, number=row.number)
    return row


def publish(session: Session, actor: Actor, version_id: int, *, now: datetime) -> PolicyVersion:
    """Publish a draft: from now on it is the version that holds and is never changed."""
    row = _draft(session, actor, version_id)
    if session.scalar(select(func.count()).where(PolicyClause.version_id == row.id)) == 0:
        raise DomainError(EMPTY)
    row.published_by, row.published_at = actor.user_id, now
    session.flush()
    subject, said = (history.VERSION, row.id), {history.PUBLISHED: now.isoformat()}
    history.remember(session, subject, {}, said, by=actor.user_id, now=now)
    detail = {"title": row.title, "number": row.number}
    audit.record(session, actor.user_id, "policy.publish", (SUBJECT, row.policy_id), now=now, **detail)
    return row


def drop(session: Session, actor: Actor, version_id: int, *, now: datetime) -> bool:
    """Throw a draft away; return whether the policy is still there."""
    row = _draft(session, actor, version_id)
    policy = queries.policy(session, row.policy_id)
    for one in queries.clauses(session, row.id):
        session.delete(one)
    session.delete(row)
    session.flush()
    left = session.scalar(select(func.count()).where(PolicyVersion.policy_id == policy.id))
    audit.record(session, actor.user_id, "policy.drop", (SUBJECT, policy.id), now=now, number=row.number)
    if not left:
        session.delete(policy)
        session.flush()
    return bool(left)


def save_clause(
    session: Session,
    actor: Actor,
    version_id: int,
    draft: ClauseDraft,
    *,
    clause_id: int | None,
    now: datetime,
    door: Door = FORM,
) -> PolicyClause:
    """Add a clause to a draft, or change it: a changed clause has to be reviewed again."""
    version = _draft(session, actor, version_id)
    _refuse(clause_problems(draft))
    if clause_id is None:
        if len(queries.clauses(session, version.id)) >= queries.MOST:
            raise DomainError(FULL)
        row = PolicyClause(version_id=version.id, review=Review.PENDING)
    else:
        row = queries.clause(session, clause_id)
        if row.version_id != version.id:
            raise DomainError(queries.NO_CLAUSE)
    before = history.kept(row) if clause_id is not None else None
    for name in TYPED:
        value = getattr(draft, name)
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.number, row.text = draft.number.strip(), draft.text.strip()
    row.review = Review.PENDING
    row.review_basis = row.review_organ = row.reviewed_on = row.reviewed_by = None
    session.add(row)
    session.flush()
    subject = (history.CLAUSE, row.id)
    history.remember(session, subject, before, history.kept(row), by=actor.user_id, now=now, door=door)
    detail = {"clause": row.number, "version": version.number}
    audit.record(session, actor.user_id, "policy.clause", (SUBJECT, version.policy_id), now=now, **detail)
    return row


def remove_clause(session: Session, actor: Actor, clause_id: int, *, now: datetime) -> PolicyVersion:
    """Take a clause out of a draft."""
    row = queries.clause(session, clause_id)
    version = _draft(session, actor, row.version_id)
    session.delete(row)
    session.flush()
    detail = {"clause": row.number, "version": version.number}
    audit.record(session, actor.user_id, "policy.remove_clause", (SUBJECT, version.policy_id), now=now, **detail)
    return version


def review(
    session: Session, actor: Actor, clause_id: int, draft: ReviewDraft, *, now: datetime, today: date
) -> PolicyClause:
    """Record the fair-competition review of a clause: the organ, the day and the law it stands on."""
    row = queries.clause(session, clause_id)
    version = queries.version(session, row.version_id)
    _held(session, actor, version.policy_id)
    _refuse(review_problems(draft, today))
    subject, before = (history.CLAUSE, row.id), {history.REVIEWED: str(row.review)}
    history.remember(session, subject, before, {history.REVIEWED: str(draft.result)}, by=actor.user_id, now=now)
    row.review, row.review_basis, row.review_organ = draft.result, draft.basis.strip(), draft.organ.strip()
    row.reviewed_on, row.reviewed_by = draft.on, actor.user_id
    session.flush()
    detail = {"clause": row.number, "version": version.number, "result": str(draft.result)}
    audit.record(session, actor.user_id, "policy.review", (SUBJECT, version.policy_id), now=now, **detail)
    return row


def answer(session: Session, actor: Actor, key: str, body: str, *, now: datetime) -> OfficeAnswer:
    """Write a one-page answer; earlier ones stay as history."""
    if actor.scope(Permission.RESOURCE_MANAGE) is not None or not actor.may(Permission.RESOURCE_MANAGE):
        raise ForbiddenError(FORBIDDEN)
    if not 0 < len(body.strip()) <= LONGEST_ANSWER:
        raise DomainError(ANSWER)
    row = OfficeAnswer(key=key, body=body.strip(), by=actor.user_id, at=now)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "policy.answer", ("office_answer", row.id), now=now, key=key)
    return row


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
