"""Drafting and numbering papers in tests."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm.papers import rules
from crm.papers.issues import services
from crm.pipeline.cards import Clock
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.papers.issues.models import PaperIssue
    from tests.support.builders import Office


ZONE = ZoneInfo("Asia/Shanghai")
OCTOBER = "2026-10"
BACK = {"dispatch": OCTOBER, "bulletin": "2026-11-1", "briefing": "2026-Q3", "ranking": "2025"}


def clock(now: datetime = NOW) -> Clock:
    return Clock(now, now.astimezone(ZONE).date(), ZONE)


def drafted(session: Session, office: Office, key: str = "dispatch", period: str = OCTOBER) -> PaperIssue:
    """Draft a paper as the 招商办."""
    kind = rules.PAPERS[key]
    asked = rules.read_period(kind.period, period, TODAY)
    assert asked is not None
    return services.build(session, office.actor(session, office.registrar), kind, asked, clock())


def frozen(session: Session, office: Office, key: str = "dispatch", period: str = OCTOBER) -> PaperIssue:
    """Draft a paper and have the leader number it."""
    issue = drafted(session, office, key, period)
    return services.freeze(session, office.actor(session, office.leader), issue.id, issue.version, now=NOW)


def text_of(document: bytes) -> bytes:
    return zipfile.ZipFile(BytesIO(document)).read("word/document.xml")
