"""Requests with an Idempotency-Key: the same again gets the same answer for a day, and nothing is done twice."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Response, make_response, request
from sqlalchemy import delete, select

from crm.api import door
from crm.api.models import ApiAnswer
from crm.core.db import insert_new
from crm.core.errors import DomainError, Problem
from crm.web import db, timing

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST = 80
KEPT_HEADERS = ("ETag", "Location")
BAD_KEY = Problem("idempotency.key", "Idempotency-Key 应为 1 到 80 个可见字符。")
OTHER_BODY = Problem("idempotency.other", "这个 Idempotency-Key 已用于另一个请求，请换一个新的。")


def once(view: Callable[..., Any], reads: Callable[[int], object]) -> Callable[..., Any]:
    """Keep the answer of a request that names a key; a refusal is not kept, so that it can be mended and sent again.

    The same answer is given again only while what it tells may still be read: ``reads`` refuses otherwise.
    """

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (whatever a view takes and answers)
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if not 0 < len(key) <= LONGEST or not key.isprintable():
            raise DomainError(BAD_KEY)
        kept = _claim(key)
        if kept is not None:
            reads(json.loads(kept.body)["id"])
            return _again(kept)
        response = make_response(view(*args, **kwargs))
        _keep(key, response)
        return response

    return wrapped


def _digest() -> str:
    said = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return hashlib.sha256(said).hexdigest()


def _claim(key: str) -> ApiAnswer | None:
    """Take a key, waiting for whoever is just using it; return the answer it was given already."""
    session, token_id, now = db.session(), door.caller().token_id, timing.now()
    session.execute(delete(ApiAnswer).where(ApiAnswer.at < now - KEPT))
    row = {"token_id": token_id, "key": key, "digest": _digest(), "status": 0, "headers": {}, "body": "", "at": now}
    if insert_new(session, ApiAnswer, _columns(row), ["token_id", "key"]) is not None:
        return None
    kept = _kept(token_id, key)
    if kept.digest != row["digest"]:
        raise DomainError(OTHER_BODY)
    return kept


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    """Name a row by the columns of the table."""
    return {("body_sealed" if name == "body" else name): value for name, value in row.items()}


def _kept(token_id: int, key: str) -> ApiAnswer:
    statement = select(ApiAnswer).where(ApiAnswer.token_id == token_id, ApiAnswer.key == key)
    return db.session().scalars(statement).one()


def _keep(key: str, response: Response) -> None:
    row = _kept(door.caller().token_id, key)
    row.status, row.body = response.status_code, response.get_data(as_text=True)
    row.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}


def _again(kept: ApiAnswer) -> Response:
    response = Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})
    response.mimetype = "application/json"
    return response
