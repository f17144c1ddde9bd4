"""Measure looking for doubles: python -m benchmarks.duplicates [ENTERPRISES].

An invented register (100,000 enterprises and three contacts each) with planted doubles is looked through twice,
enterprises then contacts, on a SQLite file. Prints seconds, pairs, how many of the planted ones were found, and the
peak memory of the process that looked.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from crm.auth.models import OrgUnit, User
from crm.auth.rules import UnitKind
from crm.cli.database import migrate
from crm.core import vault
from crm.core.db import Database
from crm.core.text import fold, fold_company
from crm.enterprises.models import Contact, Enterprise, EnterpriseAlias
from crm.enterprises.naming import names_of
from crm.enterprises.reach import reach_keys
from crm.register import duplicate_finding as finding
from crm.register.models import DuplicatePair

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ENTERPRISES, PEOPLE, PLANTED, AT_ONCE = 100_000, 3, 2_000, 2_000
PLACES = ("杭州", "深圳市", "苏州", "宁波市", "江苏", "浙江省", "上海", "广东", "成都", "合肥", "云溪县", "")
LETTERS = "岚桥储澜岛禾砺晟舟岳澄铭屿霖琥维特源森洛信远图辰华天金恒瑞达安泰利新盛宏德兴"
TRADES = ("储能科技", "新能源", "智能装备", "电子", "材料", "生物医药", "精密机械", "软件", "半导体", "环保科技")
FORMS = ("有限公司", "股份有限公司", "集团有限公司")
OTHER_FORM = {"有限公司": "股份有限公司", "股份有限公司": "有限公司", "集团有限公司": "有限公司"}
LOOKS = "look"


def main() -> None:
    """Build the register here and look through it in a process of its own."""
    if len(sys.argv) > 2 and sys.argv[1] == LOOKS:  # noqa: PLR2004 (the command and a file)
        look(sys.argv[2])
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTERPRISES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.db"
        begun = time.monotonic()
        planted = build(Database(f"sqlite:///{path}"), count)
        print(f"{count} enterprises, {count * PEOPLE} contacts, built in {time.monotonic() - begun:.0f} s")
        command = [sys.executable, "-m", "benchmarks.duplicates", LOOKS, str(path)]
        subprocess.run(command, check=True)  # noqa: S603 (ourselves)
        with Database(f"sqlite:///{path}").reading() as session:
            pairs = set(
                session.execute(select(DuplicatePair.low_id, DuplicatePair.high_id).filter_by(kind="enterprise"))
            )
        found = sum((low, high) in pairs for low, high in planted)
        print(f"planted {len(planted)}, of these found {found}")


def look(path: str) -> None:
    """Look through enterprises and contacts; say how long it took and what it needed."""
    vault.use("b" * 48)
    database = Database(f"sqlite:///{path}")
    for kind in ("enterprise", "contact"):
        begun = time.monotonic()
        finding.full(database, kind, NOW, lambda _session, _step: True, lambda _percent, _note: None)
        with database.reading() as session:
            pairs = session.scalar(select(func.count(DuplicatePair.id)).where(DuplicatePair.kind == kind))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{kind}: {time.monotonic() - begun:.0f} s, {pairs} pairs, peak {peak:.0f} MiB")


def build(database: Database, count: int) -> list[tuple[int, int]]:
    """Write the register; return the planted doubles."""
    vault.use("b" * 48)
    migrate(database)
    dice = random.Random(7)  # noqa: S311 (data, no secret)
    names: dict[str, int] = {}
    planted = []
    while len(names) < count:
        form = dice.choice(FORMS)
        brand = "".join(dice.choice(LETTERS) for _ in range(dice.choice((2, 3, 4))))
        bare = dice.choice(PLACES) + brand + dice.choice(TRADES)
        names.setdefault(bare + form, len(names) + 1)
        if len(names) < count and dice.random() < PLANTED / count and bare + OTHER_FORM[form] not in names:
            planted.append((names[bare + form], len(names) + 1))
            names[bare + OTHER_FORM[form]] = len(names) + 1
    with database.transaction() as session:
        unit = OrgUnit(name="招商局", kind=UnitKind.BUREAU, valid_from=NOW.date())
        person = User(username="b", name="某人", password_hash="", created_at=NOW)
        session.add_all([unit, person])
        session.flush()
        owner = {"unit_id": unit.id, "created_by": person.id}
    rows = list(names.items())
    for start in range(0, count, AT_ONCE):
        _write(database, rows[start : start + AT_ONCE], dice, owner)
    return planted


def _write(database: Database, rows: list[tuple[str, int]], dice: random.Random, owner: dict[str, int]) -> None:
    firms: list[dict[str, Any]] = []
    aliases: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for name, number in rows:
        site = f"site{dice.randrange(ENTERPRISES)}.example" if dice.random() < 0.3 else None  # noqa: PLR2004 (a third has one)
        firm = {"id": number, "name": name, "folded_name": fold(name), "sort_key": name, "stem": fold_company(name)}
        firms.append({**firm, "site_domain": site, "created_at": NOW, "updated_at": NOW})
        for folded, (alias, kind) in names_of(name, None).items():
            aliases.append({"enterprise_id": number, "alias": alias, "folded": folded, "kind": kind})
        for _ in range(PEOPLE):
            keys = reach_keys(f"13{dice.randrange(10**9):09}", None)
            who = "".join(dice.choice(LETTERS) for _ in range(2))
            people.append({"enterprise_id": number, "name": who, "sort_key": who, "created_at": NOW, **owner, **keys})
    with database.transaction() as session:
        session.execute(insert(Enterprise), firms)
        session.execute(insert(EnterpriseAlias), aliases)
        session.execute(insert(Contact), people)


if __name__ == "__main__":
    main()
