from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser import journeys
from tests.support import builders
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

PAGES = ("/trips", "/trips/1", "/trips/1/brief", "/trips/results", "/trips/leaders", "/receptions/1", "/receptions")
MOST = 12


def test_pages_of_trips_and_receptions_ask_little_of_the_database(
    as_officer: Browser, session: Session, office: Office, database: Database
) -> None:
    journeys.furnish(session, office, [builders.enterprise(session) for _ in range(4)])
    session.commit()
    asked = {}
    for path in PAGES:
        as_officer.get(path)
        with counted(database) as statements:
            assert as_officer.get(path).status_code == 200
        asked[path] = len(statements)
    assert {path: count for path, count in asked.items() if count > MOST} == {}
