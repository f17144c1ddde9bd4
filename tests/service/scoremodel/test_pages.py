from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import jobs
from crm.core.tasks import Task
from crm.scoremodel import backtesting, runs, services, versions
from crm.scoremodel.diffs import digest
from crm.scoremodel.models import ScoreRun
from crm.scoring.models import ModelKind, ScoreModel
from tests.browser.models import REPORT
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.service.scoremodel.conftest import Hands

PLACE = "/score-model/versions"


def typed(model: ScoreModel, **changes: str) -> dict[str, str]:
    """The form as it stands, with changes; ``p_contacts_1`` is the field ``p-contacts-1``."""
    table = services.table_of(model)
    fields = {"label": model.label, "seen": digest(table)}
    return {**fields, **{name.replace("_", "-"): value for name, value in changes.items()}}


def test_an_office_that_never_scored_has_pages_that_say_so(as_registrar: Browser) -> None:
    assert "专家权重，未校准" in as_registrar.get("/score-model").text
    assert "随系统的初始版本" in as_registrar.get("/score-model/table").text
    assert "还没有版本" in as_registrar.get(PLACE).text


def test_few_signings_are_said_beside_the_words_not_calibrated(hands: Hands, as_registrar: Browser) -> None:
    hands.tested()
    page = as_registrar.get("/score-model").text
    assert "专家权重，未校准" in page
    assert "签约不到10个时" in page
    assert "签约概率" not in page.split("这一页是怎么算的")[0]


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        ({"signal": False, "signal_share": 0.4}, "没有信号"),
        ({}, "通过了发布门槛"),
        ({"gate": {**REPORT["gate"], "share": 0.8, "publish": False}}, "还没有通过发布门槛"),
        ({"signed": 4}, "偶然性很大"),
    ],
)
def test_the_page_says_what_the_test_found(
    hands: Hands, as_registrar: Browser, report: dict[str, object], sentence: str
) -> None:
    run = backtesting.start(hands.session, hands.registrar, now=NOW)
    runs.finish(hands.session, run.id, {**REPORT, **report}, now=NOW)
    hands.session.commit()
    page = as_registrar.get("/score-model").text
    assert sentence in page
    for words in ("对数损失", "朴素贝叶斯", "说多少，是多少", "每季度预测与实际"):
        assert words in page


def test_a_report_without_a_chart_of_its_own_still_opens(hands: Hands, as_registrar: Browser) -> None:
    run = backtesting.start(hands.session, hands.registrar, now=NOW)
    empty = {"won": 0, "lost": 0, "leads": 0, "rows": 0, "mode": "expert", "window": None, "history": []}
    runs.finish(hands.session, run.id, empty, now=NOW)
    hands.session.commit()
    assert "还不能检验" in as_registrar.get("/score-model").text


def test_what_cannot_be_read_is_said_beside_its_field_and_kept(hands: Hands, as_registrar: Browser) -> None:
    model = services.begin(hands.session, hands.registrar, None, now=NOW)
    hands.session.commit()
    answer = as_registrar.post(f"{PLACE}/{model.id}/edit", typed(model, p_contacts_1="许多", h_ORDR="0", g_A="75.5"))
    assert answer.status_code == 422
    for sentence in ("请填−60到60之间的分数", "请填1到3650之间的天数", "请填0到99之间的整数"):
        assert sentence in answer.text
    assert 'value="许多"' in answer.text
    hands.session.expire_all()
    assert services.table_of(model).feature("contacts").levels[1].points == 3


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"p_contacts_1": "7"}, 7.0),
        ({"p_contacts_1": "3", "w_contacts_1": "很看重"}, 12.0),
        ({"p_contacts_1": "−2", "w_contacts_1": "很看重"}, -2.0),
    ],
)
def test_points_are_typed_or_chosen_in_words(
    hands: Hands, as_registrar: Browser, fields: dict[str, str], points: float
) -> None:
    model = services.begin(hands.session, hands.registrar, None, now=NOW)
    hands.session.commit()
    assert as_registrar.post(f"{PLACE}/{model.id}/edit", typed(model, **fields)).status_code == 303
    hands.session.expire_all()
    assert services.table_of(model).feature("contacts").levels[1].points == points


def test_grades_out_of_order_are_refused(hands: Hands, as_registrar: Browser) -> None:
    model = services.begin(hands.session, hands.registrar, None, now=NOW)
    hands.session.commit()
    answer = as_registrar.post(f"{PLACE}/{model.id}/edit", typed(model, g_A="50"))
    assert (answer.status_code, "等级的分数线须从高到低" in answer.text) == (422, True)


def test_somebody_elses_change_is_shown_before_it_is_overwritten(hands: Hands, as_registrar: Browser) -> None:
    model = hands.draft({("contacts", 2): 1.0})
    form = {**typed(model, p_contacts_1="7"), "seen": "0" * 32}
    answer = as_registrar.post(f"{PLACE}/{model.id}/edit", form)
    assert (answer.status_code, "别人刚改过这个版本" in answer.text) == (409, True)
    assert 'value="7"' in answer.text


def test_pressing_twice_begins_one_run(hands: Hands, as_registrar: Browser, session: Session) -> None:
    model = hands.draft({("contacts", 1): 7.0})
    for _press in range(2):
        assert as_registrar.post(f"{PLACE}/{model.id}/preview").status_code == 303
        assert as_registrar.post("/score-model/tests").status_code == 303
    assert len(session.scalars(select(ScoreRun)).all()) == 2
    kinds = session.scalars(select(Task.kind).where(Task.kind.in_([jobs.PREVIEW_SCORES, jobs.BACKTEST_SCORES])))
    assert sorted(kinds) == ["backtest_scores", "preview_scores"]


def test_a_run_shows_how_far_it_is_and_can_be_stopped(hands: Hands, as_registrar: Browser, session: Session) -> None:
    model = hands.draft({("contacts", 1): 7.0})
    page = as_registrar.post(f"{PLACE}/{model.id}/preview").headers["Location"]
    assert "正在给全部企业各算两遍分" in as_registrar.get(page).text
    part = as_registrar.get(page, headers={"HX-Request": "true"}).text
    assert ("<html" in part, "hx-get" in part) == (False, True)
    assert as_registrar.post(f"{page}/stop").status_code == 303
    hands.drain()
    assert as_registrar.get(page).headers["Location"].endswith(f"{PLACE}/{model.id}")
    assert services.previewed(session, model, versions.in_force(session)) is None


def test_a_version_is_published_with_a_note_and_only_over_what_one_saw(hands: Hands, as_registrar: Browser) -> None:
    model, live = hands.draft({("contacts", 1): 7.0}), hands.live()
    hands.previewed(model)
    place, before = f"{PLACE}/{model.id}/publish", str(live.id)
    hands.session.commit()
    short = as_registrar.post(place, {"note": "好", "live": before})
    assert (short.status_code, "至少4个字" in short.text) == (422, True)
    late = as_registrar.post(place, {"note": "联系人应当多给分", "live": "99"})
    assert (late.status_code, "联系人应当多给分" in late.text) == (409, True)
    done = as_registrar.post(place, {"note": "联系人应当多给分", "live": before})
    assert done.status_code == 303
    again = as_registrar.post(place, {"note": "联系人应当多给分", "live": before})
    assert (again.status_code, "别人刚发布了另一个版本" in again.text) == (409, True)
    hands.session.expire_all()
    assert (model.note, model.state.value, live.state.value) == ("联系人应当多给分", "live", "retired")
    assert "联系人应当多给分" in as_registrar.get(PLACE).text


def test_the_gate_is_said_on_the_page_of_a_fitted_version(hands: Hands, as_registrar: Browser) -> None:
    table = replace(services.table_of(hands.live()), mode="probability", months=6)
    report = {**REPORT, "counts": {}, "gate": {**REPORT["gate"], "share": 0.6, "publish": False}}
    model = services.keep_fitted(hands.session, table, report, parent_id=hands.live().id, now=NOW)
    hands.session.commit()
    hands.previewed(model)
    page = as_registrar.get(f"{PLACE}/{model.id}").text
    assert "没有通过发布门槛" in page
    assert "发布这个版本" not in page
    assert as_registrar.get(f"{PLACE}/{model.id}/edit").status_code == 303
    place, live = f"{PLACE}/{model.id}/publish", str(hands.live().id)
    hands.session.commit()
    answer = as_registrar.post(place, {"note": "硬要发布", "live": live})
    assert answer.status_code == 422
    assert hands.live().kind is ModelKind.EXPERT


def test_others_look_but_do_not_touch(hands: Hands, as_officer: Browser, as_administrator: Browser) -> None:
    model = hands.draft({("contacts", 1): 7.0})
    for path in ("/score-model", "/score-model/table", PLACE, f"{PLACE}/{model.id}"):
        page = as_officer.get(path)
        assert (page.status_code, "改权重" in page.text, "现在检验" in page.text) == (200, False, False)
        assert as_administrator.get(path).status_code == 403
    for path in (PLACE, "/score-model/tests", f"{PLACE}/{model.id}/edit", f"{PLACE}/{model.id}/preview"):
        assert as_officer.post(path).status_code == 403
    for path in (f"{PLACE}/{model.id}/publish", f"{PLACE}/{model.id}/remove"):
        assert as_officer.post(path).status_code == 403


@pytest.mark.parametrize("path", ["/score-model/runs/99", f"{PLACE}/99", f"{PLACE}/99/edit"])
def test_what_is_not_there_is_not_found(as_registrar: Browser, path: str) -> None:
    assert as_registrar.get(path).status_code == 404


def test_the_pages_ask_the_database_a_bounded_number_of_times(
    hands: Hands, database: Database, as_registrar: Browser
) -> None:
    for _number in range(12):
        builders.enterprise(hands.session)
    hands.scored()
    model = hands.draft({("contacts", 1): 7.0})
    hands.previewed(model)
    for path in ("/score-model", "/score-model/table", PLACE, f"{PLACE}/{model.id}"):
        with counted(database) as statements:
            assert as_registrar.get(path).status_code == 200
        assert len(statements) <= 16, (path, len(statements))
