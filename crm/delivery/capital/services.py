"""Writes of capital: report a voucher, take it back, recognise it in whole or part, send it back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from crm.auth.rules import Permission
from crm.core import audit, filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.scheduling import local_day
from crm.delivery.capital import queries
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.queries import SUBJECT
from crm.delivery.capital.rules import (
    VOUCHER_LABELS,
    ZERO,
    VoucherDraft,
    VoucherState,
    recognition_problems,
    refusal_problems,
    voucher_problems,
)
from crm.delivery.obligations import syncing
from crm.notices.receivers import holders
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.pipeline import queries as projects
from crm.pipeline.counting.queries import barred
from crm.pipeline.deals import setting
from crm.pipeline.deals.rules import foreign_problems

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.filestore import Upload
    from crm.pipeline.models import Project

SELF = Problem("capital.self", "上报人不能认定自己上报的凭证，请由认定员办理。")
DECIDED = Problem("capital.decided", "这张凭证已经处理过了，请刷新页面看最新状态。")
NO_FILE = Problem("capital.file", "请上传凭证的扫描件。", "scan")
USED = Problem("capital.used", "这份文件已经作为另一张凭证上报过，一张凭证只能用一次。", "scan")
INVOLVED = Problem("capital.involved", "您是这个项目的登记人或负责人，不能认定或退回它的到位资金，请由别的认定员办理。")
TWICE = Problem(
    "capital.twice",
    "同一出资方、同一天、同一凭证号的凭证已经上报过：“%(project)s”的%(kind)s，凭证号%(number)s，出资方%(payer)s。"
    "换一种凭证种类或写法也是同一张，一张凭证只能用一次。",
    "number",
)
TWICE_UNSEEN = Problem(
    "capital.twice",
    "同一出资方、同一天、同一凭证号的凭证已经在您看不到的项目里上报过，一张凭证只能用一次。请向招商办核实。",
    "number",
)
ASKED, QUEUE = "有到位资金凭证等您认定。", "/capital"
MOVED = Problem("capital.moved", "这张凭证刚刚又认定过一笔，请核对最新的未认定金额再办理。")


@dataclass(frozen=True, slots=True)
class Paper:
    """The scan of a voucher and where files are kept."""

    scan: Upload | None
    folder: Path


def report(
    session: Session,
    actor: Actor,
    project_id: int,
    draft: VoucherDraft,
    paper: Paper,
    *,
    now: datetime,
    today: date,
) -> CapitalVoucher:
    """Report (上报) a voucher with its paper."""
    scan = paper.scan
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    problems = voucher_problems(draft, signed_on=projects.first_contract(session, project_id), today=today)
    problems += foreign_problems(draft.foreign, setting.current(session).currencies, today=today)
    if scan is None:
        raise DomainError(*problems, NO_FILE)
    filestore.check(scan, "scan")
    digest = hashlib.sha256(scan.data).hexdigest()
    if booked := _booked(session, actor, digest, draft):
        problems.append(booked)
    if problems:
        raise DomainError(*problems)
    voucher = CapitalVoucher(
        project_id=project.id,
        unit_id=project.unit_id,
        kind=draft.kind,
        form=draft.form,
        area=draft.area,
        number=draft.number.strip(),
        payer=draft.payer.strip(),
        arrived_on=draft.arrived_on,
        amount=draft.amount,
        note=draft.note.strip() or None,
        sha256=digest,
        state=VoucherState.WAITING,
        recognized_amount=ZERO,
        reported_by=actor.user_id,
        reported_at=now,
        **_foreign(draft),
    )
    try:
        with session.begin_nested():
            session.add(voucher)
    except IntegrityError as error:  # the same file, or the same paper scanned anew, by another request just now
        found = _booked(session, actor, digest, draft)
        if found is None:
            raise
        raise DomainError(found) from error
    filestore.store(session, paper.folder, (SUBJECT, voucher.id), scan, by=actor.user_id, now=now)
    detail = {"project": project.id, "kind": str(draft.kind), "amount": str(draft.amount), "sha256": digest}
    audit.record(session, actor.user_id, "capital.report", (SUBJECT, voucher.id), now=now, **detail)
    _announce(session, voucher, project, now)
    return voucher


def _announce(session: Session, voucher: CapitalVoucher, project: Project, now: datetime) -> None:
    """Tell who may decide on a voucher that the queue has grown, once until they look; not who may not decide."""
    own = {voucher.reported_by, project.created_by, project.owner_id}
    people = holders(session, Permission.AGREEMENT_RECOGNIZE, local_day(now)) - own
    about = project.id if project.confidential else None
    tell(session, people, NoticeKind.OTHER, ASKED, QUEUE, None, now, project_id=about, once=True)


def _booked(session: Session, actor: Actor, digest: str, draft: VoucherDraft) -> Problem | None:
    """Tell where this paper was booked already: its file first, also when it was booked between the two questions."""
    if queries.twin(session, digest) is not None:
        return USED
    earlier = queries.same_paper(session, draft)
    if earlier is None:
        return None
    return USED if earlier.sha256 == digest else _twice(session, actor, earlier)


def _twice(session: Session, actor: Actor, earlier: CapitalVoucher) -> Problem:
    """Name the earlier voucher to who may see its project."""
    project = queries.project_in_sight(session, actor, earlier.project_id)
    if project is None:
        return TWICE_UNSEEN
    label = VOUCHER_LABELS[earlier.kind]
    params: dict[str, object] = {"project": project, "kind": label, "number": earlier.number, "payer": earlier.payer}
    return Problem(TWICE.key, TWICE.message, TWICE.field, params)


def involved(project: Project, actor: Actor) -> bool:
    """Whether a project is the actor's own: who registered or owns it does not decide on its capital."""
    return actor.user_id in {project.created_by, project.owner_id}


def _foreign(draft: VoucherDraft) -> dict[str, object]:
    money = draft.foreign
    if money is None:
        return {}
    return {
        "currency": money.currency,
        "original_amount": money.amount,
        "rate": money.rate,
        "rate_on": money.rate_on,
        "rate_source": money.rate_source.strip(),
    }


def withdraw(session: Session, actor: Actor, voucher_id: int, *, now: datetime) -> CapitalVoucher:
    """Take back what one reported oneself and nobody has decided on."""
    voucher = queries.get(session, actor, voucher_id, lock=True)
    if voucher.reported_by != actor.user_id:
        raise ForbiddenError(Problem("capital.not_yours", "只有上报人可以撤回自己上报的凭证。"))
    if voucher.state is not VoucherState.WAITING:
        raise ConflictError(DECIDED)
    voucher.state = VoucherState.WITHDRAWN
    audit.record(session, actor.user_id, "capital.withdraw", (SUBJECT, voucher.id), now=now)
    session.flush()
    return voucher


def recognise(
    session: Session,
    actor: Actor,
    voucher_id: int,
    *,
    amount: Decimal,
    reason: str,
    now: datetime,
    seen: Decimal | None = None,
) -> CapitalDecision:
    """Recognise (认定) so much of a voucher; the rest may follow in a later decision.

    ``seen``: what was recognised when the person looked, so that a second tap does not recognise twice.
    """
    voucher = _to_decide(session, actor, voucher_id, (VoucherState.WAITING, VoucherState.RECOGNISED))
    left = voucher.amount - voucher.recognized_amount
    if not left:
        raise ConflictError(DECIDED)
    if seen is not None and seen != voucher.recognized_amount:
        raise ConflictError(MOVED)
    problems = recognition_problems(left, amount, reason) or barred(session, voucher.project_id)
    if problems:
        raise DomainError(*problems)
    voucher.recognized_amount += amount
    voucher.state = VoucherState.RECOGNISED
    made = _decided(session, actor, voucher, amount, reason, "capital.recognise", now=now)
    syncing.capital(session, voucher.project_id, by=actor.user_id, now=now)
    return made


def refuse(session: Session, actor: Actor, voucher_id: int, *, reason: str, now: datetime) -> CapitalDecision:
    """Send a voucher back (退回) with the reason; its paper may be reported anew."""
    voucher = _to_decide(session, actor, voucher_id, (VoucherState.WAITING,))
    problems = refusal_problems(reason)
    if problems:
        raise DomainError(*problems)
    voucher.state = VoucherState.REFUSED
    return _decided(session, actor, voucher, ZERO, reason, "capital.refuse", now=now)


def _to_decide(session: Session, actor: Actor, voucher_id: int, states: tuple[VoucherState, ...]) -> CapitalVoucher:
    voucher = queries.get(session, actor, voucher_id, lock=True)
    if not actor.reaches(Permission.AGREEMENT_RECOGNIZE, voucher.unit_id):
        raise ForbiddenError(projects.FORBIDDEN)
    if voucher.reported_by == actor.user_id:
        raise ForbiddenError(SELF)
    if involved(voucher.project, actor):
        raise ForbiddenError(INVOLVED)
    if voucher.state not in states:
        raise ConflictError(DECIDED)
    return voucher


def _decided(
    session: Session,
    actor: Actor,
    voucher: CapitalVoucher,
    amount: Decimal,
    reason: str,
    event: str,
    *,
    now: datetime,
) -> CapitalDecision:
    decision = CapitalDecision(
        voucher_id=voucher.id,
        amount=amount,
        reason=reason.strip() or None,
        reported_by=voucher.reported_by,
        decided_by=actor.user_id,
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    detail = {"project": voucher.project_id, "reported": str(voucher.amount), "recognised": str(amount)}
    audit.record(session, actor.user_id, event, (SUBJECT, voucher.id), now=now, **detail)
    return decision
