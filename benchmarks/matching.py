"""Time matching on 5,000 carriers, 1,000 policies and 10,000 projects.

    python -m benchmarks.matching --database postgresql+psycopg://USER:PASSWORD@HOST/DATABASE [--rounds 50]

Everything is written inside a transaction that is taken back; without a database an SQLite file in a temporary folder
is filled. Prints milliseconds to judge one project against every carrier and every clause (wall and processor, median
and 95th percentile), and projects a second when all are matched by the job. Bound: 200 ms for one project. On a busy
machine processor times say what a quiet one would take.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from crm.cli.database import migrate
from crm.core import clock
from crm.core.db import Database
from crm.matching import fitting, places, reading
from crm.pipeline.models import Project
from crm.pipeline.rules import Capital, Channel, Stage
from crm.resources.carriers.models import Carrier, CarrierHold
from crm.resources.carriers.rules import CarrierKind, HoldKind, LandUse, PriceBasis
from crm.resources.policies.models import Policy, PolicyClause, PolicyVersion
from crm.resources.policies.rules import Basis, ClauseKind, PolicyLevel, Review
from tests.support import builders

if TYPE_CHECKING:
    from collections.abc import Callable

CARRIERS, POLICIES, CLAUSES, PROJECTS, BOUND, BATCH = 5_000, 1_000, 5, 10_000, 200, 50
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
    firm = builders.enterprise(session)
    session.execute(
        insert(Project), [_project(number, firm.id, unit.id, user.id, chance) for number in range(PROJECTS)]
    )
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))


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
        "basis": Basis.FIXED_INVESTMENT, "rate": Decimal(chance.randint(10, 900)) / 100,
        "cap": Decimal(chance.randint(50, 900)), "industries": chance.sample(WORDS, 2),
        "only_foreign": chance.random() < 0.2, "min_fixed": Decimal(chance.randint(500, 90_000)),  # noqa: PLR2004 (a fifth)
        "review": Review.PASSED, "review_basis": "测量", "review_organ": "测量", "reviewed_on": TODAY,
    }  # fmt: skip


def _project(number: int, firm_id: int, unit_id: int, user_id: int, chance: random.Random) -> dict[str, object]:
    now = clock.now()
    return {
        "name": f"{number}号项目", "folded_name": f"{number}号项目", "enterprise_id": firm_id, "unit_id": unit_id,
        "stage": Stage.VISITING, "stage_since": now, "capital": Capital.PRIVATE, "channel": Channel.OTHER,
        "land_mu": chance.randint(20, 200), "industry": chance.choice(WORDS), "product_line": chance.choice(WORDS),
        "fixed_investment": Decimal(chance.randint(3_000, 90_000)), "version": 1, "created_at": now, "updated_at": now,
        "owner_id": user_id, "created_by": user_id, "stage_seq": 1, "key_project": False, "confidential": False,
    }  # fmt: skip


def measure(name: str, rounds: int, work: Callable[[int], object]) -> None:
    """Run so many rounds and print how long one took."""
    work(0)
    walls, spent = [], []
    for number in range(rounds):
        start, began = time.perf_counter(), time.process_time()
        work(number)
        walls.append((time.perf_counter() - start) * 1000)
        spent.append((time.process_time() - began) * 1000)
    told = [f"{statistics.median(one):.0f} ms, p95 {_p95(one):.0f} ms" for one in (walls, spent)]
    print(f"{name}: wall median {told[0]}; processor median {told[1]} (bound {BOUND} ms)")


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


def bulk(session: Session, projects: list[Project]) -> None:
    """Match some projects as the job does and print how many a second."""
    began = time.process_time()
    known = reading.stock(session, TODAY)
    for project in projects:
        reading.counted(project, known, None)
    spent = time.process_time() - began
    print(f"{len(projects)} projects in bulk: {len(projects) / spent:.0f} projects a second of processor time")


def main() -> None:
    """Fill, measure, take back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    print("python -m benchmarks.matching", *sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        database = Database(options.database or f"sqlite:///{folder}/matching.db")
        migrate(database)
        session = Session(database.engine)
        fill(session, random.Random(7))  # noqa: S311 (not a secret)
        projects = list(session.scalars(select(Project).order_by(Project.id).limit(options.rounds)))
        print(f"{CARRIERS} carriers, {POLICIES} policies of {CLAUSES} clauses, {PROJECTS} projects,", end=" ")
        print(database.engine.dialect.name)

        def clauses(at: int) -> object:
            return fitting.fits(session, fitting.applicant_of(session, projects[at], {}, None), TODAY)

        measure("carriers", options.rounds, lambda at: places.for_project(session, projects[at], TODAY))
        measure("clauses", options.rounds, clauses)
        bulk(session, projects[:BATCH])
        session.rollback()
        session.close()
        database.dispose()


if __name__ == "__main__":
    main()
