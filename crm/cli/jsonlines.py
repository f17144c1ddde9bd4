"""JSON Lines in, JSON Lines out: what the commands for texts and pages share."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import click

from crm.core.text import LONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Row = dict[str, Any]
LONGEST_LINE = 64 * 1024 * 1024


@dataclass
class Tally:
    """What a run of such a command came to."""

    read: int = 0
    written: int = 0
    bad: int = 0


def in_and_out(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its ``--in`` and ``--out``; ``-`` means standard input and output."""
    out = click.option(
        "--out", "sink", type=click.File("w", encoding="utf-8"), default="-", help="结果文件，默认标准输出"
    )
    into = click.option("--in", "lines", type=click.File("rb"), default="-", help="JSON Lines 文件，默认标准输入")
    return into(out(command))


@contextmanager
def told(tally: Tally, verb: str) -> Iterator[None]:
    """Say on standard error what became of the lines, also when the command is cut short."""
    try:
        yield
    finally:
        click.echo(f"{verb}：读入{tally.read}行，写出{tally.written}行，无法处理{tally.bad}行", err=True)


def rows(lines: IO[bytes], tally: Tally, *wanted: str) -> Iterator[Row]:
    """Read one object a line; a line that is none, or lacks a wanted field, is reported and passed over."""
    for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), 1):
        if not line.strip():
            continue
        tally.read += 1
        try:
            row = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            row = None
        missing = [name for name in ("id", *wanted) if name not in row] if isinstance(row, dict) else ["id"]
        if missing:
            refuse(tally, number, f"不是带 {'、'.join(missing)} 的 JSON 对象")
            continue
        yield row


def refuse(tally: Tally, number: object, reason: str) -> None:
    """Count and report a line that cannot be used."""
    tally.bad += 1
    click.echo(f"第{number}行：{reason}", err=True)


def write(sink: IO[str], tally: Tally, row: Mapping[str, Any]) -> None:
    """Write one result."""
    tally.written += 1
    sink.write(LONE.sub("\ufffd", json.dumps(row, ensure_ascii=False)) + "\n")
