"""``flask --app wsgi score backtest``: try the score on a csv file of closed leads."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crm.cli.backtestinput import Asked, prepare
from crm.cli.backtestreport import as_json, print_report
from crm.scoring.model.trial import trial

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)


@click.group("score")
def group() -> None:
    """Scores: how good they are."""


@group.command("backtest")
@click.option("--in", "source", type=FILE, required=True, help="csv 文件，一行一条线索")
@click.option("--target", required=True, help="结果列：1/0、yes/no、Won/Lost、True/False、是/否")
@click.option("--won", "winning", help="结果列里表示“成”的取值，其余算不成")
@click.option("--time", "moment", help="时间列（日期或数），按它切分；不写则按行的先后")
@click.option("--expert", "experts", type=FILE, help="专家分表（JSON），作为先验和对照")
@click.option(
    "--base-rate", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="已知的成功率，供样本很少时用"
)
@click.option("--exclude", multiple=True, help="不用的列，可写多次，也可用逗号隔开")
@click.option("--include", multiple=True, help="本会自动略去、但仍要用的列")
@click.option("--group", "grouped", multiple=True, help="同一批的列：同批的行不拆到训练和检验两边")
@click.option("--seed", default=1, show_default=True, help="分折的种子")
@click.option("--out", "report_file", type=OUT, required=True, help="报告（JSON）")
def command(  # noqa: PLR0913, PLR0917 -- one parameter for each option of the command
    source: Path,
    target: str,
    winning: str | None,
    moment: str | None,
    experts: Path | None,
    base_rate: float | None,
    exclude: tuple[str, ...],
    include: tuple[str, ...],
    grouped: tuple[str, ...],
    seed: int,
    report_file: Path,
) -> None:
    """Run five folds and a split by time on a file, print the measures and write a report."""
    if not report_file.resolve().parent.is_dir():
        message = f"报告的文件夹不存在：{report_file.parent}"
        raise click.ClickException(message)
    asked = Asked(source, target, winning, moment, experts, base_rate, exclude, include, grouped)
    prepared = prepare(asked)
    tried = trial(prepared.leads, seed=seed, progress=lambda step: click.echo(f"… {step}", err=True))
    report = as_json(asked, prepared, tried, seed)
    report_file.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    print_report(report)
    click.echo(f"报告 report: {report_file}")
