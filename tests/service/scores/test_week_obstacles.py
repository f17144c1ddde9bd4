from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.core.errors import NotFoundError
from crm.pipeline.rules import Stage
from crm.scores import services
from tests.service.scores.weeks import claim, desk, listed, promise, scored
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office


def own_touch(session: Session, office: Office, firm: Enterprise) -> None:
    builders.touch(session, firm, office.east, office.officer)


def others_touch(session: Session, office: Office, firm: Enterprise) -> None:
    builders.touch(session, firm, office.south, office.outsider, occurred_at=NOW - timedelta(days=20))


def many_touches(session: Session, office: Office, firm: Enterprise) -> None:
    for days in (10, 14, 18, 22):
        builders.touch(session, firm, office.east, office.officer, occurred_at=NOW - timedelta(days=days))


def claimed(session: Session, office: Office, firm: Enterprise) -> None:
    claim(session, office, firm)


def claimed_parent(session: Session, office: Office, firm: Enterprise) -> None:
    parent = builders.enterprise(session)
    firm.parent_id = parent.id
    claim(session, office, parent)


def others_project(session: Session, office: Office, firm: Enterprise) -> None:
    builders.project(session, firm, office.south, office.outsider)


def secret_project(session: Session, office: Office, firm: Enterprise) -> None:
    builders.project(session, firm, office.east, office.officer, confidential=True, code_name="春雷")


def signed_project(session: Session, office: Office, firm: Enterprise) -> None:
    builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED)


def own_promise(session: Session, office: Office, firm: Enterprise) -> None:
    promise(session, firm, office.colleague, office.east.id, TODAY - timedelta(days=90))


def others_promise(session: Session, office: Office, firm: Enterprise) -> None:
    promise(session, firm, office.outsider, office.south.id)


def leave_alone(session: Session, office: Office, firm: Enterprise) -> None:
    builders.contact(session, firm, office.south, office.outsider, do_not_contact=True)


def left_alone_and_archived(session: Session, office: Office, firm: Enterprise) -> None:
    builders.contact(session, firm, office.east, office.officer, do_not_contact=True, archived_at=NOW)


def deleted(session: Session, office: Office, firm: Enterprise) -> None:
    firm.deleted_at, firm.deleted_by = NOW, office.registrar.id
    session.flush()


OBSTACLES = [
    own_touch, others_touch, many_touches, claimed, claimed_parent, others_project, secret_project, signed_project,
    own_promise, others_promise, leave_alone, left_alone_and_archived, deleted,
]  # fmt: skip


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda one: one.__name__)
def test_who_should_not_be_called_is_not_on_the_list(
    session: Session, office: Office, obstacle: Callable[[Session, Office, Enterprise], None]
) -> None:
    firm, free = scored(session, 90), scored(session)
    assert set(listed(session, office)) == {firm.id, free.id}
    obstacle(session, office, firm)
    assert listed(session, office) == [free.id]
    with pytest.raises(NotFoundError):
        services.plan(session, desk(session, office), firm.id, "打电话")
