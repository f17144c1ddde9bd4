"""The table of jobs: kind -> handler. Adding a job is adding one line here."""

from __future__ import annotations

from crm.core import jobs
from workers import (
    bulkjobs,
    claimjobs,
    duplicatejobs,
    exportjobs,
    housekeeping,
    importjobs,
    leadjobs,
    meetingjobs,
    newsjobs,
    noticejobs,
    reportjobs,
    searchjobs,
)
from workers.contract import Handler
from workers.schedules import HOUSEKEEPING

HANDLERS: dict[str, Handler] = {
    jobs.ANALYSE: Handler(run=newsjobs.analyse),
    jobs.ARRANGE_MEETINGS: Handler(run=meetingjobs.arrange),
    jobs.BULK_EDIT: Handler(prepare=bulkjobs.write, apply=bulkjobs.record, timeout=bulkjobs.BULK_SECONDS),
    jobs.CLIMB_LADDER: Handler(run=noticejobs.climb),
    jobs.KEEP_CLAIMS: Handler(run=claimjobs.keep),
    jobs.FIND_REPEATS: Handler(run=claimjobs.look_behind),
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
    jobs.REGISTER_EXPORT: Handler(prepare=exportjobs.write, apply=exportjobs.record, timeout=exportjobs.EXPORT_SECONDS),
    jobs.REINDEX: Handler(run=searchjobs.reindex),
    jobs.RESCORE: Handler(run=newsjobs.rescore),
    jobs.RESCORE_ALL: Handler(run=newsjobs.rescore_all),
    jobs.SEND_NOTICES: Handler(prepare=noticejobs.send, apply=noticejobs.record, timeout=noticejobs.SEND_SECONDS),
    jobs.SWEEP_NOTICES: Handler(run=noticejobs.sweep),
    jobs.WEEKLY_DRAFT: Handler(run=reportjobs.weekly_draft),
    HOUSEKEEPING: Handler(run=housekeeping.run),
}
