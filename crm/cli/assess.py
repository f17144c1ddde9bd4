"""``flask --app wsgi assess``: reckon an assessment (考核) whose rules and values are files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from crm.assessment.engine import needs, schema, telling
from crm.assessment.engine.book import Book, BookError, loads, read_book
from crm.assessment.engine.facts import FactsError, read_facts
from crm.assessment.engine.numbers import shown
from crm.assessment.engine.run import Result, run

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MOST_TOLD = 30


@click.group("assess")
def group() -> None:
    """考核：规则和数据都是文件 / assessments whose rules are data."""


@group.command("run")
@click.option("--rules", "rules_file", type=FILE, required=True, help="考核办法 RULES.json")
@click.option("--facts", "facts_file", type=FILE, required=True, help="指标值 FACTS.json")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="结果 OUT.json")
def run_command(rules_file: Path, facts_file: Path, out: Path) -> None:
    """Reckon RULES.json for the units of FACTS.json and write every line of every score to OUT.json."""
    book = _book(rules_file)
    try:
        units = read_facts(_json(facts_file))
    except FactsError as error:
        raise click.ClickException(_told(facts_file, error.faults)) from error
    results = run(book, units)
    try:
        out.write_text(json.dumps(telling.told(book, results), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        message = f"写不了 {out}：{error.strerror}。请换一个能写的位置。"
        raise click.ClickException(message) from error
    for result in sorted(results, key=lambda one: (one.unit.group, one.rank is None, one.rank))[:MOST_TOLD]:
        click.echo(_line(result), err=True)
    lacking = sum(bool(result.problems) for result in results)
    click.echo(f"{book.name}：{len(results)} 个单位，{len(book.rules)} 条规则，缺数据 {lacking} 个单位", err=True)


@group.command("check")
@click.option("--rules", "rules_file", type=FILE, required=True, help="考核办法 RULES.json")
def check_command(rules_file: Path) -> None:
    """Say whether RULES.json can be used, and which indicators it needs."""
    book = _book(rules_file)
    click.echo(f"{book.name}：{len(book.rules)} 条规则可以使用。")
    click.echo(f"需要的指标（values）：{'、'.join(needs.indicators(book)) or '无'}")
    click.echo(f"需要的列表（items）：{'、'.join(needs.lists(book)) or '无'}")


@group.command("schema")
@click.argument("which", type=click.Choice(["rules", "facts"]))
def schema_command(which: str) -> None:
    """Print the JSON Schema of rules or of facts."""
    made = schema.rules_schema() if which == "rules" else schema.facts_schema()
    click.echo(json.dumps(made, ensure_ascii=False, indent=1))


def _book(path: Path) -> Book:
    try:
        return read_book(_json(path), fresh=True)
    except BookError as error:
        raise click.ClickException(_told(path, error.faults)) from error


def _json(path: Path) -> Any:  # noqa: ANN401 (any JSON)
    try:
        return loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = f"{path.name} 不是有效的 JSON（UTF-8）：{error}"
        raise click.ClickException(message) from error


def _told(path: Path, faults: list[str]) -> str:
    rest = f"\n  另有 {len(faults) - MOST_TOLD} 处" if len(faults) > MOST_TOLD else ""
    return f"{path.name} 有 {len(faults)} 处要改：\n  " + "\n  ".join(faults[:MOST_TOLD]) + rest


def _line(result: Result) -> str:
    place = "—" if result.rank is None else str(result.rank)
    words = "；".join([*result.verdicts, *result.problems])
    name = f"{result.unit.group} {result.unit.label}".strip()
    return f"{place:>4}  {name}  {shown(result.total)}{f'  {result.grade}' if result.grade else ''}  {words}".rstrip()
