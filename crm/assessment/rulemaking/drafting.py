"""A book as a body of a file: a rule put in, taken out, moved; names that nobody typed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from crm.assessment.books.rules import PROMOTION, VETO, Feed, FeedKind, Span
from crm.assessment.books.samples import SAMPLES
from crm.assessment.engine.book import TOTAL
from crm.assessment.rulemaking import sense
from crm.assessment.rulemaking.flat import KIND, SOURCE, Reading, is_name, load, load_rule
from crm.assessment.rulemaking.shapes import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from crm.assessment.rulemaking.flat import Fields

RULES, VETOES, PROMOTIONS = "rules", "vetoes", "promotions"
PLACES: dict[str, str] = {RULES: "", VETOES: VETO, PROMOTIONS: PROMOTION}
KEY, LABEL, TEXT = "key", "label", "text"
LONGEST_NAME = 20
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a rule stands in a book: in which list, at which number from 0 on; None is a new one at the end."""

    place: str
    at: int | None = None


@dataclass(slots=True)
class Naming:
    """Names of indicators that are taken from sources of the office: the one that has the source, else a new one."""

    feeds: Mapping[str, Feed]
    taken: Collection[str]
    labels: Callable[[FeedKind, str], str]
    added: dict[str, Feed] = field(default_factory=dict)

    def __call__(self, chosen: str) -> str:
        """Give the name for ``s:measure:visits``."""
        kind, _colon, key = chosen.removeprefix(SOURCE).partition(":")
        if kind not in set(FeedKind):
            return ""
        for name, feed in (*self.added.items(), *self.feeds.items()):
            if (feed.kind, feed.key) == (kind, key) and (name in self.taken or name in self.added):
                return name
        name = named(self.labels(FeedKind(kind), key), {*self.taken, *self.added})
        self.added[name] = Feed(FeedKind(kind), key, Span.PERIOD)
        return name


def named(label: str, taken: Collection[str]) -> str:
    """Make a name formulas can read out of a label, one that is not taken."""
    plain = re.sub(r"\W", "", normalize("NFKC", label))[:LONGEST_NAME]
    if plain and not is_name(plain):
        plain = f"项{plain}"
    plain = plain if is_name(plain) else "规则"
    return next(name for at in range(len(taken) + 2) if (name := f"{plain}{at or ''}") not in taken)


def keys(body: Mapping[str, Any], spot: Spot | None = None) -> set[str]:
    """Names rules, verdicts, indicators and parameters have, but for the one at a spot."""
    found = {TOTAL, *(body.get("parameters") or {})}
    for place in (*PLACES, "indicators"):
        found |= {str(one.get(KEY)) for at, one in enumerate(body.get(place) or ()) if Spot(place, at) != spot}
    return found


def found(body: Mapping[str, Any], spot: Spot, was: str) -> Spot:
    """Find the rule a person opened, by its key where others moved it; it is a new one where it is gone."""
    held = [str(one.get(KEY)) for one in body.get(spot.place) or ()]
    if spot.at is not None and 0 <= spot.at < len(held) and was in {"", held[spot.at]}:
        return spot
    return Spot(spot.place, held.index(was) if was in held else None)


def sample(place: str, kind: str, body: Mapping[str, Any]) -> Fields:
    """Give the form of a ready rule of a kind to begin from."""
    kind = PLACES[place] or (kind if kind in SAMPLES and kind not in PLACES.values() else "ratio")
    ready = {**SAMPLES[kind], KEY: named(str(SAMPLES[kind][KEY]), keys(body))}
    ready.pop(TEXT, None)  # words of the office's own paper, which no sample knows
    return load_rule(ready, kind)


def fields_of(body: Mapping[str, Any], spot: Spot) -> Fields:
    """Give the form of a rule that stands in a book."""
    rule = body[spot.place][spot.at]
    return load_rule(rule, PLACES[spot.place] or str(rule.get(KIND, "")))


def rule_of(
    fields: Mapping[str, str], body: Mapping[str, Any], spot: Spot, naming: Naming
) -> tuple[dict[str, Any], Reading]:
    """Read a rule from a form; a key nobody typed is made of the label."""
    reading = Reading({**fields, KIND: PLACES[spot.place] or fields.get(KIND, "")}, frozenset(naming.taken), naming)
    rule = reading.rule()
    reading.faults += sense.of_rule_form(fields, reading.text(KIND))
    if spot.place != RULES:
        del rule[KIND]
    if KEY not in rule:
        rule[KEY] = named(str(rule.get(LABEL, "")), keys(body, spot))
    return rule, reading


def put(body: Mapping[str, Any], spot: Spot, rule: Mapping[str, Any]) -> tuple[Body, int]:
    """Give the body with a rule at its spot, and at which number it stands."""
    held = list(body.get(spot.place) or ())
    if spot.at is None:
        held.append(dict(rule))
    else:
        held[spot.at] = dict(rule)
    return {**body, spot.place: held}, len(held) - 1 if spot.at is None else spot.at


def without(body: Mapping[str, Any], spot: Spot) -> Body:
    """Give the body without a rule; a list that is empty then is left out."""
    held = [one for at, one in enumerate(body.get(spot.place) or ()) if at != spot.at]
    rest = {key: one for key, one in body.items() if key != spot.place}
    return {**rest, spot.place: held} if held else rest


def inserted(body: Mapping[str, Any], spot: Spot, rule: Mapping[str, Any]) -> Body:
    """Give the body with a rule back where it stood."""
    held = list(body.get(spot.place) or ())
    held.insert(spot.at or 0, dict(rule))
    return {**body, spot.place: held}


def moved(body: Mapping[str, Any], spot: Spot, step: int) -> Body:
    """Give the body with a rule one place further up (-1) or down (1); at an end it stays."""
    held = list(body.get(spot.place) or ())
    to = (spot.at or 0) + step
    if spot.at is not None and 0 <= to < len(held):
        held.insert(to, held.pop(spot.at))
    return {**body, spot.place: held}


SETTING_KEYS = {shape.key.partition(".")[0] for shape in SETTINGS}


def settings_of(body: Mapping[str, Any]) -> Fields:
    """Give the form of what stands beside the rules."""
    return load(SETTINGS, body)


def settled(body: Mapping[str, Any], fields: Mapping[str, str], naming: Naming) -> tuple[Body, Reading]:
    """Give the body with what was typed beside the rules."""
    reading = Reading(fields, frozenset(naming.taken), naming)
    rest = {key: one for key, one in body.items() if key not in SETTING_KEYS}
    kept = {**rest, **reading.read(SETTINGS)}
    reading.faults += sense.of_fields(SETTINGS, fields)
    return kept, reading
