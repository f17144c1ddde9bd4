"""Addresses of our static files carry their digest, so browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import g, url_for
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Add ``?v=<digest>`` to every static address."""
    folder = Path(str(app.static_folder))

    @cache
    def version(filename: str) -> str | None:
        path = folder / filename
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else None

    def defaults(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values.setdefault("v", version(values["filename"]))

    app.url_defaults(defaults)
    app.jinja_env.globals["sprite_icon"] = icon


def icon(name: str, label: str = "") -> Markup:
    """Draw a symbol of the sprite; without a label it is decoration."""
    sprite = g.get("sprite") or _sprite()
    spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    drawn = f'<svg class="y-icon" focusable="false" {spoken}><use href="{sprite}#i-{escape(name)}"></use></svg>'
    return Markup(drawn)  # noqa: S704 (every part was escaped)


def _sprite() -> str:
    """Return the address of the sprite: a page draws hundreds of symbols from it."""
    g.sprite = str(escape(url_for("static", filename="icons.svg")))
    return str(g.sprite)
