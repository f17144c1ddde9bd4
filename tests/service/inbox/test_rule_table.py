from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.tasks import Task
from crm.linking import answers_learned as learned
from crm.linking import answers_names as names
from crm.signals import answers, learning, learning_data, learning_runs, office_rules, services
from crm.signals.learning_models import LearningRun, OfficeRule, RunState
from crm.signals.models import Signal, SignalState
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser

DRAFT = {
    "kind": "CAPX", "weight": "0.8", "pattern": "筑巢项目|引凤工程", "yes": "青岚启动引凤工程。", "no": "青岚开会。",
    "enabled": "y",
}  # fmt: skip


def kept(session: Session) -> list[OfficeRule]:
    found = list(session.scalars(select(OfficeRule).order_by(OfficeRule.id)))
    session.rollback()
    return found


def test_a_rule_of_the_office_reads_signals_once_its_examples_hold(
    database: Database, as_registrar: Browser, session: Session
) -> None:
    made = as_registrar.post("/signals/rules/new", DRAFT)
    assert made.status_code == 303
    with counted(database) as statements:
        page = as_registrar.get(made.headers["Location"]).get_data(as_text=True)
    assert ("青岚启动引凤工程。" in page, len(statements) <= 12) == (True, True)
    firm = builders.enterprise(session, "青岚材料股份有限公司")
    page_ = builders.article(session, "要闻", "青岚材料股份有限公司启动引凤工程。")
    services.analyse(session, [page_.id], now=NOW)
    assert [(row.kind, row.enterprise_id) for row in session.scalars(select(Signal))] == [("CAPX", firm.id)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pattern": "(筑巢"}, "匹配式写法有误"),
        ({"pattern": ".*筑巢"}, "请写明上限"),
        ({"yes": "青岚开会。"}, "有应当匹配的例句没有匹配到"),
        ({"no": "引凤工程结束。"}, "有不应匹配的例句被匹配到"),
        ({"yes": ""}, "请至少写一句应当匹配的例句"),
        ({"weight": "3"}, "请填 0.05 到 1 之间的权重"),
    ],
)
def test_a_bad_rule_is_refused_with_a_sentence_and_nothing_typed_is_lost(
    as_registrar: Browser, session: Session, changes: dict[str, str], sentence: str
) -> None:
    refused = as_registrar.post("/signals/rules/new", {**DRAFT, "note": "手写的说明", **changes})
    page = refused.get_data(as_text=True)
    assert (refused.status_code, sentence in page, "手写的说明" in page) == (422, True, True)
    assert kept(session) == []


def test_a_packaged_rule_is_switched_off_weighed_anew_and_given_back(as_registrar: Browser, session: Session) -> None:
    as_registrar.post("/signals/rules/relo_move/switch", {"enabled": "0"})
    assert "relo_move" not in {rule.key for rule in office_rules.table(session).rules}
    session.rollback()
    as_registrar.post("/signals/rules/relo_move", {"kind": "RELO", "weight": "0.5", "enabled": "y", "version": "1"})
    rules = {rule.key: rule.weight for rule in office_rules.table(session).rules}
    session.rollback()
    assert rules["relo_move"] == 0.5
    stale = as_registrar.post("/signals/rules/relo_move", {"kind": "RELO", "weight": "0.4", "version": "1"})
    assert stale.status_code == 409
    assert "0.9" in as_registrar.get("/signals/rules/relo_move").get_data(as_text=True)  # the change before, as history
    as_registrar.post("/signals/rules/relo_move/remove")
    assert kept(session) == []


def test_an_officer_sees_the_rules_and_changes_none(as_officer: Browser) -> None:
    page = as_officer.get("/signals/rules?kind=RELO").get_data(as_text=True)
    assert ("relo_move" in page, "停用" in page) == (True, False)
    assert as_officer.post("/signals/rules/relo_move/switch", {"enabled": "0"}).status_code == 403


def test_a_text_is_tried_on_the_rules(as_officer: Browser) -> None:
    page = as_officer.post("/signals/rules/try", {"text": "公司总部迁往杭州。"}).get_data(as_text=True)
    assert "relo_move" in page


def test_a_trial_says_what_a_rule_would_have_found_in_the_last_week(
    database: Database, as_registrar: Browser, session: Session
) -> None:
    builders.article(session, "要闻", "开会。青岚启动引凤工程。散会。")
    builders.article(session, "旧闻", "青岚启动引凤工程。", fetched_at=NOW.replace(month=10))
    session.commit()
    started = as_registrar.post("/signals/rules/new", {**DRAFT, "trial": "1"})
    run_id = int(started.headers["Location"].rsplit("/", 1)[1])
    assert learning_runs.try_rule(database, run_id, lambda: NOW, lambda _percent, _note: None) == 1
    page = as_registrar.get(f"/signals/rules/trials/{run_id}").get_data(as_text=True)
    assert ("青岚启动引凤工程。" in page, "开会" in page) == (True, False)
    assert kept(session) == []


def feedback(session: Session, office: builders.Office, number: int) -> None:
    firm = builders.enterprise(session, "青岚材料股份有限公司")
    actor = office.actor(session, office.registrar)
    for at in range(number):
        good = builders.signal(session, firm, quote=f"青岚计划投资{at}亿元建设新工厂。")
        good.state, good.decided_by, good.decided_at = SignalState.ACCEPTED, actor.user_id, NOW
        bad = builders.signal(session, firm, quote=f"青岚回购股份{at}万股，净利润增长。")
        answers.kind_answer(session, actor, bad, [], now=NOW)
    session.commit()


def test_what_people_decided_teaches_a_second_opinion_that_is_used_when_it_is_good_enough(
    database: Database, as_registrar: Browser, session: Session, office: builders.Office
) -> None:
    feedback(session, office, 30)
    as_registrar.post("/signals/learning/options", {"least": "50", "never_after": "3", "signals": "1", "linker": "1"})
    as_registrar.post("/signals/learning/train/signals")
    run = session.scalars(select(LearningRun)).one()
    assert session.scalars(select(Task).where(Task.kind == "train")).one().payload == {"run_id": run.id}
    examples = learning_data.examples(session)
    assert len(examples) == 60
    numbers = {"terms": {"投资": [1.0, 9.0], "回购": [1.0, -9.0]}, "rules": {}, "kinds": {}, "bias": 0.0}
    numbers |= {"scale": 1.0, "shift": 0.0}
    figures = {"precision": 0.9, "recall": 0.9, "f1": 0.9, "right": 30, "wrong": 30}
    figures |= {"rules_precision": 0.5, "rules_recall": 1.0, "rules_f1": 0.67}
    learning_runs.keep_model(session, run.id, ((numbers, figures), 60), now=NOW)
    assert run.state is RunState.DONE
    said = learning.opinions(session, session.scalars(select(Signal)).all())
    assert min(one.chance for one in said.values()) < 0.1
    session.commit()
    with counted(database) as statements:
        page = as_registrar.get("/signals/learning").get_data(as_text=True)
    assert ("正在使用" in page, "青岚回购股份" in page, len(statements) <= 14) == (True, True, True)
    assert "第二意见：像是对的 0%" in as_registrar.get("/signals").get_data(as_text=True)

    as_registrar.post("/signals/learning/options", {"least": "200", "never_after": "3", "linker": "1"})
    assert names.settings(session)["signals"] == 0
    assert learned.in_use(session, learned.SIGNALS) is None
    session.rollback()
    refused = as_registrar.post("/signals/learning/options", {"least": "1", "never_after": "3"})
    assert refused.status_code == 422


def test_a_worse_model_or_too_few_answers_are_shown_and_not_used(session: Session) -> None:
    numbers = {"bias": 0.0, "weights": {"word": -1.0}, "prior": {"weights": {"word": -2.0}}}
    figures = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "rules_f1": 0.6}
    row = learned.store(session, learned.LINKER, (numbers, figures), 500, by=None, now=NOW)
    assert (row.usable, learned.scorer(session)) == (False, (0, None))
    assert row.figures["changed"] == [{"name": "word", "before": -2.0, "now": -1.0}]
    few = learned.store(session, learned.LINKER, (numbers, {**figures, "f1": 0.9}), 20, by=None, now=NOW)
    assert (few.usable, few.figures["enough"]) == (False, False)
    good = learned.store(session, learned.LINKER, (numbers, {**figures, "f1": 0.9}), 500, by=None, now=NOW)
    number, scorer = learned.scorer(session)
    assert (number, scorer and scorer.score({"word": 1.0}) < 0.5) == (good.id, True)


def test_the_page_of_a_packaged_rule_runs_its_examples_and_says_its_guards_in_words(as_registrar: Browser) -> None:
    page = as_registrar.get("/signals/rules/capx_project").text
    assert ("未通过" in page, "回购、质押、分红" in page, "buyback、" in page) == (False, True, False)
