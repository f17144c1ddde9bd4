"""Versions of rows as ETags: who changes a row says which version was read."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import request

from crm.api import refusals
from crm.core.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator


def tag(version: int) -> dict[str, str]:
    """Return the header that names the version of a row."""
    return {"ETag": f'"{version}"'}


def matched(version: int) -> int:
    """Return the version if the request names it in If-Match; refuse one that names none (428) or another (412).

    ``*`` would be any version: it names none.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        raise refusals.RefusalError(428, refusals.NO_VERSION)
    if not request.if_match.contains(str(version)):
        raise refusals.RefusalError(412, refusals.STALE)
    return version


@contextmanager
def unchanged() -> Iterator[None]:
    """Say 412 where somebody else was faster between our reading and our writing."""
    try:
        yield
    except ConflictError as error:
        raise refusals.RefusalError(412, refusals.STALE) from error
