from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm.core.scheduling import SHANGHAI
from crm.scoremodel.replaying import Replay
from crm.scoremodel.spells import LeadMonth, Month
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.facts import Fact

AT = datetime(2026, 6, 1, tzinfo=SHANGHAI)
MONTH = Month(AT, datetime(2026, 7, 1, tzinfo=SHANGHAI))
SIGNALS = st.lists(st.tuples(st.sampled_from(("CAPX", "RELO")), st.integers(0, 900), st.floats(0.1, 1.0)), max_size=8)


def replay(leads: list[list[tuple[str, int, float]]], half_lives: dict[str, float] | None = None) -> Replay:
    table = EXPERT_TABLE if half_lives is None else Replay((), (), EXPERT_TABLE).with_half_lives(half_lives)
    made = Replay([LeadMonth(number, 0, 0) for number in range(len(leads))], [MONTH], table)
    for signals in leads:
        told = enumerate(signals, start=1)
        made.add([Fact("signal", kind, key, AT - timedelta(days=days), weight=w) for key, (kind, days, w) in told], AT)
    return made


@given(st.lists(SIGNALS, min_size=1, max_size=5), st.sampled_from((30.0, 90.0, 365.0)))
def test_another_pace_of_fading_gives_the_codes_of_a_table_with_that_pace(
    leads: list[list[tuple[str, int, float]]], days: float
) -> None:
    paces = {"CAPX": days, "RELO": 45.0}
    assert np.array_equal(replay(leads).office_months(paces).codes, replay(leads, paces).office_months().codes)


def test_only_what_is_heard_of_often_is_learned() -> None:
    quiet: list[list[tuple[str, int, float]]] = [[] for _lead in range(30)]
    often = [[("CAPX", 10, 1.0)] for _lead in range(3)]
    assert replay([*quiet, *often, [("RELO", 5, 1.0)]]).learnable() == {"CAPX": 180.0}
