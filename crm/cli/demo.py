"""``flask --app wsgi demo …``: a demonstration office to look at, never mixed with real data."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import click
from alembic import command
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from crm.auth import queries
from crm.auth.rules import ROLE_LABELS
from crm.auth.services import CODE_ALPHABET
from crm.cli.database import alembic_config, migrate
from crm.cli.demodata import (
    aftercare,
    bank,
    blockers,
    claims,
    deliver,
    dossier,
    events,
    field,
    follows,
    goals,
    industry,
    issues,
    land,
    leads,
    ledgers,
    meetings,
    office,
    outlook,
    plans,
    policy,
    posts,
    press,
    projects,
    prospects,
    register,
    reminders,
    reviews,
    scores,
    standing,
    talk,
    travel,
    wellbeing,
)
from crm.cli.demodata.desk import Desk, Diary
from crm.cli.demosite import DAY_FILE, PORT
from crm.core import audit, clock
from crm.core.scheduling import local_day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database

SEED = 20260101
MARKER = "demo.load"
ACCOUNTS_FILE = "demo-accounts.txt"
HISTORY = timedelta(days=350)
PROFILED = timedelta(days=10)
OLDER_EDITION, NEWER_EDITION = timedelta(days=330), timedelta(days=120)
REAL = "这个数据库里已有真实数据，不能载入或清除演示数据。请换一个空的数据库（YINFENG_DATA 或 DATABASE_URL）。"


class RefusedError(RuntimeError):
    """The database is not one to put a demonstration into; the message says why."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: the password all demonstration people share, and how many rows of each kind."""

    password: str
    counts: dict[str, int]


def loaded_at(session: Session) -> datetime | None:
    """Return when a demonstration was loaded into this database, None when it never was."""
    statement = select(audit.AuditEvent.at).where(audit.AuditEvent.action == MARKER)
    return session.scalar(statement.order_by(audit.AuditEvent.id).limit(1))


def load(session: Session, *, now: datetime, site: str, seed: int = SEED, folder: Path | None = None) -> Loaded:
    """Write the demonstration office as of ``now``; raise RefusedError where anybody works already.

    Files go to ``folder``; without one they are written beside and forgotten, their rows stay.
    """
    with TemporaryDirectory() as spare:
        return _load(session, now=now, site=site, seed=seed, folder=folder or Path(spare))


def _load(session: Session, *, now: datetime, site: str, seed: int, folder: Path) -> Loaded:
    if queries.any_user(session):
        raise RefusedError(REAL)
    today = local_day(now)
    desk = Desk(session, today, Random(seed), firms=register.read_firms(), folder=folder)  # noqa: S311 (texts, not secrets)
    password = new_password()
    _found(desk, password)
    diary = Diary(until=desk.instant(today, 0))
    projects.plan_projects(desk, diary)
    leads.plan_tips(desk, diary)
    field.plan_visits(desk, diary)
    field.plan_promises(desk, diary)
    events.plan_events(desk, diary)
    meetings.plan_meetings(desk, diary)
    goals.plan_goals(desk, diary)
    goals.plan_scores(desk, diary)
    scores.plan_models(desk, diary)
    newer = desk.on(today - NEWER_EDITION, 9, 30)
    diary.write(newer, lambda at: register.import_edition(desk, 1, today.year, at))
    diary.play()
    travel.add_travel(desk)
    claims.add_claims(desk)
    outlook.add_outlooks(desk)
    land.add_carriers(desk)
    industry.add_chains(desk)
    policy.add_policies(desk)
    deliver.add_deliveries(desk)
    ledgers.add_capital(desk)
    bank.add_bank(desk)
    posts.add_posts(desk)
    posts.add_inspections(desk)
    blockers.add_blockers(desk)
    posts.change_units(desk)
    posts.add_talent(desk)
    reminders.add_reminders(desk)
    _keep_up(desk)
    goals.add_sources(desk, site, now)
    dossier.add_profiles(desk, desk.on(desk.today - PROFILED, 16))
    press.add_press(desk, now)
    prospects.add_prospects(desk, now)
    wellbeing.add_pasts(desk, now)
    goals.score_all(desk, now)
    prospects.put_one_off(desk, now)
    scores.add_models(desk, now)
    _publish(desk, Diary(diary.until))
    goals.draft_this_week(desk, now)
    standing.add_standing(desk, now)
    meetings.arrange(desk, now)
    counts = {"people": len(desk.people), "enterprises": len(desk.enterprises), "rows": desk.numbers}
    audit.record(session, None, MARKER, ("demo", None), now=now, today=today.isoformat(), seed=seed, **counts)
    session.flush()
    return Loaded(password, counts)


def _keep_up(desk: Desk) -> None:
    """Write what goes on beside the projects: chains of letters, the care of firms that came, talk."""
    follows.add_follows(desk)
    aftercare.add_aftercare(desk)
    talk.add_talk(desk)


def _publish(desk: Desk, diary: Diary) -> None:
    """Issue the reports of the last weeks and months once the past is written: a recount finds what they say."""
    goals.plan_reports(desk, diary)
    issues.plan_issues(desk, diary)
    diary.play()
    ledgers.add_periods(desk)


def _found(desk: Desk, password: str) -> None:
    """Lay the foundation about a year ago: office, register, the older lists, contacts."""
    opened = desk.on(desk.today - HISTORY, 9)
    office.open_office(desk, password, since=opened.date(), now=opened)
    register.add_enterprises(desk, opened + timedelta(hours=2))
    register.add_lists(desk)
    register.import_edition(desk, 0, desk.today.year - 1, desk.on(desk.today - OLDER_EDITION, 9))
    register.add_contacts(desk, desk.on(desk.today - OLDER_EDITION, 15))
    dossier.add_kin(desk, desk.on(desk.today - OLDER_EDITION, 16))
    reviews.set_up(desk, opened + timedelta(hours=3))
    leads.found(desk, opened + timedelta(hours=4))
    plans.set_up(desk, opened + timedelta(hours=5))


def new_password() -> str:
    """Make a random password that can be typed from paper."""
    return "-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(4))


def accounts_table(password: str) -> str:
    """List everybody who can sign in, with the password they share."""
    rows = [
        f"{username:<14}{ROLE_LABELS[role]:<8}{name}（{title}）" for username, name, title, _unit, role in office.PEOPLE
    ]
    head = f"演示账号，密码都是 / demonstration accounts, one password: {password}"
    return "\n".join((head, f"{'用户名':<11}{'角色':<8}姓名", *rows))


def clear(database: Database) -> None:
    """Take a demonstration database down to nothing and build the empty schema anew."""
    with database.reading() as session:
        known, anybody = loaded_at(session), queries.any_user(session)
    if known is None and anybody:
        raise RefusedError(REAL)
    configuration = alembic_config()
    with database.engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "base")
    migrate(database)


@click.group("demo")
def group() -> None:
    """Load a demonstration office."""


@group.command("load")
@click.option("--reset", is_flag=True, help="先清除已有的演示数据（只对演示数据库有效）")
@with_appcontext
def load_command(*, reset: bool) -> None:
    """Load the demonstration office into an empty database; a second call changes nothing."""
    database = cast("Database", current_app.extensions["database"])
    settings = cast("Settings", current_app.config["SETTINGS"])
    site = os.environ.get("YINFENG_DEMO_SITE") or f"http://127.0.0.1:{PORT}"
    now = clock.now()
    try:
        if reset:
            clear(database)
            shutil.rmtree(settings.feeds_dir, ignore_errors=True)  # numbered by crawl, and numbers begin anew
        with database.transaction() as session:
            known = loaded_at(session)
            made = None if known else load(session, now=now, site=site, folder=settings.files_dir)
    except RefusedError as error:
        raise click.ClickException(str(error)) from error
    if made is None:
        click.echo(
            f"演示数据已在，未作改动；账号见 / demonstration is there, accounts in {settings.data_dir / ACCOUNTS_FILE}"
        )
        return
    table = accounts_table(made.password)
    keep_accounts(settings.data_dir, table, local_day(now))
    click.echo(table)


def keep_accounts(folder: Path, table: str, today: date) -> None:
    """Write the accounts where only the owner of the data folder can read them, and the day for the news site."""
    path = folder / ACCOUNTS_FILE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{table}\n")
    (folder / DAY_FILE).write_text(today.isoformat(), encoding="ascii")
