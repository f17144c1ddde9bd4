"""Time matching on 5,000 carriers, 1,000 policies and many projects.

    python -m benchmarks.matching [--database URL] [--rounds 50]

Without a database an SQLite file in a temporary folder is filled; with one, carriers and policies are written inside a
transaction that is taken back. Prints milliseconds to judge one project against every carrier and every clause (wall
and processor, median and 95th percentile), and projects a second in bulk. Bound: 200 ms for one project.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crm.cli.database import migrate
from crm.core import clock
from crm.core.db import Database
from crm.land import places
from crm.land.policies import fitting
from crm.resources.carriers.models import Carrier, CarrierHold
from crm.resources.carriers.rules import CarrierKind, HoldKind, LandUse, PriceBasis
from crm.resources.matching.clauses import Applicant
from crm.resources.matching.rules import Need, words_of
from crm.resources.policies.models import Policy, PolicyClause, PolicyVersion
from crm.resources.policies.rules import Basis, ClauseKind, PolicyLevel, Review
from tests.support import builders

if TYPE_CHECKING:
    from collections.abc import Callable

CARRIERS, POLICIES, CLAUSES, BOUND = 5_000, 1_000, 5, 200
WORDS = ("高端装备", "新能源", "新材料", "电子信息", "生物医药", "食品", "纺织", "汽车零部件", "化工", "现代物流")
TODAY = date(2026, 11, 20)


def fill(session: Session, chance: random.Random) -> None:
    """Write an office with carriers, half of them held in part, and policies in force."""
    now = clock.now()
    office = builders.office(session)
    unit, user = office.east, office.registrar
    common = {"created_by": user.id, "created_at": now}
    session.execute(insert(Carrier), [_carrier(number, unit.id, chance) | common for number in range(CARRIERS)])
    ids = list(session.scalars(select(Carrier.id).where(Carrier.kind != CarrierKind.PARK)))
    held = [
        {"carrier_id": one, "kind": HoldKind.RESERVED, "area": Decimal(10), "from_on": TODAY, "holder": "占用人"}
        | common
        for one in ids[::2]
    ]
    session.execute(insert(CarrierHold), held)
    session.execute(insert(Policy), [{"unit_id": unit.id} | common for _number in range(POLICIES)])
    session.execute(insert(PolicyVersion), [_version(one, user.id) for one in session.scalars(select(Policy.id))])
    versions = list(session.scalars(select(PolicyVersion.id)))
    session.execute(insert(PolicyClause), [_clause(one, chance) for one in versions for _number in range(CLAUSES)])
    session.flush()


def _carrier(number: int, unit_id: int, chance: random.Random) -> dict[str, object]:
    land = number % 2 == 0
    return {
        "kind": CarrierKind.PLOT if land else CarrierKind.FACTORY, "code": f"M-{number}", "name": f"{number}号载体",
        "folded_name": f"{number}号载体", "unit_id": unit_id, "use": LandUse.INDUSTRY, "updated_at": clock.now(),
        "area": Decimal(chance.randint(20, 400) if land else chance.randint(800, 20_000)), "price": Decimal(10),
        "basis": PriceBasis.SALE_MU if land else PriceBasis.RENT_SQM, "industries": chance.sample(WORDS, 3),
        "barred": chance.sample(WORDS, 1), "listed_from": TODAY - timedelta(days=90), "version": 1,
        "min_intensity": Decimal(chance.randint(100, 500)), "ceiling": Decimal(chance.randint(4, 12)),
    }  # fmt: skip


def _version(policy_id: int, user_id: int) -> dict[str, object]:
    now = clock.now()
    return {
        "policy_id": policy_id, "number": 1, "title": f"政策{policy_id}", "document_no": "无文号", "issuer": "测量",
        "level": PolicyLevel.COUNTY, "valid_from": TODAY - timedelta(days=90), "industries": [], "version": 1,
        "created_by": user_id, "created_at": now, "published_by": user_id, "published_at": now,
    }  # fmt: skip


def _clause(version_id: int, chance: random.Random) -> dict[str, object]:
    return {
        "version_id": version_id, "number": "第一条", "kind": ClauseKind.INVESTMENT, "text": "按设备投资奖补",
        "basis": Basis.EQUIPMENT, "rate": Decimal(5), "cap": Decimal(500), "industries": chance.sample(WORDS, 2),
        "only_foreign": chance.random() < 0.2, "min_fixed": Decimal(chance.randint(500, 90_000)),  # noqa: PLR2004 (a fifth)
        "review": Review.PASSED, "review_basis": "测量", "review_organ": "测量", "reviewed_on": TODAY,
    }  # fmt: skip


def measure(name: str, rounds: int, work: Callable[[int], object]) -> None:
    """Run so many rounds and print how long one took."""
    work(0)
    walls, began = [], time.process_time()
    for number in range(rounds):
        start = time.perf_counter()
        work(number)
        walls.append((time.perf_counter() - start) * 1000)
    spent = (time.process_time() - began) * 1000 / rounds
    slow = sorted(walls)[max(0, round(0.95 * len(walls)) - 1)]
    median = statistics.median(walls)
    print(f"{name}: median {median:.0f} ms, p95 {slow:.0f} ms, processor {spent:.0f} ms (bound {BOUND} ms)")


def main() -> None:
    """Fill, measure, take back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(options.database or f"sqlite:///{folder}/matching.db")
        migrate(database)
        session = Session(database.engine)
        chance = random.Random(7)  # noqa: S311 (not a secret)
        fill(session, chance)
        needs = [
            Need(land=Decimal(chance.randint(20, 200)), words=words_of(chance.sample(WORDS, 2)), fixed=Decimal(30_000))
            for _number in range(options.rounds)
        ]
        asking = [
            Applicant(need.words, values={Basis.FIXED_INVESTMENT: Decimal(30_000), Basis.EQUIPMENT: Decimal(9000)})
            for need in needs
        ]
        print(f"{CARRIERS} carriers, {POLICIES} policies of {CLAUSES} clauses, {database.engine.dialect.name}")
        measure("carriers of one project", options.rounds, lambda at: places.best_for(session, needs[at], TODAY))
        measure("clauses of one project", options.rounds, lambda at: fitting.fits(session, asking[at], TODAY))
        session.rollback()
        session.close()
        database.dispose()


if __name__ == "__main__":
    main()
