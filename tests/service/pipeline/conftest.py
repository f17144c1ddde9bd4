"""Two projects most pages are tried with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.pipeline.helpers import at_signing, lead

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    made = lead(session, office)
    session.commit()
    return made


@pytest.fixture
def ready(session: Session, office: Office) -> Project:
    made = at_signing(session, office)
    session.commit()
    return made
