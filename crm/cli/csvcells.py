"""Read a csv file of any usual make into columns of text."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t|"
SAMPLE = 65_536
MOST_COLUMNS, FEWEST_ROWS = 2_000, 20


def read(path: Path) -> tuple[dict[str, list[str]], int]:
    """Give {column: cells} and how many rows had another number of cells and were left out."""
    text = _text(path)
    csv.field_size_limit(1_000_000)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)) if any(row)]
    except csv.Error as problem:
        message = f"{path} 不是完整的 csv 文件：{problem}"
        raise click.ClickException(message) from problem
    head = [name.strip() for name in rows[0]] if rows else []
    _check(path, head)
    whole = [row for row in rows[1:] if len(row) == len(head)]
    if len(whole) < FEWEST_ROWS:
        message = f"{path} 只有 {len(whole)} 行可用的数据，至少要 {FEWEST_ROWS} 行"
        raise click.ClickException(message)
    return {name: [row[place] for row in whole] for place, name in enumerate(head)}, len(rows) - 1 - len(whole)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if b"\0" in raw[:SAMPLE]:
        message = f"{path} 不是文本文件，请另存为 csv（UTF-8 或 GBK）"
        raise click.ClickException(message)
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _delimiter(text: str) -> str:
    """Take the sign that most often stands in the first line."""
    first = text[:SAMPLE].partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _check(path: Path, head: list[str]) -> None:
    twice = [name for name, times in Counter(head).items() if times > 1]
    if twice:
        message = f"{path} 的列名重复：{'、'.join(twice[:5])}。请先改名"
        raise click.ClickException(message)
    if not 1 < len(head) <= MOST_COLUMNS:
        message = f"{path} 的第一行应为 2 至 {MOST_COLUMNS} 个列名，现有 {len(head)} 个"
        raise click.ClickException(message)
