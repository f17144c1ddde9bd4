from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import jobs
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.core.tasks import Task, TaskState
from crm.scoremodel import previewing, runs, services, versions
from crm.scoremodel.diffs import digest
from crm.scoremodel.models import RunState, ScoreRun
from crm.scoremodel.services import Edit
from crm.scoring.models import EnterpriseScore, ModelState, ScoreEvent
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.service.scoremodel.conftest import Hands
    from tests.support.builders import Office

CONTACTS = {("contacts", 1): 9.0}


def keys(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def test_a_changed_weight_moves_the_enterprise_once_it_is_published_and_back_again(
    hands: Hands, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    builders.contact(session, firm, office.east, office.officer)
    hands.scored()
    before = session.get_one(EnterpriseScore, firm.id).points
    first, model = hands.live(), hands.draft(CONTACTS)
    run = hands.previewed(model)
    assert run.result["risers"] == [{"id": firm.id, "before": before, "after": before + 6, "from": "C", "to": "C"}]
    assert session.get_one(EnterpriseScore, firm.id).points == before, "a preview changes nothing"
    hands.publish(model)
    assert session.get_one(EnterpriseScore, firm.id).points == before + 6
    newest = session.scalars(select(ScoreEvent).order_by(ScoreEvent.id.desc())).first()
    assert newest is not None
    assert (newest.cause_kind, newest.cause_id) == ("model", model.id)
    hands.publish(first, "多给的分太多，先退回")
    assert session.get_one(EnterpriseScore, firm.id).points == before
    assert [one.detail["back"] for one in versions.decisions(session)] == [True, False]


def test_publishing_needs_a_preview_a_note_and_the_right(hands: Hands, session: Session, office: Office) -> None:
    model, live = hands.draft(CONTACTS), hands.live()
    with pytest.raises(DomainError) as refused:
        services.publish(session, hands.leader, model.id, "好", seen_live=live.id, now=NOW)
    assert keys(refused) == ["publish.note", "publish.preview"]
    hands.previewed(model)
    officer = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        services.publish(session, officer, model.id, "来过的更可能签", seen_live=live.id, now=NOW)
    with pytest.raises(ForbiddenError):
        services.begin(session, hands.leader, None, now=NOW)
    hands.publish(model)
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == services.DECIDED)).one()
    assert (logged.actor_id, logged.detail["note"]) == (office.leader.id, "来区考察应当多给分")


def test_a_preview_of_other_weights_does_not_count(hands: Hands, session: Session) -> None:
    model = hands.draft(CONTACTS)
    hands.previewed(model)
    assert services.previewed(session, model, hands.live()) is not None
    changed = Edit(model.label, {("contacts", 2): 1.0})
    services.edit(session, hands.registrar, model.id, changed, seen=digest(services.table_of(model)), now=NOW)
    assert services.previewed(session, model, hands.live()) is None


def test_what_was_published_is_never_edited_nor_thrown_away(hands: Hands, session: Session) -> None:
    live = hands.live()
    seen = digest(services.table_of(live))
    with pytest.raises(DomainError) as refused:
        services.edit(session, hands.registrar, live.id, Edit("别的", CONTACTS), seen=seen, now=NOW)
    assert keys(refused) == ["model.draft"]
    with pytest.raises(DomainError):
        services.remove(session, hands.registrar, live.id, now=NOW)


def test_of_two_who_edit_one_version_the_second_is_told(hands: Hands, session: Session) -> None:
    model = hands.draft(CONTACTS)
    seen = digest(services.table_of(model))
    services.edit(session, hands.registrar, model.id, Edit(model.label, {("contacts", 2): 1.0}), seen=seen, now=NOW)
    with pytest.raises(ConflictError):
        services.edit(session, hands.registrar, model.id, Edit(model.label, {("contacts", 2): 2.0}), seen=seen, now=NOW)


def test_a_draft_goes_with_its_previews(hands: Hands, session: Session) -> None:
    model = hands.draft(CONTACTS)
    hands.previewed(model)
    services.remove(session, hands.registrar, model.id, now=NOW)
    session.commit()
    assert session.scalars(select(ScoreRun)).all() == []


def test_a_run_is_begun_once_and_can_be_stopped(hands: Hands, session: Session) -> None:
    model = hands.draft(CONTACTS)
    run = previewing.start(session, hands.registrar, model.id, now=NOW)
    with pytest.raises(DomainError) as refused:
        previewing.start(session, hands.registrar, model.id, now=NOW)
    assert keys(refused) == ["run.busy"]
    runs.stop(session, hands.registrar, run.id, now=NOW)
    hands.drain()
    assert (run.state, run.result) == (RunState.STOPPED, {})
    assert hands.previewed(model).state is RunState.DONE


def test_a_version_thrown_away_while_it_is_previewed_ends_the_preview(hands: Hands, session: Session) -> None:
    model = hands.draft(CONTACTS)
    previewing.start(session, hands.registrar, model.id, now=NOW)
    services.remove(session, hands.registrar, model.id, now=NOW)
    hands.drain()
    task = session.scalars(select(Task).where(Task.kind == jobs.PREVIEW_SCORES)).one()
    assert (task.state, task.result) == (TaskState.DONE, {"stopped": True})


def test_a_run_whose_worker_is_gone_stands_in_nobodys_way(hands: Hands, session: Session) -> None:
    model = hands.draft(CONTACTS)
    run = previewing.start(session, hands.registrar, model.id, now=NOW - 2 * runs.SILENT)
    again = previewing.start(session, hands.registrar, model.id, now=NOW)
    assert (run.state, again.going) == (RunState.FAILED, True)


def at_once(database: Database, *acts: Callable[[Session], object]) -> list[str]:
    """Let people act in the same moment, each in a transaction; say what each was told."""
    told: list[str] = []
    barrier = threading.Barrier(len(acts))

    def do(act: Callable[[Session], object]) -> None:
        barrier.wait()
        try:
            with database.transaction() as session:
                act(session)
            told.append("done")
        except DomainError as error:
            told.append(error.problems[0].key)

    hurried = [threading.Thread(target=do, args=(act,)) for act in acts]
    for one in hurried:
        one.start()
    for one in hurried:
        one.join()
    return sorted(told)


def test_of_two_who_press_at_once_one_begins_the_run(hands: Hands, database: Database, session: Session) -> None:
    model_id, actor = hands.draft(CONTACTS).id, hands.registrar
    session.rollback()
    assert at_once(
        database,
        lambda own: previewing.start(own, actor, model_id, now=NOW),
        lambda own: previewing.start(own, actor, model_id, now=NOW),
    ) == ["done", "run.busy"]
    assert len(session.scalars(select(ScoreRun)).all()) == 1


def test_of_two_who_publish_at_once_one_is_told(hands: Hands, database: Database, session: Session) -> None:
    """Both decided on the version that was in force; whoever comes second has to look again."""
    models = [hands.draft(CONTACTS), hands.draft({("contacts", 2): 1.0})]
    for model in models:
        hands.previewed(model)
    (one, other), live, actor = [model.id for model in models], hands.live().id, hands.leader
    session.rollback()
    note = "两个人同时发布"
    assert at_once(
        database,
        lambda own: services.publish(own, actor, one, note, seen_live=live, now=NOW),
        lambda own: services.publish(own, actor, other, note, seen_live=live, now=NOW),
    ) == ["done", "model.overtaken"]
    session.expire_all()
    assert sum(model.state is ModelState.LIVE for model in models) == 1
