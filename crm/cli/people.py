"""``flask --app wsgi user …``: accounts from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from crm.auth import services, setup
from crm.auth.models import OrgUnit
from crm.auth.rules import Role, UnitKind
from crm.core import clock
from crm.core.errors import DomainError

if TYPE_CHECKING:
    from crm.core.db import Database


@click.group("user")
def group() -> None:
    """Manage accounts."""


@group.command("create")
@click.argument("username")
@click.option("--name", required=True, help="姓名")
@click.option("--unit", required=True, help="机构名称；不存在时新建为“局”")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]), required=True)
@click.password_option("--password", help="密码，至少 10 个字符")
@with_appcontext
def create(username: str, name: str, unit: str, roles: tuple[str, ...], password: str) -> None:
    """Create an account with one or more roles in a unit."""
    database = cast("Database", current_app.extensions["database"])
    now = clock.now()
    today = now.astimezone(ZoneInfo(current_app.config["TIME_ZONE"])).date()
    try:
        with database.transaction() as session:
            found = session.scalar(select(OrgUnit).where(OrgUnit.name == unit))
            if found is None:
                found = OrgUnit(name=unit, kind=UnitKind.BUREAU, valid_from=today.replace(month=1, day=1))
                session.add(found)
                session.flush()
            posts = [(found.id, Role(role)) for role in roles]
            account = services.NewUser(username, name, password)
            services.create_user(session, None, account, posts, now=now, today=today)
    except DomainError as error:
        raise click.ClickException("；".join(problem.message % problem.params for problem in error.problems)) from error
    click.echo(f"已创建账号 {username}（{name}）")


@group.command("setup-code")
@with_appcontext
def setup_code() -> None:
    """Print a one-time code for the first administrator."""
    database = cast("Database", current_app.extensions["database"])
    with database.transaction() as session:
        code = setup.issue_setup_code(session, now=clock.now())
    click.echo(code or "系统已有账号，不再需要验证码。")
