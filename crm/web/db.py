"""One session per request: reading for GET, writing otherwise, one commit at the end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from crm.core.audit import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask, Response
    from sqlalchemy.orm import Session

    from crm.core.db import Database

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIRST_ERROR_STATUS = 400


def database() -> Database:
    """Return the application's database."""
    return cast("Database", current_app.extensions["database"])


def session() -> Session:
    """Return the request's session; a safe method gets one that refuses to write."""
    if "session" not in g:
        g.session = database().glance() if request.method in SAFE_METHODS else database().session()
        g.session.info[ORIGIN] = origin()
    return cast("Session", g.session)


def origin() -> dict[str, str | int | None]:
    """Say where the request comes from, for the audit trail: also by which token of an interface."""
    return {"ip": request.remote_addr, "request_id": g.get("request_id"), "token_id": g.get("token_id")}


def commit() -> None:
    """Commit now, for what must be kept even though the answer is a refusal (failed sign-ins)."""
    session().commit()


@contextmanager
def writing() -> Iterator[Session]:
    """Write from a page that otherwise only reads (export log, last seen), in a transaction of its own."""
    with database().transaction() as own:
        own.info[ORIGIN] = origin()
        yield own


def attach(app: Flask, db: Database) -> None:
    """Name the database of an application."""
    app.extensions["database"] = db


def init_app(app: Flask) -> None:
    """Attach the commit-or-rollback hooks."""
    app.after_request(_finish)
    app.teardown_request(_close)


def _finish(response: Response) -> Response:
    opened: Session | None = g.get("session")
    if opened is not None:
        if response.status_code < FIRST_ERROR_STATUS and request.method not in SAFE_METHODS:
            opened.commit()
        else:
            opened.rollback()
    return response


def _close(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        opened.close()
