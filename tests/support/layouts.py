"""Layouts of Chinese news pages from two decades, to be filled with any article: tables, large fonts, bare titles."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

FOLDER = Path(__file__).parents[1] / "fixtures" / "layouts"
LAYOUTS = sorted(path.stem for path in FOLDER.glob("*.html"))
DAY_ONLY = {"office_document", "homemade"}
NO_SOURCE = {"homemade"}
FIRST_PARAGRAPH = {"flash"}
_TEMPLATES = Environment(loader=FileSystemLoader(FOLDER), autoescape=True)


@dataclass(frozen=True)
class Story:
    """What a page tells, and the headlines of others beside it."""

    title: str
    paragraphs: tuple[str, ...]
    when: datetime
    source: str
    others: tuple[str, ...]


def filled(layout: str, story: Story) -> str:
    """Give the page of a layout that tells a story."""
    when = story.when
    return _TEMPLATES.get_template(f"{layout}.html").render(
        title=story.title,
        told=story.paragraphs,
        first=story.paragraphs[0],
        source=story.source,
        others=story.others,
        year=when.year,
        month=when.month,
        day=when.day,
        written=f"{when.year}年{when.month:02d}月{when.day:02d}日",
        date=f"{when:%Y-%m-%d}",
        slashed=f"{when:%Y/%m/%d}",
        clock=f"{when:%H:%M}",
        second=f"{when:%S}",
        zulu=f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        epoch=int(when.timestamp()),
    )
