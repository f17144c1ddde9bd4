"""A machine that tries every service call in every order: none reaches signing past a demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm.core.errors import DomainError
from crm.pipeline import services
from crm.pipeline.exceptions.rules import waivable
from crm.pipeline.models import Project
from crm.pipeline.rules import AFTER_SIGNING, ORDER, AgreementKind, Stage
from tests.service.pipeline.exceptions.test_exceptions import granted
from tests.service.pipeline.helpers import (
    accepted,
    agreed,
    go,
    inspected,
    registered,
    reviewed,
    staffed,
    visited,
)
from tests.support import approvals
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from tests.support.builders import Office

SIGNED = ORDER.index(Stage.SIGNED)
NEVER_WAIVED = {"accept", "pass", "papers", "contract", "team"}
WAIVED = {"visit": "visit", "inspection": "inspection", "inspection_report": "report"}
HAPPY = (
    "visit", "accept", "visiting", "report", "inspecting", "reviewing", "pass", "papers", "pre_signing", "contract",
    "team", "signed",
)  # fmt: skip
BY_LEADER = (
    "accept", "visiting", "waive:visit", "inspecting", "waive:inspection", "waive:inspection_report", "reviewing",
    "pass", "papers", "pre_signing", "contract", "team", "signed",
)  # fmt: skip
BACK_AND_UNDONE = (*HAPPY[:-1], "back", "undo", "signed")
FAILED_MEANWHILE = (*HAPPY[:-1], "return", "fail", "undo")
JUMPS = tuple(f"skip:{stage}" for stage in ORDER[2:7])
STEPS = (
    "visit", "accept", "inspection", "report", "pass", "papers", "fail", "intent", "framework", "contract", "team",
    "back", "return", "undo", "waive:visit", "waive:inspection", "waive:inspection_report", *JUMPS, *ORDER[:7],
)  # fmt: skip


@st.composite
def roads(draw: st.DrawFn) -> list[str]:
    """Draw a right road with steps dropped and others thrown in, so that many examples come near signing."""
    road = draw(st.sampled_from((HAPPY, BY_LEADER)))
    steps = [step for step in road if draw(st.integers(0, 9)) > 0]
    for place, step in draw(st.lists(st.tuples(st.integers(0, len(road)), st.sampled_from(STEPS)), max_size=8)):
        steps.insert(place, step)
    return steps


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(steps=list(HAPPY))
@example(steps=list(BY_LEADER))
@example(steps=list(BACK_AND_UNDONE))
@example(steps=list(FAILED_MEANWHILE))
@given(steps=roads())
def test_no_sequence_of_calls_reaches_signing_without_every_demand(
    session: Session, office: Office, steps: list[str]
) -> None:
    project = registered(session, office, name=f"随机项目{session.query(Project).count()}")
    done: set[str] = set()
    for step in steps:
        before = ORDER.index(project.stage)
        _try(session, office, project, step, done)
        after = ORDER.index(project.stage)
        if before < SIGNED <= after:
            assert done >= NEVER_WAIVED, (steps, done)
            assert all(key in done or f"waive:{demand}" in done for demand, key in WAIVED.items()), (steps, done)
        assert abs(after - before) <= 1 or step in {"back", "return", "undo", *JUMPS}, (steps, step)
    if tuple(steps) in {HAPPY, BY_LEADER, BACK_AND_UNDONE}:
        assert project.stage is Stage.SIGNED
    if tuple(steps) == FAILED_MEANWHILE:
        assert project.stage is Stage.REVIEWING
    session.rollback()


def test_the_machine_waives_all_that_may_be_waived() -> None:
    assert set(WAIVED) == set(waivable()) - {demand.key for demand in AFTER_SIGNING}


def _try(session: Session, office: Office, project: Project, step: str, done: set[str]) -> None:
    officer, team_lead = office.actor(session, office.officer), office.actor(session, office.lead)
    word, _colon, what = step.partition(":")
    undo = {"reason": "点错了", "version": project.version, "now": NOW}
    actions: dict[str, Callable[[], object]] = {
        "visit": lambda: visited(session, office, project),
        "accept": lambda: accepted(session, office, project),
        "inspection": lambda: inspected(session, office, project, report=None),
        "report": lambda: inspected(session, office, project),
        "pass": lambda: reviewed(session, office, project),
        "papers": lambda: approvals.approved(session, office, project),
        "fail": lambda: reviewed(session, office, project, law="fail"),
        "intent": lambda: agreed(session, office, project, AgreementKind.INTENT),
        "framework": lambda: agreed(session, office, project, AgreementKind.FRAMEWORK),
        "contract": lambda: agreed(session, office, project),
        "team": lambda: staffed(session, office, project),
        "waive": lambda: granted(session, office, project, demand=what),
        "back": lambda: go(session, team_lead, project, Stage.VISITING, "复核"),
        "return": lambda: go(session, team_lead, project, Stage.REVIEWING, "复核"),
        "skip": lambda: go(session, team_lead, project, Stage(what), "补登"),
        "undo": lambda: services.undo_move(session, team_lead, project.id, **undo),  # type: ignore[arg-type]  # three values
    }

    def moved() -> object:
        return go(session, officer, project, Stage(step), "编号 1")

    try:
        actions.get(word, moved)()
    except DomainError:
        return
    done.add(step)
    if step == "fail":
        done.discard("pass")
    if step == "report":
        done.add("inspection")
