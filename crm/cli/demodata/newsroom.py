"""The news of the demonstration site: texts of our own about invented enterprises, dated around one day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib.resources import files

from crm.core.scheduling import SHANGHAI

CHANNELS = {"yw": "要闻", "cy": "产业", "kb": "开发区快报"}


@dataclass(frozen=True, slots=True)
class Story:
    """One article: its address key, channel, moment of publication and text."""

    key: str
    channel: str
    at: datetime
    title: str
    source: str
    author: str
    paragraphs: tuple[str, ...]
    repost_of: str = ""

    @property
    def path(self) -> str:
        """Give its address on the site: the day it came out is part of it."""
        return f"/{self.channel}/{self.at:%Y%m%d}/{self.key}.html"


def stories(anchor: date) -> list[Story]:
    """Read all stories, dated relative to ``anchor``, newest first; some lie in the days after it."""
    blocks = _text("news.txt").split("\n== ")
    read = [_story(block.removeprefix("== "), anchor) for block in blocks]
    originals = {story.key: story for story in read}
    whole = [_reposted(story, originals) for story in read]
    return sorted(whole, key=lambda story: (story.at, story.key), reverse=True)


def _story(block: str, anchor: date) -> Story:
    title, head, *paragraphs = block.strip().split("\n")
    fields = dict(part.split("=", 1) for part in head.split())
    day = anchor + timedelta(days=int(fields["day"]))
    return Story(
        key=fields["key"],
        channel=fields["channel"],
        at=datetime.combine(day, time.fromisoformat(fields["time"]), tzinfo=SHANGHAI),
        title=title,
        source=fields["source"],
        author=fields.get("author", ""),
        paragraphs=tuple(paragraphs),
        repost_of=fields.get("repost", ""),
    )


def _reposted(story: Story, originals: dict[str, Story]) -> Story:
    """Give a repost the text of the story it repeats, before what it adds itself."""
    if not story.repost_of:
        return story
    return replace(story, paragraphs=(*originals[story.repost_of].paragraphs, *story.paragraphs))


def _text(name: str) -> str:
    return (files("crm.cli.demodata") / name).read_text(encoding="utf-8")
