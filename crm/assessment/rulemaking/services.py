"""Writes of books in draft: a rule kept, taken out, moved; what stands beside the rules; a draft begun.

Whatever is changed, the whole book is read anew by the reader of files: one check for forms, files and commands.
A published version is never changed.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.assessment.books import queries, services
from crm.assessment.books.examples import EXAMPLES
from crm.assessment.books.rules import BODY_LENGTH, MOST_FAULTS, feed_problems, read_feeds, write_feeds
from crm.assessment.books.samples import SAMPLES
from crm.assessment.engine import needs
from crm.assessment.engine.book import BookError, read_book
from crm.assessment.engine.reading import Fault
from crm.assessment.rulemaking import drafting
from crm.assessment.rulemaking import queries as queries_of_drafts
from crm.assessment.rulemaking.drafting import RULES, TEXT, Spot
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.assessment.books.models import RuleBook
    from crm.assessment.books.rules import Feed
    from crm.assessment.engine.book import Book
    from crm.auth.rules import Actor

MOVED = Problem("book.moved", "您打开页面之后，有人改过这个办法。您填的都还在：请对照现在的办法核对，再存一次。")
NO_RULE = Problem("book.rule", "没有这条规则，可能已被删除。")
NOTHING_DROPPED = Problem("book.nothing", "没有可以放回的规则，可能已经放回。")
LAST = Problem("book.last", "一个办法至少要有一条规则：请先加新的，再删这一条。")
TWIN = Problem("book.twin", "已经有叫“%(name)s”的办法：请换个名称，或打开它改成新版本。", "name")
LONG = Problem("book.long", "规则太长（超过20万字），请拆成几个办法。")
NAME = Problem("book.name", "办法名称最多80字。", "name")
NAMELESS = Problem("book.nameless", "请给办法起个名称，例如 县区年度招商考核办法。", "name")
NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Change:
    """A change to a draft: the version the person saw, and the sources of indicators it brings along."""

    version: int
    feeds: Mapping[str, Feed]


def checked(body: Mapping[str, Any], within: str = "") -> Book:
    """Read a body; DomainError names each fault, those at a place within ``rules[3]`` by the field there."""
    if len(json.dumps(body, ensure_ascii=False)) > BODY_LENGTH:
        raise DomainError(LONG)
    try:
        return read_book(queries.exact(body), fresh=True)
    except BookError as error:
        raise DomainError(*(_problem(one, within) for one in error.faults[:MOST_FAULTS])) from error


def _problem(fault: str, within: str) -> Problem:
    """Tell a fault at its field where it is one of the form, with its place where it is not."""
    begin = f"{within}." if within else ""
    if isinstance(fault, Fault) and fault.place.startswith(begin):
        return Problem("book.fault", "%(fault)s", fault.place[len(begin) :] or None, {"fault": fault.what})
    return Problem("book.fault", "%(fault)s", None, {"fault": fault})


def draft(session: Session, actor: Actor, book_id: int, version: int | None = None, *, lock: bool = True) -> RuleBook:
    """Return a draft to change, locked; ConflictError where it is published or was changed since."""
    services.demand(actor, Permission.TARGET_MANAGE)
    row = queries.book(session, book_id, lock=lock)
    if row.published_at is not None:
        raise ConflictError(services.PUBLISHED)
    if version is not None and row.version != version:
        raise ConflictError(MOVED)
    return row


def begin(session: Session, actor: Actor, name: str, example: str, *, now: datetime) -> RuleBook:
    """Begin a book of a new name, from an example or with one ready rule."""
    services.demand(actor, Permission.TARGET_MANAGE)
    name = name.strip()
    if not name:
        raise DomainError(NAMELESS)
    if queries.newest(session, name) is not None:
        raise DomainError(Problem(TWIN.key, TWIN.message, TWIN.field, {"name": name}))
    first = {key: one for key, one in SAMPLES["ratio"].items() if key != TEXT}  # words are the office's own
    ready: dict[str, Any] = {"rules": [{**first, "kind": "ratio"}]}
    body = {**deepcopy(EXAMPLES.get(example, ready)), "name": name}
    body.pop("source", None)
    return services.save_book(session, actor, json.dumps(body, ensure_ascii=False), {}, note="", now=now)


def redraft(session: Session, actor: Actor, book_id: int, *, now: datetime) -> RuleBook:
    """Return the draft of a book: the newest version if it is one, else a copy of the version asked for."""
    services.demand(actor, Permission.TARGET_MANAGE)
    row = queries.book(session, book_id)
    newest = queries.newest(session, row.name)
    if newest is not None and newest.published_at is None:
        return newest
    text = json.dumps(row.body, ensure_ascii=False)
    return services.save_book(session, actor, text, read_feeds(row.feeds), note="", now=now)


def keep_rule(
    session: Session, actor: Actor, book_id: int, spot: Spot, rule: Mapping[str, Any], change: Change, *, now: datetime
) -> RuleBook:
    """Keep a rule of a draft where it stands, or as a new one at the end."""
    row = draft(session, actor, book_id, change.version)
    _standing(row, spot)
    body, at = drafting.put(row.body, spot, rule)
    checked(body, f"{spot.place}[{at}]")
    before = None if spot.at is None else row.body[spot.place][spot.at]
    _write(session, row, body, change.feeds)
    detail = {"place": spot.place, "rule": rule.get("key"), "before": before, "after": dict(rule)}
    audit.record(session, actor.user_id, "rule_book.rule", ("rule_book", row.id), now=now, **detail)
    return row


def drop_rule(
    session: Session, actor: Actor, book_id: int, spot: Spot, *, was: str = "", now: datetime
) -> dict[str, Any]:
    """Take a rule out of a draft and give it back, so that it can be put where it was.

    ``was`` is the key of the rule the person saw there: where others moved it, it is found by that.
    """
    row = draft(session, actor, book_id)
    spot, rule = _seen(row, spot, was)
    if spot.place == RULES and len(row.body[RULES]) == 1:
        raise DomainError(LAST)
    body = drafting.without(row.body, spot)
    checked(body)
    _write(session, row, body, {})
    detail = {"place": spot.place, "at": spot.at, "rule": rule.get("key"), "before": rule}
    audit.record(session, actor.user_id, queries_of_drafts.DROP, ("rule_book", row.id), now=now, **detail)
    return rule


def put_back(session: Session, actor: Actor, book_id: int, *, now: datetime) -> Spot:
    """Put the rule a person took out last back where it stood."""
    row = draft(session, actor, book_id)
    found = queries_of_drafts.dropped(session, row.id, actor.user_id, row.body)
    if found is None:
        raise ConflictError(NOTHING_DROPPED)
    spot, rule = found
    body = drafting.inserted(row.body, spot, rule)
    checked(body)
    _write(session, row, body, {})
    detail = {"place": spot.place, "rule": rule.get("key"), "after": rule}
    audit.record(session, actor.user_id, "rule_book.rule", ("rule_book", row.id), now=now, **detail)
    return spot


def move_rule(
    session: Session, actor: Actor, book_id: int, spot: Spot, step: int, *, was: str = "", now: datetime
) -> RuleBook:
    """Move a rule of a draft, found by its key ``was``, one place up or down: formulas see scores of those above."""
    row = draft(session, actor, book_id)
    spot, rule = _seen(row, spot, was)
    _write(session, row, drafting.moved(row.body, spot, step), {})
    detail = {"place": spot.place, "rule": rule.get("key"), "step": step}
    audit.record(session, actor.user_id, "rule_book.move", ("rule_book", row.id), now=now, **detail)
    return row


def keep_settings(
    session: Session, actor: Actor, book_id: int, body: Mapping[str, Any], change: Change, *, now: datetime
) -> RuleBook:
    """Keep what stands beside the rules: name, total, ranks, grades, sections, indicators made of others."""
    row = draft(session, actor, book_id, change.version)
    book = checked(body)
    if len(book.name) > NAME_LENGTH:
        raise DomainError(NAME)
    if book.name != row.name:
        if queries.newest(session, book.name) is not None:
            raise DomainError(Problem(TWIN.key, TWIN.message, TWIN.field, {"name": book.name}))
        row.name, row.number = book.name, 1
    before = {key: row.body.get(key) for key in sorted(drafting.SETTING_KEYS) if row.body.get(key) != body.get(key)}
    _write(session, row, dict(body), change.feeds)
    audit.record(session, actor.user_id, "rule_book.settings", ("rule_book", row.id), now=now, before=before)
    return row


def keep_sources(session: Session, actor: Actor, book_id: int, change: Change, *, note: str, now: datetime) -> RuleBook:
    """Keep where the indicators of a draft come from, and what was changed in this version."""
    row = draft(session, actor, book_id, change.version)
    row.note = note.strip()[:200] or None
    _write(session, row, dict(row.body), change.feeds)
    audit.record(session, actor.user_id, "rule_book.sources", ("rule_book", row.id), now=now, feeds=row.feeds)
    return row


def _seen(row: RuleBook, spot: Spot, was: str) -> tuple[Spot, dict[str, Any]]:
    """Give the rule a person saw and where it stands now; NotFoundError where it is gone."""
    spot = drafting.found(row.body, spot, was)
    if spot.at is None:
        raise NotFoundError(NO_RULE)
    return spot, _standing(row, spot)


def _standing(row: RuleBook, spot: Spot) -> dict[str, Any]:
    held = row.body.get(spot.place) or []
    if spot.at is None:
        return {}
    if not 0 <= spot.at < len(held):
        raise NotFoundError(NO_RULE)
    found: dict[str, Any] = held[spot.at]
    return found


def _write(session: Session, row: RuleBook, body: dict[str, Any], feeds: Mapping[str, Feed]) -> None:
    """Write the body and the sources of the indicators it reads."""
    wanted = set(needs.indicators(read_book(queries.exact(body))))
    kept = {name: feed for name, feed in {**read_feeds(row.feeds), **feeds}.items() if name in wanted}
    problems = feed_problems(kept, services.KNOWN)
    if problems:
        raise DomainError(*problems)
    row.body, row.feeds = body, write_feeds(kept)
    session.flush()
