"""``flask --app wsgi report …``: the weekly report from the command line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.auth.rules import SYSTEM
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.money import digits
from crm.reports import queries, secrecy, services
from crm.reports.frozen import annex_of
from crm.reports.models import Standing, WeeklyReport
from crm.reports.printing import print_docx
from crm.reports.weeks import parse_week
from crm.reports.xlsx import render_xlsx
from crm.word.check.checking import check
from crm.word.check.findings import WEIGHT_LABELS
from crm.word.check.package import UnreadableError

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
    """Build the report of a week (one sent in, approved or frozen is only written) and save it."""
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
                sheet = out.suffix.lower() == ".xlsx"
                out.write_bytes(render_xlsx(annex_of(report)) if sheet else print_docx(session, report))
            figures = _figures(report)
    except DomainError as error:
        raise click.ClickException("；".join(problem.message % problem.params for problem in error.problems)) from error
    if as_json:
        click.echo(json.dumps({"week": week, "figures": figures}, ensure_ascii=False, indent=1))
    else:
        click.echo(f"已写入 {out}")


@group.command("check")
@click.argument("paper", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="按 JSON 打印")
def check_command(paper: Path, as_json: bool) -> None:  # noqa: FBT001 (a flag of the command line)
    """Say where PAPER (.docx) departs from GB/T 9704-2012; exit 1 when something must be changed."""
    try:
        report = check(paper.read_bytes())
    except UnreadableError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        rows = [
            {"key": one.key, "weight": one.weight.value, "clause": one.clause, "text": one.text,
             "paragraphs": list(one.paragraphs), "excerpt": one.excerpt, "times": one.times}
            for one in report.findings
        ]  # fmt: skip
        click.echo(json.dumps({"passed": report.passed, "findings": rows}, ensure_ascii=False, indent=1))
    else:
        for one in report.findings:
            place = f"第{'、'.join(map(str, one.paragraphs))}段（共{one.times}处）" if one.paragraphs else "全文"
            click.echo(f"{WEIGHT_LABELS[one.weight]}  {one.text}  {place}  {one.excerpt}  [{one.clause}]")
        click.echo(f"看了 {report.paragraphs} 段，{len(report.findings)} 处与 GB/T 9704—2012 不同。", err=True)
    if not report.passed:
        raise SystemExit(1)


def _figures(report: WeeklyReport) -> list[dict[str, object]]:
    """Every figure with last week's value and the difference, null where the week before says nothing."""
    changes = services.changes(report)
    return [
        {"key": one.key, "label": one.label, "value": one.value, "unit": one.unit, "basis": one.basis,
         "rows": one.row_count,
         "before": digits(Decimal(changes[one.key].before)) if one.key in changes else None,
         "change": digits(changes[one.key].size) if one.key in changes else None}
        for one in report.figures
    ]  # fmt: skip


def _report(session: Session, year: int, number: int) -> WeeklyReport:
    found = queries.report_by_week(session, year, number)
    if found is not None and found.standing is not Standing.DRAFT:
        secrecy.refuse(session, found)
        return found
    return services.build_weekly(session, SYSTEM, year, number, now=clock.now())
