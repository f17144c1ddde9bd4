"""The job of one crawl, read from JSON and checked before anything runs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from cssselect import SelectorError
from lxml import etree
from parsel.csstranslator import HTMLTranslator

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
        return next((words for wrong, words in checks if wrong), "") or self._selector_problem()

    def _selector_problem(self) -> str:
        for name in ("link_css", "next_css", "title_css", "body_css"):
            try:
                HTMLTranslator().css_to_xpath(getattr(self, name) or "a")
            except SelectorError as error:
                return f"{name}: {error}"
        try:
            etree.XPath(self.link_xpath or "//a")
        except etree.XPathError as error:
            return f"link_xpath: {error}"
        return ""


_CONTAINERS: Mapping[str, Callable[[Any], Any]] = {"allow": tuple, "seen": frozenset}
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
