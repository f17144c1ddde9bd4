"""``flask --app wsgi enterprises …``: the register from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.auth.rules import SYSTEM
from crm.core import clock
from crm.core.errors import DomainError
from crm.imports.columns import read_table
from crm.imports.export import as_csv, left_rows, plain
from crm.imports.reading import read_sheet
from crm.imports.rows import ListTarget
from crm.imports.services import import_list

if TYPE_CHECKING:
    from crm.core.db import Database

SHOWN = 10
LABELS = {
    "rows": "读到",
    "created": "新增",
    "matched": "更新",
    "unchanged": "不变",
    "rejected": "退回",
    "queued": "待核对",
}
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("enterprises")
def group() -> None:
    """Manage the register of enterprises."""


@group.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "name", help="榜单名称，例如 世界500强；文件里有多个榜单时以文件为准")
@click.option("--edition", type=click.IntRange(1990, 2100), help="年度；文件里有多个年度时以文件为准")
@click.option("--source", help="来源，例如网址或文号")
@click.option("--rejected", type=FILE, help="把没有导入的行写到这个 CSV 文件")
@with_appcontext
def import_file(path: Path, name: str | None, edition: int | None, source: str | None, rejected: Path | None) -> None:
    """Import a published list from PATH (.csv or .xlsx); importing twice changes nothing."""
    database = cast("Database", current_app.extensions["database"])
    try:
        table = read_table(read_sheet(path.read_bytes()))
        with database.transaction() as session:
            result = import_list(session, SYSTEM, table, ListTarget(name, edition, source), now=clock.now())
    except DomainError as error:
        raise click.ClickException("；".join(plain(one.message, one.params) for one in error.problems)) from error
    click.echo("  ".join(f"{LABELS[key]} {count}" for key, count in result.counts().items()))
    for one in result.left[:SHOWN]:
        click.echo(f"  第 {one['line']} 行：{plain(one['message'], one['params'])}")
    if len(result.left) > SHOWN:
        click.echo(f"  另有 {len(result.left) - SHOWN} 行；用 --rejected 文件名 保存全部。")
    if rejected is not None:
        rejected.write_bytes(as_csv(left_rows(table.mapping.headings, result.left)))
        click.echo(f"没有导入的行已写到 {rejected}")
