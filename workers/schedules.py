"""The recurring tasks, as one list that is compared with the table at start-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm.core import jobs
from crm.core.scheduling import Rhythm


@dataclass(frozen=True, slots=True)
class Plan:
    """One recurring task: its name, kind, rhythm (Asia/Shanghai), payload and queue."""

    name: str
    kind: str
    rhythm: Rhythm
    payload: dict[str, Any] = field(default_factory=dict)
    queue: str = "default"


HOUSEKEEPING = "housekeeping"

PLANS: tuple[Plan, ...] = (
    Plan("due-sources", jobs.DUE_SOURCES, Rhythm(every_minutes=5)),
    Plan("housekeeping", HOUSEKEEPING, Rhythm(daily_at="03:30")),
    Plan("nightly-meetings", jobs.ARRANGE_MEETINGS, Rhythm(daily_at="00:40")),
    Plan("nightly-claims", jobs.KEEP_CLAIMS, Rhythm(daily_at="01:10")),
    Plan("nightly-repeats", jobs.FIND_REPEATS, Rhythm(daily_at="01:20")),
    Plan("nightly-counting", jobs.APPLY_COUNTING, Rhythm(daily_at="01:30")),
    Plan("nightly-plans", jobs.OPEN_PLANS, Rhythm(daily_at="01:35")),
    Plan("nightly-leads", jobs.RECYCLE_LEADS, Rhythm(daily_at="01:40")),
    Plan("nightly-rescore", jobs.RESCORE_ALL, Rhythm(daily_at="02:30")),
    Plan("nightly-score-model", jobs.RETRAIN_SCORES, Rhythm(daily_at="03:50")),
    Plan("nightly-learning", jobs.TRAIN_DUE, Rhythm(daily_at="04:10")),
    Plan("follow-up-ladder", jobs.CLIMB_LADDER, Rhythm(every_minutes=30)),
    Plan("source-health", jobs.SWEEP_SOURCES, Rhythm(every_minutes=60)),
    Plan("join-stories", jobs.JOIN_STORIES, Rhythm(every_minutes=30)),
    Plan("notice-sweep", jobs.SWEEP_NOTICES, Rhythm(every_minutes=15)),
    Plan("policy-ends", jobs.REMIND_POLICIES, Rhythm(daily_at="08:10")),
    Plan("signal-digest", jobs.SIGNAL_DIGEST, Rhythm(daily_at="08:05")),
    Plan("weekly-chase", jobs.CHASE_WEEKLY, Rhythm(every_minutes=15)),
    Plan("weekly-draft", jobs.WEEKLY_DRAFT, Rhythm(daily_at="10:00")),
)
