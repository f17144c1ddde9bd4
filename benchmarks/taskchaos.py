"""The long chaos run on SQLite and PostgreSQL; prints what was lost, doubled or invented.

Run it as ``python -m benchmarks.taskchaos [SECONDS] [SEED]``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from crm.cli.database import migrate
from crm.core.db import Database
from tests.support import chaos, postgres, stack

HEAD = (
    "database", "committed", "rolled back", "worker kills", "queue kills", "lost", "twice", "ghosts", "settle s"
)  # fmt: skip


def measure(label: str, url: str, seconds: float, seed: int) -> bool:
    """Run on one database and print a row; True if nothing went wrong."""
    database = Database(url)
    migrate(database)
    database.dispose()
    with tempfile.TemporaryDirectory() as folder, stack.yard(Path(folder), url) as yard:
        yard.start_fleet("default", "default")
        found = chaos.run(yard, seconds=seconds, kill_every=1.0, patience=120, seed=seed)
    counts = [len(found.lost), len(found.twice), len(found.ghosts)]
    sizes = [len(found.committed), len(found.rolled_back), found.worker_kills, found.queue_kills]
    row = [label, *sizes, *counts, f"{found.settle_seconds:.1f}"]
    print(" | ".join(str(cell).rjust(len(name)) for cell, name in zip(row, HEAD, strict=True)))
    return not any(counts)


def main() -> int:
    """Run both databases one after the other."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())  # noqa: PLR2004 (third word)
    print(f"{seconds:.0f} s each, seed {seed}")
    print(" | ".join(HEAD))
    with tempfile.TemporaryDirectory() as folder, postgres.server() as admin:
        fine = measure("sqlite", f"sqlite:///{folder}/chaos.db", seconds, seed)
        name = f"chaos_{seed}"
        fine &= measure("postgresql", postgres.create_database(admin, name), seconds, seed)
        postgres.drop_database(admin, name)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
