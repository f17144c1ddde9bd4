"""Which test runs on which database engine: rules and rows on both, pages and what takes long on one."""

from __future__ import annotations

import os
import re
import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

BACKENDS = ("sqlite", "postgresql")
BOTH = "YINFENG_TEST_BOTH"  # set to 1, tests of pages run on both engines too
DEMO = BACKENDS if os.environ.get(BOTH) else ("sqlite",)
PAGES = frozenset({"app", "visitor", "as_officer", "as_outsider", "as_registrar", "as_leader", "as_administrator"})
# What walks, recounts or loads for long: either engine sees its half of the cases.
LONG = re.compile(
    r"/(test_nobody_else_knows|test_turned_secret|test_whole_road|test_battle|test_closing|test_campaigns"
    r"|test_periods|test_replay|test_runs|test_weekly|test_amending"
    r"|test_templates|scoremodel/test_history|deals/test_history)\.py"
)
ON_BOTH = re.compile(r"/search/|at_once|hostile")


def spared(items: list[pytest.Item]) -> set[pytest.Item]:
    """Give the second engine of tests of pages, and of long ones: what rows a page shows is tested below it, on both.

    Half of them run on either engine, by their names, so that a run always shows the same;
    what a test of search or of two at once needs of an engine is asked of both.
    """
    if os.environ.get(BOTH):
        return set()
    twins: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        engine = _engine(item)
        if engine and _one_will_do(item):
            twins[item.nodeid.replace(engine, "")][engine] = item
    return {
        pair[BACKENDS[zlib.crc32(name.encode()) % 2]] for name, pair in twins.items() if pair.keys() == set(BACKENDS)
    }


def _one_will_do(item: pytest.Item) -> bool:
    if LONG.search(item.nodeid):
        return True
    return bool(PAGES.intersection(getattr(item, "fixturenames", ()))) and not ON_BOTH.search(item.nodeid)


def _engine(item: pytest.Item) -> str:
    cases = getattr(item, "callspec", None)  # only a function with cases has one
    return str(cases.params.get("database", "")) if cases else ""
