from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from crm.core.changes import Via
from crm.enterprises import services
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import EnterpriseDraft
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

NAME = "云岭电子有限公司"


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    actor = office.actor(session, office.colleague)
    draft = EnterpriseDraft(NAME, industry="电子", region="苏州", profile="做连接器\n二十年")
    row = services.create_enterprise(session, actor, draft, now=NOW)
    session.commit()
    return row


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send back of the form on a page: inputs, chosen options, text areas."""
    form = page[page.index('<form class="y-form"') :]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form[: form.index("</form>")]):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="radio"' not in tag and 'type="checkbox"' not in tag:
            sent[name[1]] = unescape(value[1]) if value else ""
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', form, re.DOTALL):
        sent[name] = unescape(body).replace("\n", "\r\n")
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected[^>]*value="([^"]*)"', body)
        sent[name] = chosen[1] if chosen else ""
    sent.pop("csrf_token", None)
    return sent


def meanwhile(session: Session, office: Office, firm: Enterprise, **changes: Any) -> None:
    actor = office.actor(session, office.colleague)
    services.update_fields(session, actor, firm.id, changes, version=None, via=Via.FORM, now=NOW)
    session.commit()


def stored(session: Session, firm: Enterprise) -> Enterprise:
    session.expire_all()
    found = session.get_one(Enterprise, firm.id)
    session.refresh(found)
    return found


def test_two_people_who_change_different_fields_both_keep_their_work(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser
) -> None:
    sent = fields_of(as_officer.get(f"/enterprises/{firm.id}/edit").text)
    meanwhile(session, office, firm, region="杭州", revenue="5000")
    answer = as_officer.post(f"/enterprises/{firm.id}/edit", {**sent, "industry": "汽车制造业", "land_plan": "120.5"})
    assert answer.status_code == 303
    row = stored(session, firm)
    assert (row.industry, row.industry_code, row.region, str(row.land_plan)) == ("汽车制造业", "C36", "杭州", "120.5")
    assert row.revenue == 5000
    session.commit()


def test_an_untouched_form_takes_nothing_back(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser
) -> None:
    sent = fields_of(as_officer.get(f"/enterprises/{firm.id}/edit").text)
    meanwhile(session, office, firm, region="杭州")
    assert as_officer.post(f"/enterprises/{firm.id}/edit", sent).status_code == 303
    assert stored(session, firm).region == "杭州"
    session.commit()


@pytest.mark.parametrize(("choice", "kept"), [("mine", "新能源"), ("stored", "化工"), ("original", "电子")])
def test_a_field_both_changed_is_asked_for_and_the_choice_is_saved(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser, choice: str, kept: str
) -> None:
    path = f"/enterprises/{firm.id}/edit"
    sent = fields_of(as_officer.get(path).text)
    meanwhile(session, office, firm, industry="化工", name_en="YUNLING")
    answer = as_officer.post(path, {**sent, "industry": "新能源", "website": "https://yunling.example"})
    assert answer.status_code == 409
    for words in ("我的", "现在的", "原来的", "新能源", "化工", "电子", "周敏", "https://yunling.example", "YUNLING"):
        assert words in answer.text, words
    assert stored(session, firm).industry == "化工"
    session.commit()
    again = fields_of(answer.text)
    undecided = as_officer.post(path, again)
    assert undecided.status_code == 422
    assert "choice_industry" in undecided.text
    assert as_officer.post(path, {**again, "choice_industry": choice}).status_code == 303
    row = stored(session, firm)
    assert (row.industry, row.website, row.name_en) == (kept, "https://yunling.example", "YUNLING")
    session.commit()


def test_a_third_change_while_choosing_is_asked_for_again(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser
) -> None:
    path = f"/enterprises/{firm.id}/edit"
    sent = fields_of(as_officer.get(path).text)
    meanwhile(session, office, firm, industry="化工")
    asked = fields_of(as_officer.post(path, {**sent, "industry": "新能源"}).text)
    meanwhile(session, office, firm, industry="食品")
    answer = as_officer.post(path, {**asked, "choice_industry": "mine"})
    assert answer.status_code == 409
    assert "食品" in answer.text
    assert stored(session, firm).industry == "食品"
    session.commit()


def test_a_refusal_keeps_what_was_typed_and_what_was_chosen(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser
) -> None:
    path = f"/enterprises/{firm.id}/edit"
    sent = fields_of(as_officer.get(path).text)
    meanwhile(session, office, firm, industry="化工")
    asked = fields_of(as_officer.post(path, {**sent, "industry": "新能源"}).text)
    answer = as_officer.post(path, {**asked, "choice_industry": "mine", "uscc": "123", "revenue": "9"})
    assert answer.status_code == 422
    assert 'value="mine" required checked' in answer.text
    kept = fields_of(answer.text)
    assert (kept["uscc"], kept["revenue"], kept["industry"]) == ("123", "9", "新能源")
    assert as_officer.post(path, {**kept, "uscc": "", "choice_industry": "mine"}).status_code == 303
    assert stored(session, firm).industry == "新能源"
    session.commit()


@pytest.mark.parametrize("original", ["", "[]", "{", '{"name": 1}', "[" * 5000])
def test_a_form_without_its_originals_is_refused_when_the_row_is_newer(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser, original: str
) -> None:
    path = f"/enterprises/{firm.id}/edit"
    sent = fields_of(as_officer.get(path).text)
    meanwhile(session, office, firm, industry="化工")
    answer = as_officer.post(path, {**sent, "industry": "新能源", "original": original})
    assert answer.status_code == 409 if original != '{"name": 1}' else answer.status_code in {303, 409}
    session.commit()


def test_the_form_offers_industries_and_regions_and_refuses_a_wrong_code(firm: Enterprise, as_officer: Browser) -> None:
    page = as_officer.get(f"/enterprises/{firm.id}/edit").text
    assert '<option value="汽车制造业">' in page
    assert '<option value="江苏省苏州市">' in page
    answer = as_officer.post(f"/enterprises/{firm.id}/edit", {**fields_of(page), "industry": "C99"})
    assert answer.status_code == 422
    assert "没有这个代码" in answer.text
