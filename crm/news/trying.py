"""Test runs: what a source would bring is shown before it is kept. The crawl itself is a job like any other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from crm.core import jobs
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.news import options, queries
from crm.news.models import SourceTrial, TrialState
from crm.news.sources import SourceDraft, source_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.news.models import Source

MOST_AT_ONCE = 3
KEPT = timedelta(days=7)
LOST_AFTER = timedelta(minutes=15)
LIMITS = {"max_items": 2, "max_lists": 2, "max_pages": 30, "max_seconds": 90, "timeout": 20}
UNNAMED = "试抓"
MISSING = Problem("trial.missing", "这次试抓的记录不在了，请重新试抓。")
TOO_MANY = Problem("trial.busy", "还有试抓没有完成，请等它完成后再试。")
NO_TRIAL = Problem("trial.export", "公众号导出文件不用试抓，直接上传即可。", "kind")
OPEN = (TrialState.QUEUED, TrialState.RUNNING)


def start(
    session: Session, actor: Actor, draft: SourceDraft, *, source_id: int | None = None, now: datetime
) -> SourceTrial:
    """Ask for a test run of what was typed; its name may still be missing."""
    if draft.kind == "export":
        raise DomainError(NO_TRIAL)
    opened = {"allow": allow} if (allow := _allowed(session, source_id)) else {}
    checked = replace(draft, options={**draft.options, **opened})
    problems = [problem for problem in source_problems(checked) if problem.field != "name"]
    if problems:
        raise DomainError(*problems)
    mine = SourceTrial.owner_id == actor.user_id
    session.execute(delete(SourceTrial).where(mine, SourceTrial.created_at < now - KEPT))
    recent = SourceTrial.created_at >= now - LOST_AFTER
    waiting = select(func.count()).select_from(SourceTrial).where(mine, recent, SourceTrial.state.in_(OPEN))
    if (session.scalar(waiting) or 0) >= MOST_AT_ONCE:
        raise ConflictError(TOO_MANY)
    trial = SourceTrial(
        owner_id=actor.user_id, source_id=source_id, draft=to_json(draft), state=TrialState.QUEUED, created_at=now
    )
    session.add(trial)
    session.flush()
    enqueue(session, jobs.TRY_SOURCE, {"trial_id": trial.id}, now=now, queue=jobs.CRAWL_QUEUE, max_attempts=2)
    return trial


def find(session: Session, actor: Actor, trial_id: int) -> SourceTrial:
    """Find an own test run; anybody else's is not there."""
    trial = session.get(SourceTrial, trial_id)
    if trial is None or trial.owner_id != actor.user_id:
        raise NotFoundError(MISSING)
    return trial


def recent(session: Session, actor: Actor) -> list[SourceTrial]:
    """Return the person's newest test runs of sources that are not kept yet."""
    mine = (SourceTrial.owner_id == actor.user_id, SourceTrial.source_id.is_(None))
    return list(session.scalars(select(SourceTrial).where(*mine).order_by(SourceTrial.id.desc()).limit(5)))


def latest(session: Session, actor: Actor, source_id: int) -> SourceTrial | None:
    """Return the person's newest test run of a source."""
    own = (SourceTrial.owner_id == actor.user_id, SourceTrial.source_id == source_id)
    return session.scalar(select(SourceTrial).where(*own).order_by(SourceTrial.id.desc()).limit(1))


def running(trial: SourceTrial, now: datetime) -> bool:
    """Tell whether a result may still come."""
    return trial.state in OPEN and trial.created_at >= now - LOST_AFTER


def with_selector(trial: SourceTrial, number: int) -> SourceDraft | None:
    """Give the draft of a test run with one of the selectors it suggested; None for an unknown one."""
    draft = from_json(trial.draft)
    found = [one for listing in (trial.result or {}).get("lists", ()) for one in listing["suggestions"]]
    if not 0 <= number < len(found):
        return None
    changed = {key: value for key, value in draft.options.items() if key != "link_xpath"}
    changed["link_css"] = found[number]["selector"]
    return SourceDraft(draft.name, "list", draft.url, draft.interval_minutes, changed)


def with_feed(trial: SourceTrial, number: int) -> SourceDraft | None:
    """Give the draft of a test run turned to a feed its page names; None for an unknown one."""
    draft = from_json(trial.draft)
    found = [url for listing in (trial.result or {}).get("lists", ()) for url in listing["feeds"]]
    if not 0 <= number < len(found):
        return None
    return SourceDraft(draft.name, "rss", found[number], draft.interval_minutes, draft.options)


def specification(session: Session, trial: SourceTrial, allow: Sequence[str]) -> dict[str, Any]:
    """Everything the spider has to know for a test run: the draft within small limits, nothing skipped."""
    draft = from_json(trial.draft)
    told = {key: value for key, value in draft.options.items() if key not in options.SCHEDULE}
    return {
        **told,
        "source": draft.name or UNNAMED,
        "kind": draft.kind,
        "url": draft.url,
        "allow": [*allow, *_allowed(session, trial.source_id)],
        "trial": True,
        **LIMITS,
        **queries.agent(session),
    }


def _allowed(session: Session, source_id: int | None) -> list[str]:
    """Hosts of the house an operator opened for a source."""
    place = queries.source(session, source_id) if source_id else None
    return [str(entry) for entry in place.options.get("allow") or ()] if place else []


def record(session: Session, trial_id: int, result: Mapping[str, Any], *, now: datetime) -> SourceTrial | None:
    """Keep what a test run showed; a source it tried in its present form counts as tested."""
    trial = session.get(SourceTrial, trial_id)
    if trial is None:
        return None
    trial.result, trial.finished_at = dict(result), now
    trial.state = TrialState.FAILED if result.get("problem") else TrialState.DONE
    place = queries.source(session, trial.source_id) if trial.source_id else None
    if place is not None and trial.state is TrialState.DONE and same(from_json(trial.draft), place):
        place.tested_at = now
    return trial


def adopt(session: Session, actor: Actor, trial_id: int, place: Source) -> None:
    """Let a source that was just kept take over the good test run of the same draft."""
    trial = session.get(SourceTrial, trial_id)
    if trial is None or trial.owner_id != actor.user_id or trial.state is not TrialState.DONE:
        return
    if same(from_json(trial.draft), place):
        trial.source_id, place.tested_at = place.id, trial.finished_at


def same(draft: SourceDraft, place: Source) -> bool:
    """Tell whether a draft fetches what a source fetches."""
    ours, theirs = options.clean(draft.options), options.clean(place.options)
    return (draft.kind, draft.url, ours) == (place.kind.value, place.url, theirs)


def draft_of(place: Source) -> SourceDraft:
    """Give a source as a draft, without what only an operator may set."""
    return SourceDraft(place.name, place.kind.value, place.url, place.interval_minutes, options.clean(place.options))


def to_json(draft: SourceDraft) -> dict[str, Any]:
    """Write a draft as JSON."""
    return {
        "name": draft.name, "kind": draft.kind, "url": draft.url, "interval_minutes": draft.interval_minutes,
        "options": options.clean(draft.options),
    }  # fmt: skip


def from_json(data: Mapping[str, Any]) -> SourceDraft:
    """Read a draft that was kept."""
    return SourceDraft(
        str(data["name"]), str(data["kind"]), str(data["url"]), int(data["interval_minutes"]), dict(data["options"])
    )
