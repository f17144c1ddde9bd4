"""A book is written on forms: rules, vetoes, what stands beside them; nothing typed is lost, published ones stay."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from crm.assessment.books import queries, services
from crm.assessment.books.samples import SAMPLES
from crm.assessment.rulemaking import flat, shapes
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.books.models import RuleBook
    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def place(as_registrar: Browser) -> str:
    """Begin a draft from the example of the city."""
    answer = as_registrar.post("/assessment/books/new", data={"name": "试行办法", "example": "city"})
    assert answer.status_code == 303
    return str(answer.location)


def row(session: Session, place: str) -> RuleBook:
    session.expire_all()
    found = queries.book(session, int(place.rsplit("/", 1)[1]))
    session.commit()
    return found


def version(page: str) -> str:
    return str(re.findall(r'name="version" value="(\d+)"', page)[0])


def typed(page: str) -> dict[str, str]:
    """Give the form as a browser without scripts would send it."""
    form = page.partition('id="rule"')[2]
    inputs = re.findall(r'<input(?![^>]*type="hidden" name="csrf)[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)
    swapped = re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="([^"]+)"', form)
    found = {**{name: text for text, name in swapped}, **dict(inputs)}
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'value="([^"]*)"[^>]*selected', body) or re.findall(r'value="([^"]*)"', body)
        found[name] = chosen[0]
    found["text"] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)[0] if "<textarea" in form else ""
    return {name: unescape(text) for name, text in found.items() if name != "csrf_token"}


def test_rules_are_made_by_the_form_alone(session: Session, as_registrar: Browser, place: str) -> None:
    kinds = ("ladder", "bands", "choices", "rating", "items")
    for kind in kinds:
        page = as_registrar.get(f"{place}/rules/new?kind={kind}").text
        assert "本单位" in page  # tried on sample values at once
        form = typed(page)
        asked = flat.load_rule({**SAMPLES[kind], "key": form["key"], "text": ""}, kind)  # words are the office's own
        assert form.items() >= {name: text for name, text in asked.items() if name != "section"}.items()
        assert as_registrar.post(f"{place}/rules/new", data={**form, "act": "save"}).status_code == 303
    kept = row(session, place).body["rules"][-len(kinds) :]
    for kind, rule in zip(kinds, kept, strict=True):
        assert flat.load_rule(rule, kind) == flat.load_rule({**SAMPLES[kind], "key": rule["key"], "text": ""}, kind)


def test_what_was_typed_for_one_way_of_reckoning_is_there_when_it_is_chosen_again(
    as_registrar: Browser, place: str
) -> None:
    path = f"{place}/rules/new?kind=ratio"
    form = {
        **typed(as_registrar.get(path).text),
        "weight": "40",
        "most": "150%",
        "text": "按文件第三条",
        "kind": "min_max",
    }
    there = typed(as_registrar.post(path, data={**form, "act": "kind"}).text)
    assert (there["value"], there["weight"], there["text"]) == (form["done"], "40", "按文件第三条")
    back = typed(as_registrar.post(path, data={**there, "kind": "ratio", "act": "kind"}).text)
    assert {name: back[name] for name in ("done", "target", "most")} == {
        name: form[name] for name in ("done", "target", "most")
    }
    wrong = as_registrar.post(path, data={**back, "most": "120", "act": "save"})
    assert (wrong.status_code, "请带上百分号" in wrong.text, 'value="120"' in wrong.text) == (422, True, True)


def test_rows_come_and_go_without_scripts_and_faults_stand_at_their_field(
    session: Session, as_registrar: Browser, place: str
) -> None:
    path = f"{place}/rules/1"
    form = {**typed(as_registrar.get(path).text), "label": "签约（改）"}
    page = as_registrar.post(path, data={**form, "act": "add:parts"})
    assert (page.status_code, "签约（改）" in page.text, 'name="parts-2-done"' in page.text) == (200, True, True)
    form = {**typed(page.text), "parts-2-share": "一半", "weight": ""}
    page = as_registrar.post(path, data={**form, "act": "save"})
    assert page.status_code == 422
    assert 'id="f-parts-2-share-error"' in page.text
    told = re.findall(r"href=.#f-parts-2-share.>([^<]*)", page.text)
    assert told[0] == "各项完成率第3行 占多少：要填数字，现在是“一半”。"
    assert 'value="一半"' in page.text
    assert row(session, place).body["rules"][0]["label"] == "签约项目"  # nothing is kept before all is good
    form = typed(as_registrar.post(path, data={**typed(page.text), "act": "drop:parts-2"}).text)
    assert as_registrar.post(path, data={**form, "weight": "40", "act": "save"}).status_code == 303
    first = row(session, place).body["rules"][0]
    assert (first["label"], first["weight"], len(first["parts"])) == ("签约（改）", 40, 2)


def test_an_indicator_is_taken_from_a_source_and_what_it_gives_is_said(
    session: Session, as_registrar: Browser, place: str
) -> None:
    form = typed(as_registrar.get(f"{place}/rules/2").text)
    form |= {"done": "s:measure:visits", "try-本单位-开工任务": "5", "act": "try"}
    page = as_registrar.post(f"{place}/rules/2", data=form).text
    assert "“外出走访企业”除以“开工任务”，乘20分；完成率最多按120%计。" in page
    assert "9÷5（按1.2计）×20＝24" in page
    assert row(session, place).feeds == {}
    as_registrar.post(f"{place}/rules/2", data={**form, "act": "save"})
    kept = row(session, place)
    assert kept.body["rules"][1]["done"] == "外出走访企业"
    assert kept.feeds["外出走访企业"]["key"] == "visits"
    assert "系统统计：外出走访企业" in as_registrar.get(place).text


def test_two_hands_do_not_overwrite_one_another(session: Session, as_registrar: Browser, place: str) -> None:
    first = typed(as_registrar.get(f"{place}/rules/2").text)
    assert as_registrar.post(f"{place}/rules/3/move", data={"to": "up"}).status_code == 303
    page = as_registrar.post(f"{place}/rules/2", data={**first, "weight": "25", "act": "save"})
    assert (page.status_code, "有人改过这个办法" in page.text, 'value="25"' in page.text) == (409, True, True)
    form = {**typed(page.text), "act": "save"}
    assert as_registrar.post(f"{place}/rules/2", data=form).status_code == 303
    weights = {one["key"]: one.get("weight") for one in row(session, place).body["rules"]}
    assert (weights["开工"], weights["走访"]) == (25, 20)  # the rule moved meanwhile was found by its name


def test_a_rule_is_taken_out_put_back_and_moved_and_the_last_one_stays(
    session: Session, as_registrar: Browser, place: str
) -> None:
    keys = [one["key"] for one in row(session, place).body["rules"]]
    as_registrar.post(f"{place}/rules/2/drop")
    assert "撤销" in as_registrar.get(place).text
    assert as_registrar.post(f"{place}/undo").status_code == 303
    assert as_registrar.post(f"{place}/undo").status_code == 409
    assert [one["key"] for one in row(session, place).body["rules"]] == keys
    as_registrar.post(f"{place}/vetoes/1/drop")
    assert "vetoes" not in row(session, place).body
    for _one in keys:
        as_registrar.post(f"{place}/rules/1/drop")
    assert [one["key"] for one in row(session, place).body["rules"]] == keys[-1:]
    assert "至少要有一条规则" in as_registrar.get(place).text


def test_what_others_moved_neither_goes_nor_comes_into_force_unseen(
    session: Session, as_registrar: Browser, place: str
) -> None:
    page = as_registrar.get(place).text
    first, second, *rest = [one["key"] for one in row(session, place).body["rules"]]
    assert f'name="was" value="{first}"' in page
    assert as_registrar.post(f"{place}/rules/2/move", data={"to": "up", "was": second}).status_code == 303
    refused = as_registrar.post(f"{place}/publish", data={"version": version(page)})
    assert (refused.status_code, "有人改过这个办法" in refused.text) == (409, True)
    as_registrar.post(f"{place}/rules/2/move", data={"to": "down", "was": second})  # it stands first by now
    assert [one["key"] for one in row(session, place).body["rules"]] == [first, second, *rest]
    assert f'name="was" value="{first}"' in as_registrar.get(f"{place}/rules/1").text.partition('id="rule"')[0]
    as_registrar.post(f"{place}/rules/2/drop", data={"was": first})
    assert [one["key"] for one in row(session, place).body["rules"]] == [second, *rest]
    for act in ("drop", "move"):
        assert as_registrar.post(f"{place}/rules/1/{act}", data={"was": first}).status_code == 404
    as_registrar.post(f"{place}/publish", data={"version": version(as_registrar.get(place).text)})
    assert row(session, place).published_at is not None


def test_a_form_without_a_kind_and_numbers_out_of_reason_are_told(
    session: Session, as_registrar: Browser, place: str
) -> None:
    assert as_registrar.post(f"{place}/rules/1", data={"label": "甲", "act": "save"}).status_code == 422
    form = typed(as_registrar.get(f"{place}/rules/1").text)
    form |= {"when": shapes.OWN, "when.own": "数 > 1e99", "act": "save"}
    page = as_registrar.post(f"{place}/rules/1", data=form)
    assert (page.status_code, 'id="f-when-error"' in page.text, "太大或太小" in page.text) == (422, True, True)
    held = row(session, place)
    held.body = {**held.body, "rules": [{**held.body["rules"][0], "when": "数 > 1e99"}]}
    session.commit()
    assert as_registrar.get(f"{place}/rules/1").status_code == 200  # a book from before the check


def test_vetoes_lifts_and_what_stands_beside_the_rules_have_forms_too(
    session: Session, as_registrar: Browser, place: str
) -> None:
    for where, word in (("vetoes", "不能评优"), ("promotions", "等次升1档")):
        form = typed(as_registrar.get(f"{place}/{where}/new").text)
        assert word in as_registrar.post(f"{place}/{where}/new", data={**form, "act": "try"}).text
        assert as_registrar.post(f"{place}/{where}/new", data={**form, "act": "save"}).status_code == 303
    page = as_registrar.get(f"{place}/settings").text
    form = {"version": version(page), "act": "save", "name": "改名办法", "total.cap": "一百", "grades-0-.row": "1"}
    form |= {"grades-0-grade": "优秀", "grades-0-at_least": "90", "rank.within": "all", "consequences.bottom": "2"}
    refused = as_registrar.post(f"{place}/settings", data=form)
    assert (refused.status_code, 'id="f-total.cap-error"' in refused.text) == (422, True)
    assert as_registrar.post(f"{place}/settings", data={**form, "total.cap": "100"}).status_code == 303
    kept = row(session, place)
    assert (kept.name, kept.body["total"], kept.body["grades"]) == (
        "改名办法", {"cap": 100}, [{"grade": "优秀", "at_least": 90}],
    )  # fmt: skip
    assert "后2名" in as_registrar.get(place).text


def test_a_published_book_is_never_changed_and_has_one_draft(
    session: Session, as_registrar: Browser, as_officer: Browser, place: str
) -> None:
    assert as_officer.get(f"{place}/rules/1").status_code == 403
    assert "/rules/1" not in as_officer.get(place).text
    as_registrar.post(f"{place}/publish", data={"version": "1"})
    for path in (f"{place}/rules/1", f"{place}/settings", f"{place}/sources", f"{place}/rules/new"):
        assert as_registrar.get(path).status_code == 409
    draft = as_registrar.post(f"{place}/redraft").location
    assert as_registrar.post(f"{place}/redraft").location == draft != place
    page = as_registrar.get(f"{draft}/sources").text
    data = {"version": version(page), "feed.走访企业": "measure:visits", "span.走访企业": "year", "note": "接上系统"}
    assert as_registrar.post(f"{draft}/sources", data=data).status_code == 303
    kept = row(session, draft)
    assert (kept.number, kept.feeds["走访企业"]["span"], kept.note) == (2, "year", "接上系统")
    assert row(session, place).feeds == {}


def test_a_name_that_is_taken_is_refused_and_a_file_goes_through_the_same_check(
    session: Session, office: Office, as_registrar: Browser, place: str
) -> None:
    again = as_registrar.post("/assessment/books/new", data={"name": "试行办法", "example": ""})
    assert (again.status_code, "已经有叫“试行办法”的办法" in again.text) == (422, True)
    body = {**row(session, place).body, "name": "从文件来"}
    assert as_registrar.post("/assessment/books/json", data={"body": json.dumps(body)}).status_code == 303
    found = queries.newest(session, "从文件来")
    assert found is not None
    services.publish(session, office.actor(session, office.registrar), found.id, now=NOW)
    session.commit()
    assert f"/assessment/books/json?from={found.id}" in as_registrar.get(f"/assessment/books/{found.id}").text
