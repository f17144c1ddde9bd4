"""Chinese first, English beside it: message ids are the Chinese sentences themselves."""

from __future__ import annotations

from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.support import NullTranslations
from flask import g, has_app_context, request
from flask_babel import Babel, get_locale, get_translations
from flask_login import current_user
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from flask import Flask

    from crm.core.errors import Problem

LOCALES = ("zh", "en")
COOKIE = "locale"
API_ROOT = "/api/"
NOTHING = NullTranslations()  # outside of a request: the Chinese of the messages themselves
WORDS = 8192
_current: ContextVar[NullTranslations | None] = ContextVar("catalogue", default=None)


def init_app(app: Flask, time_zone: str) -> None:
    """Attach Flask-Babel with our choice of language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale="zh", default_timezone=time_zone, locale_selector=choose)
    app.teardown_appcontext(_forget)
    app.jinja_env.globals.update(_=translate, gettext=translate, pgettext=translate_in)


def choose() -> str:
    """Take the person's own language, else the cookie, else Chinese; for programs the one their request asks for."""
    if request.path.startswith(API_ROOT):
        return request.accept_languages.best_match(LOCALES) or LOCALES[0]
    own = None if g.get("failing") else getattr(current_user, "locale", None)
    return str(own) if own in LOCALES else cookie_locale()


def cookie_locale() -> str:
    """Take the language of the cookie, else Chinese; needs no database."""
    asked = request.cookies.get(COOKIE, "zh")
    return asked if asked in LOCALES else "zh"


def locale() -> str:
    """Return ``zh`` or ``en`` for this request."""
    return str(get_locale() or "zh")[:2]


def tr(text: str, **params: object) -> str:
    """Translate a Chinese message id and fill in its parameters."""
    words = str(_catalogue().ugettext(text))
    return words % params if params else words


def ptr(context: str, text: str) -> str:
    """Translate a message id that means something else elsewhere."""
    return str(_catalogue().upgettext(context, text))


def translate(message: str, /, **params: object) -> Markup:
    """Translate for a template: the words are escaped like everything else, a percent sign means itself.

    Jinja's own ``_`` takes every message for safe markup and formats it even without
    parameters. Ours may be given names and titles that somebody else wrote; ``%%`` stays one
    percent sign, as in every message.
    """
    return _escaped(_catalogue(), message) % params if params else _plain(_catalogue(), message)


def translate_in(context: str, message: str, /, **params: object) -> Markup:
    """Translate for a template what means something else elsewhere."""
    words = escape(_catalogue().upgettext(context, message))
    return words % params if params else words.replace("%%", "%")


@lru_cache(maxsize=WORDS)
def _escaped(catalogue: NullTranslations, message: str) -> Markup:
    return escape(catalogue.ugettext(message))


@lru_cache(maxsize=WORDS)
def _plain(catalogue: NullTranslations, message: str) -> Markup:
    return _escaped(catalogue, message).replace("%%", "%")


def _catalogue() -> NullTranslations:
    """Return the words of this request's language: looked for once, a page says hundreds of them."""
    found = _current.get()
    if found is not None:
        return found
    if not has_app_context():
        return NOTHING
    words: NullTranslations = get_translations()
    _current.set(words)
    return words


def _forget(_error: BaseException | None) -> None:
    """Let the next request speak its own language: a server's threads outlive their requests."""
    _current.set(None)


def say(problem: Problem) -> str:
    """Put a problem into the person's language."""
    params = {key: tr(value) if isinstance(value, str) else value for key, value in problem.params.items()}
    return tr(problem.message, **params)
