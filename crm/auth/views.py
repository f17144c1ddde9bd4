"""Pages of signing in and out, set-up, password and preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user

from crm.auth import queries, services
from crm.auth import setup as setup_services
from crm.auth.forms import LoginForm, PasswordForm, SetupForm
from crm.auth.identity import SignedIn, current_actor
from crm.core.errors import DomainError
from crm.web import db, timing
from crm.web.access import public, signed_in
from crm.web.forms import text
from crm.web.i18n import COOKIE, LOCALES, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.auth.models import User

bp = Blueprint("auth", __name__)
THEMES = ("", "light", "dark")
YEAR = 365 * 24 * 3600


def local_path(target: str | None) -> str:
    """Return ``target`` only if it stays on this site, else the start page."""
    if not target or not target.startswith("/") or "\\" in target or not target.isprintable():
        return "/"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and not target.startswith("//") else "/"


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """Show the sign-in page, or the set-up page of a new installation."""
    if current_user.is_authenticated:
        return redirect("/")
    if not queries.any_user(db.session()):
        return redirect(url_for("auth.setup"))
    return render_template("auth/login.html", form=LoginForm())


@bp.post("/login")
@public
def log_in() -> ResponseReturnValue:
    """Sign in; refusals keep the user name and are counted."""
    form = LoginForm()
    if not form.validate():
        return render_template("auth/login.html", form=form), 422
    origin = services.Origin(request.remote_addr or "", request.headers.get("User-Agent", ""))
    hours = current_app.config["SESSION_HOURS"]
    try:
        token, user = services.sign_in(
            db.session(), text(form.username), text(form.password), origin, now=timing.now(), hours=hours
        )
    except DomainError as error:
        db.commit()
        form.refuse(error.problems)
        return render_template("auth/login.html", form=form), 422
    _enter(token, user)
    return redirect(local_path(request.args.get("next")))


@bp.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """Sign out: the row ends and the cookie is cleared."""
    services.sign_out(db.session(), current_user.token, now=timing.now())
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"))


@bp.get("/setup")
@public
def setup() -> ResponseReturnValue:
    """Show the set-up page while nobody exists."""
    if queries.any_user(db.session()):
        abort(404)
    return render_template("auth/setup.html", form=SetupForm(code=request.args.get("code", "")))


@bp.post("/setup")
@public
def set_up() -> ResponseReturnValue:
    """Create the office and its first administrator, and sign in."""
    if queries.any_user(db.session()):
        abort(404)
    form = SetupForm()
    if not form.validate():
        return render_template("auth/setup.html", form=form), 422
    wanted = setup_services.FirstAdministrator(
        *(text(form[name]) for name in ("code", "office", "name", "username", "password"))
    )
    try:
        setup_services.create_first_administrator(db.session(), wanted, now=timing.now(), today=timing.today())
    except DomainError as error:
        if setup_services.SETUP_REFUSED in error.problems:
            db.commit()
        form.refuse(error.problems)
        return render_template("auth/setup.html", form=form), 422
    flash(tr("初始化完成，请登录。"), "ok")
    return redirect(url_for("auth.login"))


@bp.get("/password")
@signed_in
def password() -> ResponseReturnValue:
    """Show the page for changing one's password."""
    return render_template("auth/password.html", form=PasswordForm(), forced=current_user.user.must_change_password)


@bp.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change one's password; all sessions end."""
    form = PasswordForm()
    problems = not form.validate()
    if not problems:
        try:
            services.change_password(
                db.session(), current_actor(), text(form.old_password), text(form.password), now=timing.now()
            )
        except DomainError as error:
            form.refuse(error.problems)
            problems = True
    if problems:
        forced = current_user.user.must_change_password
        return render_template("auth/password.html", form=form, forced=forced), 422
    logout_user()
    flash(tr("密码已修改，请用新密码登录。"), "ok")
    return redirect(url_for("auth.login"))


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Keep language and theme: in the account when signed in, in a cookie always."""
    locale, theme = request.form.get("locale"), request.form.get("theme")
    locale = locale if locale in LOCALES else None
    theme = theme if theme in THEMES else None
    if current_user.is_authenticated:
        services.set_preferences(db.session(), current_actor(), locale=locale, theme=theme)
    answer = redirect(local_path(request.form.get("next")))
    for name, value in ((COOKIE, locale), ("theme", theme)):
        if value is not None:
            answer.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer


def _enter(token: str, user: User) -> None:
    actor = queries.actor_for(db.session(), user, timing.today())
    session.clear()
    login_user(SignedIn(token, user, actor))
