"""What makes the pages an app on a phone: the manifest and the service worker, with the list of files it keeps."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, url_for

from crm.home import outbox
from crm.web.access import public
from crm.web.i18n import tr

bp = Blueprint("app_shell", __name__)
KEPT = (
    "css/tabler.css",
    "css/tokens.css",
    "css/app.css",
    "css/parts.css",
    "css/palette.css",
    "css/home.css",
    "js/app.js",
    "js/outbox.js",
    "js/outbox-page.js",
    "js/photos.js",
    "js/touch-form.js",
    "js/offline.js",
    "icons.svg",
    "img/mark.svg",
    "img/favicon.svg",
)
INK = "#1d4a8c"
ICONS = (("img/app-192.png", "192x192", "any"), ("img/app-512.png", "512x512", "any maskable"))


@bp.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Describe the app for the home screen."""
    icons = [
        {"src": url_for("static", filename=name), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    answer = jsonify(
        id="/",
        name=tr("引凤 · 招商引资"),
        short_name=tr("引凤"),
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#ffffff",
        theme_color=INK,
        icons=icons,
        shortcuts=[{"name": tr("记走访"), "url": "/visits/new"}, {"name": tr("待发送"), "url": "/outbox"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer


@bp.get("/sw.js")
@public
def worker() -> Response:
    """Send the service worker; it changes whenever one of the files it keeps does, or the person's language."""
    files = [url_for("static", filename=name) for name in KEPT]
    form = outbox.shell()
    version = hashlib.sha256("".join([*files, form]).encode()).hexdigest()[:12]
    kept = json.dumps({"version": version, "shell": url_for("outbox.offline"), "files": files})
    return Response(f"self.YF = {kept};\n{_code()}", mimetype="text/javascript")


@cache
def _code() -> str:
    return (Path(str(current_app.static_folder)) / "js" / "sw.js").read_text(encoding="utf-8")
