"""A program that calls the interface by a token of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.api import tokens
from crm.api.scopes import Scope, TokenDraft
from crm.auth.queries import actor_for
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.auth.models import User

ROOT = "/api/v1"


@dataclass(frozen=True)
class Reply:
    """What the interface answered; ``json`` is empty when the answer is no JSON."""

    status: int
    json: Any
    headers: Mapping[str, str]
    mimetype: str

    @property
    def tag(self) -> str:
        return self.headers["ETag"]

    @property
    def codes(self) -> set[str]:
        return {one["code"] for one in self.json["errors"]}

    @property
    def fields(self) -> set[str | None]:
        return {one["field"] for one in self.json["errors"]}


class Program:
    """Calls the interface by a token; answers are read as JSON."""

    def __init__(self, app: Flask, token: str | None) -> None:
        self.app = app
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, *, json: Any = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(f"{ROOT}{path}", method=method, json=json, headers={**self.headers, **named})
        said = answer.get_json(silent=True) or {}
        return Reply(answer.status_code, said, dict(answer.headers), answer.mimetype or "")

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, json: Any, **headers: str) -> Reply:
        return self.call("POST", path, json=json, **headers)

    def patch(self, path: str, json: Any, tag: str) -> Reply:
        return self.call("PATCH", path, json=json, If_Match=tag)


def token_of(session: Session, user: User, scopes: Iterable[Scope] = tuple(Scope), days: int = 30) -> str:
    """Make a token of a person, for everything unless told otherwise, and commit it."""
    draft = TokenDraft("测试", frozenset(scopes), days)
    actor = actor_for(session, user, TODAY)
    _row, plain = tokens.create(session, actor, draft, now=NOW, most_days=90, per_minute=120)
    session.commit()
    return plain


def program(app: Flask, session: Session, user: User, *scopes: Scope) -> Program:
    """Return a program of a person."""
    return Program(app, token_of(session, user, scopes or tuple(Scope)))
