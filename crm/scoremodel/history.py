"""The history of the office as lead-months: who was a lead when, what was known of it then, and how it went.

Confidential projects and what was done for them are left out, as from every score.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.scheduling import SHANGHAI
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.intake.models import LeadTip
from crm.pipeline.models import Agreement, Project
from crm.pipeline.words import AgreementKind, ExitKind
from crm.scoremodel.replaying import Replay
from crm.scoremodel.spells import Signing, Span, Story, lead_months, months
from crm.scoring import ledger
from crm.scoring.sources import MEETINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from crm.scoremodel.spells import LeadMonth, Month
    from crm.scoring.facts import Fact
    from crm.scoring.table import PointsTable

    Reading = Callable[[], AbstractContextManager[Session]]

MOST_MONTHS = 60
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Calendar:
    """Whole months of the history, and its rows without what was known in them."""

    months: list[Month]
    rows: list[LeadMonth]


def stories(session: Session) -> list[Story]:
    """The lives of all enterprises that ever were a lead, in the order of their ids."""
    met, projects, signings = _met(session), _projects(session), _signings(session)
    ids = sorted(met.keys() | projects.keys())
    return [Story(key, tuple(met[key]), tuple(projects[key]), tuple(signings[key])) for key in ids]


def calendar(session: Session, *, now: datetime) -> Calendar:
    """Lead-months that were over by now, by month and enterprise."""
    told = stories(session)
    begun = [moment for story in told for moment in _beginnings(story)]
    if not begun:
        return Calendar([], [])
    over = months(min(begun), now, MOST_MONTHS)
    rows = [row for story in told for row in lead_months(story, over)]
    return Calendar(over, sorted(rows, key=lambda row: (row.month, row.enterprise_id)))


def build(reading: Reading, table: PointsTable, *, now: datetime, told: Callable[[int, int], bool]) -> Replay | None:
    """Build the lead-months of the office, each month in a session of its own, which ``reading`` opens.

    ``told(done, all)`` hears of each month and answers whether to go on; None when it did not.
    """
    with reading() as session:
        found = calendar(session, now=now)
    by_month: dict[int, list[LeadMonth]] = defaultdict(list)
    for row in found.rows:
        by_month[row.month].append(row)
    replay = Replay(found.rows, found.months, table)
    for number, month in enumerate(found.months):
        ids = [row.enterprise_id for row in by_month[number]]
        with reading() as session:
            known = known_at(session, ids, month.start)
        for key in ids:
            replay.add(known.get(key, ()), month.start)
        if not told(number + 1, len(found.months)):
            return None
    return replay


def known_at(session: Session, ids: Sequence[int], at: datetime) -> dict[int, list[Fact]]:
    """Facts of enterprises as they were known at a moment; both clocks are in the query."""
    found: dict[int, list[Fact]] = {}
    for start in range(0, len(ids), CHUNK):
        found |= ledger.as_of(session, ids[start : start + CHUNK], at)
    return found


def _beginnings(story: Story) -> list[datetime]:
    return [span.since for span in story.met] + [opened for opened, _exits in story.projects]


def _met(session: Session) -> dict[int, list[Span]]:
    """Meetings and intakes: known from when they were written down until they were taken back."""
    found: dict[int, list[Span]] = defaultdict(list)
    touches = select(Touch.enterprise_id, Touch.recorded_at, Touch.voided_at)
    for key, since, until in session.execute(touches.where(Touch.kind.in_(MEETINGS), not_secret(Touch.project_id))):
        found[key].append(Span(since, until))
    tips = select(LeadTip.enterprise_id, LeadTip.reported_at)
    for tipped, since in session.execute(tips):
        if tipped is not None:
            found[tipped].append(Span(since))
    return found


def _projects(session: Session) -> dict[int, list[tuple[datetime, tuple[Span, ...]]]]:
    """Projects with the times they were off the road; one that was put aside for a while still counts."""
    exits: dict[int, list[Span]] = defaultdict(list)
    left = select(ProjectExit.project_id, ProjectExit.at, ProjectExit.restored_at)
    for key, since, until in session.execute(left.where(ProjectExit.kind != ExitKind.SUSPENDED)):
        exits[key].append(Span(since, until))
    found: dict[int, list[tuple[datetime, tuple[Span, ...]]]] = defaultdict(list)
    opened = select(Project.id, Project.enterprise_id, Project.created_at).where(~Project.confidential)
    for project_id, key, at in session.execute(opened.order_by(Project.id)):
        found[key].append((at, tuple(exits[project_id])))
    return found


def _signings(session: Session) -> dict[int, list[Signing]]:
    """Contracts; letters of intent and framework agreements do not count as signed."""
    statement = (
        select(Project.enterprise_id, Agreement.signed_on, Agreement.reported_at)
        .join(Project, Project.id == Agreement.project_id)
        .where(Agreement.kind == AgreementKind.CONTRACT, ~Project.confidential)
    )
    found: dict[int, list[Signing]] = defaultdict(list)
    for key, day, known_at in session.execute(statement):
        found[key].append(Signing(datetime.combine(day, time(), tzinfo=SHANGHAI), known_at))
    return found
