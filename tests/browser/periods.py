"""Periods of the furnished office: a closed week, and one that is open."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from crm.assessment.periods import services
from crm.assessment.periods.rules import PeriodDraft, PeriodKind
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

WEEKS = (("第46周", date(2026, 11, 9), date(2026, 11, 15)), ("第47周", date(2026, 11, 16), date(2026, 11, 19)))


def furnish(session: Session, office: Office) -> None:
    """Write them."""
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    for name, start_on, end_on in WEEKS:
        draft = PeriodDraft(PeriodKind.WEEK, name, start_on, end_on, (office.east.id, office.south.id))
        period = services.create(session, registrar, draft, now=NOW)
        if name == WEEKS[0][0]:
            services.check(session, registrar, period.id, reason="两队在外，电话核过", now=NOW, today=TODAY)
            services.close(session, leader, period.id, now=NOW)
            services.freeze(session, period.id, now=NOW, progress=lambda _percent, _note: None)
