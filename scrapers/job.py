"""The job of one crawl, read from JSON and checked before anything runs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from lxml import etree
from parsel.csstranslator import HTMLTranslator
from cssselect import SelectorError

from scrapers.guard import parse_allow, refusal

KINDS = ("rss", "sitemap", "list")
_POLITE_DELAY = 0.5


class JobError(ValueError):
    """A job that cannot be run, with one line that says why."""


@dataclass(frozen=True, slots=True)
class Job:
    """One source to crawl once. Delay and time limits in seconds; `seen` holds request hashes to skip."""

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

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a job from a JSON file; JobError says what is wrong."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise JobError(f"{path}: {error}") from error
        return cls.parse(data)

    @classmethod
    def parse(cls, data: object) -> Self:
        """Read a job from decoded JSON; JobError says what is wrong."""
        if not isinstance(data, Mapping):
            raise JobError("a job is a JSON object")
        known = {field.name: field.type for field in fields(cls)}
        values: dict[str, Any] = {}
        for key, value in data.items():
            if key not in known:
                raise JobError(f"unknown key {key!r}")
            if value is not None:
                values[key] = _typed(key, value, known[key])
        missing = [key for key in ("source", "kind", "url") if not values.get(key)]
        if missing:
            raise JobError(f"missing {', '.join(missing)}")
        job = cls(**values)
        job._check()
        return job

    def _check(self) -> None:
        if self.kind not in KINDS:
            raise JobError(f"kind {self.kind!r} is none of {', '.join(KINDS)}")
        try:
            allowed = parse_allow(self.allow)
            reason = refusal(self.url, allowed)
            local = (urlsplit(self.url).hostname, urlsplit(self.url).port) in allowed
        except ValueError as error:
            raise JobError(str(error)) from error
        if reason:
            raise JobError(f"url: {reason}")
        if self.kind == "list" and bool(self.link_css) == bool(self.link_xpath):
            raise JobError("a list needs link_css or link_xpath, and only one of them")
        if min(self.max_pages, self.max_items, self.max_seconds) < 1 or not 0 < self.timeout <= self.max_seconds:
            raise JobError("limits must be positive, and timeout at most max_seconds")
        if self.delay < (0 if local else _POLITE_DELAY):
            raise JobError(f"delay below {_POLITE_DELAY} s is only for hosts in allow")
        self._check_selectors()

    def _check_selectors(self) -> None:
        for name in ("link_css", "next_css", "title_css", "body_css"):
            try:
                HTMLTranslator().css_to_xpath(getattr(self, name) or "a")
            except SelectorError as error:
                raise JobError(f"{name}: {error}") from error
        try:
            etree.XPath(self.link_xpath or "//a")
        except etree.XPathError as error:
            raise JobError(f"link_xpath: {error}") from error


def _typed(key: str, value: object, kind: object) -> object:
    """Check one JSON value against the type of its field; bool is not a number here."""
    if kind is bool:
        wanted: tuple[type, ...] = (bool,)
    elif kind is int:
        wanted = (int,)
    elif kind is float:
        wanted = (int, float)
    elif kind is str:
        wanted = (str,)
    else:
        return _texts(key, value, frozenset if key == "seen" else tuple)
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise JobError(f"{key}: {value!r} is not of the right type")
    return value


def _texts(key: str, value: object, container: type[tuple[str, ...]] | type[frozenset[str]]) -> object:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise JobError(f"{key}: a list of strings is wanted")
    return container(value)
