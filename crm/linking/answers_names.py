"""What answers say of a name as such: a name refused again and again is excluded, or asks for a cue from then on.

A person may also say at once that a name is always, or never, the enterprise. The index of names reads the
verdicts (``crm.linking.queries``); mentions that wait follow at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from crm.auth.rules import Actor, Permission
from crm.core import audit, options
from crm.core.errors import ForbiddenError, NotFoundError, Problem
from crm.core.text import fold
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Enterprise
from crm.linking.answers_models import MentionAnswer, NameVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

OPTION = "learning"
NEVER_AFTER = 3
NOT_YOURS = Problem("name.right", "您的角色不能规定名称的用法，请联系招商办。")
MISSING = Problem("name.verdict", "这条名称规定已被取消。")
LONGEST = 200


def settings(session: Session) -> dict[str, int]:
    """Return what the office set for learning, with the defaults filled in."""
    kept = options.read(session, OPTION).get(OPTION, {})
    defaults = {"least": 200, "never_after": NEVER_AFTER, "signals": 1, "linker": 1}
    return {key: int(kept.get(key, value)) for key, value in defaults.items()}


def tally(session: Session, enterprise_id: int, surface: str) -> tuple[int, int]:
    """Count the answers that hold on a name of an enterprise: right, wrong."""
    same = (MentionAnswer.proposed_id == enterprise_id, MentionAnswer.folded == fold(surface)[:LONGEST])
    right = func.coalesce(func.sum(case((MentionAnswer.right_one, 1), else_=0)), 0)
    yes, number = session.execute(select(right, func.count()).where(*same, MentionAnswer.undone_at.is_(None))).one()
    return int(yes), int(number) - int(yes)


def learn(session: Session, actor: Actor, enterprise_id: int, surface: str, *, now: datetime) -> NameVerdict | None:
    """After an answer: exclude a name that was only ever wrong, ask for a cue where it was sometimes right."""
    right, wrong = tally(session, enterprise_id, surface)
    known = verdict_of(session, enterprise_id, surface)
    if known is not None and known.answers == 0:
        return None  # a person's own word stands above what the answers say
    if wrong < settings(session)["never_after"]:
        return None
    registered = session.scalar(select(Enterprise.folded_name).where(Enterprise.id == enterprise_id))
    verdict = Verdict.CUE if right or registered == fold(surface) else Verdict.NEVER
    if known is not None and known.verdict is verdict:
        known.answers = right + wrong
        return known
    return _write(session, actor, known, (enterprise_id, surface, verdict, right + wrong), now)


def unlearn(session: Session, enterprise_id: int, surface: str) -> None:
    """After an answer was taken back: a verdict that rested on answers falls when they no longer reach."""
    known = verdict_of(session, enterprise_id, surface)
    if known is None or known.answers == 0:
        return
    _right, wrong = tally(session, enterprise_id, surface)
    if wrong < settings(session)["never_after"]:
        session.delete(known)
        session.flush()


def decree(
    session: Session, actor: Actor, enterprise_id: int, surface: str, verdict: Verdict, *, now: datetime
) -> NameVerdict:
    """Say how a name of an enterprise is to be read from now on."""
    _may(actor)
    enterprises.enterprise(session, enterprise_id)
    if not fold(surface):
        raise NotFoundError(MISSING)
    known = verdict_of(session, enterprise_id, surface)
    return _write(session, actor, known, (enterprise_id, surface, verdict, 0), now)


def revoke(session: Session, actor: Actor, verdict_id: int, *, now: datetime) -> None:
    """Take a verdict back: the name is judged by its surroundings again."""
    _may(actor)
    row = session.get(NameVerdict, verdict_id)
    if row is None:
        raise NotFoundError(MISSING)
    detail = {"name": row.surface, "verdict": row.verdict.value}
    audit.record(session, actor.user_id, "name.revoked", ("enterprise", row.enterprise_id), now=now, **detail)
    session.delete(row)
    session.flush()


def verdict_of(session: Session, enterprise_id: int, surface: str) -> NameVerdict | None:
    """Return what is decided of a name of an enterprise."""
    same = (NameVerdict.enterprise_id == enterprise_id, NameVerdict.folded == fold(surface)[:LONGEST])
    return session.scalar(select(NameVerdict).where(*same))


def verdicts(session: Session, *, limit: int = 100) -> Sequence[tuple[NameVerdict, str]]:
    """Verdicts with the name of their enterprise, the newest first."""
    statement = select(NameVerdict, Enterprise.name).join(Enterprise, Enterprise.id == NameVerdict.enterprise_id)
    rows = session.execute(statement.order_by(NameVerdict.decided_at.desc(), NameVerdict.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in rows]


def all_verdicts(session: Session) -> dict[tuple[int, str], Verdict]:
    """All verdicts, as the index of names wants them."""
    columns = (NameVerdict.enterprise_id, NameVerdict.folded, NameVerdict.verdict)
    return {(enterprise_id, folded): verdict for enterprise_id, folded, verdict in session.execute(select(*columns))}


def _may(actor: Actor) -> None:
    if not actor.may(Permission.SIGNAL_TRIAGE):
        raise ForbiddenError(NOT_YOURS)


def _write(
    session: Session, actor: Actor, row: NameVerdict | None, wanted: tuple[int, str, Verdict, int], now: datetime
) -> NameVerdict:
    enterprise_id, surface, verdict, answers = wanted
    before = row.verdict.value if row else None
    if row is None:
        row = NameVerdict(enterprise_id=enterprise_id, folded=fold(surface)[:LONGEST], surface=surface[:LONGEST])
        session.add(row)
    row.verdict, row.answers, row.decided_by, row.decided_at = verdict, answers, actor.user_id, now
    session.flush()
    detail = {"name": surface, "verdict": verdict.value, "before": before, "answers": answers}
    audit.record(session, actor.user_id, "name.verdict", ("enterprise", enterprise_id), now=now, **detail)
    return row
