"""The job of one crawl, read from JSON and checked before anything runs."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from scrapers import selectors
from scrapers.guard import parse_allow, refusal

KINDS = ("rss", "sitemap", "list", "json", "spider")
PAGINGS = ("", "auto", "selector", "pattern")
SELECTORS = ("link_css", "link_xpath", "next_css", "title_css", "body_css", "time_css")
_POLITE_DELAY = 0.5
_AGENT = re.compile(r"[\x20-\x7e]{0,200}")


class JobError(ValueError):
    """A job that cannot be run, with one line that says why."""


@dataclass(frozen=True, slots=True)
class Job:
    """One source to crawl once. Delay and time limits in seconds; `seen` holds request hashes to skip.

    With `only` these pages are fetched and no listing is. A `trial` also reports what each listing held. `etag` and
    `modified` are what the site said of the listing when all it named was fetched; `spider` names one with code.
    """

    source: str
    kind: str
    url: str
    allow: tuple[str, ...] = ()
    link_css: str = ""
    link_xpath: str = ""
    next_css: str = ""
    title_css: str = ""
    body_css: str = ""
    encoding: str = ""
    max_pages: int = 200
    max_items: int = 100
    delay: float = 1.0
    timeout: float = 30.0
    max_seconds: int = 600
    obey_robots: bool = True
    seen: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()
    spider: str = ""
    time_css: str = ""
    paging: str = ""
    page_pattern: str = ""
    page_first: int = 2
    max_lists: int = 5
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    json_items: str = ""
    json_link: str = ""
    json_title: str = ""
    json_time: str = ""
    parts: bool = True
    timezone: str = ""
    user_agent: str = ""
    etag: str = ""
    modified: str = ""
    trial: bool = False

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a job from a JSON file; JobError says what is wrong."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problem = f"{path}: {error}"
            raise JobError(problem) from error
        return cls.parse(data)

    @classmethod
    def parse(cls, data: object) -> Self:
        """Read a job from decoded JSON; JobError says what is wrong."""
        kinds = {field.name: field.type for field in fields(cls)}
        problem = _shape_problem(data, kinds)
        if problem or not isinstance(data, Mapping):
            raise JobError(problem)
        given = {key: value for key, value in data.items() if value is not None}
        job = cls(**{key: _CONTAINERS.get(key, _same)(value) for key, value in given.items()})
        problem = job.problem()
        if problem:
            raise JobError(problem)
        return job

    def problem(self) -> str:
        """Say in one line why the job cannot be run; "" when it can."""
        try:
            allowed = parse_allow(self.allow)
            parts = urlsplit(self.url)
            local = (parts.hostname, parts.port) in allowed
        except ValueError as error:
            return str(error)
        reason = refusal(self.url, allowed)
        limits = min(self.max_pages, self.max_items, self.max_seconds)
        checks = (
            (self.kind not in KINDS, f"kind {self.kind!r} is none of {', '.join(KINDS)}"),
            (reason is not None, f"url: {reason}"),
            (
                bool(self.link_css and self.link_xpath),
                "a list takes link_css or link_xpath, not both",
            ),
            (
                limits < 1 or not 0 < self.timeout <= self.max_seconds,
                "limits must be positive, and timeout at most max_seconds",
            ),
            (
                not (0 if local else _POLITE_DELAY) <= self.delay <= self.max_seconds,
                f"delay below {_POLITE_DELAY} s is only for hosts in allow, and none may exceed max_seconds",
            ),
        )
        return next((words for wrong, words in checks if wrong), "") or self._option_problem()

    def _option_problem(self) -> str:
        for name in SELECTORS:
            problem = selectors.problem(getattr(self, name) or "a")
            if problem:
                return f"{name}: {problem}"
        checks = (
            (bool(self.link_xpath) and not selectors.is_path(self.link_xpath), "link_xpath: not a path"),
            (self.paging not in PAGINGS, f"paging {self.paging!r} is none of {', '.join(PAGINGS)}"),
            (self.paging == "pattern" and "{page}" not in self.page_pattern, "page_pattern has no {page}"),
            (not _AGENT.fullmatch(self.user_agent), "user_agent: printable ASCII of at most 200 characters"),
            (self.max_lists < 1 or self.page_first < 0, "max_lists and page_first must be positive"),
        )
        return next((words for wrong, words in checks if wrong), "")


_CONTAINERS: Mapping[str, Callable[[Any], Any]] = {
    "allow": tuple,
    "seen": frozenset,
    "only": tuple,
    "include": tuple,
    "exclude": tuple,
}
_JSON_TYPES: Mapping[object, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float), str: (str,)}


def _same(value: object) -> object:
    return value


def _shape_problem(data: object, kinds: Mapping[str, object]) -> str:
    """Say what is wrong with the keys and types of a job's JSON; "" when nothing is."""
    if not isinstance(data, Mapping):
        return "a job is a JSON object"
    unknown = [key for key in data if key not in kinds]
    missing = [key for key in ("source", "kind", "url") if not data.get(key)]
    wrong = [key for key, value in data.items() if value is not None and not _fits(value, kinds.get(key))]
    if unknown:
        return f"unknown key {unknown[0]!r}"
    if missing:
        return f"missing {', '.join(missing)}"
    return f"{wrong[0]}: {data[wrong[0]]!r} is not of the right type" if wrong else ""


def _fits(value: object, kind: object) -> bool:
    """Tell whether a JSON value fits the type of its field; true and false are no numbers here."""
    wanted = _JSON_TYPES.get(kind)
    if wanted is None:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, wanted) and (kind is bool or not isinstance(value, bool))
