"""An office with a past, and hands that work on its models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from crm.core import clock
from crm.scoremodel import backtesting, previewing, services, versions
from crm.scoremodel.diffs import digest
from crm.scoremodel.services import Edit
from crm.scoring import services as scoring
from crm.scoring.live import ensured
from tests.support.builders import NOW
from workers import inline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    import config
    from crm.auth.rules import Actor
    from crm.core.db import Database
    from crm.scoremodel.models import ScoreRun
    from crm.scoring.models import ScoreModel
    from tests.support.builders import Office


@dataclass
class Hands:
    """The registrar and the leader at work, and the workers behind them."""

    database: Database
    session: Session
    office: Office
    settings: config.Settings

    @property
    def registrar(self) -> Actor:
        return self.office.actor(self.session, self.office.registrar)

    @property
    def leader(self) -> Actor:
        return self.office.actor(self.session, self.office.leader)

    def drain(self) -> int:
        """Do all background work that waits."""
        self.session.commit()
        with patch.object(clock, "now", lambda: NOW):
            done = inline.drain(self.database, self.settings)
        self.session.expire_all()
        return done

    def scored(self) -> None:
        """Score every enterprise, as the nightly pass does."""
        scoring.start_pass(self.session, "nightly", now=NOW)
        self.drain()

    def draft(self, points: Mapping[tuple[str, int], float]) -> ScoreModel:
        """A version of the experts with other points."""
        model = services.begin(self.session, self.registrar, None, now=NOW)
        seen = digest(services.table_of(model))
        services.edit(self.session, self.registrar, model.id, Edit(model.label, points), seen=seen, now=NOW)
        self.session.commit()
        return model

    def previewed(self, model: ScoreModel) -> ScoreRun:
        """Preview a version to its end."""
        run = previewing.start(self.session, self.registrar, model.id, now=NOW)
        self.drain()
        return run

    def tested(self) -> ScoreRun:
        """Test the history to its end."""
        run = backtesting.start(self.session, self.registrar, now=NOW)
        self.drain()
        return run

    def publish(self, model: ScoreModel, note: str = "来区考察应当多给分") -> None:
        """Put a version in force, and score by it."""
        live = ensured(self.session, NOW).model_id
        services.publish(self.session, self.leader, model.id, note, seen_live=live, now=NOW)
        self.drain()

    def live(self) -> ScoreModel:
        """The version in force."""
        found = versions.in_force(self.session)
        assert found is not None
        self.session.commit()  # SQLite lets nobody else write while this session looks
        return found


@pytest.fixture
def hands(database: Database, session: Session, office: Office, settings: config.Settings) -> Hands:
    """Return hands in an office whose experts' table is in force."""
    ensured(session, NOW)
    session.commit()
    return Hands(database, session, office, settings)
