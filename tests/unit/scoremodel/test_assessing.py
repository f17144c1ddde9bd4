from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from crm.scoremodel import leaks
from crm.scoremodel.assessing import Assessment, assess, horizon_of
from crm.scoremodel.officemonths import OfficeMonths, levels_of, month_key, quarter_key
from crm.scoremodel.replaying import Replay
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.model import hazard
from crm.scoring.model.months import LeadMonths
from crm.scoring.model.synthetic import Kind, Truth, history

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.scoring.table import PointsTable

JANUARY = 2024 * 12
END = JANUARY + 36
KEYS = ("contacts", "signal_CAPX")
LEARNABLE = Truth(kinds={"CAPX": Kind(180.0, 0.12, 1.3)}, fit=((-0.7, 0.0, 0.8),), base=-4.8)
NOTHING = Truth(kinds={"CAPX": Kind(180.0, 0.12, 0.0)}, fit=((0.0, 0.0, 0.0),), base=-3.8, age=0.0)


def table() -> PointsTable:
    """The experts' table, cut down to the two features of the invented history."""
    return replace(EXPERT_TABLE, features=tuple(EXPERT_TABLE.feature(key) for key in KEYS))


@dataclass
class Invented(Replay):
    """A replay of an invented history, whose half-lives are known."""

    made: OfficeMonths | None = None

    def office_months(self, half_lives: Mapping[str, float] | None = None) -> OfficeMonths:  # noqa: ARG002 (shape of a replay)
        assert self.made is not None
        return self.made


def judged(rows: OfficeMonths) -> Assessment:
    return assess(Invented((), (), table(), made=rows), now_month=END)


def months(truth: Truth, leads: int = 700, seed: int = 3) -> OfficeMonths:
    rows = history(leads, 36, seed, truth).rows({"CAPX": 180.0})
    top = len(table().feature("signal_CAPX").levels) - 1
    codes = np.column_stack((rows.codes[:, 0], np.minimum(rows.codes[:, 1], top))).astype(np.int32)
    known = np.where(rows.signed, rows.month + 1 + JANUARY, 10**6)
    return OfficeMonths(rows.lead, rows.month + JANUARY, rows.age, codes, rows.signed, rows.dropped, known)


def test_a_history_with_signal_gives_a_table_with_a_probability() -> None:
    rows = months(LEARNABLE)
    found = judged(rows)
    report = found.report
    assert (report["mode"], report["signal"]) == ("probability", True)
    assert report["models"]["card"]["ece"] < 0.06
    assert found.table is not None
    assert (found.table.mode, found.table.months) == ("probability", report["months"])
    assert report["months"] <= report["oldest"] + 1
    contacts = [level.points for level in found.table.feature("contacts").levels]
    assert contacts == sorted(contacts), "more contacts, more points, as in truth"
    shown = sum(one["predicted"] for one in report["quarters"]) / max(
        1, sum(one["actual"] for one in report["quarters"])
    )
    assert 0.7 < shown < 1.3


def test_counts_beside_the_fitted_points_are_rows_one_can_count() -> None:
    rows = months(LEARNABLE, leads=400)
    counts = judged(rows).report["counts"]["contacts"]
    for level, (seen, won) in enumerate(counts):
        at = rows.codes[:, 0] == level
        assert (seen, won) == (int(at.sum()), int(rows.signed[at].sum()))


def test_a_history_without_signal_says_so() -> None:
    assert not judged(months(NOTHING)).report["signal"]


def test_few_signings_leave_the_experts_alone() -> None:
    rows = months(replace(LEARNABLE, base=-8.5), leads=300)
    assert 0 < int(rows.signed.sum()) < 10
    found = judged(rows)
    assert (found.report["mode"], found.table, "hazard" in found.report) == ("expert", None, False)


def test_some_signings_give_a_band() -> None:
    rows = months(replace(LEARNABLE, base=-6.6), leads=500)
    assert 10 <= int(rows.signed.sum()) < 40
    made = judged(rows).table
    assert made is not None
    assert (made.mode, made.band is not None) == ("band", True)
    low, high = made.band_of(made.z([1, 2]))
    assert 0 < low < high < 1


def test_an_empty_history_is_no_error() -> None:
    none = months(NOTHING).take(np.zeros(0, dtype=np.int64))
    empty = OfficeMonths(**{one.name: getattr(none, one.name) for one in fields(LeadMonths)})
    found = judged(empty)
    assert (found.report["rows"], found.table) == (0, None)


def test_the_horizon_never_reaches_beyond_the_ages_seen() -> None:
    rows = months(LEARNABLE)
    for until in range(JANUARY + 2, END, 3):
        known = rows.known_at(until)
        short = OfficeMonths(**{one.name: getattr(known, one.name) for one in fields(LeadMonths)})
        fitted = hazard.fit(known, levels_of(table())) if known.signed.any() else None
        assert horizon_of(short, fitted) <= max(0, fitted.oldest + 1 if fitted else 0)


def test_training_sees_what_was_on_paper_and_nothing_after() -> None:
    """A column equal to the outcome, but only from the day it was recorded: the day before sees none of it."""
    rows = months(LEARNABLE)
    assert rows.known is not None
    slow = replace(rows, known=np.where(rows.signed, rows.known + 3, rows.known))
    for month in (JANUARY + 12, JANUARY + 24):
        seen = slow.known_at(month)
        assert not seen.signed[seen.month + 4 > month].any()
        assert seen.signed.sum() == (slow.signed & (slow.month + 4 <= month)).sum()
        assert (seen.month < month).all()


def test_a_feature_that_knows_the_outcome_is_found() -> None:
    rows = months(LEARNABLE)
    levels = levels_of(table())
    assert not any(one.leaks for one in leaks.look(rows, levels))
    told = rows.codes.copy()
    told[:, 0] = np.where(rows.signed, 2, told[:, 0] % 2)
    found = {one.key: one for one in leaks.look(replace(rows, codes=told), levels)}
    assert found["contacts"].leaks
    assert found["contacts"].auc == pytest.approx(1.0, abs=0.01)
    hidden = rows.codes.copy()
    hidden[:, 1] = np.where(rows.signed, 1, 0)
    assert {one.key: one.leaks for one in leaks.look(replace(rows, codes=hidden), levels)}["signal_CAPX"]


def test_months_and_quarters_have_names() -> None:
    assert [month_key(JANUARY), month_key(JANUARY + 11), quarter_key(JANUARY + 3)] == ["2024-01", "2024-12", "2024Q2"]
