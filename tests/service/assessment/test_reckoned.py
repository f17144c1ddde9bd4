"""Whatever happened, the service counts what the facts say by the words of the counting basis."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings

from crm.assessment import summing
from crm.assessment.measures import MEASURES
from crm.assessment.window import Window
from tests.support.builders import NOW
from tests.support.histories import HOUR, History, histories, write
from tests.support.reckoning import KEYS, reckon, within

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

SPANS = ((date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 11, 1), date(2026, 11, 15)))
CUTOFFS = (NOW, NOW - 200 * HOUR)


@settings(
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_every_figure_is_what_its_basis_says_of_the_facts(session: Session, office: Office, history: History) -> None:
    session.rollback()  # what the history before wrote, whether it held or not
    write(session, office, history)
    for start, end in SPANS:
        for cutoff in CUTOFFS:
            wanted = reckon(history, within(start, end), cutoff)
            found = summing.figures(session, [MEASURES[key] for key in KEYS], Window(start, end, cutoff))
            units = (office.east.id, office.south.id)
            counted = {key: [found[key].get(unit_id, Decimal(0)) for unit_id in units] for key in KEYS}
            apart = {key: (counted[key], wanted[key]) for key in KEYS if counted[key] != wanted[key]}
            assert not apart, (start, cutoff, apart)
