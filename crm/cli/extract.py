"""``flask --app wsgi extract``: saved pages in, their parts out, nothing kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
from flask.cli import with_appcontext

from crm.cli.jsonlines import Row, Tally, in_and_out, refuse, rows, told, write
from crm.core import clock
from crm.news.decode import decode
from crm.news.extract import CHINA
from crm.news.extract import extract as extract_page

if TYPE_CHECKING:
    from crm.news.extract import Extracted


@click.command("extract")
@in_and_out
@with_appcontext
def command(lines: IO[bytes], sink: IO[str]) -> None:
    """Extract pages: {"id", "path" | "html", "url"?, "encoding"?} gives its parts.

    {"id", "title", "published_at", "source", "text"}, and "error" where there is no page. A path counts from the folder
    of the input file, else from the current one. Times carry an offset; a day without a time is a plain date.
    """
    name = getattr(lines, "name", "<stdin>").removeprefix("<stdin>")
    folder = Path(name).resolve().parent if name else Path.cwd()
    now, tally = clock.now(), Tally()
    with told(tally, "提取"):
        for row in rows(lines, tally):
            html = _html(row, folder)
            if html is None:
                refuse(tally, row["id"], "请给出能读取的 path，或 html")
                write(sink, tally, {"id": row["id"], **_NOTHING, "error": "no_page"})
                continue
            found = extract_page(html, _text(row, "url"), base_time=_base(row) or now)
            write(sink, tally, {"id": row["id"], **_page(found)})


_NOTHING: Row = {"title": "", "published_at": None, "source": "", "text": ""}


def _html(row: Row, folder: Path) -> str | None:
    if row.get("html") is not None:
        return str(row["html"])
    name = _text(row, "path") or _text(row, "file")
    for path in (folder / name, Path(name)) if name else ():
        try:
            return decode(path.read_bytes(), _text(row, "encoding")).text
        except (OSError, ValueError):
            continue
    return None


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _base(row: Row) -> datetime | None:
    """Give the present against which relative times are read, where a row names one."""
    try:
        moment = datetime.fromisoformat(_text(row, "base_time"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


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
