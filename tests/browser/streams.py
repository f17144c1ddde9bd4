"""Comments, a quote and a pin for the tests of how pages look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.stream import services, subject
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

COMMENT, QUOTING = "下周一起去，先核对用能指标。", "同意，请法务先看协议。"


def furnish(session: Session, office: Office, firms: list[Enterprise]) -> None:
    """Let two people talk about an enterprise and a project, and pin what was said first."""
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    for about in (
        subject.of_enterprise(session, officer, firms[0].id),
        subject.of_project(session, officer, 1),
    ):
        first = services.say(session, officer, about, COMMENT, now=NOW, today=TODAY)
        ref = ("comment", first.id)
        services.say(session, registrar, about, QUOTING, quotes=ref, now=NOW, today=TODAY)
        services.pin(session, officer, about, ref, now=NOW)
