"""Scores of many leads at once are those of each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.bulk import SumColumns, codes_of, fading, scored
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.facts import Fact
from crm.scoring.levels import LevelHit, levels_of
from crm.scoring.rules import of_levels
from tests.support.scorefacts import NOW, facts_of, histories

FITTED = EXPERT_TABLE.with_points(
    {
        one.key: {level.key: (len(one.key) + code * 113) % 401 / 100.0 - 2.0 for code, level in enumerate(one.levels)}
        for one in EXPERT_TABLE.features
    },
    version="fitted-1", a=-1.2,
)  # fmt: skip
any_codes = st.tuples(*(st.integers(0, len(one.levels) - 1) for one in EXPERT_TABLE.features))


@given(st.lists(any_codes, min_size=1, max_size=20), st.sampled_from([EXPERT_TABLE, FITTED]))
def test_points_and_reasons_of_many_are_those_of_each(rows: list[tuple[int, ...]], table: object) -> None:
    assert isinstance(table, type(EXPERT_TABLE))
    block = scored(np.array(rows, dtype=np.int8), table)
    for place, codes in enumerate(rows):
        hits = [LevelHit(one.key, code, one.levels[code].key) for one, code in zip(table.features, codes, strict=True)]
        one = of_levels(hits, table)
        many = {
            feature.key: int(points)
            for feature, points in zip(table.features, block.whole[place], strict=True)
            if points
        }
        if block.limit[place]:
            many["limit"] = int(block.limit[place])
        assert many == {reason.key: reason.points for reason in one.reasons}
        assert (block.points[place], block.fit[place], block.intent[place]) == (one.points, one.fit, one.intent)
        assert table.grades[block.grade[place]][1] == one.grade
        assert abs(block.z[place] - one.z) <= 1e-12


@given(st.lists(histories, min_size=1, max_size=5))
def test_levels_from_arrays_are_those_of_each(leads: list[list[Fact]]) -> None:
    known = [facts_of(*lead) for lead in leads]
    names = sorted({name for one in known for name in one.masses})
    sums = {}
    for name in names:
        rows = [one.masses.get(name) for one in known]
        sums[name] = SumColumns(
            np.array([row.value if row else 0.0 for row in rows]),
            np.array([row.count if row else 0 for row in rows]),
            np.array([row.newest_at.timestamp() if row else 0.0 for row in rows]),
            np.array([row.newest_id if row else 0 for row in rows]),
        )
    for place, feature in enumerate(EXPERT_TABLE.features):
        if fading(feature):
            codes, _which = codes_of(feature, sums, NOW.timestamp(), len(known))
            assert list(codes) == [levels_of(one, EXPERT_TABLE)[place].code for one in known]
