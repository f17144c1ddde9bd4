"""The board's own reads: the bar of lateness as a filter, no card twice, the idle clock."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.pipeline import board, record, services
from crm.pipeline.cards import Clock, Filters
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import ExceptionKind, ExceptionState, FairReview
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.models import Project, ProjectNote
from crm.pipeline.rules import Stage
from tests.service.pipeline.claims.helpers import contested, filed
from tests.service.pipeline.helpers import due, visited
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}
DAYS = {"overdue": -2, "today": 0, "planned": 3}


@pytest.fixture
def lateness(session: Session, office: Office) -> dict[str, Project]:
    """One project of each lateness, all at the first stage."""
    made = {}
    for state in (*DAYS, "none"):
        firm = builders.enterprise(session)
        made[state] = builders.project(session, firm, office.east, office.officer, name=f"项目{state}")
        if state in DAYS:
            due(session, office, made[state], DAYS[state])
            due(session, office, made[state], 30)
    session.commit()
    return made


def clock() -> Clock:
    return Clock(NOW, TODAY, NOW.tzinfo)  # type: ignore[arg-type]  # an aware instant


@pytest.mark.parametrize("state", [*DAYS, "none"])
def test_a_segment_narrows_cards_list_and_count_and_its_link_widens_again(
    as_officer: Browser, lateness: dict[str, Project], state: str
) -> None:
    whole = as_officer.get("/projects").text
    assert f'href="/projects?due={state}"' in whole
    page = as_officer.get(f"/projects?due={state}&lane=lead").text
    shown = {name for name, project in lateness.items() if f'id="card-{project.id}"' in page}
    assert shown == {state}
    assert "data-count>1</span>" in page
    for other in lateness:
        assert f"due={other}" in page or other == state
    assert re.search(r'href="/projects\?lane=lead"[^>]*aria-current="true"', page)
    listed = as_officer.get(f"/projects?view=list&due={state}").text
    assert {name for name, project in lateness.items() if f'/projects/{project.id}"' in listed} == {state}


def test_the_next_cards_of_a_narrowed_column_are_narrowed(
    as_officer: Browser, session: Session, office: Office
) -> None:
    for number in range(board.CARDS + 5):
        firm = builders.enterprise(session)
        since = NOW - timedelta(hours=number)
        made = builders.project(session, firm, office.east, office.officer, stage_since=since)
        if number:
            due(session, office, made, -1)
    session.commit()
    page = as_officer.get("/projects?due=overdue").text
    assert page.count("data-card=") == board.CARDS
    more = re.search(r'hx-get="(/projects/column[^"]+)"', page)
    assert more is not None
    rest = as_officer.get(more.group(1).replace("&amp;", "&"), headers=HTMX).text
    assert rest.count("data-card=") == 4


def test_no_card_is_shown_twice_whatever_is_filtered_moved_and_continued(
    as_officer: Browser, session: Session, office: Office
) -> None:
    made = []
    for number in range(2 * board.CARDS + 5):
        firm = builders.enterprise(session)
        since = NOW - timedelta(hours=number)
        stage = Stage.VISITING if number % 2 else Stage.INSPECTING
        made.append(builders.project(session, firm, office.east, office.officer, stage_since=since, stage=stage))
        visited(session, office, made[-1])
    session.commit()
    first = as_officer.get("/projects?capital=private").text
    moved = made[1]
    answer = as_officer.post(f"/projects/{moved.id}/move", {"stage": "inspecting", "version": 1}, headers=HTMX)
    assert answer.status_code == 200
    seen = re.findall(r'data-card="(\d+)"', first)
    for link in re.findall(r'hx-get="(/projects/column[^"]+)"', first):
        seen += re.findall(r'data-card="(\d+)"', as_officer.get(link.replace("&amp;", "&"), headers=HTMX).text)
    assert sorted(map(int, seen)) == sorted(project.id for project in made)


def test_only_what_a_person_does_resets_the_idle_clock(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    long_ago = NOW - timedelta(days=40)
    project = builders.project(
        session, firm, office.east, office.officer, stage=Stage.VISITING, stage_since=long_ago, updated_at=long_ago
    )
    actor = office.actor(session, office.officer)

    def card() -> tuple[int, bool, int]:
        row = board.card(session, actor, project.id, clock())
        return row.idle, row.stale, row.in_stage

    assert card() == (40, True, 40)
    draft = ProjectDraft(name=project.name, industry="电池")
    services.update_project(session, actor, project.id, draft, version=project.version, now=NOW)
    project.updated_at = NOW
    session.flush()
    assert card() == (40, True, 40)
    session.add(ProjectNote(project_id=project.id, by=office.officer.id, at=NOW - timedelta(days=3), body="对方在比选"))
    session.flush()
    assert card() == (3, False, 40)
    visited(session, office, project, occurred_at=NOW - timedelta(days=1))
    assert card() == (1, False, 40)


def test_a_card_carries_its_marks(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    made = builders.project(
        session,
        firm,
        office.east,
        office.officer,
        key_project=True,
        key_reason="补链",
        confidential=True,
        code_name="青竹",
    )
    row = board.card(session, office.actor(session, office.officer), made.id, clock())
    assert [flag.label for flag in row.flags] == ["涉密", "重点"]


def test_an_exception_is_marked_until_its_day_has_passed(session: Session, office: Office) -> None:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer)
    waiver = GateException(
        project_id=project.id,
        kind=ExceptionKind.SPECIAL,
        demand="visit",
        reason="县里已三次赴外对接",
        fair_review=FairReview.NOT_NEEDED,
        valid_until=TODAY,
        expires_at=NOW + timedelta(hours=14),
        state=ExceptionState.GRANTED,
        asked_by=office.officer.id,
        asked_at=NOW,
        decided_by=office.leader.id,
        decided_at=NOW,
        decision_no="专题会纪要3号",
    )
    session.add(waiver)
    session.flush()
    actor = office.actor(session, office.officer)
    assert [flag.label for flag in board.card(session, actor, project.id, clock()).flags] == ["特事特办"]
    tomorrow = Clock(NOW + timedelta(days=1), TODAY + timedelta(days=1), clock().zone)
    assert board.card(session, actor, project.id, tomorrow).flags == ()


def test_only_who_is_in_dispute_is_marked_as_contested(session: Session, office: Office) -> None:
    first, second, _dispute = contested(session, office)
    calm = filed(session, office, builders.enterprise(session), office.officer, "无争议项目")
    actor = office.actor(session, office.registrar)
    marks = {
        claim.project_id: [flag.label for flag in board.card(session, actor, claim.project_id, clock()).flags]
        for claim in (first, second, calm)
    }
    assert marks == {first.project_id: ["首报争议"], second.project_id: ["首报争议"], calm.project_id: []}
    assert record.load(session, actor, calm.project_id, now=NOW).facts.disputes == 0


def test_sums_follow_the_segment(session: Session, office: Office, lateness: dict[str, Project]) -> None:
    actor = office.actor(session, office.officer)
    whole = board.lanes(session, actor, Filters(), clock(), cards=False)[0]
    assert (whole.count, sum(whole.sums.values())) == (4, whole.total)
    for state in lateness:
        part = board.lanes(session, actor, Filters(due=state), clock(), cards=False)[0]  # type: ignore[arg-type]  # a StrEnum
        assert (part.count, part.total) == (1, whole.total / 4)
        assert part.mix == whole.mix
