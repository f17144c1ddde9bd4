"""Words of a person in a paper: they stand, are confirmed when numbers move, and bind who wrote them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.rules import Role
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.papers import own
from crm.papers.issues import queries, services
from crm.papers.issues.content import generated, unpack
from crm.word.blocks import Paragraph
from tests.service.papers.issuing import drafted, text_of
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def test_words_of_a_person_stand_when_the_draft_is_made_anew_and_are_frozen_with_it(
    session: Session, worked: Office
) -> None:
    registrar, issue = worked.actor(session, worked.registrar), drafted(session, worked)
    officer = worked.actor(session, worked.officer)
    services.put(session, registrar, issue.id, issue.version, "总体情况", "本局自己写的。\n第二段。", now=NOW)
    with pytest.raises(ConflictError):
        services.put(session, registrar, issue.id, issue.version - 1, "总体情况", "", now=NOW)
    with pytest.raises(ForbiddenError):
        services.put(session, officer, issue.id, issue.version, "总体情况", "", now=NOW)
    again = drafted(session, worked)
    assert again.id == issue.id
    (section,) = (one for one in unpack(again.kind, again.content).paper.sections if one.heading == "总体情况")
    assert [block.text for block in section.blocks if isinstance(block, Paragraph)] == ["本局自己写的。", "第二段。"]
    services.freeze(session, worked.actor(session, worked.leader), again.id, again.version, now=NOW)
    assert "本局自己写的。".encode() in text_of(queries.document(session, again.id) or b"")
    assert services.made_again(session, again)
    with pytest.raises(ConflictError):
        services.put(session, registrar, again.id, again.version, "总体情况", "改", now=NOW)


def test_the_programs_own_words_or_none_take_a_persons_back(session: Session, worked: Office) -> None:
    registrar, issue = worked.actor(session, worked.registrar), drafted(session, worked)
    (program, *_rest) = unpack(issue.kind, issue.content).paper.sections
    for back in ("", own.words(program)):
        services.put(session, registrar, issue.id, issue.version, program.heading, "另写一句。", now=NOW)
        assert issue.content["own"] == {program.heading: "另写一句。"}
        services.put(session, registrar, issue.id, issue.version, program.heading, back, now=NOW)
        assert issue.content["own"] == {}


def test_who_wrote_words_of_a_draft_does_not_number_it(session: Session, worked: Office) -> None:
    issue, first = drafted(session, worked), worked.actor(session, worked.registrar)
    second = worked.actor(session, builders.user(session, "second", "周宁", (worked.bureau, Role.REGISTRAR)))
    services.put(session, second, issue.id, issue.version, "总体情况", "另写一句。", now=NOW)
    services.put(session, first, issue.id, issue.version, "总体情况", "另写一句，改一个字。", now=NOW)
    with pytest.raises(ForbiddenError) as refused:
        services.freeze(session, second, issue.id, issue.version, now=NOW)
    assert refused.value.problems == (services.OWN_WORDS,)
    with pytest.raises(NotFoundError):
        services.put(session, first, issue.id, issue.version, "统计说明", "不数涉密项目。", now=NOW)
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "paper.edit").order_by(AuditEvent.id)).all()
    assert [one.detail["after"] for one in events] == ["另写一句。", "另写一句，改一个字。"]
    assert events[0].detail["before"].startswith("2026年10月")
    assert events[1].detail["before"] == "另写一句。"
    services.put(session, first, issue.id, issue.version, "总体情况", "", now=NOW)
    assert services.freeze(session, second, issue.id, issue.version, now=NOW).issue_no == 1, "the words are gone"


def test_words_over_numbers_that_moved_are_confirmed_first(
    session: Session, worked: Office, as_leader: Browser
) -> None:
    registrar, leader = worked.actor(session, worked.registrar), worked.actor(session, worked.leader)
    issue = drafted(session, worked)
    services.put(session, registrar, issue.id, issue.version, "总体情况", "走访了三家。", now=NOW)
    assert services.freeze_problems(leader, issue, TODAY) == []
    at = datetime(2026, 10, 22, 2, 0, tzinfo=UTC)
    builders.touch(session, builders.enterprise(session), worked.east, worked.officer, occurred_at=at, recorded_at=at)
    drafted(session, worked)
    with pytest.raises(DomainError) as refused:
        services.freeze(session, leader, issue.id, issue.version, now=NOW)
    assert refused.value.problems == (services.MOVED,)
    session.commit()
    page = as_leader.get(f"/papers/issues/{issue.id}").text
    assert "数字已变" in page
    assert own.words(generated(issue.kind, issue.content).paper.sections[0]).split("\n")[0] in page
    services.put(session, registrar, issue.id, issue.version, "总体情况", "走访了三家。", now=NOW)
    assert services.freeze(session, leader, issue.id, issue.version, now=NOW).issue_no == 1
