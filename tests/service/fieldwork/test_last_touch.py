from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crm.fieldwork import services
from crm.fieldwork.rules import Intention, LeaderLevel, TouchDraft, TouchKind, TouchTarget
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.fieldwork.models import Touch
    from tests.support.builders import Office

DRAFT = TouchDraft(
    kind=TouchKind.VISIT,
    occurred_at=NOW - timedelta(days=2),
    leader_level=LeaderLevel.STAFF,
    summary="看了厂房，谈了用工和物流。",
    intention=Intention.WATCHING,
)


def log(session: Session, office: Office, firm_id: int, key: str, days: int) -> Touch:
    draft = replace(DRAFT, occurred_at=NOW - timedelta(days=days))
    actor = office.actor(session, office.officer)
    target = TouchTarget(client_id=key, enterprise_id=firm_id)
    return services.log_touch(session, actor, draft, target, now=NOW, today=TODAY)


def test_the_enterprise_keeps_its_latest_touch_that_counts(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    actor = office.actor(session, office.officer)
    newest = log(session, office, firm.id, "a", 2)
    log(session, office, firm.id, "b", 5)
    assert firm.last_touch_at == NOW - timedelta(days=2)
    services.void_touch(session, actor, newest.id, "重复登记", now=NOW)
    assert firm.last_touch_at == NOW - timedelta(days=5)
    services.restore_touch(session, actor, newest.id, now=NOW)
    assert firm.last_touch_at == NOW - timedelta(days=2)


def test_the_last_voided_touch_leaves_none_and_the_version_stays(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    only = log(session, office, firm.id, "a", 2)
    services.void_touch(session, office.actor(session, office.officer), only.id, "记错企业", now=NOW)
    assert firm.last_touch_at is None
    assert firm.version == 1
