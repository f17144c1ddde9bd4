"""Jobs of sources: a test run before a source is kept, and reading a file of exported articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.news import feedfile, queries, trial_result, trying, uploading
from crm.news.models import SourceTrial
from workers import newsjobs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

TRIAL_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test run showed; None when it was called off meanwhile."""

    result: dict[str, Any] | None


def attempt(payload: Payload, context: Context) -> Tried:
    """Crawl a draft within small limits, in the same kind of child process as any crawl."""
    with context.database.reading() as session:
        trial = session.get(SourceTrial, payload["trial_id"])
        if trial is None:
            return Tried(None)
        specification = trying.specification(session, trial, context.settings.crawl_allow)
        options = dict(trial.draft["options"])
    out = context.settings.feeds_dir / "trials" / f"{payload['trial_id']}.jsonl.gz"
    out.parent.mkdir(parents=True, exist_ok=True)
    for left in (out, out.with_name(out.name + ".part")):
        left.unlink(missing_ok=True)
    try:
        status, detail = newsjobs.crawl_once(specification, out, context)
        rows = list(feedfile.rows(out)) if out.exists() else []
    except feedfile.FeedError:
        status, detail, rows = newsjobs.CUT_SHORT, "", []
    finally:
        out.unlink(missing_ok=True)
    return Tried(trial_result.result(rows, status, detail, options, context.now))


def keep(session: Session, payload: Payload, data: Tried, context: Context) -> Result:
    """Keep what it showed."""
    if data.result is None:
        return {"gone": True}
    trying.record(session, payload["trial_id"], data.result, now=context.now)
    return {"problem": data.result["problem"], "articles": len(data.result["articles"])}


def read_export(payload: Payload, context: Context) -> newsjobs.Crawled:
    """Write an uploaded file of exported articles as a feed."""
    folder = context.settings.files_dir
    with context.database.reading() as session:
        run = queries.run(session, payload["run_id"])
        name = f"{run.source_id}/{run.started_at:%Y%m%d-%H%M%S}-{run.id}.jsonl.gz"
        told = dict(run.stats)
    out = context.settings.feeds_dir / name
    out.parent.mkdir(parents=True, exist_ok=True)
    uploading.write_feed(
        payload["run_id"], told, folder, out, now=context.now, progress=lambda done: context.progress(0, str(done))
    )
    return newsjobs.Crawled(0, name, feedfile.summary(out), "")


def keep_export(session: Session, payload: Payload, data: newsjobs.Crawled, context: Context) -> Result:
    """Have what was read taken in; the upload itself is not needed any more."""
    result = newsjobs.record(session, payload, data, context)
    uploading.forget(payload["run_id"], context.settings.files_dir)
    return result
