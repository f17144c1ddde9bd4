"""``flask --app wsgi cluster``: texts in, the story each belongs to out, nothing kept."""

from __future__ import annotations

from typing import IO, Any

import click
from flask.cli import with_appcontext

from crm.cli.jsonlines import Tally, in_and_out, refuse, rows, told, write
from crm.news.storyindex import STORIES, StoryIndex


@click.command("cluster")
@in_and_out
@click.option("--stories", type=click.IntRange(min=1), default=STORIES, help="同时记住多少个事件，超出后忘掉最早的")
@with_appcontext
def command(lines: IO[bytes], sink: IO[str], stories: int) -> None:
    """Group reprints: {"id", "text"} gives {"id", "cluster"}, the id of the first text that tells the story."""
    tally = Tally()
    with told(tally, "归并"), StoryIndex[Any](stories) as index:
        for row in rows(lines, tally, "text"):
            if not isinstance(row["text"], str):
                refuse(tally, row["id"], "text 应为文字")
                continue
            write(sink, tally, {"id": row["id"], "cluster": index.place(row["id"], row["text"])})
