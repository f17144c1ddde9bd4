"""``flask --app wsgi extract|analyse|cluster``: JSON lines in, JSON lines out, nothing kept."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.core import clock
from crm.core.money import parse_amounts
from crm.news import similar
from crm.news.decode import decode
from crm.news.extract import CHINA, Extracted
from crm.news.extract import extract as extract_page
from crm.signals import queries
from crm.signals.matcher import AliasIndex
from crm.signals.namefile import read_names
from crm.signals.rules import find_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm.core.db import Database

Row = dict[str, Any]
INPUT = click.argument("lines", type=click.File("r", encoding="utf-8"), default="-")


@click.command("extract")
@INPUT
@with_appcontext
def extract(lines: IO[str]) -> None:
    """Extract pages: {"id", "html" | "path", "url"} gives {"id", "title", "text", "published_at", "source", "author"}.

    A path counts from the folder of the input file. Times carry +08:00; a day without a time is a plain date.
    """
    folder = Path(lines.name).resolve().parent if lines.name != "<stdin>" else Path.cwd()
    now = clock.now()
    for row in _rows(lines):
        base = datetime.fromisoformat(row["base_time"]) if row.get("base_time") else now
        found = extract_page(_html(row, folder), row.get("url") or "", base_time=base)
        _write({"id": row["id"], **_page(found)})


@click.command("analyse")
@INPUT
@click.option("--aliases", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="企业名称 CSV 文件")
@with_appcontext
def analyse(lines: IO[str], aliases: Path | None) -> None:
    """Analyse texts: {"id", "text"} gives {"id", "mentions", "signals", "amounts"} with offsets into the text.

    Names come from the CSV file, or else from the register.
    """
    names: Mapping[Any, str] = {}
    if aliases:
        index = AliasIndex.build(read_names(aliases))
    else:
        database = cast("Database", current_app.extensions["database"])
        with database.reading() as session:
            index = queries.alias_index(session)
            ids = {int(alias.enterprise_id) for alias in index.entries.values()}
            names = queries.enterprise_names(session, ids)
    for row in _rows(lines):
        _write({"id": row["id"], **_findings(index, names, row["text"])})


@click.command("cluster")
@INPUT
@with_appcontext
def cluster(lines: IO[str]) -> None:
    """Group reprints: {"id", "text"} gives {"id", "cluster"}, the id of the first text that tells the story."""
    ids: list[Any] = []

    def texts() -> Iterator[str]:
        for row in _rows(lines):
            ids.append(row["id"])
            yield row["text"]

    groups = similar.cluster(texts())
    for own, group in zip(ids, groups, strict=True):
        _write({"id": own, "cluster": ids[group]})


def _rows(lines: IO[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            row["id"]
        except (ValueError, TypeError, KeyError) as error:
            message = f"第{number}行不是带 id 的 JSON 对象"
            raise click.ClickException(message) from error
        yield row


def _write(row: Mapping[str, Any]) -> None:
    click.echo(json.dumps(row, ensure_ascii=False))


def _html(row: Row, folder: Path) -> str:
    if row.get("html") is not None:
        return str(row["html"])
    name = row.get("file") or row.get("path")
    if not name:
        message = f"{row['id']}：请给出 html 或 path"
        raise click.ClickException(message)
    try:
        return decode((folder / name).read_bytes(), row.get("http_charset")).text
    except OSError as error:
        message = f"{row['id']}：读不到 {name}"
        raise click.ClickException(message) from error


def _page(found: Extracted) -> Row:
    moment = found.published_at.astimezone(CHINA) if found.published_at else None
    written = None if moment is None else moment.isoformat() if found.has_time else moment.date().isoformat()
    return {
        "title": found.title,
        "text": found.body,
        "published_at": written,
        "source": found.publisher,
        "author": found.author,
        "problems": list(found.problems),
    }


def _findings(index: AliasIndex, names: Mapping[Any, str], text: str) -> Row:
    mentions = [
        {
            "start": m.start,
            "end": m.end,
            "enterprise": names.get(m.enterprise_id, m.enterprise_id),
            "surface": m.surface,
        }
        for m in index.find(text)
    ]
    signals = [
        {
            "kind": found.kind.value,
            "start": found.start,
            "end": found.end,
            "quote": text[found.start : found.end],
            "weight": found.weight,
            "amount": {"value": float(found.amount.value), "currency": found.amount.currency} if found.amount else None,
            "place": None,
        }
        for found in find_evidence(text)
    ]
    amounts = [
        {"start": a.start, "end": a.end, "value": float(a.value), "currency": a.currency} for a in parse_amounts(text)
    ]
    return {"mentions": mentions, "signals": signals, "amounts": amounts}
