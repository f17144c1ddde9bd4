from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.errors import DomainError, ForbiddenError
from crm.core.options import OfficeOption
from crm.core.scheduling import SHANGHAI
from crm.pipeline.cards import Clock, Filters
from crm.pipeline.deals import groups, setting
from crm.pipeline.deals.terms import EIGHT, FIVE, Group, LocalView, Terms, read_view, view_problems, write_view
from crm.pipeline.rules import ORDER, Stage
from tests.service.pipeline.helpers import lead, walk
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

CLOCK = Clock(NOW, TODAY, SHANGHAI)


@pytest.mark.parametrize("view", [FIVE, EIGHT])
def test_every_stage_stands_in_exactly_one_group(view: LocalView) -> None:
    assert view_problems(view) == []
    assert [stage for stage in ORDER for group in view.groups if stage in group.stages] == list(ORDER)
    assert read_view(view.key, view.name, write_view(view)) == (view, "")


def test_a_mapping_that_forgets_or_doubles_a_stage_is_refused() -> None:
    short = LocalView("five", "五个一批", (Group("全部", ORDER[1:]), Group("再来", (Stage.SIGNED,))))
    assert [problem.key for problem in view_problems(short)] == ["view.twice", "view.absent"]
    named = LocalView("five", "五个一批", (Group("一", ORDER[:3]), Group("一", ORDER[3:])))
    assert [problem.key for problem in view_problems(named)] == ["view.names"]


def test_a_local_view_counts_each_project_once(session: Session, office: Office) -> None:
    lead(session, office)
    walk(session, office, lead(session, office, name="第二个"), Stage.VISITING)
    officer = office.actor(session, office.officer)
    for view in (FIVE, EIGHT):
        rows = groups.totals(session, officer, Filters(), view, CLOCK)
        assert sum(row.count for row in rows) == 2
    assert groups.totals(session, officer, Filters(), FIVE, CLOCK)[0].count == 2


def test_terms_are_kept_with_what_they_were_before(session: Session, office: Office) -> None:
    registrar = office.actor(session, office.registrar)
    assert setting.current(session) == Terms()
    setting.change(session, registrar, dataclasses.replace(Terms(), undo_hours=48), now=NOW)
    assert setting.current(session).undo_hours == 48
    with pytest.raises(DomainError):
        setting.change(session, registrar, dataclasses.replace(Terms(), currencies=("USD",)), now=NOW)
    with pytest.raises(ForbiddenError):
        setting.change(session, office.actor(session, office.officer), Terms(), now=NOW)


def test_the_page_of_settings_keeps_what_was_typed(
    as_registrar: Browser, as_officer: Browser, session: Session
) -> None:
    page = "/projects/settings/deals"
    assert as_officer.get(page).status_code == 403
    assert "五个一批" in as_registrar.get(page).text
    form = {"undo_hours": "36", "exception_days": "90", "ageing_months": "3", "learn_days": "10", "currencies": "USD"}
    form |= {"view_five": write_view(FIVE), "view_eight": write_view(EIGHT)}
    assert as_registrar.post(page, {**form, "undo_hours": "9999"}).status_code == 422
    answer = as_registrar.post(page, {**form, "view_five": "储备：线索"})
    assert (answer.status_code, "没有归组" in answer.text, "储备：线索" in answer.text) == (422, True, True)
    assert as_registrar.post(page, form).status_code == 303
    kept = session.scalars(select(OfficeOption.value)).one()
    assert (kept["undo_hours"], kept["currencies"]) == (36, ["CNY", "USD"])
    session.rollback()
    assert "储备在谈一批" in as_officer.get("/projects?view=groups&by=five").text
    assert "协议起草" in as_officer.get("/projects?view=groups&by=eight").text
