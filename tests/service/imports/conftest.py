"""Fixtures of the importer's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.importing import Importer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.support.builders import Office


@pytest.fixture
def importer(database: Database, settings: Settings, session: Session, office: Office) -> Importer:
    """Return an importer who is the 招商办."""
    actor = office.actor(session, office.registrar)
    session.close()
    return Importer(database, settings, actor)
