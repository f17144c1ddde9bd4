"""Response headers: a strict content policy, no sniffing, no framing, no caching of private pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app, request

if TYPE_CHECKING:
    from flask import Flask, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY_HEADER = "Content-Security-Policy"
STATIC_CACHE = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Set the headers on every answer, errors and files included."""
    app.after_request(_harden)


def with_images(response: Response, address: str) -> Response:
    """Let this one page load images from the host of an address the administrator set; a path needs no leave."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.netloc:
        allowed = POLICY.replace("img-src 'self'", f"img-src 'self' https://{parts.netloc}")
        response.headers[POLICY_HEADER] = allowed
    return response


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = STATIC_CACHE
    elif request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"  # files too: an export may hold numbers in full
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
