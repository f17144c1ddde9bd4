"""``flask --app wsgi contacts …``: what a person may ask for by law: their data, or to be forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.auth.rules import SYSTEM
from crm.core import clock
from crm.core.errors import DomainError
from crm.register import contact_data, erasure

if TYPE_CHECKING:
    from crm.core.db import Database

FILE = click.Path(dir_okay=False, path_type=Path)
OWNER_ONLY = 0o600


@click.group("contacts")
def group() -> None:
    """Answer requests of people whose data is kept."""


@group.command("erase")
@click.argument("contact_id", type=click.IntRange(1))
@click.option("--reason", required=True, help="删除原因，例如 本人要求删除")
@click.option("--also", multiple=True, type=click.IntRange(1), help="同号的其他登记，一并删除；可重复")
@click.option("--dry-run", is_flag=True, help="只看会删除什么，不删除")
@with_appcontext
def erase(contact_id: int, reason: str, also: tuple[int, ...], dry_run: bool) -> None:  # noqa: FBT001 (a flag of the command line)
    """Erase the person of contact CONTACT_ID everywhere in the database; there is no way back."""
    try:
        with _database().transaction() as session:
            seen = erasure.plan(session, SYSTEM, contact_id)
            done = seen
            if not dry_run:
                done = erasure.erase_contact(session, SYSTEM, contact_id, reason=reason, also=also, now=clock.now())
            numbers = "、".join(str(row.id) for row in done.rows)
            left = [row.id for row in seen.others if row.id not in also]
    except DomainError as error:
        _stop(error)
    click.echo(f"{'将删除' if dry_run else '已删除'}个人信息，联系人编号：{numbers}")
    for number in left:
        click.echo(f"  同号的其他登记没有删除：编号 {number}；用 --also {number} 一并删除")
    if done.mentions:
        click.echo("下面的文字可能还提到此人，请人工核对：")
    for one in done.mentions:
        click.echo(f"  {one.label}  {one.href}")


@group.command("export-data")
@click.argument("contact_id", type=click.IntRange(1))
@click.option("--output", required=True, type=FILE, help="写到这个 JSON 文件，只有本账号可读")
@with_appcontext
def export_data(contact_id: int, output: Path) -> None:
    """Write everything held about the person of contact CONTACT_ID to a file; the export is on record."""
    zone = ZoneInfo(current_app.config["TIME_ZONE"])
    try:
        with _database().transaction() as session:
            held = contact_data.export_contact(session, SYSTEM, contact_id, now=clock.now(), zone=zone)
            output.touch(mode=OWNER_ONLY)
            output.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except DomainError as error:
        _stop(error)
    click.echo(f"已写到 {output}")


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])


def _stop(error: DomainError) -> NoReturn:
    said = (one.message % one.params if one.params else one.message for one in error.problems)
    raise click.ClickException("；".join(said)) from error
