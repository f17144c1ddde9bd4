"""Which table of points is in force: read by its version, kept in memory, changed by publishing another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import memo
from crm.core.db import insert_ignore
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.models import ModelKind, ModelState, ScoreModel
from crm.scoring.tablejson import from_json, to_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.scoring.table import PointsTable

_NAMES = select(ScoreModel.id, ScoreModel.version, ScoreModel.state, ScoreModel.published_at)


@dataclass(frozen=True, slots=True)
class Live:
    """The table in force and its row; an office that never scored has no row yet."""

    model_id: int | None
    table: PointsTable


def live(session: Session) -> Live:
    """Read which version is in force; the table itself is read once per version."""
    row = session.execute(_NAMES.where(ScoreModel.state == ModelState.LIVE)).one_or_none()
    if row is None:
        return Live(None, EXPERT_TABLE)
    return Live(row.id, _parsed(session, *row))


def live_table(session: Session) -> PointsTable:
    """Give the table in force."""
    return live(session).table


def table_of(session: Session, model_id: int) -> PointsTable:
    """Give the table of any version; one that was in force once is never edited."""
    return _parsed(session, *session.execute(_NAMES.where(ScoreModel.id == model_id)).one())


def ensured(session: Session, now: datetime) -> Live:
    """Give the table in force; an office without one begins with that of the experts."""
    found = live(session)
    if found.model_id is not None:
        return found
    row = {
        "version": EXPERT_TABLE.version,
        "kind": ModelKind.EXPERT,
        "state": ModelState.LIVE,
        "label": EXPERT_TABLE.label_zh,
        "table": to_json(EXPERT_TABLE),
        "created_at": now,
        "published_at": now,
    }
    insert_ignore(session, ScoreModel, [row], ["version"])
    return live(session)


def _parsed(
    session: Session, model_id: int, version: str, state: ModelState, published: datetime | None
) -> PointsTable:
    def read() -> PointsTable:
        return from_json(session.scalars(select(ScoreModel.table).where(ScoreModel.id == model_id)).one())

    if state is ModelState.DRAFT or published is None:
        return read()
    return memo.unchanging(session, ("score_model", model_id, version), read, now=published)
