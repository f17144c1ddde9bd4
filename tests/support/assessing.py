"""A book of rules and an assessment of both squads."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm.assessment.books import queries, services
from crm.assessment.books.rules import Feed, FeedKind
from crm.assessment.books.services import RunDraft
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.books.models import AssessedUnit, AssessmentRun, RuleBook
    from tests.support.builders import Office

RULES = {
    "name": "招商考核办法",
    "total": {"round": 2},
    "rules": [
        {
            "key": "走访",
            "label": "外出走访",
            "kind": "ratio",
            "done": "走访数",
            "target": "走访任务",
            "weight": 60,
            "cap": 60,
        },
        {
            "key": "报送",
            "label": "信息报送",
            "kind": "ratio",
            "done": "报送率",
            "weight": 40,
            "cap": 40,
            "missing": "zero",
        },
    ],
    "consequences": {"honours": 1, "bottom": 1, "runs": 2},
}
FEEDS = {"走访数": Feed(FeedKind.MEASURE, "visits"), "走访任务": Feed(FeedKind.TYPED)}
START, END = date(2026, 11, 1), date(2026, 11, 20)


def published(session: Session, office: Office) -> RuleBook:
    """Put the book in force."""
    actor = office.actor(session, office.registrar)
    row = services.save_book(session, actor, json.dumps(RULES), FEEDS, note="", now=NOW)
    return services.publish(session, actor, row.id, now=NOW)


def opened(session: Session, office: Office, book: RuleBook, end: date = END) -> AssessmentRun:
    """Begin an assessment of both squads."""
    groups = {office.east.id: "小分队", office.south.id: "小分队"}
    draft = RunDraft("11月考核", START, end, groups)
    return services.open_run(session, office.actor(session, office.registrar), book.id, draft, now=NOW)


def visits(session: Session, office: Office, east: int, south: int) -> None:
    """Log visits of both squads."""
    for place, by, count in ((office.east, office.officer, east), (office.south, office.outsider, south)):
        for _number in range(count):
            builders.touch(session, builders.enterprise(session), place, by, occurred_at=NOW - timedelta(days=2))


def typed(session: Session, office: Office, run: AssessmentRun, **more: str) -> None:
    """Type the task of each squad, and more."""
    actor = office.actor(session, office.registrar)
    for unit in (office.east, office.south):
        services.put_values(session, actor, run.id, unit.id, {"走访任务": "4", **more}, note="", now=NOW)


def result(session: Session, run: AssessmentRun, unit_id: int) -> AssessedUnit:
    """Reckon an assessment and return one unit."""
    services.compute(session, run.id, now=NOW)
    return queries.member(session, run.id, unit_id)
