"""Ends of policies (到期提醒): whoever keeps a policy is told before it ends, each time once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.models import Roster, User
from crm.auth.rules import ROLE_PERMISSIONS, ROLE_SCOPES, Permission, Scope
from crm.core.db import insert_ignore
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.resources.policies.models import PolicyReminder
from crm.resources.policies.queries import latest_ending
from crm.resources.policies.rules import REMINDED, reminder

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

TEXT = "政策“%(title)s”还有%(days)s天到期（%(until)s），请及时续订、修订或告知企业"
LAST_DAY = "政策“%(title)s”今天到期，请及时续订、修订或告知企业"
KEEPING = [role for role, may in ROLE_PERMISSIONS.items() if Permission.RESOURCE_MANAGE in may]


def remind(session: Session, *, now: datetime, today: date) -> int:
    """Tell keepers of versions that end within the days of :data:`REMINDED`; return how many versions were told of.

    A version that comes late, or after days without this round, is told of by the nearest reminder alone.
    """
    told = 0
    offices = _Keepers(session, today)
    for version, unit_id in latest_ending(session, today, max(REMINDED)):
        days = reminder(version.valid_until, today) if version.valid_until else None
        if days is None or version.valid_until is None:
            continue
        marks = [{"version_id": version.id, "days": one, "at": now} for one in REMINDED if one >= days]
        if not insert_ignore(session, PolicyReminder, [marks[-1]], ["version_id", "days"]):
            continue
        insert_ignore(session, PolicyReminder, marks[:-1], ["version_id", "days"])
        left = (version.valid_until - today).days
        params = {"title": version.title, "days": left, "until": version.valid_until.isoformat()}
        about, link = ("policy", version.policy_id), f"/policies/{version.policy_id}"
        tell(session, offices.of(unit_id), NoticeKind.DUE, TEXT if left else LAST_DAY, link, about, now, params=params)
        told += 1
    return told


class _Keepers:
    """Who keeps policies on a day: two queries for any number of units."""

    def __init__(self, session: Session, today: date) -> None:
        """Read the rosters once."""
        held = select(Roster.role, Roster.unit_id, Roster.user_id).join(User, User.id == Roster.user_id)
        self.held = list(
            session.execute(held.where(Roster.role.in_(KEEPING), User.active, people.valid_on(Roster, today)))
        )
        self.covers = people.subtree(session)

    def of(self, unit_id: int) -> set[int]:
        """Return who keeps the policies of a unit; where its own people do not, the whole office's."""
        own, office = set(), set()
        for role, place, user_id in self.held:
            if ROLE_SCOPES[role] is Scope.ALL:
                office.add(user_id)
            elif unit_id == place or unit_id in self.covers.get(place, ()):
                own.add(user_id)
        return own or office
