"""The table of jobs: kind -> handler. Adding a job is adding one line here."""

from __future__ import annotations

from crm.core import jobs
from workers import (
    assessmentjobs,
    bulkjobs,
    claimjobs,
    duplicatejobs,
    exportjobs,
    housekeeping,
    importjobs,
    leadjobs,
    learnjobs,
    matchjobs,
    meetingjobs,
    modeljobs,
    newsjobs,
    noticejobs,
    planjobs,
    reportjobs,
    scorejobs,
    searchjobs,
    signaljobs,
    sourcejobs,
    storyjobs,
)
from workers.contract import Handler
from workers.schedules import HOUSEKEEPING

HANDLERS: dict[str, Handler] = {
    jobs.ANALYSE: Handler(run=newsjobs.analyse),
    jobs.ARRANGE_MEETINGS: Handler(run=meetingjobs.arrange),
    jobs.ASSESS: Handler(run=assessmentjobs.assess),
    jobs.CLOSE_PERIOD: Handler(run=assessmentjobs.close_period, timeout=1800),
    jobs.BULK_EDIT: Handler(prepare=bulkjobs.write, apply=bulkjobs.record, timeout=bulkjobs.BULK_SECONDS),
    jobs.CLIMB_LADDER: Handler(run=noticejobs.climb),
    jobs.KEEP_CLAIMS: Handler(run=claimjobs.keep),
    jobs.FIND_REPEATS: Handler(run=claimjobs.look_behind),
    jobs.APPLY_COUNTING: Handler(run=claimjobs.apply_counting),
    jobs.CRAWL: Handler(prepare=newsjobs.fetch, apply=newsjobs.record, timeout=newsjobs.CRAWL_SECONDS),
    jobs.DUE_SOURCES: Handler(run=newsjobs.due_sources),
    jobs.FIND_DUPLICATES: Handler(
        prepare=duplicatejobs.write, apply=duplicatejobs.record, timeout=duplicatejobs.FIND_SECONDS
    ),
    jobs.IMPORT_APPLY: Handler(prepare=importjobs.apply, apply=importjobs.record, timeout=importjobs.IMPORT_SECONDS),
    jobs.IMPORT_CHECK: Handler(prepare=importjobs.check, apply=importjobs.record, timeout=importjobs.IMPORT_SECONDS),
    jobs.IMPORT_UNDO: Handler(prepare=importjobs.take_back, apply=importjobs.record, timeout=importjobs.IMPORT_SECONDS),
    jobs.INGEST: Handler(prepare=newsjobs.read, apply=newsjobs.ingest, timeout=600),
    jobs.RECYCLE_LEADS: Handler(run=leadjobs.recycle),
    jobs.JOIN_STORIES: Handler(run=storyjobs.join),
    jobs.MATCH_ALL: Handler(prepare=matchjobs.match, apply=matchjobs.record, timeout=matchjobs.MATCH_SECONDS),
    jobs.OPEN_PLANS: Handler(run=planjobs.make),
    jobs.REGISTER_EXPORT: Handler(prepare=exportjobs.write, apply=exportjobs.record, timeout=exportjobs.EXPORT_SECONDS),
    jobs.REMIND_POLICIES: Handler(run=matchjobs.remind),
    jobs.REINDEX: Handler(run=searchjobs.reindex),
    jobs.RESCORE: Handler(prepare=scorejobs.gather, apply=scorejobs.rescore),
    jobs.RESCORE_ALL: Handler(prepare=scorejobs.walk, apply=scorejobs.go_on, timeout=scorejobs.WALK_SECONDS),
    jobs.PREVIEW_SCORES: Handler(
        prepare=modeljobs.preview, apply=modeljobs.previewed, timeout=modeljobs.PREVIEW_SECONDS
    ),
    jobs.BACKTEST_SCORES: Handler(prepare=modeljobs.test, apply=modeljobs.tested, timeout=modeljobs.BACKTEST_SECONDS),
    jobs.RETRAIN_SCORES: Handler(run=modeljobs.due),
    jobs.SEND_NOTICES: Handler(prepare=noticejobs.send, apply=noticejobs.record, timeout=noticejobs.SEND_SECONDS),
    jobs.SIGNAL_DIGEST: Handler(run=signaljobs.daily),
    jobs.SWEEP_NOTICES: Handler(run=noticejobs.sweep),
    jobs.SWEEP_SOURCES: Handler(run=newsjobs.sweep_sources),
    jobs.WATCH_SIGNALS: Handler(run=signaljobs.watch),
    jobs.TRAIN: Handler(prepare=learnjobs.train, apply=learnjobs.trained, timeout=learnjobs.TRAIN_SECONDS),
    jobs.TRAIN_DUE: Handler(run=learnjobs.due),
    jobs.TRY_RULE: Handler(prepare=learnjobs.try_rule, apply=learnjobs.tried, timeout=learnjobs.TRY_SECONDS),
    jobs.WEEKLY_DRAFT: Handler(run=reportjobs.weekly_draft),
    jobs.WEEKLY_ANNEX: Handler(
        prepare=reportjobs.write_annex, apply=reportjobs.annex_written, timeout=reportjobs.ANNEX_SECONDS
    ),
    jobs.CHASE_WEEKLY: Handler(run=reportjobs.chase_weekly),
    jobs.PAPER_DRAFT: Handler(run=reportjobs.paper_draft),
    jobs.READ_EXPORT: Handler(prepare=sourcejobs.read_export, apply=sourcejobs.keep_export, timeout=600),
    jobs.TRY_SOURCE: Handler(prepare=sourcejobs.attempt, apply=sourcejobs.keep, timeout=sourcejobs.TRIAL_SECONDS),
    HOUSEKEEPING: Handler(run=housekeeping.run),
}
