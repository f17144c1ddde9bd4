"""The stream: every kind of line in one list, within the person's view, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crm.core.changes import Via
from crm.core.errors import NotFoundError
from crm.enterprises.services import update_fields
from crm.fieldwork.models import FollowUp
from crm.pipeline.confidential.models import ProjectInsider
from crm.pipeline.instructions.models import Instruction
from crm.pipeline.instructions.rules import Urgency
from crm.stream import queries, services, subject
from crm.stream.rules import KINDS
from crm.stream.sources import SOURCES
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.auth.rules import Actor
    from crm.pipeline.models import Project
    from crm.stream.subject import Subject
    from tests.support.builders import Office


def lines(session: Session, actor: Actor, about: Subject, **wanted: Any) -> list[tuple[str, str]]:
    return [(row.kind, row.b) for row in queries.read(session, actor, about, **wanted).page.rows]


def furnish(session: Session, office: Office) -> Project:
    """Make one of nearly everything on one enterprise."""
    firm = builders.enterprise(session, "云岭精工")
    builders.touch(session, firm, office.east, office.officer, summary="谈扩产")
    builders.signal(session, firm, quote="云岭精工拟扩产")
    deal = builders.project(session, firm, office.east, office.officer, name="云岭扩产")
    builders.agreement(session, deal, office.officer)
    for enterprise_id, project_id, body in ((None, deal.id, "抓紧对接"), (firm.id, None, "请走访")):
        session.add(
            Instruction(
                enterprise_id=enterprise_id, project_id=project_id, body=body, urgency=Urgency.NORMAL, due_on=TODAY,
                leader_id=office.leader.id, given_by=office.leader.id, given_at=NOW, unit_id=office.east.id,
            )
        )  # fmt: skip
    session.add(
        FollowUp(
            title="送材料", enterprise_id=firm.id, unit_id=office.east.id, owner_id=office.officer.id,
            created_by=office.officer.id, created_at=NOW, done_at=NOW, done_by=office.officer.id,
        )
    )  # fmt: skip
    officer = office.actor(session, office.officer)
    update_fields(
        session, officer, firm.id, {"industry": "新能源", "region": "江苏"}, version=None, via=Via.FORM, now=NOW
    )
    session.flush()
    return deal


def test_every_kind_of_line_has_its_source() -> None:
    assert set(SOURCES) == KINDS


def test_one_list_holds_what_happened_at_an_enterprise(session: Session, office: Office) -> None:
    deal = furnish(session, office)
    officer = office.actor(session, office.officer)
    found = lines(session, officer, subject.of_enterprise(session, officer, deal.enterprise_id))
    kinds = [kind for kind, _text in found]
    assert sorted(kinds) == sorted(
        ["touch", "signal", "stage", "agreement", "instruction", "instruction", "planned", "done", "change"]
    )
    assert found[-1] == ("touch", "谈扩产")


def test_filters_keep_only_their_kinds(session: Session, office: Office) -> None:
    deal = furnish(session, office)
    officer = office.actor(session, office.officer)
    about = subject.of_project(session, officer, deal.id)
    assert lines(session, officer, about, group="paper") == [("instruction", "抓紧对接"), ("agreement", None)]
    assert lines(session, officer, about, group="touch") == []


def test_what_is_not_the_persons_is_not_in_the_list(session: Session, office: Office) -> None:
    deal = furnish(session, office)
    outsider = office.actor(session, office.outsider)
    found = lines(session, outsider, subject.of_enterprise(session, outsider, deal.enterprise_id))
    assert sorted(kind for kind, _text in found) == ["change", "signal"]
    with pytest.raises(NotFoundError):
        subject.of_project(session, outsider, deal.id)


def test_a_confidential_project_leaves_no_line_for_who_is_not_named(session: Session, office: Office) -> None:
    deal = furnish(session, office)
    officer, lead = office.actor(session, office.officer), office.actor(session, office.lead)
    services.say(session, officer, subject.of_project(session, officer, deal.id), "只在项目里说", now=NOW, today=TODAY)
    deal.confidential, deal.code_name = True, "青松"
    session.flush()
    seen = lines(session, lead, subject.of_enterprise(session, lead, deal.enterprise_id))
    assert {kind for kind, _text in seen} == {"touch", "signal", "planned", "done", "change", "instruction"}
    assert ("instruction", "抓紧对接") not in seen
    session.add(ProjectInsider(project_id=deal.id, user_id=office.lead.id, added_by=office.officer.id, at=NOW))
    session.flush()
    found = lines(session, lead, subject.of_enterprise(session, lead, deal.enterprise_id))
    assert ("comment", "只在项目里说") in found


def test_pages_follow_each_other_without_gap(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    for number in range(65):
        at = NOW - timedelta(hours=number // 3)
        builders.touch(session, firm, office.east, office.officer, summary=str(number), occurred_at=at, recorded_at=NOW)
    officer = office.actor(session, office.officer)
    about = subject.of_enterprise(session, officer, firm.id)
    seen: list[str] = []
    cursor = None
    for _page in range(3):
        found = queries.read(session, officer, about, cursor=cursor)
        seen += [row.b for row in found.page.rows]
        cursor = found.page.next
    assert cursor is None
    assert len(seen) == 65
    assert set(seen) == {str(number) for number in range(65)}


def comment(session: Session, office: Office, who: User, about: Subject, body: str, **fields: Any) -> int:
    actor = office.actor(session, who)
    return services.say(session, actor, about, body, now=NOW, today=TODAY, **fields).id


def test_a_quote_shows_only_to_who_may_see_the_quoted_line(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    visit = builders.touch(session, firm, office.east, office.officer)
    officer, outsider = office.actor(session, office.officer), office.actor(session, office.outsider)
    about = subject.of_enterprise(session, officer, firm.id)
    comment(session, office, office.officer, about, "这次谈得好", quotes=("touch", visit.id))
    assert ("touch", visit.id) in queries.read(session, officer, about).quoted
    theirs = queries.read(session, outsider, subject.of_enterprise(session, outsider, firm.id))
    assert [queries.quoted_by(row) for row in theirs.page.rows] == [("touch", visit.id)]
    assert theirs.quoted == {}
    with pytest.raises(NotFoundError):
        comment(session, office, office.outsider, about, "看不到也想引用", quotes=("touch", visit.id))
