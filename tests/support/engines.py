"""Which test runs on which database engine: rules and rows on both, pages on one."""

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
PAGES = frozenset({"app", "visitor", "as_officer", "as_outsider", "as_registrar", "as_leader", "as_administrator"})
ON_BOTH = re.compile(r"/search/|at_once|hostile")


def spared(items: list[pytest.Item]) -> set[pytest.Item]:
    """Give the second engine of tests of pages: what rows a page shows is tested below it, on both engines.

    Half of the pages are shown on either engine, by their names, so that a run always shows the same;
    what a test of search or of two at once needs of an engine is asked of both.
    """
    if os.environ.get(BOTH):
        return set()
    twins: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        engine = _engine(item)
        if engine and PAGES.intersection(getattr(item, "fixturenames", ())) and not ON_BOTH.search(item.nodeid):
            twins[item.nodeid.replace(engine, "")][engine] = item
    return {
        pair[BACKENDS[zlib.crc32(name.encode()) % 2]] for name, pair in twins.items() if pair.keys() == set(BACKENDS)
    }


def _engine(item: pytest.Item) -> str:
    cases = getattr(item, "callspec", None)  # only a function with cases has one
    return str(cases.params.get("database", "")) if cases else ""
