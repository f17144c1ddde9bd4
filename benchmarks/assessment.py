"""Time an assessment of many units by many rules of all kinds.

    python -m benchmarks.assessment [--units 500] [--rules 40]

The bound is 10 s for 500 units and 40 rules; printed are processor seconds of reading, reckoning and writing.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from crm.assessment.engine.book import loads, read_book
from crm.assessment.engine.facts import read_facts
from crm.assessment.engine.run import run
from crm.assessment.engine.telling import told
from tests.unit.assessment.engine import published

GROUPS = 5
Json = dict[str, Any]
BOOKS: tuple[Json, ...] = (published.CITY, published.KEY_PROJECTS, published.MONTH, published.EFFICACY)
FACTS: tuple[Json, ...] = (published.CITY_UNITS, published.MONTH_PEOPLE, published.EFFICACY_UNITS)


def book(rules: int) -> Json:
    """Give a book of so many rules, taken in turn from the published ones."""
    pool = [rule for one in BOOKS for rule in one["rules"]]
    return {"name": "测速", "rules": [{**pool[at % len(pool)], "key": f"规则{at}"} for at in range(rules)]}


def units(count: int) -> Json:
    """Give so many units that know every indicator, each with twenty projects."""
    values = {name: value for one in FACTS for name, value in one["units"][0]["values"].items()}
    facts: Json = published.KEY_PROJECT_UNITS
    projects = facts["units"][0]["items"]["项目"] * 20
    return {
        "units": [
            {
                "key": f"u{at}",
                "group": f"g{at % GROUPS}",
                "values": {**values, "到资": at, "走访数": at % 30, "接待数": at % 7},
                "items": {"项目": projects},
            }
            for at in range(count)
        ]
    }


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--rules", type=int, default=40)
    given = parser.parse_args()
    rules_text, facts_text = json.dumps(book(given.rules)), json.dumps(units(given.units))
    start = time.process_time()
    rules, facts = read_book(loads(rules_text)), read_facts(loads(facts_text))
    read = time.process_time()
    results = run(rules, facts)
    reckoned = time.process_time()
    out = json.dumps(told(rules, results), ensure_ascii=False)
    wrote = time.process_time()
    lines = sum(len(one.lines) for one in results)
    print(f"{given.units} units x {given.rules} rules: {lines} lines, {len(out) / 1e6:.1f} MB of JSON")
    print(f"reading {read - start:.2f}, reckoning {reckoned - read:.2f}, writing {wrote - reckoned:.2f} s (bound 10 s)")


if __name__ == "__main__":
    main()
