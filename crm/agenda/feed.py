"""A person's calendar as an iCalendar file: no numbers of contacts, no names of confidential projects."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Event

from crm.agenda.entries import KIND_LABELS, in_order
from crm.notices.rules import without_contact_data
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crm.agenda.entries import Entry

PAST, AHEAD = timedelta(days=30), timedelta(days=180)
HOUR = timedelta(hours=1)
EVERY = timedelta(hours=1)
LONGEST = 120


def calendar(entries: Iterable[Entry], name: str, site: str, now: datetime) -> bytes:
    """Write the entries as an iCalendar file; links lead back to the pages, where everybody signs in."""
    found = Calendar()
    found.add("prodid", "-//Yinfeng//Calendar//ZH")
    found.add("version", "2.0")
    found.add("x-wr-calname", " ".join(name.split()))  # the library does not escape names of its own
    found.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    found.add("x-published-ttl", EVERY)
    for entry in in_order(entries):
        found.add_component(_event(entry.discreet(), site, now))
    written: bytes = found.to_ical()
    return written


def _event(entry: Entry, site: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.kind.value}-{entry.key}@yinfeng")
    event.add("dtstamp", now)
    event.add("summary", f"{tr(KIND_LABELS[entry.kind])}{_mark(entry)} {_said(entry.title)}")
    if entry.at is not None:
        event.add("dtstart", entry.at)
        event.add("dtend", entry.until or entry.at + HOUR)
    else:
        event.add("dtstart", entry.starts_on)
        event.add("dtend", entry.last + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    if entry.place:
        event.add("location", _said(entry.place))
    if entry.href:
        event.add("url", f"{site.rstrip('/')}{entry.href}")
    return event


def _mark(entry: Entry) -> str:
    return "✓" if entry.done and entry.kind.value in {"todo", "instruction"} else ""


def _said(text: str) -> str:
    """Write what somebody typed on one line, without numbers and addresses of people."""
    plain = " ".join(without_contact_data(tr(text)).split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
