from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.pipeline.confidential import services as confidential
from crm.pipeline.instructions import queries, services
from crm.pipeline.instructions.models import Instruction, InstructionReply
from crm.pipeline.instructions.rules import InstructionDraft, InstructionState, ReplyKind, Urgency
from crm.pipeline.models import Project
from tests.service.pipeline.helpers import lead
from tests.support.admission import refuses
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.conftest import Browser
    from tests.support.builders import Office

R = ReplyKind


@pytest.fixture
def draft(session: Session, office: Office) -> InstructionDraft:
    """Return an instruction of the leader on a project, to the eastern squad."""
    project = lead(session, office)
    session.commit()
    due = TODAY + timedelta(days=7)
    return InstructionDraft(
        "请抓紧与企业对接，力争本月内来区考察。", due, Urgency.URGENT, office.leader.id, office.east.id,
        project_id=project.id,
    )  # fmt: skip


def why(act: Callable[[], object]) -> list[str]:
    with pytest.raises(DomainError) as refusal:
        act()
    return [problem.key for problem in refusal.value.problems]


def given(session: Session, office: Office, draft: InstructionDraft, by: User | None = None) -> Instruction:
    return services.give(session, office.actor(session, by or office.leader), draft, now=NOW, today=TODAY)


def say(session: Session, office: Office, row: Instruction, who: User, kind: ReplyKind, text: str = "已办") -> object:
    return services.reply(session, office.actor(session, who), row.id, kind, text, now=NOW)


def test_an_instruction_is_closed_only_when_its_leader_accepts_the_work(
    session: Session, office: Office, draft: InstructionDraft
) -> None:
    row = given(session, office, draft)
    assert why(lambda: say(session, office, row, office.leader, R.ACCEPTED)) == ["instruction.unreported"]
    say(session, office, row, office.officer, R.PROGRESS, "已约下周二拜访")
    say(session, office, row, office.colleague, R.DONE, "企业已来考察")
    assert why(lambda: say(session, office, row, office.officer, R.ACCEPTED)) == ["instruction.side"]
    assert why(lambda: say(session, office, row, office.leader, R.REFUSED, " ")) == ["instruction.reply"]
    say(session, office, row, office.leader, R.REFUSED, "考察报告没有写明用地")
    assert row.state is InstructionState.OPEN
    say(session, office, row, office.officer, R.DONE, "已补报告")
    say(session, office, row, office.leader, R.ACCEPTED, "")
    assert (row.state, row.closed_at) == (InstructionState.CLOSED, NOW)
    assert why(lambda: say(session, office, row, office.officer, R.PROGRESS)) == ["instruction.closed"]
    assert len(session.scalars(select(InstructionReply)).all()) == 5


def test_the_registrar_registers_a_paper_only_with_its_number_and_may_accept(
    session: Session, office: Office, draft: InstructionDraft
) -> None:
    assert why(lambda: given(session, office, draft, office.registrar)) == ["instruction.paper"]
    row = given(session, office, replace(draft, paper_no="县长批示〔2026〕31号"), office.registrar)
    say(session, office, row, office.officer, R.DONE)
    say(session, office, row, office.registrar, R.ACCEPTED)
    assert row.state is InstructionState.CLOSED


def test_whoever_has_to_do_it_never_accepts_it(session: Session, office: Office, draft: InstructionDraft) -> None:
    to = {"unit_id": office.bureau.id, "person_id": office.registrar.id}
    row = given(session, office, replace(draft, paper_no="批示1号", **to), office.registrar)  # type: ignore[arg-type]  # named values
    say(session, office, row, office.registrar, R.DONE)
    assert why(lambda: say(session, office, row, office.registrar, R.ACCEPTED)) == ["instruction.side"]


def test_a_colleague_does_not_answer_for_a_named_person(
    session: Session, office: Office, draft: InstructionDraft
) -> None:
    row = given(session, office, replace(draft, person_id=office.officer.id))
    assert why(lambda: say(session, office, row, office.colleague, R.PROGRESS)) == ["instruction.addressee"]


def test_an_instruction_needs_words_a_day_and_somebody_who_exists(
    session: Session, office: Office, draft: InstructionDraft
) -> None:
    bad = replace(draft, text=" ", due_on=TODAY - timedelta(days=1), person_id=office.outsider.id)
    assert why(lambda: given(session, office, bad)) == ["instruction.text", "instruction.due", "instruction.unit"]
    with pytest.raises(ForbiddenError):
        given(session, office, draft, office.officer)


def test_strangers_see_nothing_and_the_supervisor_everything(
    session: Session, office: Office, draft: InstructionDraft
) -> None:
    row = given(session, office, draft)
    with pytest.raises(NotFoundError):
        queries.get(session, office.actor(session, office.outsider), row.id)
    watcher = office.actor(session, office.supervisor)
    page = queries.page(session, watcher, mine=queries.ALL, closed=False, cursor=None)
    assert [found[0].id for found in page.rows] == [row.id]
    assert queries.page(session, watcher, mine=queries.MINE, closed=False, cursor=None).rows == ()


def test_what_became_confidential_is_not_counted_as_late_for_others(
    session: Session, office: Office, draft: InstructionDraft
) -> None:
    row = given(session, office, draft)
    project, late = session.get_one(Project, row.project_id), TODAY + timedelta(days=8)
    colleague = office.actor(session, office.colleague)
    assert queries.overdue(session, colleague, late) == 1
    by = office.actor(session, office.lead)
    confidential.classify(session, by, project.id, "青竹", version=project.version, now=NOW)
    assert queries.overdue(session, colleague, late) == 0
    assert queries.overdue(session, office.actor(session, office.officer), late) == 1


def test_the_database_wants_one_subject_and_the_number_of_a_foreign_paper(
    session: Session, office: Office, draft: InstructionDraft
) -> None:
    row = given(session, office, draft)
    facts = {"body": "x", "urgency": "normal", "given_at": NOW, "unit_id": office.east.id, "due_on": TODAY}
    facts |= {"leader_id": office.leader.id, "given_by": office.leader.id, "state": "open"}
    assert refuses(session, Instruction(**facts))
    assert refuses(session, Instruction(**facts, project_id=row.project_id, enterprise_id=1))
    assert refuses(session, Instruction(**{**facts, "given_by": office.registrar.id}, project_id=row.project_id))


def test_the_pages_give_answer_and_list(
    session: Session, office: Office, draft: InstructionDraft, as_leader: Browser, as_officer: Browser
) -> None:
    path = f"/instructions/new?project={draft.project_id}"
    assert f'<option selected value="{office.east.id}:{office.officer.id}">' in as_leader.get(path).text
    form = {"text": "请速办", "leader_id": office.leader.id, "to": str(office.east.id), "urgency": "top"}
    kept = as_leader.post(path, {**form, "due_on": "2026-01-01"})
    assert (kept.status_code, "请速办" in kept.text) == (422, True)
    assert as_leader.post(path, {**form, "due_on": "2026-11-30"}).status_code == 303
    row = session.scalars(select(Instruction)).one()
    session.commit()
    assert "请速办" in as_officer.get("/instructions?mine=todo").text
    assert "请速办" in as_officer.get(f"/projects/{draft.project_id}/instructions").text
    assert as_officer.post(f"/instructions/{row.id}", {"kind": "progress", "text": ""}).status_code == 422
    assert as_officer.post(f"/instructions/{row.id}", {"kind": "done", "text": "已办"}).status_code == 303
    assert "已报办结" in as_leader.get(f"/instructions/{row.id}").text
    assert as_officer.get(path).status_code == 403
