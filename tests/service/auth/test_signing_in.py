from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from sqlalchemy import select

from crm.auth import setup
from crm.auth.models import LoginSession, User
from tests.support import builders
from tests.support.builders import NOW, PASSWORD

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def test_a_fresh_office_is_sent_to_the_setup_page(visitor: Browser) -> None:
    answer = visitor.get("/login")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/setup"


def test_the_one_time_code_makes_the_first_administrator_once(visitor: Browser, session: Session) -> None:
    code = setup.issue_setup_code(session, now=NOW)
    session.commit()
    form = {"code": code, "office": "云溪县招商局", "name": "李明", "username": "liming", "password": PASSWORD}
    assert visitor.post("/setup", {**form, "code": "AAAA-BBBB-CCCC"}).status_code == 422
    assert visitor.post("/setup", {**form, "password": "1234567890"}).status_code == 422
    assert visitor.post("/setup", form).status_code == 302
    assert visitor.get("/setup").status_code == 404
    assert session.scalars(select(User.username)).all() == ["liming"]
    assert setup.issue_setup_code(session, now=NOW) is None


def test_a_wrong_password_keeps_the_name_and_says_what_to_check(visitor: Browser, office: Office) -> None:
    answer = visitor.post("/login", {"username": office.officer.username, "password": "wrong"})
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.text
    assert f'value="{office.officer.username}"' in answer.text


def test_five_wrong_passwords_lock_the_account_for_fifteen_minutes(visitor: Browser, office: Office) -> None:
    for _ in range(5):
        visitor.post("/login", {"username": "chen", "password": "wrong"})
    answer = visitor.post("/login", {"username": "chen", "password": PASSWORD})
    assert answer.status_code == 422
    assert "15 分钟" in answer.text


def test_an_old_cookie_is_worthless_after_signing_out(app: Flask, as_officer: Browser) -> None:
    cookie = as_officer.client.get_cookie("yinfeng")
    assert cookie is not None
    assert as_officer.post("/logout").status_code == 302
    thief = app.test_client()
    thief.set_cookie("yinfeng", cookie.value)
    assert thief.get("/password").headers["Location"].startswith("/login")


def test_an_idle_session_ends(as_officer: Browser, session: Session) -> None:
    row = session.scalars(select(LoginSession)).one()
    row.last_seen_at = NOW - timedelta(hours=3)
    session.commit()
    assert as_officer.get("/password").status_code == 302


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page_and_says_so(
    as_officer: Browser, session: Session
) -> None:
    token = as_officer.token()
    session.scalars(select(LoginSession)).one().last_seen_at = NOW - timedelta(hours=3)
    session.commit()
    sent = {"csrf_token": token, "summary": "谈了很多"}
    answer = as_officer.client.post(
        "/visits/new", data=sent, headers={"Referer": "http://localhost/visits/new?kind=talk"}
    )
    assert answer.headers["Location"] == "/login?next=/visits/new?kind%3Dtalk"
    assert "登录已过期，刚才的提交没有保存" in as_officer.get("/login").text


def test_a_form_of_another_site_leads_nowhere_but_home(visitor: Browser, office: Office) -> None:
    assert office.officer.id
    token = {"csrf_token": visitor.token()}
    answer = visitor.client.post("/logout", data=token, headers={"Referer": "http://elsewhere.example/a"})
    assert answer.headers["Location"] == "/login"


def test_a_new_password_must_be_new(as_officer: Browser) -> None:
    answer = as_officer.post("/password", {"old_password": PASSWORD, "password": PASSWORD})
    assert answer.status_code == 422
    assert "新密码不能和原密码一样" in answer.text


def test_a_forged_token_changes_nothing_and_says_why(as_officer: Browser) -> None:
    answer = as_officer.client.post("/preferences", data={"locale": "en", "csrf_token": "forged"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


def test_the_way_back_after_signing_in_stays_on_this_site(visitor: Browser, office: Office) -> None:
    for target in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = visitor.post(f"/login?next={target}", {"username": "chen", "password": PASSWORD})
        assert answer.headers["Location"] == "/"
        visitor.post("/logout")


def test_every_answer_carries_the_strict_policy(visitor: Browser, office: Office) -> None:
    for path in ("/login", "/nothing-here", "/static/css/app.css"):
        policy = visitor.get(path).headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy


def test_passwords_are_hashed_with_the_librarys_own_parameters(real_hasher: PasswordHasher) -> None:
    assert not PasswordHasher().check_needs_rehash(real_hasher.hash("nest-and-phoenix"))
    assert real_hasher.check_needs_rehash(builders.CHEAP.hash("nest-and-phoenix"))
