from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm.core.errors import DomainError
from crm.pipeline.admission import queries
from crm.pipeline.admission.facts import gather
from crm.pipeline.admission.rules import DIMENSIONS, LETS_PASS
from crm.pipeline.models import Project, Review
from crm.pipeline.rules import Stage
from tests.support import admission, builders
from tests.support.builders import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.pipeline.admission.facts import Gathered
    from tests.support.builders import Office

HAPPY = ["open", "answers", "score", "vote-0", "vote-1", "pass"]
OTHERS = ["all but one", "one failed", "corrected", "against-0", "against-1", "against-2", "vote-2", "fail", "defer"]
STEPS = [*HAPPY, *OTHERS]


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(steps=HAPPY)
@example(steps=["open", "one failed", "score", "vote-0", "vote-1", "vote-2", "pass", "corrected", "pass"])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=14))
def test_no_order_of_calls_passes_a_project_without_six_passes_a_quorum_and_a_majority(
    session: Session, office: Office, steps: list[str]
) -> None:
    firm = builders.enterprise(session)
    project = builders.project(session, firm, office.east, office.officer, stage=Stage.REVIEWING)
    for step in steps:
        case = queries.open_case(session, project.id)
        before, found = passed(session, project), gather(session, project, case, TODAY) if case else None
        attempt(session, office, project, step)
        if passed(session, project) > before:
            check(found)
    assert steps != HAPPY or passed(session, project) == 1
    session.rollback()


def check(found: Gathered | None) -> None:
    assert found is not None
    assert set(found.facts.verdicts) == set(DIMENSIONS)
    assert set(found.facts.verdicts.values()) <= LETS_PASS
    assert found.score is not None
    assert found.facts.tally.agree * 2 > found.facts.tally.present >= 2


def passed(session: Session, project: Project) -> int:
    statement = select(func.count()).where(Review.project_id == project.id, Review.result == "passed")
    return session.scalar(statement) or 0


def attempt(session: Session, office: Office, project: Project, step: str) -> None:
    def vote(ballot: str) -> None:
        ballots = [""] * int(step[-1]) + [ballot]
        admission.voted(session, office, project, *ballots)

    acts: dict[str, Callable[[], object]] = {
        "open": lambda: admission.opened(session, office, project),
        "answers": lambda: admission.answered(session, office, project),
        "all but one": lambda: admission.answered(session, office, project, planning=""),
        "one failed": lambda: admission.answered(session, office, project, law="fail"),
        "corrected": lambda: admission.answered(session, office, project, **dict.fromkeys(list(DIMENSIONS)[1:], "")),
        "score": lambda: admission.scored(session, office, project),
        "pass": lambda: admission.decided(session, office, project, "pass"),
        "fail": lambda: admission.decided(session, office, project, "fail"),
        "defer": lambda: admission.decided(session, office, project, "defer", due_on=TODAY + timedelta(days=9)),
    }
    act = acts.get(step) or (lambda: vote("agree" if step.startswith("vote") else "disagree"))
    try:
        with session.begin_nested():
            act()
    except DomainError:
        return
