"""The signed link of one firm to one survey; it says nothing and opens nothing else."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

SALT = "survey"


def token(survey_id: int, enterprise_id: int) -> str:
    """Sign the link of a firm."""
    return str(_signer().dumps([survey_id, enterprise_id]))


def read(signed: str) -> tuple[int, int] | None:
    """Return survey and firm of a link; None when we did not sign it."""
    try:
        survey_id, enterprise_id = _signer().loads(signed)
    except (BadSignature, TypeError, ValueError):
        return None
    return int(survey_id), int(enterprise_id)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=SALT)
