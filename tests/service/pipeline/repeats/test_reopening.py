"""A ruling covers what was known: whoever makes two projects more alike afterwards is asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.pipeline import services as pipeline
from crm.pipeline.confidential import services as confidential
from crm.pipeline.exits import services as exits
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.models import Project
from crm.pipeline.repeats import services
from crm.pipeline.repeats.counting import counts
from crm.pipeline.repeats.models import ProjectRepeat
from crm.pipeline.repeats.rules import Grade, RepeatState
from crm.pipeline.rules import ExitKind, ExitReason
from tests.service.pipeline.repeats.test_repeats import PLACE, lead, old, rule
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

LATER = NOW + timedelta(days=2)


def counted(session: Session, project: Project) -> bool:
    return session.scalar(select(Project.id).where(Project.id == project.id, counts(LATER))) is not None


def change(session: Session, office: Office, project: Project, **fields: str) -> None:
    actor = office.actor(session, office.officer)
    draft = ProjectDraft(name=project.name, **fields)  # type: ignore[arg-type]  # texts only
    pipeline.update_project(session, actor, project.id, draft, version=project.version, now=LATER)


def test_a_product_changed_after_the_ruling_is_asked_about_again(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    new = lead(session, office, firm, office.officer, "座椅项目", product_line="汽车座椅")
    row = rule(session, office, session.query(ProjectRepeat).one(), RepeatState.DIFFERENT)
    assert counted(session, new)
    change(session, office, new, **PLACE)
    assert (row.state, row.grade, row.ruled_by) == (RepeatState.OPEN, Grade.EXACT, None)
    assert not counted(session, new)
    event = session.query(AuditEvent).filter_by(action="repeat.reopen").one()
    assert event.detail["ruled_by"] == office.registrar.id


def test_a_change_that_says_nothing_new_leaves_the_ruling(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    new = lead(session, office, firm, office.officer, "座椅项目", product_line="汽车座椅")
    row = rule(session, office, session.query(ProjectRepeat).one(), RepeatState.DIFFERENT)
    change(session, office, new, site="园区二期A地块", product_line="汽车内饰")
    assert services.look_behind(session, 0, now=LATER) == (0, 0)
    assert row.state is RepeatState.DIFFERENT


def test_a_project_opened_to_all_is_compared_at_once(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    new = lead(session, office, firm, office.officer, "座椅项目", site="清溪组团", product_line="汽车座椅")
    by = office.actor(session, office.lead)
    confidential.classify(session, by, new.id, "青竹", version=new.version, now=NOW)
    change(session, office, new, **PLACE)
    assert session.query(ProjectRepeat).count() == 0
    confidential.declassify(session, by, new.id, version=new.version, now=LATER)
    assert session.query(ProjectRepeat).one().project_id == new.id


def test_a_merged_project_put_back_is_compared_at_once(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    left = {"exit_kind": ExitKind.MERGED, "exit_reason": ExitReason.DUPLICATE, "exited_at": NOW}
    before = old(session, office, firm, **left)
    new = lead(session, office, firm, office.officer, "高性能材料项目")
    assert session.query(ProjectRepeat).count() == 0
    actor = office.actor(session, office.outsider)
    exits.restore(session, actor, before.id, version=before.version, now=LATER)
    assert session.query(ProjectRepeat).one().project_id == new.id
