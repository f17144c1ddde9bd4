"""First step of ``make run``: bring the schema up to date, issue the set-up code, ask for a new search index.

Prints one line of JSON: ``{"setup_code": "…"}``, or null once anybody can sign in.
"""

from __future__ import annotations

import json
import sys

from sqlalchemy.exc import OperationalError

import config
from crm.auth import setup
from crm.cli.database import migrate
from crm.core import clock, vault
from crm.core.db import Database
from workers import searchjobs


def main() -> None:
    """Migrate, then look whether there is a first administrator and an index of this version."""
    settings = config.load()
    vault.use(settings.data_key)
    database = Database(settings.database_url)
    migrate(database)
    with database.transaction() as session:
        code = setup.issue_setup_code(session, now=clock.now())
        searchjobs.ask(session, now=clock.now())
    database.dispose()
    sys.stdout.write(json.dumps({"setup_code": code}) + "\n")


if __name__ == "__main__":
    try:
        main()
    except OperationalError as problem:
        sys.exit(f"数据库无法打开，请检查 DATABASE_URL / the database cannot be opened: {problem.orig}")
