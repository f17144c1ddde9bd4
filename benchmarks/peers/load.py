"""Load the common data of a comparison with other products (a folder of csv files) into an empty database.

    python -m benchmarks.peers.load FOLDER --database postgresql+psycopg://…

The folder holds users, orgs, contacts, opps and acts as csv; organisation k becomes enterprise k. Signs in as
``bench``; the password is printed. Says so and succeeds when the folder is absent.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import config
from benchmarks.bulk_load import PASSWORD, USERNAME, Deal, Firm, Person, Promise, Visit, loading
from crm.cli.database import migrate
from crm.core import vault
from crm.core.db import Database
from crm.fieldwork.rules import TouchKind
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bulk_load import Loader

# Their eight stages in our words; the eighth, 暂停, is a project put aside.
STAGES = (
    Stage.LEAD, Stage.VISITING, Stage.INSPECTING, Stage.REVIEWING, Stage.PRE_SIGNING, Stage.SIGNED, Stage.STARTED,
)  # fmt: skip
KINDS = {"visit": TouchKind.VISIT, "call": TouchKind.CALL, "meeting": TouchKind.NEGOTIATION}
TASK, DONE_OF_TEN = "task", 7


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Read one of the files."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def at(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fill(loader: Loader, folder: Path) -> None:
    """Write everything the folder holds."""
    users = list(rows(folder, "users"))
    loader.office(len(users), datetime(2023, 1, 1, tzinfo=UTC))
    names = _firms(loader, folder)
    loader.lists(list(names), 2026, datetime(2026, 1, 5, tzinfo=UTC))
    for row in rows(folder, "contacts"):
        firm = int(row["org_id"])
        loader.person(
            Person(
                int(row["id"]), firm, names[firm], row["surname"] + row["given"], int(row["owner"]),
                at(row["created"]), row["title"], row["phone"], row["email"],
            )
        )  # fmt: skip
    _deals(loader, folder, names)
    _activities(loader, folder)


def _firms(loader: Loader, folder: Path) -> dict[int, str]:
    names: dict[int, str] = {}
    known: set[str] = set()
    for row in rows(folder, "orgs"):
        number, name = int(row["id"]), row["name"]
        if name in known:
            name = f"{name}{number}"
        known.add(name)
        names[number] = name
        loader.firm(
            Firm(
                number, name, int(row["owner"]), at(row["created"]), row["sector"], row["district"], row["website"],
                int(row["capital_wan"]), row["note"],
            )
        )  # fmt: skip
    return names


def _deals(loader: Loader, folder: Path, names: dict[int, str]) -> None:
    for row in rows(folder, "opps"):
        stage, firm = int(row["stage"]), int(row["org_id"])
        loader.deal(
            Deal(
                int(row["id"]), firm, names[firm], row["name"], STAGES[min(stage, len(STAGES) - 1)],
                int(row["owner"]), at(row["created"]), int(row["amount_wan"]), suspended=stage >= len(STAGES),
            )
        )  # fmt: skip


def _activities(loader: Loader, folder: Path) -> None:
    for row in rows(folder, "acts"):
        number, firm, moment = int(row["id"]), int(row["org_id"]), at(row["start"])
        deal = int(row["opp_id"]) if row["opp_id"] else None
        if row["type"] == TASK:
            done = number % 10 < DONE_OF_TEN
            due = (moment + timedelta(days=14)).date()
            loader.promise(Promise(number, firm, row["title"], int(row["owner"]), moment, due, deal, done=done))
            continue
        summary = f"{row['title']}。{row['note']}"
        met = int(row["contact_id"])
        loader.visit(Visit(number, firm, KINDS[row["type"]], summary, int(row["owner"]), moment, deal, met))


def main() -> None:
    """Load a folder into a database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", required=True)
    options = parser.parse_args()
    if not (options.folder / "orgs.csv").is_file():
        sys.exit(f"No data in {options.folder}: nothing loaded. Make it with the generator of the comparison.")
    vault.use(config.load().data_key)
    database = Database(options.database)
    migrate(database)
    began = time.monotonic()
    with loading(database) as loader:
        fill(loader, options.folder)
    database.dispose()
    print(f"loaded in {time.monotonic() - began:.0f} s; sign in as {USERNAME} with {PASSWORD}")


if __name__ == "__main__":
    main()
