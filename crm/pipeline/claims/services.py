"""Writes on claims: keep a draft, file it, renew, give up. Nothing here commits."""

from __future__ import annotations

import dataclasses
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from crm.auth.rules import Permission
from crm.core import audit, options
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.scheduling import local_day
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import Touch
from crm.pipeline import investors, limits
from crm.pipeline import queries as projects
from crm.pipeline.claims import disputes, queries, rules
from crm.pipeline.claims.kinds import STANDING, Basis, ClaimStatus, EventKind
from crm.pipeline.claims.models import Claim, ClaimEvent, ClaimRenewal
from crm.pipeline.models import Project, StageEntry

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.claims.rules import ClaimDraft, Options

KIND = "claim"

FILED = Problem("claim.filed", "已经报备，内容不能再改；要补充的请写进备注或争议材料。")
NO_CLAIM = Problem("claim.none", "还没有报备草稿，请先填写报备内容。")
LEFT = Problem("claim.left", "项目已退出，请先恢复再报备。")
CONTACT = Problem("claim.contact", "请从这家企业的联系人里选一位。", "contact_id")
NOT_LIVE = Problem("claim.not_live", "只有保护中的报备可以续保。")
NO_PROGRESS = Problem("claim.progress", "没有新的推进记录：请先记走访、洽谈等往来或推进阶段，再续保。")
HELD = Problem("claim.held", "这家投资方暂时不能报备，请联系招商办。")
NOT_YOURS = Problem("claim.unit", "只有报备单位的人员可以办理。")
CONTESTED = Problem("claim.contested", "首谈争议尚未了结，请到争议页面办理。")


def save_draft(session: Session, actor: Actor, project_id: int, draft: ClaimDraft, *, now: datetime) -> Claim:
    """Keep what was typed, complete or not."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    claim = queries.standing(session, project.id)
    if claim is not None and claim.status is not ClaimStatus.DRAFT:
        raise ConflictError(FILED)
    _refuse(draft_problems(draft))
    if claim is None:
        claim = Claim(
            project_id=project.id,
            enterprise_id=project.enterprise_id,
            investor=project.enterprise.name,
            investor_key=project.enterprise_id,
            unit_id=project.unit_id,
            status=ClaimStatus.DRAFT,
            created_by=actor.user_id,
            created_at=now,
        )
        session.add(claim)
    for field in dataclasses.fields(draft):
        value = getattr(draft, field.name)
        setattr(claim, field.name, value.strip() if isinstance(value, str) else value)
    session.flush()
    return claim


def draft_problems(draft: ClaimDraft) -> list[Problem]:
    """Reasons why a draft cannot even be kept."""
    problems = [
        problem
        for field in ("total_investment", "fixed_investment", "output", "tax")
        for problem in limits.money_problems(getattr(draft, field), field)
    ]
    total, fixed = draft.total_investment, draft.fixed_investment
    if total is not None and fixed is not None and fixed > total:
        problems.append(Problem("project.fixed", "固定资产投资不能大于总投资。", "fixed_investment"))
    return problems


def said(claim: Claim) -> ClaimDraft:
    """Return what a claim says, as its draft."""
    return rules.ClaimDraft(
        **{field.name: getattr(claim, field.name) for field in dataclasses.fields(rules.ClaimDraft)}
    )


def digest(claim: Claim) -> str | None:
    """Compute the digest of a filed claim anew; it must equal the one that was kept."""
    if claim.filed_at is None or claim.filed_by is None:
        return None
    at = claim.filed_at.astimezone(UTC)
    return rules.fingerprint(said(claim), claim.investor, claim.unit_id, claim.filed_by, at)


def file(session: Session, actor: Actor, project_id: int, *, now: datetime, today: date) -> Claim:
    """File the draft of a project (报备): live at once, or waiting behind the claim that was first, with a ticket.

    Raises:
        DomainError: parts of the minimum content are missing (each named), or this unit holds the investor already.

    """
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    claim = queries.standing(session, project.id)
    if claim is None:
        raise DomainError(NO_CLAIM)
    if claim.status is not ClaimStatus.DRAFT:
        raise ConflictError(FILED)
    if project.exit_kind is not None:
        raise DomainError(LEFT)
    settings = queries.settings(session)
    _refuse(rules.missing(said(claim), settings) or _contact_problems(session, claim))
    key = investors.head_of(session, project.enterprise_id)
    queries.lock_investor(session, key)
    holder = _holder(session, key, today, now)
    if holder is not None and holder.unit_id == project.unit_id:
        if not projects.is_privy(session, actor, session.get_one(Project, holder.project_id)):
            raise DomainError(HELD)
        params: dict[str, object] = {"day": f"{holder.protection_until:%Y-%m-%d}"}
        raise DomainError(
            Problem("claim.own", "本单位已对这家投资方报备，保护到%(day)s，不必重复报备。", params=params)
        )
    _take(session, claim, project, actor, now)
    claim.investor_key = holder.investor_key if holder else key
    claim.status = ClaimStatus.FILED if holder else ClaimStatus.ACTIVE
    claim.protection_until = None if holder else rules.protected_until(today, settings)
    note(session, claim, EventKind.FILED, now, by=actor.user_id)
    session.flush()
    detail = {"project": project.id, "hash": claim.content_hash, "status": str(claim.status)}
    audit.record(session, actor.user_id, "claim.file", (KIND, claim.id), now=now, **detail)
    if holder is not None and queries.open_dispute(session, holder.investor_key) is None:
        disputes.open_ticket(session, holder, claim, settings, now=now, today=today)
    return claim


def renew(session: Session, actor: Actor, claim_id: int, *, now: datetime, today: date) -> ClaimRenewal:
    """Lengthen the protection by the newest progress that has not renewed it yet."""
    claim = _own(session, actor, claim_id)
    if claim.status is not ClaimStatus.ACTIVE:
        raise DomainError(CONTESTED if claim.status is ClaimStatus.CONTESTED else NOT_LIVE)
    proof = newest_progress(session, claim)
    made = extend(session, claim, proof, queries.settings(session), now=now, by=actor.user_id) if proof else None
    if made is None or made.until_after < today:
        raise DomainError(NO_PROGRESS)
    audit.record(session, actor.user_id, "claim.renew", (KIND, claim.id), now=now, until=made.until_after.isoformat())
    return made


def release(session: Session, actor: Actor, claim_id: int, *, now: datetime) -> Claim:
    """Give a claim up; one in dispute is given up on the page of the dispute."""
    claim = _own(session, actor, claim_id)
    if claim.status not in {ClaimStatus.DRAFT, ClaimStatus.ACTIVE}:
        raise DomainError(CONTESTED if claim.status in STANDING else NOT_LIVE)
    if claim.status is ClaimStatus.DRAFT:
        audit.record(session, actor.user_id, "claim.discard", (KIND, claim.id), now=now, project=claim.project_id)
        session.delete(claim)
        session.flush()
        return claim
    claim.status = ClaimStatus.RELEASED
    note(session, claim, EventKind.RELEASED, now, by=actor.user_id)
    audit.record(session, actor.user_id, "claim.release", (KIND, claim.id), now=now)
    session.flush()
    return claim


def newest_progress(session: Session, claim: Claim) -> tuple[Basis, int, datetime] | None:
    """Return the newest counted touch or change of stage since the claim was filed."""
    mine = or_(
        Touch.project_id == claim.project_id,
        (Touch.enterprise_id == claim.enterprise_id) & (Touch.unit_id == claim.unit_id),
    )
    touch = (
        select(Touch.id, Touch.occurred_at)
        .where(mine, Touch.voided_at.is_(None), Touch.occurred_at > claim.filed_at)
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(1)
    )
    entry = (
        select(StageEntry.id, StageEntry.at)
        .where(StageEntry.project_id == claim.project_id, StageEntry.at > claim.filed_at, StageEntry.first)
        .order_by(StageEntry.at.desc(), StageEntry.id.desc())
        .limit(1)
    )
    found = [
        (basis, row[0], row[1])
        for basis, row in ((Basis.TOUCH, session.execute(touch).first()), (Basis.STAGE, session.execute(entry).first()))
        if row is not None
    ]
    return max(found, key=lambda one: one[2]) if found else None


def extend(
    session: Session,
    claim: Claim,
    proof: tuple[Basis, int, datetime],
    settings: Options,
    *,
    now: datetime,
    by: int | None,
) -> ClaimRenewal | None:
    """Write a renewal if the proof lengthens the protection; one proof renews once."""
    basis, ref_id, at = proof
    before, until = claim.protection_until, rules.protected_until(local_day(at), settings)
    if before is None or until <= before:
        return None
    row = ClaimRenewal(
        claim_id=claim.id,
        basis=basis,
        ref_id=ref_id,
        evidence_at=at,
        until_before=before,
        until_after=until,
        at=now,
        by=by,
    )
    session.add(row)
    claim.protection_until = until
    note(session, claim, EventKind.RENEWED, now, by=by, text=f"{before:%Y-%m-%d} → {until:%Y-%m-%d}")
    session.flush()
    return row


def expire(session: Session, claim: Claim, *, now: datetime) -> None:
    """Mark a claim whose protection is over."""
    claim.status = ClaimStatus.EXPIRED
    note(session, claim, EventKind.EXPIRED, now)
    session.flush()


def note(
    session: Session, claim: Claim, kind: EventKind, now: datetime, *, by: int | None = None, text: str | None = None
) -> None:
    """Add a line to a claim's history."""
    session.add(ClaimEvent(claim_id=claim.id, kind=kind, at=now, by=by, note=text))


def change_settings(session: Session, actor: Actor, settings: Options, *, now: datetime) -> None:
    """Set how long claims protect, how long ruling and appeal may take, and what a claim must say."""
    if not actor.may(Permission.PIPELINE_CONFIGURE):
        raise ForbiddenError(projects.FORBIDDEN)
    options.write(session, actor.user_id, queries.OPTION, settings.stored(), now=now)


def _holder(session: Session, key: int, today: date, now: datetime) -> Claim | None:
    """Return the live claim on an investor, after the nightly round's look at one whose protection is over."""
    holder = queries.live_on(session, key)
    if holder is None or holder.status is not ClaimStatus.ACTIVE or holder.protection_until is None:
        return holder
    proof = newest_progress(session, holder)
    if holder.protection_until < today and proof is not None:
        extend(session, holder, proof, queries.settings(session), now=now, by=None)
    if holder.protection_until >= today:
        return holder
    expire(session, holder, now=now)
    return queries.live_on(session, key)


def _take(session: Session, claim: Claim, project: Project, actor: Actor, now: datetime) -> None:
    firm = session.get_one(Enterprise, project.enterprise_id)
    claim.enterprise_id, claim.investor, claim.unit_id = firm.id, firm.name, project.unit_id
    claim.filed_by, claim.filed_at = actor.user_id, now
    claim.content_hash = digest(claim)


def _contact_problems(session: Session, claim: Claim) -> list[Problem]:
    if claim.contact_id is None:
        return []
    statement = select(func.count()).where(
        Contact.id == claim.contact_id,
        Contact.enterprise_id == claim.enterprise_id,
        Contact.archived_at.is_(None),
        Contact.erased_at.is_(None),
    )
    return [] if session.scalar(statement) else [CONTACT]


def _own(session: Session, actor: Actor, claim_id: int) -> Claim:
    claim = queries.get(session, actor, claim_id)
    projects.get_for(session, actor, claim.project_id, Permission.PROJECT_WRITE)
    if claim.unit_id not in queries.own_units(actor):
        raise ForbiddenError(NOT_YOURS)
    return claim


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
