from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from crm.api import tokens
from crm.api.models import ApiToken
from crm.api.scopes import Scope, TokenDraft
from crm.auth.models import Roster, User
from crm.auth.rules import Permission
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, NotFoundError
from tests.support.builders import NOW, TODAY
from tests.support.programs import Program, program, token_of

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

PLAIN = re.compile(r"yf_[A-Za-z0-9_-]{43}")
FORM = {"name": "浙政钉同步", "days": "30", "scopes": ["enterprises:read", "signals:read"]}


def test_a_token_is_shown_once_and_kept_as_a_digest(as_officer: Browser, session: Session) -> None:
    shown = as_officer.post("/account/tokens", FORM)
    plain = PLAIN.findall(shown.text)[0]
    row = session.scalars(select(ApiToken)).one()
    assert (row.name, row.scopes) == ("浙政钉同步", ["enterprises:read", "signals:read"])
    assert row.expires_at == NOW + timedelta(days=30)
    assert plain not in {row.token_hash, row.tail}
    assert not PLAIN.search(as_officer.get("/account/tokens").text)
    session.rollback()
    program_of_it = Program(as_officer.client.application, plain)
    assert program_of_it.get("/me").json["scopes"] == ["enterprises:read", "signals:read"]


@pytest.mark.parametrize("wrong", [{"days": "91"}, {"days": "0"}, {"scopes": []}, {"scopes": ["all"]}, {"name": " "}])
def test_a_form_that_asks_too_much_is_refused(as_officer: Browser, session: Session, wrong: dict[str, object]) -> None:
    assert as_officer.post("/account/tokens", {**FORM, **wrong}).status_code == 422
    assert session.scalars(select(ApiToken)).all() == []


def test_nobody_holds_more_than_twenty_tokens_in_use(session: Session, office: Office) -> None:
    actor = office.actor(session, office.officer)
    draft = TokenDraft("程序", frozenset({Scope.SIGNALS_READ}), 1)
    for _count in range(20):
        tokens.create(session, actor, draft, now=NOW, most_days=90, per_minute=60)
    with pytest.raises(DomainError, match=r"token\.many"):
        tokens.create(session, actor, draft, now=NOW, most_days=90, per_minute=60)
    tokens.create(session, actor, draft, now=NOW + timedelta(days=2), most_days=90, per_minute=60)


def test_a_person_revokes_own_tokens_and_an_administrator_all(
    app: Flask, session: Session, office: Office, as_outsider: Browser, as_administrator: Browser
) -> None:
    caller = program(app, session, office.officer)
    token_id = session.scalars(select(ApiToken.id)).one()
    session.rollback()
    assert as_outsider.post(f"/account/tokens/{token_id}/revoke").status_code == 404
    assert as_outsider.get("/admin/tokens").status_code == 403
    assert caller.get("/me").status == 200
    assert "陈晓" in as_administrator.get("/admin/tokens").text
    as_administrator.post(f"/admin/tokens/{token_id}/revoke")
    assert caller.get("/me").status == 401
    trail = session.scalars(select(AuditEvent).where(AuditEvent.action == "token.revoke")).one()
    assert (trail.actor_id, trail.detail["of"]) == (office.administrator.id, office.officer.id)


def test_a_token_dies_with_its_days_and_its_account(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    assert caller.get("/me").status == 200
    session.execute(update(User).where(User.id == office.officer.id).values(active=False))
    session.commit()
    assert caller.get("/me").status == 401
    session.execute(update(User).values(active=True))
    session.execute(update(ApiToken).values(created_at=NOW - timedelta(days=9), expires_at=NOW))
    session.commit()
    assert caller.get("/me").status == 401


def test_a_token_of_a_person_who_lost_the_post_may_nothing(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    session.execute(update(Roster).where(Roster.user_id == office.officer.id).values(valid_to=TODAY - timedelta(1)))
    session.commit()
    assert (caller.get("/me").json["permissions"], caller.get("/enterprises").status) == ([], 403)


def test_a_narrowed_actor_reaches_no_further_than_the_scopes(session: Session, office: Office) -> None:
    plain = token_of(session, office.registrar, [Scope.PROJECTS_READ])
    found = tokens.admit(session, plain, "10.0.0.1", now=NOW, today=TODAY, per_minute=60)
    assert isinstance(found, tokens.Caller)
    assert found.actor.scope(Permission.PROJECT_READ) is None
    assert not found.actor.may(Permission.PROJECT_WRITE)
    assert found.actor.scope(Permission.PROJECT_WRITE) == frozenset()
    assert not found.actor.reaches(Permission.CONTACT_READ, office.east.id)


def test_no_use_of_a_token_shows_anothers(session: Session, office: Office) -> None:
    token_of(session, office.officer)
    row = session.scalars(select(ApiToken)).one()
    with pytest.raises(NotFoundError):
        tokens.revoke(session, office.actor(session, office.registrar), row.id, now=NOW)


def test_failed_tries_are_written_down_until_the_limit(session: Session, office: Office) -> None:
    for _try in range(30):
        refused = tokens.admit(session, "yf_nonsense", "10.0.0.9", now=NOW, today=TODAY, per_minute=60)
        assert refused == tokens.Refused()
    late = tokens.admit(session, "yf_nonsense", "10.0.0.9", now=NOW, today=TODAY, per_minute=60)
    assert late == tokens.Refused(timedelta(minutes=15))
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "token.refused")).all()
    assert len(events) == 30
    plain = token_of(session, office.officer)
    assert isinstance(tokens.admit(session, plain, "10.0.0.9", now=NOW, today=TODAY, per_minute=60), tokens.Caller)
    later = NOW + timedelta(minutes=16)
    again = tokens.admit(session, "yf_nonsense", "10.0.0.9", now=later, today=TODAY, per_minute=60)
    assert again == tokens.Refused()


def test_a_token_has_its_pace(session: Session, office: Office) -> None:
    plain = token_of(session, office.officer)
    session.execute(update(ApiToken).values(tokens=2.0))
    session.expire_all()

    def call(seconds: int) -> object:
        return tokens.admit(session, plain, "", now=NOW + timedelta(seconds=seconds), today=TODAY, per_minute=60)

    assert isinstance(call(0), tokens.Caller)
    assert isinstance(call(0), tokens.Caller)
    assert call(0) == tokens.Refused(timedelta(seconds=2))
    assert isinstance(call(2), tokens.Caller)
