"""Jobs people ask for: a rule tried on the articles of the last days, a training; watched, stopped, found again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.core.text import fold
from crm.linking import answers_evidence
from crm.linking import answers_learned as learned
from crm.linking import answers_names as names
from crm.news.models import Article
from crm.signals import learning_data, office_rules
from crm.signals.learning_models import LearningRun, RunState
from crm.signals.reading import sentences
from crm.signals.ruletable import Rule, RuleRow, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.core.db import Database

TRIAL, TRAINING = "trial", "training"
SUBJECTS = ("signals", "linker")
DAYS, MOST_ARTICLES, MOST_HITS, STEP = 7, 3000, 60, 100
LONGEST_TEXT, LONGEST_QUOTE = 20_000, 200
MORE = 1.1
NO_READ = Problem("trial.right", "试跑要看报道内容，您的角色不能查看动态。")
BUSY = Problem("trial.busy", "上一次还没有结束，请等它结束，或先停止它。")
MISSING = Problem("trial.missing", "没有这次运行的记录。")


def start_trial(session: Session, actor: Actor, row: RuleRow, *, now: datetime) -> LearningRun:
    """Ask what a rule would have found in the last seven days, saved or not; the rule must have passed its checks."""
    office_rules.may_write(actor)
    if not actor.may(Permission.SIGNAL_READ):
        raise ForbiddenError(NO_READ)
    plain = {**asdict(row), "guards": list(row.guards), "match": list(row.match), "refuse": list(row.refuse)}
    return _start(session, actor, (TRIAL, row.key), {"row": plain}, now)


def start_training(session: Session, actor: Actor | None, subject: str, *, now: datetime) -> LearningRun:
    """Ask for a training; without an actor it is the round of the scheduler."""
    if actor is not None:
        office_rules.may_write(actor)
    if subject not in SUBJECTS:
        raise NotFoundError(MISSING)
    return _start(session, actor, (TRAINING, subject), {}, now)


def train_due(session: Session, *, now: datetime) -> list[str]:
    """Ask for the trainings that new answers make worth while: enough to be used, and a tenth more than last time."""
    counts = {learned.SIGNALS: learning_data.number(session), learned.LINKER: answers_evidence.number(session)}
    least, started = names.settings(session)["least"], []
    for subject, answers in counts.items():
        before, running = learned.latest(session, subject), latest(session, TRAINING, subject)
        grown = answers >= (before.answers * MORE if before else least)
        if answers >= least and grown and not (running and running.state is RunState.QUEUED):
            start_training(session, None, subject, now=now)
            started.append(subject)
    return started


def latest(session: Session, purpose: str, subject: str) -> LearningRun | None:
    """Return the last run of a purpose."""
    statement = select(LearningRun).where(LearningRun.purpose == purpose, LearningRun.subject == subject)
    return session.scalar(statement.order_by(LearningRun.id.desc()).limit(1))


def get(session: Session, run_id: int, *, lock: bool = False) -> LearningRun:
    """Return a run; raise NotFoundError."""
    statement = select(LearningRun).where(LearningRun.id == run_id)
    run = session.scalar(statement.with_for_update() if lock else statement)
    if run is None:
        raise NotFoundError(MISSING)
    return run


def stop(session: Session, actor: Actor, run_id: int, *, now: datetime) -> LearningRun:
    """Stop a run between two steps; what it found so far stays."""
    office_rules.may_write(actor)
    run = get(session, run_id, lock=True)
    if run.state is RunState.QUEUED:
        run.state, run.finished_at = RunState.STOPPED, now
        audit.record(session, actor.user_id, f"{run.purpose}.stop", ("learning_run", run.id), now=now)
    return run


def try_rule(database: Database, run_id: int, clock: Callable[[], datetime], told: Callable[[int, str], None]) -> int:
    """Try a rule on the newest articles of the last days, step by step; return how many articles it found.

    Begun anew after a crash it starts from the beginning and finds the same.
    """
    with database.reading() as session:
        run = get(session, run_id)
        rule, since, going = _rule(run), run.created_at - timedelta(days=DAYS), run.state is RunState.QUEUED
        ids = list(session.scalars(_recent(since))) if going else []
    hits: list[dict[str, Any]] = []
    found = looked = 0
    for start in range(0, len(ids), STEP):
        with database.reading() as session:
            new = _hits(session, rule, ids[start : start + STEP])
        found, looked = found + len(new), min(start + STEP, len(ids))
        hits += new[: MOST_HITS - len(hits)]
        percent = looked * 100 // len(ids)
        told(percent, f"{looked}/{len(ids)}")
        with database.transaction() as session:
            run = get(session, run_id, lock=True)
            run.counts = {**run.counts, "percent": percent, "looked": looked, "found": found}
            run.result = {"hits": list(hits)}
            if run.state is not RunState.QUEUED:
                return found
    finish(database, run_id, clock, {"looked": looked, "found": found, "percent": 100})
    return found


def finish(database: Database, run_id: int, clock: Callable[[], datetime], counts: dict[str, Any]) -> None:
    """Mark a run as done, unless somebody stopped it."""
    with database.transaction() as session:
        run = get(session, run_id, lock=True)
        if run.state is RunState.QUEUED:
            run.state, run.finished_at, run.counts = RunState.DONE, clock(), {**run.counts, **counts}


def keep_model(
    session: Session, run_id: int, data: tuple[learned.Trained, int] | None, *, now: datetime
) -> dict[str, Any]:
    """Keep what a training made, unless somebody stopped it; say when there were too few answers."""
    run = get(session, run_id, lock=True)
    if run.state is not RunState.QUEUED:
        return {"stopped": True}
    run.finished_at = now
    if data is None:
        run.state = RunState.FAILED
        return {"too_few": True}
    trained, answers = data
    row = learned.store(session, run.subject, trained, answers, by=run.created_by, now=now)
    run.state, run.counts = RunState.DONE, {**run.counts, "percent": 100, "looked": answers}
    run.result = {"model_id": row.id}
    return {"model_id": row.id, "usable": row.usable}


def _start(
    session: Session, actor: Actor | None, what: tuple[str, str], counts: dict[str, Any], now: datetime
) -> LearningRun:
    purpose, subject = what
    running = latest(session, purpose, subject)
    if running is not None and running.state is RunState.QUEUED:
        raise DomainError(BUSY)
    by = actor.user_id if actor else None
    run = LearningRun(purpose=purpose, subject=subject, result={}, created_by=by, created_at=now)
    run.counts = {"percent": 0, "looked": 0, "found": 0, **counts}
    session.add(run)
    session.flush()
    audit.record(session, by, f"{purpose}.start", ("learning_run", run.id), now=now, about=subject)
    kind = jobs.TRY_RULE if purpose == TRIAL else jobs.TRAIN
    enqueue(session, kind, {"run_id": run.id}, now=now, dedupe_key=f"{purpose}:{run.id}")
    return run


def _rule(run: LearningRun) -> Rule:
    row = dict(run.counts["row"])
    for name in ("guards", "match", "refuse"):
        row[name] = tuple(row[name])
    return compiled(RuleRow(**row))


def _recent(since: datetime) -> Any:  # noqa: ANN401 (a select of ids)
    fresh = select(Article.id).where(Article.fetched_at >= since)
    return fresh.order_by(Article.id.desc()).limit(MOST_ARTICLES)


def _hits(session: Session, rule: Rule, ids: Sequence[int]) -> list[dict[str, Any]]:
    columns = (Article.id, Article.title, Article.body)
    rows = session.execute(select(*columns).where(Article.id.in_(ids)).order_by(Article.id.desc())).all()
    found = []
    for row in rows:
        quote = next(quotes(rule, row.title), None) or next(quotes(rule, row.body), None)
        if quote is not None:
            found.append({"article_id": row.id, "title": row.title, "quote": quote[:LONGEST_QUOTE]})
    return found


def quotes(rule: Rule, text: str) -> Any:  # noqa: ANN401 (an iterator of sentences)
    """Sentences of a text in which a rule speaks."""
    text = text[:LONGEST_TEXT]
    return (text[start:end] for start, end in sentences(text) if rule.finds(fold(text[start:end])))
