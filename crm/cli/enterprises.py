"""``flask --app wsgi enterprises …``: the register from the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from crm.auth.models import User
from crm.auth.queries import actor_for
from crm.auth.rules import SYSTEM, Actor
from crm.core import clock, searchindex
from crm.core.errors import DomainError
from crm.core.scheduling import local_day
from crm.enterprises import indexing
from crm.imports import applying, driving, export, rules, runs
from crm.imports.rules import Column, MappingChoices

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database

SHOWN = 10
LABELS = {
    "rows": "读到",
    "create": "新增",
    "update": "更新",
    "same": "不变",
    "refuse": "退回",
    "queue": "待核对",
    "skip": "跳过",
}
FILE = click.Path(dir_okay=False, path_type=Path)
NO_USER = "没有用户名为“{name}”的人员。"


@click.group("enterprises")
def group() -> None:
    """Manage the register of enterprises."""


@group.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "name", help="榜单名称，例如 世界500强；文件里有多个榜单时以文件为准；不写就当自己的台账")
@click.option("--edition", type=click.IntRange(1990, 2100), help="年度；文件里有多个年度时以文件为准")
@click.option("--source", help="来源，例如网址或文号")
@click.option("--mode", type=click.Choice(list(rules.MODES)), default=rules.BOTH, help="只新增、只更新，还是都做")
@click.option("--overwrite", is_flag=True, help="表里的值替换登记册里已有的值")
@click.option("--user", help="以谁的名义（用户名）；联系人归他的单位，不写就不导入联系人")
@click.option("--rejected", type=FILE, help="把没有导入的行写到这个文件（.csv 或 .xlsx）")
@with_appcontext
def import_file(  # noqa: PLR0913, PLR0917 (options of a command)
    path: Path,
    name: str | None,
    edition: int | None,
    source: str | None,
    mode: str,
    overwrite: bool,  # noqa: FBT001 (click passes flags by position)
    user: str | None,
    rejected: Path | None,
) -> None:
    """Import a list or a ledger from PATH (.csv or .xlsx) as the pages do; importing twice changes nothing."""
    said = MappingChoices(list_name=name, year=edition, source=source, mode=mode, overwrite=overwrite)
    try:
        run_id = _import(path, said, user)
    except DomainError as error:
        raise click.ClickException("；".join(map(export.plain, error.problems))) from error
    with _database().reading() as session:
        run = runs.get_run(session, run_id)
        click.echo("  ".join(f"{label} {run.counts.get(key, 0)}" for key, label in LABELS.items()))
        left = 0
        for left, row in enumerate(export.left_lines(session, run), start=1):
            if left <= SHOWN:
                click.echo(f"  第 {row.line} 行：{export.reasons(row)}")
        if left > SHOWN:
            click.echo(f"  另有 {left - SHOWN} 行；用 --rejected 文件名 保存全部。")
        click.echo(f"导入记录编号 {run.id}，可在网页“导入”里核对或撤销。")
        if rejected is not None:
            rows = export.left_rows(session, run)
            rejected.write_bytes(export.errors_book(rows) if rejected.suffix == ".xlsx" else export.as_csv(rows))
            click.echo(f"没有导入的行已写到 {rejected}")


def _import(path: Path, said: MappingChoices, user: str | None) -> int:
    database, files_dir = _database(), cast("Settings", current_app.config["SETTINGS"]).files_dir
    with database.transaction() as session:
        actor = _actor(session, user)
        run = runs.upload(session, actor, path.name, path, files_dir, now=clock.now())
        runs.remap(session, actor, run.id, _choices(run.options, said, actor), files_dir, now=clock.now())
        runs.start_check(session, actor, run.id, now=clock.now(), here=True)
        run_id = run.id
    driving.check(database, run_id, files_dir, clock.now, _show("核对"))
    with database.transaction() as session:
        runs.start_apply(session, actor, run_id, now=clock.now(), here=True)
    driving.drive(database, run_id, applying.step, clock.now, _show("导入"))
    click.echo(err=True)
    return run_id


def _choices(options: dict[str, Any], said: MappingChoices, actor: Actor) -> MappingChoices:
    columns: dict[int, str] = {int(index): Column(value) for index, value in options["columns"].items()}
    units = {int(index): unit for index, unit in options["units"].items()}
    listed = bool(said.list_name or options["said"]["lists"])
    unit_id = next(iter(actor.unit_ids), None)
    return replace(said, columns=columns, units=units, listed=listed, unit_id=unit_id)


def _actor(session: Session, user: str | None) -> Actor:
    if user is None:
        return SYSTEM
    found = session.scalar(select(User).where(User.username == user))
    if found is None:
        raise click.ClickException(NO_USER.format(name=user))
    return actor_for(session, found, local_day(clock.now()))


def _show(label: str) -> Callable[[int, int], None]:
    return lambda done, total: click.echo(f"\r{label} {done} / {total}", nl=False, err=True)


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])


@group.command("reindex")
@with_appcontext
def reindex() -> None:
    """Write the search index of enterprises and contacts anew, batch by batch; may be stopped and run again."""
    database = _database()
    for kind, label in ((indexing.ENTERPRISE, "企业"), (indexing.CONTACT, "联系人")):
        after, done = 0, 0
        while True:
            with database.transaction() as session:
                after, count = indexing.reindex(session, kind, after)
            done += count
            click.echo(f"\r{label} {done}", nl=False)
            if not after:
                break
        click.echo()
    with database.transaction() as session:
        searchindex.mark_current(session)
