"""``flask --app wsgi rescore``: score one enterprise or all of them now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.core import clock
from crm.scoring import queries, services

if TYPE_CHECKING:
    from crm.core.db import Database

CAUSE = "manual"


@click.command("rescore")
@click.option("--enterprise", "enterprise_id", type=int, help="企业编号")
@click.option("--all", "everything", is_flag=True, help="全部企业")
@with_appcontext
def command(*, enterprise_id: int | None, everything: bool) -> None:
    """Score enterprises anew, in short transactions."""
    if (enterprise_id is None) != everything:
        message = "请用 --enterprise 编号 指定一家企业，或用 --all 重算全部"
        raise click.UsageError(message)
    database = cast("Database", current_app.extensions["database"])
    if everything:
        _all(database)
    elif enterprise_id is not None:
        _one(database, enterprise_id)


def _one(database: Database, enterprise_id: int) -> None:
    with database.transaction() as session:
        changed = services.rescore(session, enterprise_id, now=clock.now(), cause=CAUSE)
        row = queries.scores(session, [enterprise_id]).get(enterprise_id)
    if row is None:
        message = f"没有编号为 {enterprise_id} 的企业"
        raise click.ClickException(message)
    click.echo(
        f"{row.points}分 {row.grade}级（匹配度{row.fit:+d}，意向{row.intent:+d}）{'有变化' if changed else '未变'}"
    )
    for reason in row.reasons:
        click.echo(f"  {reason['points']:+d}  {reason['label']}")


def _all(database: Database) -> None:
    begun, after, changed = time.monotonic(), 0, 0
    last: int | None = 0
    while last is not None:
        with database.transaction() as session:
            last, moved = services.rescore_chunk(session, after=after, now=clock.now(), cause=CAUSE)
        changed += moved
        after = last or after
        click.echo(f"已算到企业 {after}")
    click.echo(f"完成，{changed}家企业的评分有变化，用时 {time.monotonic() - begun:.1f} 秒")
