"""JSON feeds and the JSON lists sites fill their pages with.

The standard JSON Feed is read as it is. Elsewhere paths of keys say where things stand (`data.list`, `url`,
`info.title`); without them the longest list of objects with an address and a title is taken. An address may be put
together: `https://site.example/detail/{id}.html`.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from scrapy.http import Response

from scrapers.items import Reason
from scrapers.links import join
from scrapers.spiders.base import Found, Listed, NewsSpider
from scrapers.spiders.paging import by_number
from scrapers.text import read_text

_CALLBACK = re.compile(r"^(?:/\*.*?\*/\s*)?(?:var\s+)?[\w.$]+\s*(?:=|\()\s*(?=[\[{])", re.DOTALL)
_NAME = re.compile(r"\{([\w.]+)\}")
_PLACE = re.compile(r"[0-9]{1,9}")
_LINKS = ("url", "link", "href", "arturl", "docurl", "detailurl", "pageurl", "linkurl", "external_url", "id")
_TITLES = ("title", "newstitle", "doctitle", "headline", "subject", "name")
_TIMES = (
    "date_published", "publishtime", "pubtime", "pubdate", "publishdate", "publish_time", "ctime", "date", "time",
    "docreltime", "displaytime", "showtime", "createtime", "date_modified",
)  # fmt: skip
_DEEPEST, _MOST, _LONGEST_MOMENT = 8, 2000, 20
_SECONDS, _MILLISECONDS = 1_000_000_000, 1_000_000_000_000


class JsonSpider(NewsSpider):
    """Follow the entries of a JSON list."""

    name = "json"
    listing_types: ClassVar = (
        "application/json", "application/feed+json", "text/json", "application/javascript", "text/javascript",
        "application/x-javascript", "text/plain", "text/html", "application/octet-stream", "",
    )  # fmt: skip

    def read(self, response: Response) -> Iterator[Found]:
        """Give the entries; what is no JSON is a failure that says so."""
        try:
            data = parse(read_text(response, self.job.encoding))
        except (ValueError, RecursionError) as error:
            yield self.failed_page(response, Reason.NOT_JSON, f"{type(error).__name__}: {error}")
            return
        rows = self._rows(data)
        for row in rows[:_MOST]:
            url = join(response.url, self._address(row))
            if url:
                title = _first(row, self.job.json_title, _TITLES)
                yield Listed(url, " ".join(title.split()), moment(_first(row, self.job.json_time, _TIMES)))
        if self.job.paging == "pattern":
            yield from by_number(self.job, response.url)

    def empty_detail(self, response: Response) -> str:
        """Say which keys stand on top."""
        try:
            data = parse(read_text(response, self.job.encoding))
        except (ValueError, RecursionError):
            return "no JSON"
        keys = ", ".join(list(data)[:20]) if isinstance(data, dict) else f"a list of {len(data)}"
        return f"no entries with an address at {self.job.json_items or 'any place'!r}; on top: {keys}"

    def _rows(self, data: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
        if self.job.json_items:
            found = at(data, self.job.json_items)
            return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
        lists = [rows for rows in _lists(data, 0) if any(self._address(row) for row in rows)]
        return max(lists, key=len, default=[])

    def _address(self, row: dict[str, Any]) -> str:
        wanted = self.job.json_link
        if "{" in wanted:
            return _NAME.sub(lambda match: quote(text(at(row, match.group(1))), safe="/"), wanted)
        found = _first(row, wanted, _LINKS)
        return found if wanted or found.startswith(("http://", "https://", "/")) else ""


def parse(raw: str) -> Any:  # noqa: ANN401 - JSON
    """Read JSON, also inside a callback or behind an assignment; ValueError when it is none."""
    raw = raw.lstrip("\ufeff").strip()
    bare = _CALLBACK.sub("", raw, count=1).strip()
    return json.loads(bare.rstrip(";").rstrip() if bare == raw else bare.rstrip("; \n").removesuffix(")"))


def at(data: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """Give what stands at a path of keys and numbers (`data.list`, `result.0.items`); None when nothing does."""
    for key in path.split("."):
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, list) and _PLACE.fullmatch(key) and int(key) < len(data):
            data = data[int(key)]
        else:
            return None
    return data


def text(value: Any) -> str:  # noqa: ANN401 - JSON
    """Give a plain value as text, "" for anything else."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def moment(value: str) -> str:
    """Give a moment counted in seconds or milliseconds since 1970 as a written one."""
    if not value.isascii() or not value.isdigit() or len(value) > _LONGEST_MOMENT:
        return value
    number = int(value)
    if number >= _MILLISECONDS:
        number //= 1000
    return datetime.fromtimestamp(number, UTC).isoformat() if _SECONDS <= number < 10 * _SECONDS else value


def _first(row: dict[str, Any], path: str, usual: tuple[str, ...]) -> str:
    if path:
        return text(at(row, path))
    lower = {key.lower(): value for key, value in row.items() if isinstance(key, str)}
    return next((found for name in usual if (found := text(lower.get(name)))), "")


def _lists(data: Any, depth: int) -> Iterator[list[dict[str, Any]]]:  # noqa: ANN401 - JSON
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        rows = [row for row in data if isinstance(row, dict)]
        yield from [rows] if rows else []
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for value in list(inner)[:50]:
        if isinstance(value, dict | list):
            yield from _lists(value, depth + 1)
