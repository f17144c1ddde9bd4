"""What is written down of a source's health after each run, and who is told once when it falls ill or is well again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.models import Roster, User
from crm.auth.queries import valid_on
from crm.auth.rules import ROLE_PERMISSIONS, Permission
from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.core.scheduling import local_day
from crm.news import health, queries
from crm.news.health import Figures
from crm.news.health_models import SourceHealth
from crm.news.models import CrawlRun, Source
from crm.notices.rules import NoticeKind
from crm.notices.services import tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

WELL_AGAIN = "信源“%(source)s”已恢复正常"
UNCHANGED = "unchanged"
LOST = "lost."
LONGEST_MUTE_DAYS = 365
FEWEST_HOURS, MOST_HOURS = 1, 24 * 365
SWEEP_BATCH = 500
WRONG_MUTE = Problem("health.mute", "请选择静音的天数，1到365天。", "days")
WRONG_HOURS = Problem("health.expected", "预期间隔请填1到8760小时，留空则由系统按以往规律判断。", "hours")


def note(session: Session, run: CrawlRun, counts: Mapping[str, int], *, now: datetime) -> None:
    """Add the figures of an ended run to the health of its source, and judge it."""
    source = queries.source(session, run.source_id)
    row = _row(session, source, now)
    latest = _figures(run, counts, now)
    recent = [Figures.load(one) for one in row.recent]
    replayed = any(one.run == run.id for one in recent)
    if latest.stored and not replayed:
        if row.last_new_at is not None:
            row.usual_gap_minutes = health.next_gap(row.usual_gap_minutes, now - row.last_new_at)
        row.last_new_at = now
    row.recent, row.updated_at = [one.dump() for one in health.with_run(recent, latest)], now
    _judge(session, row, source, now)


def sweep(session: Session, *, now: datetime) -> dict[str, int]:
    """Judge every source in use anew: silence grows without any run, and a mute may be over."""
    chosen = select(SourceHealth, Source).join(Source, Source.id == SourceHealth.source_id).where(Source.enabled)
    told = sum(_judge(session, row, source, now) for row, source in session.execute(chosen.limit(SWEEP_BATCH)))
    return {"told": told}


def mute(session: Session, actor: Actor, source_id: int, days: int, *, now: datetime) -> SourceHealth:
    """Let nobody be told of a source for some days; 0 ends it."""
    if not 0 <= days <= LONGEST_MUTE_DAYS:
        raise DomainError(WRONG_MUTE)
    source = queries.source(session, source_id)
    row = _row(session, source, now)
    row.muted_until = now + timedelta(days=days) if days else None
    audit.record(session, actor.user_id, "source.mute", ("source", source_id), now=now, days=days)
    return row


def expect(session: Session, actor: Actor, source_id: int, hours: int | None, *, now: datetime) -> SourceHealth:
    """Say how long a source may be silent; None leaves it to what it usually does."""
    if hours is not None and not FEWEST_HOURS <= hours <= MOST_HOURS:
        raise DomainError(WRONG_HOURS)
    source = queries.source(session, source_id)
    row = _row(session, source, now)
    row.expected_minutes = hours * 60 if hours else None
    audit.record(session, actor.user_id, "source.expect", ("source", source_id), now=now, hours=hours)
    _judge(session, row, source, now)
    return row


def _row(session: Session, source: Source, now: datetime) -> SourceHealth:
    row = session.get(SourceHealth, source.id)
    if row is None:
        row = SourceHealth(source_id=source.id, recent=[], updated_at=now)
        session.add(row)
    return row


def _figures(run: CrawlRun, counts: Mapping[str, int], now: datetime) -> Figures:
    stats: dict[str, Any] = run.stats
    listed = sum(int(stats.get(key) or 0) for key in ("items", "failed", "skipped_seen"))
    lost = {key.removeprefix(LOST): number for key, number in counts.items() if key.startswith(LOST)}
    return Figures(
        run=run.id,
        at=now.isoformat(timespec="seconds"),
        problem=run.error or (UNCHANGED if stats.get(UNCHANGED) else None),
        listed=listed,
        stored=run.stored,
        read=counts.get("read", 0),
        empty=counts.get("empty", 0),
        untitled=counts.get("untitled", 0),
        untimed=counts.get("untimed", 0),
        damaged=counts.get("damaged", 0),
        failures={key: number for key, number in lost.items() if number} or ({run.error: 1} if run.error else {}),
    )


def _judge(session: Session, row: SourceHealth, source: Source, now: datetime) -> bool:
    """Set the alert of a source and tell what has not been told; return whether somebody was told."""
    found = health.verdict(
        [Figures.load(one) for one in row.recent],
        failures_in_row=source.failures_in_row,
        last_new_at=row.last_new_at,
        allowed_silence=health.allowed_silence(row.expected_minutes, row.usual_gap_minutes),
        now=now,
    )
    quiet = not source.enabled or (row.muted_until is not None and row.muted_until > now)
    if found is None:
        was_told, row.alert, row.alert_since, row.told_at = row.told_at, None, None, None
        return bool(was_told) and not quiet and _tell(session, source, WELL_AGAIN, now)
    row.alert_since = row.alert_since or now
    row.alert = found
    if quiet or row.told_at is not None:
        return False
    row.told_at = now
    return _tell(session, source, health.ALERT_NOTICES[found], now)


def _tell(session: Session, source: Source, words: str, now: datetime) -> bool:
    people = managers(session, local_day(now))
    link, about = f"/sources/health/{source.id}", ("source", source.id)
    return tell(session, people, NoticeKind.OTHER, words, link, about, now, params={"source": source.name}) > 0


def managers(session: Session, day: date) -> set[int]:
    """Return those who manage sources on a day."""
    roles = [role for role, granted in ROLE_PERMISSIONS.items() if Permission.SOURCE_MANAGE in granted]
    statement = select(User.id).join(Roster, Roster.user_id == User.id)
    return set(session.scalars(statement.where(User.active, Roster.role.in_(roles), valid_on(Roster, day))))
