"""``flask --app wsgi report …``: the weekly report from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.auth.rules import SYSTEM
from crm.core import clock
from crm.core.errors import DomainError
from crm.reports import queries, services
from crm.reports.docx import render_docx
from crm.reports.models import ReportState, WeeklyReport
from crm.reports.stored import document_of
from crm.reports.weeks import parse_week
from crm.reports.xlsx import render_xlsx

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database


@click.group("report")
def group() -> None:
    """Build reports."""


@group.command("weekly")
@click.option("--week", required=True, help="周，如 2026-W46")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写入的文件：.docx 或 .xlsx")
@click.option("--json", "as_json", is_flag=True, help="打印每个数字：编码、数值、单位、口径、明细行数")
@with_appcontext
def weekly(week: str, out: Path | None, as_json: bool) -> None:  # noqa: FBT001 (a flag of the command line)
    """Build the report of a week (a frozen one is only written) and save it."""
    if out is None and not as_json:
        raise click.UsageError("请用 --out 指定文件，或用 --json 打印数字。")  # noqa: EM101, TRY003 (one sentence)
    try:
        year, number = parse_week(week)
    except ValueError as error:
        raise click.BadParameter("周要写成 2026-W46 这样。", param_hint="--week") from error  # noqa: EM101, TRY003 (one sentence)
    database = cast("Database", current_app.extensions["database"])
    try:
        with database.transaction() as session:
            report = _report(session, year, number)
            if out is not None:
                render = render_xlsx if out.suffix.lower() == ".xlsx" else render_docx
                out.write_bytes(render(document_of(report)))
            figures = [
                {"key": one.key, "label": one.label, "value": one.value, "unit": one.unit, "basis": one.basis,
                 "rows": len(one.row_ids)}
                for one in report.figures
            ]  # fmt: skip
    except DomainError as error:
        raise click.ClickException("；".join(problem.message % problem.params for problem in error.problems)) from error
    if as_json:
        click.echo(json.dumps({"week": week, "figures": figures}, ensure_ascii=False, indent=1))
    else:
        click.echo(f"已写入 {out}")


def _report(session: Session, year: int, number: int) -> WeeklyReport:
    found = queries.report_by_week(session, year, number)
    if found is not None and found.state is ReportState.FROZEN:
        return found
    return services.build_weekly(session, SYSTEM, year, number, now=clock.now())
