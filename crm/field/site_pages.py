"""What the pages of inspections share: words, how far each finding is, whom one can choose, photos that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, request
from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.models import Roster
from crm.auth.rules import ROLE_PERMISSIONS, Permission, Role
from crm.fieldwork.supervision import rules
from crm.fieldwork.supervision.rules import FindingState, state_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from config import Settings
    from crm.auth.rules import Actor
    from crm.fieldwork.supervision.models import SiteFinding, SiteInspection

WORDS = {"states": rules.STATE_LABELS, "icons": rules.STATE_ICONS, "tones": rules.STATE_TONES}
INSPECTORS = tuple(role for role in Role if Permission.SITE_INSPECT in ROLE_PERMISSIONS[role])
Choices = list[tuple[int, str]]


def state(row: SiteFinding, today: date) -> FindingState:
    """How far a finding is."""
    mended = row.follow_up.done_at is not None
    return state_of(closed=row.closed_at is not None, mended=mended, due_on=row.due_on, today=today)


def states(row: SiteInspection, today: date) -> dict[int, FindingState]:
    """How far each finding of an inspection is."""
    return {one.id: state(one, today) for one in row.findings}


def colleagues(session: Session, today: date) -> Choices:
    """Everybody in service, as (id, "name · title")."""
    found = people.colleagues(session, None, today)
    return [(user.id, f"{user.name} · {user.title}" if user.title else user.name) for user in found]


def choices(session: Session, today: date, actor: Actor) -> tuple[Choices, Choices, Choices]:
    """Units, those who inspect (the person first), and everybody who may have to mend something."""
    units = [(unit.id, unit.name) for unit in people.units(session, today)]
    everybody = colleagues(session, today)
    held = select(Roster.user_id).where(Roster.role.in_(INSPECTORS), people.valid_on(Roster, today))
    ids = set(session.scalars(held)) | {actor.user_id}
    inspectors = [one for one in everybody if one[0] in ids]
    return units, sorted(inspectors, key=lambda one: one[0] != actor.user_id), everybody


def sent() -> list[bytes]:
    """Return the photos of this request."""
    return [file.read() for file in request.files.getlist("photos") if file.filename]


def folder() -> Path:
    """Return where files are kept."""
    return cast("Settings", current_app.config["SETTINGS"]).files_dir
